// The hostile worker's attempts on the locks that it was given.
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include "tests/support/hostile.hpp"

namespace hostile {

namespace {

// What a program of its own has its locks at.
constexpr int k_lock = 62;
constexpr int k_broker_lock = 63;
constexpr const char* k_has_locks = "has-locks";

// Both are open, on a lock file, and would be after an exec.
bool has_locks() {
    for (const int fd : {k_lock, k_broker_lock}) {
        char path[4096] = {};
        const auto link = "/proc/self/fd/" + std::to_string(fd);
        if (::fcntl(fd, F_GETFD) != 0 || ::readlink(link.c_str(), path, sizeof path - 1) < 0 ||
            std::strstr(path, "/locks/account_") == nullptr)
            return false;
    }
    return true;
}

long of_child(pid_t pid) {
    if (pid < 0)
        return -1;
    int status = 0;
    ::waitpid(pid, &status, 0);
    errno = WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
    return errno == 0 ? 0 : -1;
}

// A copy that came through a socket.
int received_copy() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return -1;
    char byte = 0;
    iovec part{&byte, 1};
    alignas(cmsghdr) char room[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = room;
    message.msg_controllen = sizeof room;
    auto* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(header), &k_lock, sizeof(int));
    int copy = -1;
    if (::sendmsg(ends[0], &message, 0) == 1 && ::recvmsg(ends[1], &message, 0) == 1)
        std::memcpy(&copy, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
    ::close(ends[0]);
    ::close(ends[1]);
    return copy;
}

long unlock(int fd, int command) {
    struct flock whole {};
    whole.l_type = F_UNLCK;
    whole.l_whence = SEEK_SET;
    return ::fcntl(fd, command, &whole);
}

// Ways to be rid of the account's locks. Whoever is told that it went well has them still.
}  // namespace

void locks(Attempts& all, const std::string& program) {
    all.attempt("close_lock", [] { return ::close(k_lock); });
    all.attempt("close_broker_lock", [] { return ::close(k_broker_lock); });
    all.attempt("close_lock_beyond_32_bits",
                [] { return ::syscall(SYS_close, (1UL << 40U) | k_lock); });
    all.attempt("close_all", [] { return ::syscall(SYS_close_range, 3U, ~0U, 0U); });
    all.attempt("close_all_on_exec", [] { return ::syscall(SYS_close_range, 3U, ~0U, 4U); });
    all.attempt("close_many", [] { return ::syscall(SYS_close_range, 3U, 1023U, 0U); });
    all.attempt("close_from", []() -> long {
        ::closefrom(3);
        return 0;
    });
    all.attempt("close_lock_on_exec", [] { return ::fcntl(k_lock, F_SETFD, FD_CLOEXEC); });
    all.attempt("close_lock_on_exec_by_ioctl", [] { return ::ioctl(k_broker_lock, FIOCLEX); });
    all.attempt("file_over_lock", [] { return ::dup2(0, k_lock); });
    all.attempt("file_over_lock_on_exec", [] { return ::dup3(0, k_lock, O_CLOEXEC); });
    all.attempt("file_over_lock_by_who_answers_calls", [] {
        seccomp_notif_addfd file{};
        file.flags = SECCOMP_ADDFD_FLAG_SETFD;
        file.newfd = k_lock;
        return ::ioctl(0, SECCOMP_IOCTL_NOTIF_ADDFD, &file);
    });
    all.attempt("unlock", [] { return unlock(k_lock, F_OFD_SETLK); });
    all.attempt("unlock_waiting", [] { return unlock(k_broker_lock, F_OFD_SETLKW); });
    all.attempt("unlock_copy", [] {
        const int copy = ::fcntl(k_lock, F_DUPFD_CLOEXEC, 3);
        const long result = unlock(copy, F_OFD_SETLK);
        const int error = errno;
        ::close(copy);
        errno = error;
        return result;
    });
    all.attempt("unlock_received_copy", [] {
        const int copy = received_copy();
        const long result = unlock(copy, F_OFD_SETLK);
        const int error = errno;
        ::close(copy);
        errno = error;
        return result;
    });
    // Of the process's, and of whoever has it open: of another kind, which lets go of nothing here.
    all.attempt("unlock_of_another_kind",
                [] { return unlock(k_lock, F_SETLK) == 0 ? ::flock(k_lock, LOCK_UN) : -1; });
    // A child that has this process's own descriptors, not copies.
    all.attempt("close_lock_in_a_child", [] {
        const auto pid =
            static_cast<pid_t>(::syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0));
        if (pid == 0)
            ::_exit(::close(k_lock) != 0 || ::close(k_broker_lock) != 0 ? errno : 0);
        return of_child(pid);
    });
    all.attempt("keep_locks", []() -> long {
        errno = ENOENT;
        return has_locks() ? 0 : -1;
    });
    all.attempt("keep_locks_in_another_program", [&] {
        const pid_t pid = ::fork();
        if (pid == 0) {
            ::execl(program.c_str(), program.c_str(), k_has_locks, nullptr);
            ::_exit(errno);
        }
        return of_child(pid);
    });
}

int exit_code_of(const std::string& word) {
    return word == k_has_locks && has_locks() ? 0 : ENOENT;
}

}  // namespace hostile
