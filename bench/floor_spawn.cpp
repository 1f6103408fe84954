// The floor of starting and restarting: what the system itself takes, with nothing supervised.
//
//   floor_spawn start N PROGRAM FILE      spawns N that stamp FILE; ms from before the first spawn
//   to
//                                         the last stamp; then ms to kill all and wait for them
//   floor_spawn restart K PROGRAM FILE    kills its one child K times and spawns it again as soon
//   as
//                                         the wait returns; the ms of each, from kill to stamp
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "bench/support/command_line.hpp"
#include "bench/support/process.hpp"
#include "bench/support/stamps.hpp"

extern char** environ;

namespace {

using namespace bullpen::bench;

pid_t spawn_stamper(char* program, char* file) {
    char mode[] = "stamp";
    char* argv[] = {program, mode, file, nullptr};
    pid_t pid = -1;
    require(::posix_spawn(&pid, program, nullptr, nullptr, argv, environ) == 0, "cannot spawn");
    return pid;
}

void start(int count, char* program, char* file) {
    std::vector<pid_t> children;
    children.reserve(static_cast<std::size_t>(count));
    const auto begin = mono_ns();
    for (int i = 0; i < count; ++i)
        children.push_back(spawn_stamper(program, file));
    const auto last = last_ns(wait_for_stamps(file, children.size()));
    std::printf("%.6f", ms(last - begin));

    const auto stopping = mono_ns();
    for (const pid_t child : children)
        ::kill(child, SIGTERM);
    for (const pid_t child : children)
        ::waitpid(child, nullptr, 0);
    std::printf(" %.6f\n", ms(mono_ns() - stopping));
}

void restart(int count, char* program, char* file) {
    pid_t child = spawn_stamper(program, file);
    for (int i = 1; i <= count; ++i) {
        wait_for_stamps(file, static_cast<std::size_t>(i));
        const auto killed = mono_ns();
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        child = spawn_stamper(program, file);
        const auto seen = wait_for_stamps(file, static_cast<std::size_t>(i) + 1);
        std::printf("%.6f\n", ms(last_ns(seen) - killed));
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 5) {
        std::fprintf(stderr, "usage: %s start|restart N PROGRAM FILE\n", argv[0]);
        return 64;
    }
    if (std::strcmp(argv[1], "start") == 0)
        start(std::atoi(argv[2]), argv[3], argv[4]);
    else
        restart(std::atoi(argv[2]), argv[3], argv[4]);
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
