// Every system call there is, and what the filter of an account answers it: judged as the kernel
// would, and then by the kernel.
#include "common/sandbox/calls.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <map>
#include <thread>
#include <vector>

#include "common/base/descriptor.hpp"
#include "tests/support/filter_machine.hpp"

namespace bullpen::sandbox {

namespace {

constexpr int k_calls = 512;  // more than any kernel has by now
constexpr std::uint32_t k_self = 4242;
// Newer than the headers this is built with.
constexpr long k_fchmodat2 = 452;
constexpr long k_setxattrat = 463;
constexpr long k_removexattrat = 466;
constexpr long k_open_tree_attr = 467;
constexpr long k_file_setattr = 469;

using Calls = std::map<long, int>;  // call, error

Calls answered(int error, std::initializer_list<long> calls) {
    Calls all;
    for (const long call : calls)
        all.emplace(call, error);
    return all;
}

Calls operator+(Calls one, const Calls& other) {
    one.insert(other.begin(), other.end());
    return one;
}

// Into other processes of the user.
Calls denied_reaching() {
    return answered(
        EPERM, {SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_pidfd_getfd, SYS_kcmp,
                SYS_process_madvise, SYS_process_mrelease, SYS_migrate_pages, SYS_move_pages,
                SYS_perf_event_open, SYS_get_robust_list});
}

// What changes the machine, or what the process is.
Calls denied_machine() {
    return answered(EPERM, {SYS_mount,
                            SYS_umount2,
                            SYS_pivot_root,
                            SYS_chroot,
                            SYS_move_mount,
                            SYS_open_tree,
                            k_open_tree_attr,
                            SYS_fsopen,
                            SYS_fsconfig,
                            SYS_fsmount,
                            SYS_fspick,
                            SYS_mount_setattr,
                            SYS_swapon,
                            SYS_swapoff,
                            SYS_reboot,
                            SYS_kexec_load,
                            SYS_init_module,
                            SYS_finit_module,
                            SYS_kexec_file_load,
                            SYS_delete_module,
                            SYS_bpf,
                            SYS_userfaultfd,
                            SYS_setns,
                            SYS_unshare,
                            SYS_acct,
                            SYS_quotactl,
                            SYS_quotactl_fd,
                            SYS_open_by_handle_at,
                            SYS_settimeofday,
                            SYS_clock_settime,
                            SYS_clock_adjtime,
                            SYS_adjtimex,
                            SYS_sethostname,
                            SYS_setdomainname,
                            SYS_iopl,
                            SYS_ioperm,
                            SYS_fanotify_init,
                            SYS_syslog,
                            SYS_vhangup,
                            SYS_lookup_dcookie,
                            SYS_keyctl,
                            SYS_add_key,
                            SYS_request_key,
                            SYS_nfsservctl});
}

// Named in no directory.
Calls denied_queues() {
    return answered(EPERM, {SYS_shmget, SYS_shmat, SYS_shmctl, SYS_semget, SYS_semop,
                            SYS_semtimedop, SYS_semctl, SYS_msgget, SYS_msgsnd, SYS_msgrcv,
                            SYS_msgctl, SYS_mq_open, SYS_mq_unlink}) +
           answered(ENOSYS, {SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register});
}

Calls denied_attributes() {
    return answered(EPERM, {SYS_chmod, SYS_fchmod, SYS_fchmodat, k_fchmodat2, SYS_chown, SYS_fchown,
                            SYS_lchown, SYS_fchownat, SYS_utime, SYS_utimes, SYS_futimesat,
                            SYS_utimensat}) +
           answered(ENOTSUP,
                    {SYS_setxattr, SYS_lsetxattr, SYS_fsetxattr, k_setxattrat, SYS_removexattr,
                     SYS_lremovexattr, SYS_fremovexattr, k_removexattrat, k_file_setattr});
}

Calls denied_truncate() {
    return answered(EPERM, {SYS_truncate});
}

// Without an argument: the rest is looked at by its arguments.
Calls denied_signals() {
    return answered(EPERM, {SYS_pidfd_send_signal});
}

Calls denied(const CallsAllowed& allowed) {
    // Whatever its file permits, no account needs these.
    auto calls = denied_reaching() + denied_machine() + denied_queues() +
                 answered(ENOSYS, {SYS_clone3, SYS_openat2});
    if (!allowed.chmod)
        calls = calls + denied_attributes();
    if (!allowed.truncate)
        calls = calls + denied_truncate();
    if (!allowed.signals)
        calls = calls + denied_signals();
    if (!allowed.sessions)
        calls = calls + answered(EPERM, {SYS_setsid});
    if (!allowed.locks)
        calls = calls + answered(ENOSYS, {SYS_close_range});
    if (!allowed.watches)
        calls =
            calls + answered(ENOSYS, {SYS_inotify_init, SYS_inotify_init1, SYS_inotify_add_watch});
    return calls;
}

std::vector<CallsAllowed> every_permission() {
    std::vector<CallsAllowed> all;
    for (const bool truncate : {false, true})
        for (const bool signals : {false, true})
            for (const bool chmod : {false, true})
                for (const bool sessions : {false, true})
                    for (const bool watches : {false, true})
                        for (const bool locks : {false, true})
                            all.push_back(
                                {truncate, signals, chmod, sessions, watches, true, locks});
    return all;
}

// 0 for a call without arguments that goes through, else its error.
int verdict(const Program& program, long call) {
    const auto answer =
        test::judge(program, {static_cast<int>(call), AUDIT_ARCH_X86_64, 0, {}}).answer;
    if (answer == SECCOMP_RET_ALLOW)
        return 0;
    REQUIRE((answer & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO);
    return static_cast<int>(answer & SECCOMP_RET_DATA);
}

// What a child says of `tries`, each of which returns an error or 0, once `prepare` went well.
std::vector<int> in_a_child(const std::function<bool()>& prepare,
                            const std::vector<std::function<int()>>& tries) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    const Descriptor in(ends[0]);
    Descriptor out(ends[1]);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        if (!prepare())
            ::_exit(1);
        for (const auto& one : tries) {
            const int error = one();
            if (::write(out.get(), &error, sizeof error) != sizeof error)
                ::_exit(1);
        }
        ::_exit(0);
    }
    out.reset();
    std::vector<int> said;
    for (int error = 0; ::read(in.get(), &error, sizeof error) == sizeof error;)
        said.push_back(error);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    return said;
}

int error_of(long result) {
    return result < 0 ? errno : 0;
}

}  // namespace

TEST_CASE("every call there is passes, or is answered as the table says") {
    for (const auto& allowed : every_permission()) {
        CAPTURE(allowed.truncate);
        CAPTURE(allowed.signals);
        CAPTURE(allowed.chmod);
        CAPTURE(allowed.sessions);
        auto program = calls_filter(allowed);
        put_in(program.data(), program.size(), k_self);
        const auto table = denied(allowed);
        for (long call = 0; call < k_calls; ++call) {
            CAPTURE(call);
            const auto found = table.find(call);
            // Without arguments what names a process means the caller itself.
            const bool names_none =
                !allowed.signals && (call == SYS_tgkill || call == SYS_tkill ||
                                     call == SYS_rt_sigqueueinfo || call == SYS_rt_tgsigqueueinfo);
            // Priorities of a class of processes that there is none of.
            const bool by_class = call == SYS_ioprio_set;
            const int expected = found != table.end()     ? found->second
                                 : names_none || by_class ? EPERM
                                                          : 0;
            CHECK(verdict(program, call) == expected);
        }
    }
}

TEST_CASE("the kernel answers as the table says") {
    if (!calls_can_be_filtered())
        return;
    auto program = calls_filter({});
    const auto table = denied({});
    std::vector<std::function<int()>> tries;
    std::vector<int> expected;
    for (const auto& [call, error] : table) {
        // Without arguments, should it go through after all.
        REQUIRE(verdict(program, call) == error);
        tries.emplace_back([call = call] { return error_of(::syscall(call, 0, 0, 0, 0, 0, 0)); });
        expected.push_back(error);
    }
    tries.emplace_back([] { return error_of(::kill(::getppid(), 0)); });
    tries.emplace_back([] { return error_of(::kill(::getpid(), 0)); });
    tries.emplace_back([] { return error_of(::setpriority(PRIO_PROCESS, ::getppid(), 0)); });
    tries.emplace_back(
        [] { return error_of(::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)); });
    // A child and a thread as the C library makes them, which asks for clone3 first.
    tries.emplace_back([] {
        const pid_t child = ::fork();
        if (child == 0)
            ::_exit(0);
        return error_of(child < 0 ? child : ::waitpid(child, nullptr, 0));
    });
    tries.emplace_back([] {
        int there = EPERM;
        std::thread([&there] { there = 0; }).join();
        return there;
    });
    expected.insert(expected.end(), {EPERM, 0, EPERM, EPERM, 0, 0});
    const auto said = in_a_child(
        [&program] {
            put_in(program.data(), program.size(), static_cast<std::uint32_t>(::getpid()));
            const sock_fprog loaded{static_cast<unsigned short>(program.size()), program.data()};
            return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                   ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &loaded) == 0;
        },
        tries);
    CHECK(said == expected);
}

TEST_CASE("the kernel keeps the locks of a process that tries to be rid of them") {
    if (!calls_can_be_filtered())
        return;
    CallsAllowed allowed;
    allowed.locks = false;
    auto program = calls_filter(allowed);
    const auto unlock = [](int command) {
        struct flock whole {};
        whole.l_type = F_UNLCK;
        whole.l_whence = SEEK_SET;
        return error_of(::fcntl(10, command, &whole));
    };
    const auto flags = [](int fd) {
        const int found = ::fcntl(fd, F_GETFD);
        return found < 0 ? errno : found;
    };
    const std::vector<std::function<int()>> tries = {
        [] { return error_of(::close(62)); },
        [] { return error_of(::syscall(SYS_close, 0xFFFF'FFFF'0000'003FUL)); },
        [] { return error_of(::fcntl(62, F_SETFD, FD_CLOEXEC)); },
        [] { return error_of(::ioctl(63, FIOCLEX)); },
        [] { return error_of(::dup2(0, 62)); },
        [] { return error_of(::dup3(0, 63, O_CLOEXEC)); },
        [] { return error_of(::syscall(SYS_close_range, 3U, ~0U, 0U)); },
        [] { return error_of(::syscall(SYS_close_range, 3U, 64U, 0U)); },
        [] { return error_of(::syscall(SYS_close_range, 64U, ~0U, 0U)); },
        [] { return error_of(::dup2(62, 10)); },
        [&] { return unlock(F_OFD_SETLK); },
        [&] { return unlock(F_OFD_SETLKW); },
        [] { return error_of(::close(10)); },
        [&] { return flags(62); },
        [&] { return flags(63); },
    };
    const auto said = in_a_child(
        [&program] {
            const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
            if (::dup2(null, 62) < 0 || ::dup2(null, 63) < 0)
                return false;
            put_in(program.data(), program.size(), static_cast<std::uint32_t>(::getpid()));
            const sock_fprog loaded{static_cast<unsigned short>(program.size()), program.data()};
            return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                   ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &loaded) == 0;
        },
        tries);
    CHECK(said ==
          std::vector<int>{0, 0, 0, 0, EBADF, EBADF, 0, ENOSYS, 0, 0, EPERM, EPERM, 0, 0, 0});
}

TEST_CASE("a process that starts no programs starts threads, and nothing else") {
    if (!calls_can_be_filtered())
        return;
    const std::vector<std::function<int()>> tries = {
        [] { return error_of(::fork()); },
        [] { return error_of(::syscall(SYS_vfork)); },
        [] { return error_of(::syscall(SYS_clone3, nullptr, 0)); },
        [] { return error_of(::syscall(SYS_execve, "/bin/true", nullptr, nullptr)); },
        [] {
            return error_of(::syscall(SYS_execveat, AT_FDCWD, "/bin/true", nullptr, nullptr, 0));
        },
        [] {
            int there = EPERM;
            std::thread([&there] { there = 0; }).join();
            return there;
        },
    };
    const auto said = in_a_child(
        [] {
            return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                   refuse_new_programs().has_value();
        },
        tries);
    CHECK(said == std::vector<int>{EPERM, EPERM, ENOSYS, EPERM, EPERM, 0});
}

}  // namespace bullpen::sandbox
