#include "calendar/sandbox.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "common/base/descriptor.hpp"

namespace bullpen::calendar {

namespace {

// Parts of the kernel's interface that are newer than the headers this is built with.
constexpr std::uint64_t k_fs_truncate = 1ULL << 14U;     // from version 3 on
constexpr std::uint64_t k_fs_ioctl_dev = 1ULL << 15U;    // 5
constexpr std::uint64_t k_net_bind_tcp = 1ULL << 0U;     // 4
constexpr std::uint64_t k_net_connect_tcp = 1ULL << 1U;  // 4
constexpr int k_rule_net_port = 2;
constexpr std::uint64_t k_scope_abstract_socket = 1ULL << 0U;  // 6
constexpr std::uint64_t k_scope_signal = 1ULL << 1U;           // 6
struct RulesetAttributes {
    std::uint64_t handled_fs;
    std::uint64_t handled_net;
    std::uint64_t scoped;
};
struct NetPortAttributes {
    std::uint64_t allowed;
    std::uint64_t port;
};

constexpr std::uint64_t k_fs_read_file = LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t k_fs_read = k_fs_read_file | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t k_fs_version_1 = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1U) - 1;

// A sanitizer keeps shadow memory and calls the system in its own ways.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool k_sanitized = true;
#else
constexpr bool k_sanitized = false;
#endif

constexpr rlim_t k_memory_max = 1ULL << 30U;  // bytes of addresses
constexpr rlim_t k_cpu_max = 60;              // seconds
constexpr rlim_t k_files_max = 128;
constexpr rlim_t k_file_size_max = 64ULL << 20U;  // bytes

// Names, certificates, time zones, libraries that resolving a name loads.
constexpr std::array k_readable{"/usr",
                                "/lib",
                                "/lib64",
                                "/etc/ssl",
                                "/etc/hosts",
                                "/etc/host.conf",
                                "/etc/gai.conf",
                                "/etc/services",
                                "/etc/nsswitch.conf",
                                "/etc/resolv.conf",
                                "/etc/protocols",
                                "/etc/pki",
                                "/dev/urandom",
                                "/dev/null",
                                "/etc/ld.so.cache",
                                "/run/systemd/resolve"};

// ---- Landlock

std::uint64_t handled_by(int abi) {
    std::uint64_t rights = k_fs_version_1;
    if (abi >= 2)
        rights |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= 3)
        rights |= k_fs_truncate;
    if (abi >= 5)
        rights |= k_fs_ioctl_dev;
    return rights;
}

// A path that is not there needs no rule.
bool allow_path(int ruleset, const char* path, std::uint64_t rights, std::uint64_t handled) {
    const Descriptor at(::open(path, O_PATH | O_CLOEXEC));
    if (!at.valid())
        return errno == ENOENT || errno == EACCES;
    struct stat facts {};
    if (::fstat(at.get(), &facts) != 0)
        return false;
    // Rights of directories are an error for a file.
    if (!S_ISDIR(facts.st_mode))
        rights &= k_fs_read_file | LANDLOCK_ACCESS_FS_WRITE_FILE | k_fs_truncate;
    landlock_path_beneath_attr attributes{};
    attributes.allowed_access = rights & handled;
    attributes.parent_fd = at.get();
    return ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &attributes, 0) ==
           0;
}

bool allow_port(int ruleset, std::uint16_t port) {
    const NetPortAttributes attributes{k_net_connect_tcp, port};
    return ::syscall(SYS_landlock_add_rule, ruleset, k_rule_net_port, &attributes, 0) == 0;
}

bool confine(const SandboxPlan& plan, SandboxState& state) {
    constexpr std::uint16_t k_dns = 53;  // a long answer comes by TCP
    const int abi = state.landlock_abi;
    RulesetAttributes attributes{handled_by(abi), 0, 0};
    if (abi >= 4)
        attributes.handled_net = k_net_bind_tcp | k_net_connect_tcp;
    if (abi >= 6)
        attributes.scoped = k_scope_abstract_socket | k_scope_signal;
    const std::size_t size = abi >= 6   ? sizeof(attributes)
                             : abi >= 4 ? 2 * sizeof(std::uint64_t)
                                        : sizeof(std::uint64_t);
    const Descriptor ruleset(
        static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
    if (!ruleset.valid())
        return false;
    bool good = allow_path(ruleset.get(), plan.writable.c_str(),
                           handled_by(abi) & ~std::uint64_t{LANDLOCK_ACCESS_FS_EXECUTE},
                           attributes.handled_fs);
    for (const char* const path : k_readable)
        good = allow_path(ruleset.get(), path, k_fs_read, attributes.handled_fs) && good;
    if (abi >= 4) {
        good = allow_port(ruleset.get(), k_dns) && good;
        for (const std::uint16_t port : plan.ports)
            good = allow_port(ruleset.get(), port) && good;
    }
    good = good && ::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) == 0;
    state.files_confined = good;
    state.ports_confined = good && abi >= 4;
    return good;
}

// ---- seccomp

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

class Filter {
  public:
    explicit Filter(std::uint32_t otherwise) : context_(seccomp_init(otherwise)) {}
    Filter(const Filter&) = delete;
    Filter& operator=(const Filter&) = delete;
    ~Filter() {
        if (context_ != nullptr)
            seccomp_release(context_);
    }
    // A name that this machine's kernel does not have needs no rule.
    bool add(std::uint32_t action, const char* name) {
        const int number = seccomp_syscall_resolve_name(name);
        return number < 0 ||
               (context_ != nullptr && seccomp_rule_add(context_, action, number, 0) == 0);
    }
    // Threads of this process, and no new processes.
    bool add_threads() {
        constexpr std::uint64_t k_flags = CLONE_VM | CLONE_THREAD;
        const scmp_arg_cmp flags = SCMP_A0_64(SCMP_CMP_MASKED_EQ, k_flags, k_flags);
        return context_ != nullptr &&
               seccomp_rule_add_array(context_, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, &flags) == 0 &&
               // Its arguments cannot be looked at; told that there is no such call, the C library
               // takes clone.
               seccomp_rule_add(context_, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
    }
    bool load() { return context_ != nullptr && seccomp_load(context_) == 0; }

  private:
    scmp_filter_ctx context_;
};

bool filter_calls() {
    Filter filter(SCMP_ACT_ERRNO(EPERM));
    bool good = filter.add_threads();
    for (const char* const name : k_allowed)
        good = filter.add(SCMP_ACT_ALLOW, name) && good;
    return good && filter.load();
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

int landlock_abi() {
    const long version =
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version > 0 ? static_cast<int>(version) : 0;
}

bool seccomp_available() {
    return ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

SandboxState enter_sandbox(const SandboxPlan& plan) {
    SandboxState state;
    state.landlock_abi = landlock_abi();
    state.limited = set_limit(RLIMIT_CPU, k_cpu_max) && set_limit(RLIMIT_NOFILE, k_files_max) &&
                    set_limit(RLIMIT_FSIZE, k_file_size_max) && set_limit(RLIMIT_CORE, 0) &&
                    (k_sanitized || set_limit(RLIMIT_AS, k_memory_max));
    if (!state.limited)
        state.missing.emplace_back("the limits on memory, time and files could not be set");
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        state.missing.emplace_back("the kernel does not let a process give up its privileges");
        return state;
    }
    if (state.landlock_abi == 0)
        state.missing.emplace_back("the kernel has no Landlock: any file of this user can be read");
    else if (!confine(plan, state))
        state.missing.emplace_back(std::string("Landlock could not be set up: ") +
                                   std::strerror(errno));
    state.calls_filtered = !k_sanitized && filter_calls();
    if (!state.calls_filtered)
        state.missing.emplace_back(k_sanitized
                                       ? "system calls are not filtered in a sanitizer's build"
                                       : "seccomp is not in force: system calls are not filtered");
    return state;
}

void close_network(SandboxState& state) {
    if (!state.calls_filtered)
        return;
    Filter filter(SCMP_ACT_ALLOW);
    bool good = true;
    for (const char* const name : k_network)
        good = filter.add(SCMP_ACT_ERRNO(EPERM), name) && good;
    state.network_closed = good && filter.load();
    if (!state.network_closed)
        state.missing.emplace_back("the network could not be closed before parsing");
}

}  // namespace bullpen::calendar
