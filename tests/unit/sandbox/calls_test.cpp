// What the filter of an account's system calls says to each, judged as the kernel would.
#include "common/sandbox/calls.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <linux/fsverity.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <initializer_list>

#include "tests/support/filter_machine.hpp"

namespace bullpen::sandbox {

namespace {

constexpr std::uint32_t k_process = 4711;
constexpr std::uint32_t k_other = 4712;
constexpr std::uint32_t k_allow = SECCOMP_RET_ALLOW;
constexpr std::uint32_t k_refuse = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t k_absent = SECCOMP_RET_ERRNO | ENOSYS;
constexpr std::uint32_t k_none = SECCOMP_RET_ERRNO | ENOTSUP;
constexpr std::uint32_t k_closed = SECCOMP_RET_ERRNO | EBADF;
constexpr std::uint32_t k_done = SECCOMP_RET_ERRNO;
#if defined(__x86_64__)
constexpr std::uint32_t k_here = AUDIT_ARCH_X86_64;
constexpr std::uint32_t k_elsewhere = AUDIT_ARCH_I386;
#else
constexpr std::uint32_t k_here = AUDIT_ARCH_AARCH64;
constexpr std::uint32_t k_elsewhere = AUDIT_ARCH_ARM;
#endif

class Filter {
  public:
    explicit Filter(const CallsAllowed& allowed) : program_(calls_filter(allowed)) {
        put_in(program_.data(), program_.size(), k_process);
    }
    // The upper halves of the arguments are not what the kernel takes.
    [[nodiscard]] std::uint32_t answer(long number,
                                       std::initializer_list<std::uint32_t> arguments = {},
                                       std::uint32_t architecture = k_here) const {
        seccomp_data call{static_cast<int>(number), architecture, 0, {}};
        std::size_t at = 0;
        for (const auto argument : arguments)
            call.args[at++] = 0xABCD'0000'0000'0000ULL | argument;
        return test::judge(program_, call).answer;
    }
    [[nodiscard]] int steps(int number) const {
        return test::judge(program_, {number, k_here, 0, {}}).steps;
    }
    [[nodiscard]] std::size_t size() const { return program_.size(); }

  private:
    Program program_;
};

// Every filter there is.
std::vector<CallsAllowed> all() {
    std::vector<CallsAllowed> sets;
    for (int bits = 0; bits < 32; ++bits)
        sets.push_back(
            {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0});
    return sets;
}

// Of a program that keeps the locks it was given.
Filter keeping() {
    CallsAllowed allowed;
    allowed.locks = false;
    return Filter(allowed);
}

std::uint32_t unless(bool allowed, std::uint32_t answer) {
    return allowed ? k_allow : answer;
}

}  // namespace

TEST_CASE("what every program needs is allowed by every filter") {
    for (const auto& allowed : all()) {
        const Filter filter(allowed);
        for (const long call : {SYS_read,       SYS_write,        SYS_close,
                                SYS_mmap,       SYS_brk,          SYS_futex,
                                SYS_execve,     SYS_clone,        SYS_wait4,
                                SYS_exit_group, SYS_socket,       SYS_connect,
                                SYS_epoll_wait, SYS_rt_sigaction, SYS_getrandom,
                                SYS_fsync,      SYS_rename,       SYS_unlink,
                                SYS_ftruncate,  SYS_close_range,  SYS_landlock_create_ruleset,
                                SYS_seccomp,    SYS_prctl,        SYS_umask})
            CHECK(filter.answer(call) == k_allow);
    }
}

TEST_CASE("without the network there are sockets of this host alone") {
    CallsAllowed allowed;
    allowed.network = false;
    const Filter filter(allowed);
    for (const long call : {SYS_socket, SYS_socketpair}) {
        CHECK(filter.answer(call, {AF_UNIX, SOCK_STREAM}) == k_allow);
        for (const std::uint32_t family :
             {AF_UNSPEC, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_VSOCK, AF_BLUETOOTH})
            CHECK(filter.answer(call, {family, SOCK_STREAM}) == k_refuse);
    }
    CHECK(Filter({}).answer(SYS_socket, {AF_INET, SOCK_STREAM}) == k_allow);
}

TEST_CASE("what reaches into other processes or changes the machine is refused by every filter") {
    for (const auto& allowed : all()) {
        const Filter filter(allowed);
        for (const long call : {SYS_ptrace,
                                SYS_process_vm_readv,
                                SYS_process_vm_writev,
                                SYS_pidfd_getfd,
                                SYS_kcmp,
                                SYS_process_madvise,
                                SYS_perf_event_open,
                                SYS_get_robust_list,
                                SYS_move_pages,
                                SYS_mount,
                                SYS_umount2,
                                SYS_chroot,
                                SYS_setns,
                                SYS_unshare,
                                SYS_bpf,
                                SYS_reboot,
                                SYS_open_by_handle_at,
                                SYS_clock_settime,
                                SYS_keyctl,
                                SYS_add_key,
                                SYS_request_key,
                                SYS_userfaultfd,
                                SYS_quotactl,
                                SYS_shmget,
                                SYS_shmat,
                                SYS_shmctl,
                                SYS_semget,
                                SYS_semop,
                                SYS_msgget,
                                SYS_msgrcv,
                                SYS_msgctl,
                                SYS_mq_open,
                                SYS_mq_unlink})
            CHECK(filter.answer(call) == k_refuse);
        for (const long call : {SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register})
            CHECK(filter.answer(call) == k_absent);
    }
}

TEST_CASE("processes and threads are made, and no namespace with them") {
    constexpr std::uint32_t k_thread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
                                       CLONE_THREAD | CLONE_SYSVSEM | CLONE_SETTLS |
                                       CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
    constexpr std::uint32_t k_fork = CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD;
    constexpr std::uint32_t k_vfork = CLONE_VM | CLONE_VFORK | SIGCHLD;
    for (const auto& allowed : all()) {
        const Filter filter(allowed);
        for (const std::uint32_t flags : {k_thread, k_fork, k_vfork})
            CHECK(filter.answer(SYS_clone, {flags}) == k_allow);
        for (const std::uint32_t space : {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET,
                                          CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP}) {
            CHECK(filter.answer(SYS_clone, {space | SIGCHLD}) == k_refuse);
            CHECK(filter.answer(SYS_clone, {CLONE_NEWUSER | space | k_fork}) == k_refuse);
        }
        CHECK(filter.answer(SYS_clone3) == k_absent);
    }
}

TEST_CASE("modes, owners, times and attributes of files are changed only with leave") {
    for (const auto& allowed : all()) {
        const Filter filter(allowed);
        for (const long call : {SYS_fchmod, SYS_fchmodat, SYS_fchown, SYS_fchownat, SYS_utimensat})
            CHECK(filter.answer(call) == unless(allowed.chmod, k_refuse));
        for (const long call : {SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, SYS_fremovexattr})
            CHECK(filter.answer(call) == unless(allowed.chmod, k_none));
    }
}

TEST_CASE("the session by which an account's processes are known is left only with leave") {
    for (const auto& allowed : all()) {
        const Filter filter(allowed);
        CHECK(filter.answer(SYS_setsid) == unless(allowed.sessions, k_refuse));
        CHECK(filter.answer(SYS_setpgid, {0, 0}) == k_allow);
    }
}

TEST_CASE("a file that may be read is not cut where Landlock does not mind") {
    for (const auto& allowed : all()) {
        const Filter filter(allowed);
        const auto refused = unless(allowed.truncate, k_refuse);
        CHECK(filter.answer(SYS_truncate) == refused);
        CHECK(filter.answer(SYS_openat, {3, 1, O_RDONLY | O_TRUNC}) == refused);
        CHECK(filter.answer(SYS_openat, {3, 1, O_RDONLY | O_TRUNC | O_CLOEXEC}) == refused);
        for (const std::uint32_t flags : {O_RDONLY, O_RDONLY | O_CLOEXEC, O_WRONLY | O_TRUNC,
                                          O_RDWR | O_TRUNC, O_WRONLY | O_CREAT | O_EXCL})
            CHECK(filter.answer(SYS_openat, {3, 1, flags}) == k_allow);
    }
}

TEST_CASE("nothing is opened in the mode for which Landlock asks no right") {
    for (const auto& allowed : all()) {
        const Filter filter(allowed);
        for (const std::uint32_t flags :
             {O_ACCMODE, O_ACCMODE | O_TRUNC, O_ACCMODE | O_CLOEXEC | O_NOCTTY}) {
            CHECK(filter.answer(SYS_open, {1, flags}) == k_refuse);
            CHECK(filter.answer(SYS_openat, {3, 1, flags}) == k_refuse);
        }
        for (const std::uint32_t flags : {O_RDONLY, O_WRONLY, O_RDWR, O_PATH | O_CLOEXEC}) {
            CHECK(filter.answer(SYS_open, {1, flags}) == k_allow);
            CHECK(filter.answer(SYS_openat, {3, 1, flags}) == k_allow);
        }
        CHECK(filter.answer(SYS_openat2) == k_absent);
    }
}

TEST_CASE("the attributes of a file are not changed through a descriptor of it either") {
    for (const auto& allowed : all()) {
        const Filter filter(allowed);
        for (const std::uint32_t request : {FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, FS_IOC_SETVERSION})
            CHECK(filter.answer(SYS_ioctl, {3, request}) == unless(allowed.chmod, k_refuse));
        for (const std::uint32_t request : {FS_IOC_ENABLE_VERITY, FS_IOC_SET_ENCRYPTION_POLICY})
            CHECK(filter.answer(SYS_ioctl, {3, request}) == k_refuse);
        for (const std::uint32_t request :
             {FS_IOC_GETFLAGS, FS_IOC_FSGETXATTR, FS_IOC_FIEMAP, FICLONE})
            CHECK(filter.answer(SYS_ioctl, {3, request}) == k_allow);
    }
}

TEST_CASE("nobody who opens a file is made to wait for a lease, and no directory tells of itself") {
    for (const auto& allowed : all()) {
        const Filter filter(allowed);
        for (const std::uint32_t command : {F_SETLEASE, F_NOTIFY})
            CHECK(filter.answer(SYS_fcntl, {3, command}) == k_refuse);
        CHECK(filter.answer(SYS_fcntl, {3, F_GETLEASE}) == k_allow);
    }
}

TEST_CASE(
    "a program that closes what it inherited is told that it went well, and keeps its locks") {
    const auto filter = keeping();
    for (const std::uint32_t lock : {62U, 63U}) {
        CHECK(filter.answer(SYS_close, {lock}) == k_done);
        CHECK(filter.answer(SYS_fcntl, {lock, F_SETFD, FD_CLOEXEC}) == k_done);
        CHECK(filter.answer(SYS_ioctl, {lock, FIOCLEX}) == k_done);
        CHECK(filter.answer(SYS_fcntl, {lock, F_GETFD}) == k_allow);
        CHECK(filter.answer(SYS_fcntl, {lock, F_DUPFD_CLOEXEC, 10}) == k_allow);
        CHECK(filter.answer(SYS_ioctl, {lock, FIONCLEX}) == k_allow);
        for (const long call : {SYS_dup2, SYS_dup3}) {
            CHECK(filter.answer(call, {10, lock}) == k_closed);
            CHECK(filter.answer(call, {lock, 10}) == k_allow);
        }
    }
    for (const std::uint32_t other : {0U, 3U, 61U, 64U, 62U + (1U << 30U)}) {
        CHECK(filter.answer(SYS_close, {other}) == k_allow);
        CHECK(filter.answer(SYS_fcntl, {other, F_SETFD, FD_CLOEXEC}) == k_allow);
        CHECK(filter.answer(SYS_ioctl, {other, FIOCLEX}) == k_allow);
        for (const long call : {SYS_dup2, SYS_dup3})
            CHECK(filter.answer(call, {62, other}) == k_allow);
    }
    // The library's closefrom() takes no other way; whoever else is told that there is no such call
    // closes them one by one.
    constexpr std::uint32_t k_no_end = ~0U;
    for (const std::uint32_t first : {0U, 3U, 62U, 63U}) {
        CHECK(filter.answer(SYS_close_range, {first, k_no_end, 0}) == k_done);
        for (const std::uint32_t last : {63U, 1023U, 0x7FFF'FFFFU})
            CHECK(filter.answer(SYS_close_range, {first, last, 0}) == k_absent);
        for (const std::uint32_t flags : {2U, 4U, 6U})
            CHECK(filter.answer(SYS_close_range, {first, k_no_end, flags}) == k_absent);
    }
    CHECK(filter.answer(SYS_close_range, {64, k_no_end, 0}) == k_allow);
    CHECK(filter.answer(SYS_close_range, {k_no_end - 1, k_no_end, 4}) == k_allow);
}

TEST_CASE("a lock of an open file is let go of through none of its copies") {
    const auto filter = keeping();
    for (const std::uint32_t copy : {3U, 62U, 63U, 64U, 1000U}) {
        for (const std::uint32_t command : {F_OFD_SETLK, F_OFD_SETLKW})
            CHECK(filter.answer(SYS_fcntl, {copy, command}) == k_refuse);
        CHECK(filter.answer(SYS_fcntl, {copy, F_OFD_GETLK}) == k_allow);
        // Of another kind.
        for (const std::uint32_t command : {F_SETLK, F_SETLKW})
            CHECK(filter.answer(SYS_fcntl, {copy, command}) == k_allow);
        CHECK(filter.answer(SYS_flock, {copy, LOCK_UN}) == k_allow);
    }
    // Who answers another process's calls could put a file over it.
    CHECK(filter.answer(SYS_ioctl, {10, SECCOMP_IOCTL_NOTIF_ADDFD}) == k_refuse);
}

TEST_CASE("what keeps its locks by itself closes and locks what it likes") {
    for (const auto& allowed : all()) {
        const Filter filter(allowed);
        for (const std::uint32_t fd : {3U, 62U, 63U}) {
            CHECK(filter.answer(SYS_close, {fd}) == k_allow);
            CHECK(filter.answer(SYS_dup2, {3, fd}) == k_allow);
            CHECK(filter.answer(SYS_dup3, {3, fd}) == k_allow);
            CHECK(filter.answer(SYS_close_range, {fd, 63}) == k_allow);
            CHECK(filter.answer(SYS_fcntl, {fd, F_SETFD, FD_CLOEXEC}) == k_allow);
            CHECK(filter.answer(SYS_fcntl, {fd, F_OFD_SETLK}) == k_allow);
            CHECK(filter.answer(SYS_ioctl, {fd, FIOCLEX}) == k_allow);
        }
    }
}

TEST_CASE("signals go to the process itself and its group alone, without leave") {
    for (const auto& allowed : all()) {
        const Filter filter(allowed);
        const auto refused = unless(allowed.signals, k_refuse);
        for (const std::uint32_t own : {0U, k_process, 0U - k_process})
            CHECK(filter.answer(SYS_kill, {own, 15}) == k_allow);
        for (const std::uint32_t other : {1U, k_other, 0U - 1U, 0U - k_other})
            CHECK(filter.answer(SYS_kill, {other, 15}) == refused);
        for (const long call :
             {SYS_tgkill, SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo}) {
            CHECK(filter.answer(call, {k_process}) == k_allow);
            CHECK(filter.answer(call, {k_other}) == refused);
        }
        CHECK(filter.answer(SYS_pidfd_send_signal) == refused);
        for (const std::uint32_t command : {F_SETOWN, F_SETOWN_EX, F_SETSIG})
            CHECK(filter.answer(SYS_fcntl, {3, command}) == refused);
        for (const std::uint32_t command : {F_GETFL, F_SETFL, F_SETFD, F_OFD_SETLK})
            CHECK(filter.answer(SYS_fcntl, {3, command}) == k_allow);
        for (const std::uint32_t request : {0x8901U, 0x8902U})
            CHECK(filter.answer(SYS_ioctl, {3, request}) == refused);
        CHECK(filter.answer(SYS_ioctl, {3, 0x5401}) == k_allow);
    }
}

TEST_CASE("limits and priorities are the process's own") {
    for (const auto& allowed : all()) {
        const Filter filter(allowed);
        for (const long call : {SYS_prlimit64, SYS_sched_setaffinity, SYS_sched_setattr}) {
            CHECK(filter.answer(call, {0}) == k_allow);
            CHECK(filter.answer(call, {k_process}) == k_allow);
            CHECK(filter.answer(call, {k_other}) == k_refuse);
        }
        CHECK(filter.answer(SYS_sched_setscheduler, {k_other, SCHED_OTHER}) == k_allow);
        CHECK(filter.answer(SYS_sched_setscheduler, {k_other, SCHED_FIFO}) == k_refuse);
        CHECK(filter.answer(SYS_sched_setscheduler, {0, SCHED_FIFO}) == k_allow);
        for (const long call : {SYS_setpriority, SYS_ioprio_set}) {
            const std::uint32_t process = call == SYS_setpriority ? PRIO_PROCESS : 1;
            CHECK(filter.answer(call, {process, 0}) == k_allow);
            CHECK(filter.answer(call, {process, k_process}) == k_allow);
            CHECK(filter.answer(call, {process, k_other}) == k_refuse);
            CHECK(filter.answer(call, {process + 1, 0}) == k_refuse);
        }
    }
}

TEST_CASE("calls of another architecture are refused, whatever they are") {
    for (const auto& allowed : all()) {
        const Filter filter(allowed);
        for (int number = 0; number < 600; ++number)
            CHECK(filter.answer(number, {}, k_elsewhere) == k_refuse);
        for (const std::uint32_t number : {0x4000'0000U, 0x4000'0001U, 0x7FFF'FFFFU, 0xFFFF'FFFFU})
            CHECK(filter.answer(static_cast<int>(number)) == k_refuse);
    }
}

TEST_CASE("a call is found in a few steps: the kernel takes them for each at every launch") {
    auto sets = all();
    for (auto allowed : all()) {
        allowed.locks = false;
        sets.push_back(allowed);
    }
    for (const auto& allowed : sets) {
        const Filter filter(allowed);
        int steps = 0;
        constexpr int k_calls = 470;
        for (int number = 0; number < k_calls; ++number)
            steps += filter.steps(number);
        CHECK(steps < 11 * k_calls);
        CHECK(filter.size() < 280);
    }
}

}  // namespace bullpen::sandbox
