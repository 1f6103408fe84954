#include "calendar/sandbox.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>

#include "common/sandbox/calls.hpp"
#include "common/sandbox/landlock.hpp"
#include "common/sandbox/system_files.hpp"

namespace bullpen::calendar {

namespace {

constexpr rlim_t k_memory_max = 1ULL << 30U;  // bytes of addresses
constexpr rlim_t k_cpu_max = 60;              // seconds
constexpr rlim_t k_files_max = 128;
constexpr rlim_t k_file_size_max = 64ULL << 20U;  // bytes

void confine(const SandboxPlan& plan, SandboxState& state) {
    constexpr std::uint16_t k_dns = 53;  // a long answer comes by TCP
    const int version = std::min(state.landlock_abi, sandbox::k_landlock_newest);
    sandbox::Walls walls;
    walls.reach.push_back({plan.writable, sandbox::Access::change});
    sandbox::add_names(walls.reach);
    walls.ports = plan.ports;
    walls.ports->push_back(k_dns);
    sandbox::OpenPaths paths;
    const auto ruleset = sandbox::make_ruleset(version, walls, paths);
    const auto entered = ruleset ? sandbox::enter_ruleset(*ruleset) : fail(ruleset.error());
    if (!entered) {
        state.missing.push_back("Landlock could not be set up: " + entered.error().message());
        return;
    }
    state.files_confined = true;
    state.ports_confined = version >= sandbox::k_landlock_ports;
}

// What files, memory, threads, names and connections need; nothing that starts a program, changes
// whose rights it has, or reaches into another process.
constexpr std::array k_allowed{"read",
                               "write",
                               "readv",
                               "writev",
                               "pread64",
                               "pwrite64",
                               "open",
                               "openat",
                               "close",
                               "fstat",
                               "stat",
                               "lstat",
                               "newfstatat",
                               "statx",
                               "lseek",
                               "access",
                               "faccessat",
                               "faccessat2",
                               "readlink",
                               "readlinkat",
                               "getdents64",
                               "getcwd",
                               "fsync",
                               "fdatasync",
                               "ftruncate",
                               "rename",
                               "renameat",
                               "renameat2",
                               "link",
                               "linkat",
                               "unlink",
                               "unlinkat",
                               "mkdir",
                               "mkdirat",
                               "fchmod",
                               "umask",
                               "flock",
                               "fcntl",
                               "dup",
                               "utimensat",
                               "fadvise64",
                               "mmap",
                               "munmap",
                               "mprotect",
                               "mremap",
                               "madvise",
                               "brk",
                               "rt_sigaction",
                               "rt_sigprocmask",
                               "rt_sigreturn",
                               "sigaltstack",
                               "futex",
                               "set_robust_list",
                               "rseq",
                               "set_tid_address",
                               "gettid",
                               "getpid",
                               "tgkill",
                               "exit",
                               "exit_group",
                               "sched_yield",
                               "sched_getaffinity",
                               "restart_syscall",
                               "clock_gettime",
                               "clock_getres",
                               "clock_nanosleep",
                               "nanosleep",
                               "gettimeofday",
                               "time",
                               "getrandom",
                               "uname",
                               "sysinfo",
                               "getuid",
                               "geteuid",
                               "getgid",
                               "getegid",
                               "prlimit64",
                               "getrlimit",
                               "getrusage",
                               "ioctl",
                               "pipe",
                               "pipe2",
                               "eventfd2",
                               "poll",
                               "ppoll",
                               "select",
                               "pselect6",
                               "epoll_create1",
                               "epoll_ctl",
                               "epoll_wait",
                               "epoll_pwait",
                               "socket",
                               "socketpair",
                               "connect",
                               "bind",
                               "getsockname",
                               "getpeername",
                               "getsockopt",
                               "setsockopt",
                               "sendto",
                               "sendmsg",
                               "sendmmsg",
                               "recvfrom",
                               "recvmsg",
                               "recvmmsg",
                               "shutdown",
                               "prctl",
                               "seccomp"};
constexpr std::array k_network{"socket",   "socketpair", "connect", "bind",    "sendto", "sendmsg",
                               "sendmmsg", "listen",     "accept",  "accept4", "clone"};

bool filter_calls() {
    sandbox::CallTable calls(sandbox::Verdict::refuse);
    calls.allow_threads();
    for (const char* const name : k_allowed)
        calls.add(sandbox::Verdict::allow, {name});
    return sandbox::load(calls.program()).has_value();
}

bool set_limit(int what, rlim_t most) {
    rlimit limit{};
    if (::getrlimit(static_cast<__rlimit_resource_t>(what), &limit) != 0)
        return false;
    if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > most)
        limit.rlim_max = most;
    limit.rlim_cur = limit.rlim_max;
    return ::setrlimit(static_cast<__rlimit_resource_t>(what), &limit) == 0;
}

}  // namespace

SandboxState enter_sandbox(const SandboxPlan& plan) {
    SandboxState state;
    state.landlock_abi = sandbox::landlock_version();
    state.limited = set_limit(RLIMIT_CPU, k_cpu_max) && set_limit(RLIMIT_NOFILE, k_files_max) &&
                    set_limit(RLIMIT_FSIZE, k_file_size_max) && set_limit(RLIMIT_CORE, 0) &&
                    (!sandbox::calls_can_be_filtered() || set_limit(RLIMIT_AS, k_memory_max));
    if (!state.limited)
        state.missing.emplace_back("the limits on memory, time and files could not be set");
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        state.missing.emplace_back("the kernel does not let a process give up its privileges");
        return state;
    }
    if (state.landlock_abi == 0)
        state.missing.emplace_back("the kernel has no Landlock: any file of this user can be read");
    else
        confine(plan, state);
    state.calls_filtered = sandbox::calls_can_be_filtered() && filter_calls();
    if (!state.calls_filtered)
        state.missing.emplace_back(!sandbox::calls_can_be_filtered()
                                       ? "system calls are not filtered in a sanitizer's build"
                                       : "seccomp is not in force: system calls are not filtered");
    return state;
}

void close_network(SandboxState& state) {
    if (!state.calls_filtered)
        return;
    sandbox::CallTable calls(sandbox::Verdict::allow);
    for (const char* const name : k_network)
        calls.add(sandbox::Verdict::refuse, {name});
    state.network_closed = sandbox::load(calls.program()).has_value();
    if (!state.network_closed)
        state.missing.emplace_back("the network could not be closed before parsing");
}

}  // namespace bullpen::calendar
