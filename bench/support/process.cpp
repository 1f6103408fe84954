#include "bench/support/process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "bench/support/command_line.hpp"
#include "common/base/descriptor.hpp"
#include "tests/support/wait.hpp"

namespace bullpen::bench {

namespace {

constexpr std::size_t k_proc_file_max = 64 * 1024;

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts)
        result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

}  // namespace

std::int64_t mono_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

pid_t spawn(const std::vector<std::string>& argv, const std::string& output,
            const std::map<std::string, std::string>& environment) {
    std::vector<std::string> words = argv;
    std::vector<std::string> variables;
    for (const auto& [name, value] : environment)
        variables.push_back(name + "=" + value);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    pid_t pid = -1;
    const int failed = ::posix_spawn(&pid, words.front().c_str(), &actions, nullptr,
                                     pointers(words).data(), pointers(variables).data());
    posix_spawn_file_actions_destroy(&actions);
    require(failed == 0, "cannot start " + words.front());
    return pid;
}

int wait_for(pid_t child, std::chrono::milliseconds deadline) {
    if (!test::wait_for_exit(child, deadline))
        ::kill(child, SIGKILL);
    int status = 0;
    require(::waitpid(child, &status, 0) == child, "the process is a child of this one");
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

double pss_kib(pid_t pid) {
    const auto text = read_file("/proc/" + std::to_string(pid) + "/smaps_rollup", k_proc_file_max);
    if (!text)
        return 0;
    const auto at = text->find("\nPss:");
    return at == std::string::npos ? 0 : std::strtod(text->c_str() + at + 5, nullptr);
}

double cpu_ms(pid_t pid) {
    const auto text = read_file("/proc/" + std::to_string(pid) + "/stat", k_proc_file_max);
    if (!text)
        return 0;
    // Fields 14 and 15; the second one, the program's name in brackets, may hold anything.
    std::istringstream fields(text->substr(text->rfind(')') + 2));
    std::string skipped;
    for (int field = 3; field < 14; ++field)
        fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) * 1000 / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace bullpen::bench
