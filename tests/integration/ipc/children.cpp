#include "tests/integration/ipc/children.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "tests/support/wait.hpp"

namespace bullpen::test {

namespace {

// Well above the numbers that a child is given.
constexpr int k_first_free = 64;

[[noreturn]] void become(const std::vector<char*>& argv, const std::vector<char*>& environment,
                         int in, int out, const std::map<int, int>& inherited) {
    // First out of the way, so that no target number overwrites a source.
    std::map<int, int> moved;
    for (const auto& [number, fd] : inherited)
        moved[number] = ::fcntl(fd, F_DUPFD, k_first_free);
    ::dup2(in, 0);
    ::dup2(out, 1);
    for (const auto& [number, fd] : moved)
        ::dup2(fd, number);
    const int first_closed = inherited.empty() ? 3 : inherited.rbegin()->first + 1;
    ::close_range(static_cast<unsigned>(first_closed), ~0U, 0);
    ::execve(argv[0], argv.data(), environment.data());
    ::_exit(127);
}

}  // namespace

Child::Child(std::vector<std::string> argv, const std::map<int, int>& inherited,
             const std::map<std::string, std::string>& environment) {
    std::array<int, 2> out{};
    std::array<int, 2> in{};
    if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(in.data(), O_CLOEXEC) != 0)
        std::abort();
    std::vector<std::string> words = {"PATH=/usr/bin:/bin"};
    for (const auto& [name, value] : environment)
        words.push_back(name + "=" + value);
    std::vector<char*> argument_pointers;
    for (auto& argument : argv)
        argument_pointers.push_back(argument.data());
    argument_pointers.push_back(nullptr);
    std::vector<char*> environment_pointers;
    for (auto& word : words)
        environment_pointers.push_back(word.data());
    environment_pointers.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0)
        become(argument_pointers, environment_pointers, in[0], out[1], inherited);
    out_ = Descriptor(out[0]);
    in_ = Descriptor(in[1]);
    ::close(out[1]);
    ::close(in[0]);
}

Child::~Child() {
    if (!reaped_) {
        signal(SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
}

std::optional<std::string> Child::line() {
    for (;;) {
        if (const auto end = buffer_.find('\n'); end != std::string::npos) {
            std::string result = buffer_.substr(0, end);
            buffer_.erase(0, end + 1);
            return result;
        }
        if (!wait_readable(out_.get()))
            return std::nullopt;
        std::array<char, 4096> bytes{};
        const auto got = ::read(out_.get(), bytes.data(), bytes.size());
        if (got <= 0)
            return std::nullopt;
        buffer_.append(bytes.data(), static_cast<std::size_t>(got));
    }
}

void Child::write(const std::string& text) {
    (void)write_all(in_.get(), text);
}

void Child::signal(int number) const {
    if (!reaped_)
        ::kill(pid_, number);
}

std::optional<int> Child::wait() {
    if (!wait_for_exit(pid_))
        return std::nullopt;
    int status = 0;
    if (::waitpid(pid_, &status, 0) != pid_)
        return std::nullopt;
    reaped_ = true;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace bullpen::test
