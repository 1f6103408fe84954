// A `bullpenctl ... -f` that runs until it goes, and what it prints.
#pragma once

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <array>
#include <csignal>
#include <string>
#include <vector>

#include "common/base/descriptor.hpp"
#include "common/base/home.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/wait.hpp"

namespace bullpen::test {

class Follower {
  public:
    Follower(const Home& home, std::vector<std::string> words) {
        words.insert(words.begin(), {program("bullpenctl"), "--home", home.root()});
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        out_ = Descriptor(ends[0]);
        const Descriptor in(ends[1]);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, in.get(), STDOUT_FILENO);
        std::vector<char*> argv;
        for (auto& word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        REQUIRE(::posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ) == 0);
        posix_spawn_file_actions_destroy(&actions);
    }
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;
    ~Follower() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
    }
    // Reads until the output ends with `text`; false at the deadline.
    bool reads_until(const std::string& text) {
        while (!seen_.ends_with(text)) {
            if (!wait_readable(out_.get()) || !read_some())
                return false;
        }
        return true;
    }
    [[nodiscard]] const std::string& seen() const { return seen_; }
    void stop() {
        ::kill(pid_, SIGSTOP);
        siginfo_t info{};
        REQUIRE(::waitid(P_PID, static_cast<id_t>(pid_), &info, WSTOPPED) == 0);
    }
    void go_on() { ::kill(pid_, SIGCONT); }
    // True when something more was printed within `deadline`.
    bool reads_more(std::chrono::milliseconds deadline) {
        return wait_readable(out_.get(), deadline) && read_some();
    }
    // Closes the reading end and says whether the program ended by itself.
    bool ends_when_unread() {
        out_.reset();
        const bool ended = wait_for_exit(pid_);
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
        return ended;
    }

  private:
    bool read_some() {
        std::array<char, 4096> data;
        const auto got = ::read(out_.get(), data.data(), data.size());
        if (got <= 0)
            return false;
        seen_.append(data.data(), static_cast<std::size_t>(got));
        return true;
    }
    pid_t pid_ = 0;
    Descriptor out_;
    std::string seen_;
};

}  // namespace bullpen::test
