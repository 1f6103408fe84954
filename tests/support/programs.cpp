#include "tests/support/programs.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdio>
#include <cstdlib>

#include "common/base/assert.hpp"
#include "common/base/descriptor.hpp"

namespace bullpen::test {

namespace {

constexpr std::size_t k_output_max = 16U << 20U;  // bytes of each stream
std::atomic<bool> any_skipped = false;

struct Pipe {
    Descriptor read;
    Descriptor write;
};

Pipe make_pipe() {
    int ends[2];
    BULLPEN_ASSERT(::pipe2(ends, O_CLOEXEC) == 0, "a test can make a pipe");
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (auto& text : texts)
        result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

std::vector<std::string> environment_of(const Command& command) {
    std::vector<std::string> result;
    if (const char* path = std::getenv("PATH");
        path != nullptr && !command.environment.contains("PATH"))
        result.push_back(std::string("PATH=") + path);
    for (const auto& [name, value] : command.environment)
        result.push_back(name + "=" + value);
    return result;
}

// Moves what is readable into `text`; false at the end of the stream.
bool drain(int fd, std::string& text) {
    char buffer[65536];
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got <= 0)
        return false;
    if (text.size() < k_output_max)
        text.append(buffer, static_cast<std::size_t>(got));
    return true;
}

// Reads both streams until both end; false when the deadline passed first.
bool collect(Outcome& outcome, int out, int err, std::chrono::steady_clock::time_point deadline) {
    pollfd fds[2] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0)
            return false;
        if (::poll(fds, 2, static_cast<int>(left.count())) <= 0)
            continue;
        if (fds[0].revents != 0 && !drain(out, outcome.out))
            fds[0].fd = -1;
        if (fds[1].revents != 0 && !drain(err, outcome.err))
            fds[1].fd = -1;
    }
    return true;
}

}  // namespace

std::string bin_directory() {
    if (const char* set = std::getenv("BULLPEN_BIN_DIR"); set != nullptr)
        return set;
    char path[PATH_MAX];
    const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
    BULLPEN_ASSERT(length > 0, "/proc/self/exe can be read");
    const std::string self(path, static_cast<std::size_t>(length));
    return self.substr(0, self.rfind('/'));
}

std::string source_directory() {
    if (const char* set = std::getenv("BULLPEN_SOURCE_DIR"); set != nullptr)
        return set;
    return BULLPEN_TEST_SOURCE_DIR;
}

std::string program(std::string_view name) {
    std::string path = bin_directory() + "/" + std::string(name);
    return ::access(path.c_str(), X_OK) == 0 ? path : std::string();
}

void skip(std::string_view sentence) {
    any_skipped = true;
    std::fprintf(stderr, "skipped: %.*s\n", static_cast<int>(sentence.size()), sentence.data());
}

bool skipped() {
    return any_skipped;
}

Outcome run(const Command& command) {
    Outcome outcome;
    const auto deadline = std::chrono::steady_clock::now() + command.deadline;
    Pipe out = make_pipe();
    Pipe err = make_pipe();
    auto argv_texts = command.argv;
    auto environment_texts = environment_of(command);
    auto argv = pointers(argv_texts);
    auto environment = pointers(environment_texts);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out.write.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err.write.get(), STDERR_FILENO);
    if (!command.directory.empty())
        posix_spawn_file_actions_addchdir_np(&actions, command.directory.c_str());
    pid_t pid = -1;
    const int failed =
        ::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) {
        outcome.err = "cannot start " + command.argv.front();
        return outcome;
    }
    out.write.reset();
    err.write.reset();
    if (!collect(outcome, out.read.get(), err.read.get(), deadline)) {
        outcome.timed_out = true;
        ::kill(pid, SIGKILL);
    }
    int status = 0;
    BULLPEN_ASSERT(::waitpid(pid, &status, 0) == pid, "the child is this test's own");
    outcome.exited = WIFEXITED(status);
    outcome.code = outcome.exited ? WEXITSTATUS(status) : WTERMSIG(status);
    return outcome;
}

Outcome run(std::vector<std::string> argv) {
    Command command;
    command.argv = std::move(argv);
    return run(command);
}

}  // namespace bullpen::test
