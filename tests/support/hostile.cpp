// A worker that tries what no account may do, as a program of its own (bullpen-hostile) and,
// preloaded into the built-in worker or a service, from inside its loop. It begins when the file
// "targets" is in its account's tmp/, one "name value" a line:
//
//   home DIR       the home           victim NAME   the other account
//   daemon PID     of bullpend        worker PID    of the other account's worker
//   outside FILE   one that is not the home's, and that its user may write
//   port NUMBER    of TCP on this host, where somebody listens
//   door PATH      a socket of somebody else; abstract NAME  one that is in no directory
//
// and writes "<attempt> <errno>" a line to tmp/attempts, 0 for what went through; a last line
// "end". What would do harm if it went through is tried so that it does none: signal 0, a mode or
// an owner that the file has already.
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <linux/fsverity.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <string>

#include "tests/support/hostile.hpp"

namespace {

using hostile::Attempts;

using Targets = std::map<std::string, std::string>;

std::string own_directory() {
    // A service's may be elsewhere.
    const char* const own = std::getenv("BULLPEN_HOSTILE_DIR");
    const char* const directory = own != nullptr ? own : std::getenv("BULLPEN_ACCOUNT_DIR");
    return directory == nullptr ? "." : directory;
}

long try_open(const std::string& path, int flags) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd >= 0)
        ::close(fd);
    return fd;
}

long list(const std::string& path) {
    DIR* const directory = ::opendir(path.c_str());
    if (directory == nullptr)
        return -1;
    ::closedir(directory);
    return 0;
}

void reading(Attempts& all, const std::string& home, const std::string& victim) {
    const auto other = home + "/accounts/" + victim;
    const std::map<std::string, std::string> files = {
        {"read_state", other + "/bait"},
        {"read_log", other + "/logs/stdio.log"},
        {"read_journal", other + "/journal/000"},
        {"read_lock", home + "/locks/account_" + victim + ".lock"},
        {"read_secret", home + "/secrets/" + victim + ".sealed"},
        {"read_key", home + "/secrets/vault.key"},
        {"read_settings", home + "/accounts.d/" + victim + ".toml"},
        {"read_home_settings", home + "/bullpen.toml"},
        {"read_cookie", home + "/run/cookie"},
        {"read_launches", home + "/run/launches"},
        {"read_board", home + "/run/shown/board"},
        {"read_daemon_log", home + "/logs/bullpend.log"},
        {"read_shadow", "/etc/shadow"}};
    for (const auto& [name, path] : files)
        all.attempt(name, [&path = path] { return try_open(path, O_RDONLY); });
    for (const auto& [name, path] : {std::pair{"list_account", other},
                                     {"list_accounts", home + "/accounts"},
                                     {"list_applied", home + "/run/applied"},
                                     {"list_secrets", home + "/secrets"},
                                     {"list_home", home},
                                     {"list_root", std::string("/")}})
        all.attempt(name, [&path = path] { return list(path); });
}

void writing(Attempts& all, const std::string& home, const std::string& victim,
             const std::string& outside) {
    const auto other = home + "/accounts/" + victim;
    const auto theirs = other + "/logs/stdio.log";
    const auto shared = home + "/shared/public";
    const auto mine = own_directory() + "/tmp/mine";
    all.attempt("write_own", [&] { return try_open(mine, O_WRONLY | O_CREAT); });
    all.attempt("read_shared", [&] { return try_open(shared, O_RDONLY); });
    all.attempt("write_other", [&] { return try_open(theirs, O_WRONLY | O_APPEND); });
    all.attempt("write_shared", [&] { return try_open(shared, O_WRONLY); });
    all.attempt("write_outside", [&] { return try_open(outside, O_WRONLY | O_APPEND); });
    all.attempt("make_in_other", [&] { return try_open(other + "/planted", O_WRONLY | O_CREAT); });
    all.attempt("make_in_shared",
                [&] { return try_open(home + "/shared/planted", O_WRONLY | O_CREAT); });
    all.attempt("make_in_run", [&] { return try_open(home + "/run/planted", O_WRONLY | O_CREAT); });
    all.attempt("make_directory", [&] { return ::mkdir((other + "/planted.d").c_str(), 0700); });
    all.attempt("truncate_other", [&] { return ::truncate(theirs.c_str(), 1L << 40U); });
    all.attempt("truncate_shared", [&] { return ::truncate(shared.c_str(), 0); });
    all.attempt("cut_shared", [&] { return try_open(shared, O_RDONLY | O_TRUNC); });
    // The access mode that is neither reading nor writing.
    all.attempt("open_other_for_nothing", [&] { return try_open(other + "/bait", O_ACCMODE); });
    all.attempt("cut_other_for_nothing",
                [&] { return try_open(other + "/bait", O_ACCMODE | O_TRUNC); });
    all.attempt("cut_secret_for_nothing", [&] {
        return try_open(home + "/secrets/" + victim + ".sealed", O_ACCMODE | O_TRUNC);
    });
    all.attempt("cut_shared_for_nothing", [&] { return try_open(shared, O_ACCMODE | O_TRUNC); });
    all.attempt("terminal_for_nothing", [] { return try_open("/dev/ptmx", O_ACCMODE | O_NOCTTY); });
    all.attempt("open_by_its_newest_call", [&] {
        const open_how how{O_RDONLY | O_TRUNC, 0, 0};
        return ::syscall(SYS_openat2, AT_FDCWD, shared.c_str(), &how, sizeof how);
    });
    all.attempt("remove_other", [&] { return ::unlink((other + "/bait").c_str()); });
    all.attempt("rename_over_other",
                [&] { return ::rename(mine.c_str(), (other + "/bait").c_str()); });
    all.attempt("rename_from_other",
                [&] { return ::rename((other + "/bait").c_str(), (mine + ".got").c_str()); });
    all.attempt("link_from_other",
                [&] { return ::link(theirs.c_str(), (mine + ".link").c_str()); });
    all.attempt("watch_other", [&] {
        const int watch = ::inotify_init1(IN_CLOEXEC);
        return watch < 0 ? -1 : ::inotify_add_watch(watch, other.c_str(), IN_ALL_EVENTS);
    });
    all.attempt("symlink", [&] {
        return ::symlink((home + "/secrets").c_str(), (own_directory() + "/crash/x").c_str());
    });
    all.attempt("pipe_by_name",
                [&] { return ::mkfifo((own_directory() + "/state.json.tmp").c_str(), 0600); });
    all.attempt("take_lease_socket", [&] { return ::unlink((home + "/run/lease").c_str()); });
    all.attempt("write_lock",
                [&] { return try_open(home + "/locks/account_" + victim + ".lock", O_RDWR); });
}

long with_open(const std::string& path, int flags, const std::function<long(int)>& what) {
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -1;
    const long result = what(fd);
    const int error = errno;
    ::close(fd);
    errno = error;
    return result;
}

void attributes(Attempts& all, const std::string& home, const std::string& victim) {
    const auto theirs = home + "/accounts/" + victim + "/logs/stdio.log";
    struct stat facts {};
    ::stat(theirs.c_str(), &facts);
    all.attempt("chmod_other", [&] { return ::chmod(theirs.c_str(), facts.st_mode & 0777U); });
    all.attempt("chown_other", [&] { return ::chown(theirs.c_str(), facts.st_uid, facts.st_gid); });
    all.attempt("times_of_other", [&] {
        const timespec times[2] = {facts.st_atim, facts.st_mtim};
        return ::utimensat(AT_FDCWD, theirs.c_str(), times, 0);
    });
    all.attempt("attribute_of_other",
                [&] { return ::setxattr(theirs.c_str(), "user.planted", "x", 1, 0); });
    // Newer than the headers: their numbers.
    constexpr long k_setxattrat = 463;
    constexpr long k_file_setattr = 469;
    const std::uint64_t nothing[4] = {};
    all.attempt("attribute_at_of_other", [&] {
        return ::syscall(k_setxattrat, AT_FDCWD, theirs.c_str(), 0, "user.planted", nothing,
                         2 * sizeof(std::uint64_t));
    });
    all.attempt("file_attribute_of_other", [&] {
        return ::syscall(k_file_setattr, AT_FDCWD, theirs.c_str(), nothing, sizeof nothing, 0);
    });
    const auto shared = home + "/shared/public";
    all.attempt("chmod_shared", [&] {
        return with_open(shared, O_RDONLY, [](int fd) {
            struct stat found {};
            ::fstat(fd, &found);
            return ::fchmod(fd, found.st_mode & 0777U);
        });
    });
    // As they are.
    all.attempt("flags_of_shared", [&] {
        return with_open(shared, O_RDONLY, [](int fd) {
            long flags = 0;
            ::ioctl(fd, FS_IOC_GETFLAGS, &flags);
            return ::ioctl(fd, FS_IOC_SETFLAGS, &flags);
        });
    });
    all.attempt("project_of_shared", [&] {
        return with_open(shared, O_RDONLY, [](int fd) {
            fsxattr found{};
            ::ioctl(fd, FS_IOC_FSGETXATTR, &found);
            return ::ioctl(fd, FS_IOC_FSSETXATTR, &found);
        });
    });
    // Without what it needs to go through.
    for (const auto& [name, request] :
         {std::pair{"seal_shared", FS_IOC_ENABLE_VERITY},
          std::pair{"encrypt_shared", FS_IOC_SET_ENCRYPTION_POLICY}}) {
        all.attempt(name, [&, request = request] {
            return with_open(shared, O_RDONLY,
                             [=](int fd) { return ::ioctl(fd, request, nullptr); });
        });
    }
}

// Whoever opens such a file next waits for who has the lease.
void leases(Attempts& all, const std::string& home) {
    const auto mine = own_directory() + "/tmp/leased";
    ::close(::open(mine.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    all.attempt("lease_on_own", [&] {
        return with_open(mine, O_RDWR, [](int fd) { return ::fcntl(fd, F_SETLEASE, F_WRLCK); });
    });
    all.attempt("lease_on_shared", [&] {
        return with_open(home + "/shared/public", O_RDONLY,
                         [](int fd) { return ::fcntl(fd, F_SETLEASE, F_RDLCK); });
    });
    all.attempt("notice_of_shared", [&] {
        return with_open(home + "/shared", O_RDONLY | O_DIRECTORY,
                         [](int fd) { return ::fcntl(fd, F_NOTIFY, DN_MULTISHOT | DN_CREATE); });
    });
}

void process(Attempts& all, const std::string& who, pid_t pid) {
    const auto proc = "/proc/" + std::to_string(pid) + "/";
    for (const char* const file : {"environ", "mem", "maps"}) {
        all.attempt(std::string("read_") + file + "_of_" + who,
                    [&] { return try_open(proc + file, O_RDONLY); });
    }
    all.attempt("descriptor_of_" + who, [&] { return try_open(proc + "fd/0", O_RDONLY); });
    all.attempt("root_of_" + who, [&] { return try_open(proc + "root/etc/hostname", O_RDONLY); });
    all.attempt("oom_score_of_" + who, [&] { return try_open(proc + "oom_score_adj", O_WRONLY); });
    all.attempt("kill_" + who, [&] { return ::kill(pid, 0); });
    all.attempt("kill_group_of_" + who, [&] { return ::kill(-pid, 0); });
    all.attempt("tgkill_" + who, [&] { return ::syscall(SYS_tgkill, pid, pid, 0); });
    all.attempt("queue_to_" + who, [&] {
        siginfo_t info{};
        info.si_code = SI_QUEUE;
        return ::syscall(SYS_rt_sigqueueinfo, pid, 0, &info);
    });
    all.attempt("pidfd_signal_" + who, [&]() -> long {
        const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
        if (fd < 0)
            return -1;
        const long result = ::syscall(SYS_pidfd_send_signal, fd, 0, nullptr, 0);
        const int error = errno;
        ::close(fd);
        errno = error;
        return result;
    });
    all.attempt("ptrace_" + who, [&] { return ::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr); });
    char byte = 0;
    const iovec local{&byte, 1};
    const iovec remote{reinterpret_cast<void*>(0x400000), 1};
    all.attempt("read_memory_of_" + who,
                [&] { return ::process_vm_readv(pid, &local, 1, &remote, 1, 0); });
    all.attempt("write_memory_of_" + who,
                [&] { return ::process_vm_writev(pid, &local, 1, &remote, 1, 0); });
    all.attempt("limit_" + who, [&]() -> long {
        rlimit limit{};
        ::getrlimit(RLIMIT_CORE, &limit);
        return ::prlimit(pid, RLIMIT_CORE, &limit, nullptr);
    });
    all.attempt("pin_" + who, [&] {
        cpu_set_t all_cpus;
        CPU_ZERO(&all_cpus);
        for (int i = 0; i < CPU_SETSIZE; ++i)
            CPU_SET(i, &all_cpus);
        return ::sched_setaffinity(pid, sizeof all_cpus, &all_cpus);
    });
    all.attempt("slow_" + who, [&] { return ::setpriority(PRIO_PROCESS, pid, 0); });
}

void machine(Attempts& all) {
    all.attempt("kill_everybody", [] { return ::kill(-1, 0); });
    all.attempt("slow_the_user", [] { return ::setpriority(PRIO_USER, 0, 0); });
    all.attempt("mount", [] { return ::mount("none", "/mnt", "tmpfs", 0, nullptr); });
    all.attempt("chroot", [] { return ::chroot("/"); });
    all.attempt("unshare", [] { return ::unshare(CLONE_NEWNS); });
    all.attempt("user_namespace", [] { return ::unshare(CLONE_NEWUSER); });
    // Children that would hold every capability in a namespace of their own.
    all.attempt("user_namespace_of_a_child", [] {
        const long pid = ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
        if (pid == 0)
            ::_exit(0);
        if (pid > 0)
            ::waitpid(static_cast<pid_t>(pid), nullptr, 0);
        return pid;
    });
    all.attempt("process_by_its_newest_call",
                [] { return ::syscall(SYS_clone3, nullptr, sizeof(std::uint64_t) * 8); });
    all.attempt("io_uring", [] { return ::syscall(SYS_io_uring_setup, 1, nullptr); });
    all.attempt("bpf", [] { return ::syscall(SYS_bpf, 0, nullptr, 0); });
    all.attempt("shared_memory", [] { return ::shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600); });
    all.attempt("message_queue",
                [] { return ::syscall(SYS_mq_open, "planted", O_RDWR | O_CREAT, 0600, nullptr); });
    all.attempt("own_session", []() -> long {
        // Only of a child: a leader of a session, as a worker is, could not in any case.
        const pid_t pid = ::fork();
        if (pid == 0)
            ::_exit(::setsid() < 0 ? errno : 0);
        if (pid < 0)
            return -1;
        int status = 0;
        ::waitpid(pid, &status, 0);
        errno = WEXITSTATUS(status);
        return errno == 0 ? 0 : -1;
    });
    all.attempt("fork", [] {
        const pid_t pid = ::fork();
        if (pid == 0)
            ::_exit(0);
        if (pid > 0)
            ::waitpid(pid, nullptr, 0);
        return pid;
    });
    // It does not come back from one that goes through: this one is given what cannot be executed.
    all.attempt("execute", [] {
        char* const nothing[] = {nullptr};
        return ::execve("/usr/share/zoneinfo/UTC", nothing, nothing);
    });
    all.attempt("own_signal", [] { return ::kill(::getpid(), 0); });
    all.attempt("own_group", [] { return ::kill(0, 0); });
}

long connect_to(int family, const sockaddr* address, std::size_t size) {
    const int fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    const int connected = ::connect(fd, address, static_cast<socklen_t>(size));
    const int error = errno;
    ::close(fd);
    errno = error;
    return connected;
}

// What others listen at, that are of no home.
void sockets(Attempts& all, const std::string& port, const std::string& door,
             const std::string& abstract) {
    all.attempt("tcp_socket_loopback", [&] {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port.c_str())));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return connect_to(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    });
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, door.c_str(), sizeof(address.sun_path) - 1);
    all.attempt("unix_socket_of_others", [&] {
        return connect_to(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    });
    sockaddr_un nameless{};
    nameless.sun_family = AF_UNIX;
    std::strncpy(nameless.sun_path + 1, abstract.c_str(), sizeof(nameless.sun_path) - 2);
    all.attempt("abstract_socket_of_others", [&] {
        return connect_to(AF_UNIX, reinterpret_cast<const sockaddr*>(&nameless),
                          offsetof(sockaddr_un, sun_path) + 1 + abstract.size());
    });
    all.attempt("netlink_socket", [] {
        const int fd = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
        if (fd >= 0)
            ::close(fd);
        return fd;
    });
}

#ifndef BULLPEN_HOSTILE_PRELOADED
std::string program;
#endif

void run(const Targets& targets) {
    const auto get = [&](const char* name) {
        const auto found = targets.find(name);
        return found == targets.end() ? std::string() : found->second;
    };
    Attempts all(own_directory() + "/tmp/attempts");
    reading(all, get("home"), get("victim"));
    writing(all, get("home"), get("victim"), get("outside"));
    attributes(all, get("home"), get("victim"));
    leases(all, get("home"));
#ifndef BULLPEN_HOSTILE_PRELOADED
    hostile::locks(all, program);
#endif
    process(all, "daemon", std::atoi(get("daemon").c_str()));
    process(all, "worker", std::atoi(get("worker").c_str()));
    machine(all);
    sockets(all, get("port"), get("door"), get("abstract"));
    all.end();
}

// Reads it once, when it is whole.
bool run_when_told() {
    const auto path = own_directory() + "/tmp/targets";
    std::ifstream in(path);
    if (!in)
        return false;
    Targets targets;
    for (std::string name, value; in >> name >> value;)
        targets[name] = value;
    ::unlink(path.c_str());
    run(targets);
    return true;
}

}  // namespace

#ifdef BULLPEN_HOSTILE_PRELOADED

using Ppoll = int (*)(pollfd*, nfds_t, const timespec*, const sigset_t*);

// What a worker and shared signals wait in: their own thread, after it was confined.
extern "C" int ppoll(pollfd* fds, nfds_t count, const timespec* timeout, const sigset_t* mask) {
    static const auto real = reinterpret_cast<Ppoll>(::dlsym(RTLD_NEXT, "ppoll"));
    run_when_told();
    return real(fds, count, timeout, mask);
}

// The C library's own name for the call as checked code makes it.
// NOLINTNEXTLINE(bugprone-reserved-identifier,readability-identifier-naming)
extern "C" int __ppoll_chk(pollfd* fds, nfds_t count, const timespec* timeout, const sigset_t* mask,
                           std::size_t) {
    return ppoll(fds, count, timeout, mask);
}

// What alerts wait in, which is curl's, and control from other hosts.
extern "C" int poll(pollfd* fds, nfds_t count, int timeout) {
    static const auto real =
        reinterpret_cast<int (*)(pollfd*, nfds_t, int)>(::dlsym(RTLD_NEXT, "poll"));
    const char* const account = std::getenv("BULLPEN_ACCOUNT");
    const std::string name = account != nullptr ? account : "";
    if ((name == "bullpen-notify" || name == "bullpen-remote") && ::gettid() == ::getpid())
        run_when_told();
    return real(fds, count, timeout);
}

// What the exchange waits in. In a worker it is the messaging library's.
using EpollWait = int (*)(int, epoll_event*, int, int);

extern "C" int epoll_wait(int poller, epoll_event* events, int count, int timeout) {
    static const auto real = reinterpret_cast<EpollWait>(::dlsym(RTLD_NEXT, "epoll_wait"));
    const char* const account = std::getenv("BULLPEN_ACCOUNT");
    if (account != nullptr && std::string(account) == "bullpen-venue" && ::gettid() == ::getpid())
        run_when_told();
    return real(poller, events, count, timeout);
}

#else

int main(int count, char** words) {
    if (count == 2)
        return hostile::exit_code_of(words[1]);
    program = words[0];
    while (!run_when_told())
        ::poll(nullptr, 0, 20);
    for (;;)
        ::pause();
}

#endif
