// bullpen-puppet: any program, as tests and benches need one. Statically linked and without the C++
// library, so that starting it costs what starting a process costs.
//
//   sleep                    until a signal ends it
//   exit CODE                at once
//   exit-after MS CODE
//   exit-on-term CODE        when SIGTERM comes
//   crash                    by SIGSEGV
//   ignore-term              SIGTERM, SIGINT and SIGHUP; sleeps
//   spin                     burns a core
//   fork-children N [own-session] [own-group] [close-lock] [leave]
//                            prints "child PID" for each, which sleep; `leave` exits itself then
//   write-lines N            to standard output, one write each; 0 is for ever
//   stamp FILE               appends "<CLOCK_MONOTONIC ns> <pid>" and sleeps
//   env FILE                 writes all it was started with to FILE and sleeps
//   memory MB                touches that much and sleeps
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

namespace {

constexpr int k_usage = 64;
constexpr int k_failed = 70;

int g_exit_code = 0;

[[noreturn]] void sleep_for_ever() {
    for (;;)
        pause();
}

void on_term(int) {
    _exit(g_exit_code);
}

void print(int fd, const char* format, ...) {
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length > 0 && write(fd, text, static_cast<size_t>(length)) != length)
        _exit(k_failed);
}

int sleep_then_exit(long milliseconds, int code) {
    timespec left{milliseconds / 1000, milliseconds % 1000 * 1000000};
    while (nanosleep(&left, &left) != 0) {
    }
    return code;
}

int fork_children(int count, int argc, char** argv) {
    bool own_session = false;
    bool own_group = false;
    bool close_lock = false;
    bool leave = false;
    for (int i = 0; i < argc; ++i) {
        own_session = own_session || strcmp(argv[i], "own-session") == 0;
        own_group = own_group || strcmp(argv[i], "own-group") == 0;
        close_lock = close_lock || strcmp(argv[i], "close-lock") == 0;
        leave = leave || strcmp(argv[i], "leave") == 0;
    }
    for (int i = 0; i < count; ++i) {
        const pid_t pid = fork();
        if (pid < 0)
            return k_failed;
        if (pid > 0)
            continue;
        if (own_session)
            setsid();
        if (own_group)
            setpgid(0, 0);
        if (close_lock) {
            close(3);
            close(4);
        }
        // Printed by the child, when it is what it was to become.
        print(STDOUT_FILENO, "child %d\n", getpid());
        sleep_for_ever();
    }
    if (leave)
        return 0;
    sleep_for_ever();
}

int write_lines(long count) {
    for (long i = 1; count == 0 || i <= count; ++i)
        print(STDOUT_FILENO, "line %09ld of what a program prints when it has much to say\n", i);
    return 0;
}

[[noreturn]] void stamp(const char* path) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    print(fd, "%lld %d\n", now.tv_sec * 1000000000LL + now.tv_nsec, getpid());
    sleep_for_ever();
}

void describe_descriptors(int out) {
    DIR* list = opendir("/proc/self/fd");
    for (dirent* entry = readdir(list); entry != nullptr; entry = readdir(list)) {
        const int fd = atoi(entry->d_name);
        if (entry->d_name[0] == '.' || fd == out || fd == dirfd(list))
            continue;
        char path[64];
        char target[1024] = "";
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        if (readlink(path, target, sizeof target - 1) < 0)
            strcpy(target, "?");
        print(out, "fd %d %s flags %o\n", fd, target, static_cast<unsigned>(fcntl(fd, F_GETFL)));
    }
    closedir(list);
}

void describe_signals(int out) {
    sigset_t mask;
    sigprocmask(SIG_BLOCK, nullptr, &mask);
    for (int number = 1; number < 65; ++number) {
        struct sigaction action {};
        if (sigismember(&mask, number) == 1)
            print(out, "blocked %d\n", number);
        if (sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN)
            print(out, "ignored %d\n", number);
    }
}

void describe_limits(int out) {
    const struct {
        const char* name;
        __rlimit_resource_t resource;
    } limits[] = {{"core", RLIMIT_CORE}, {"nofile", RLIMIT_NOFILE}, {"fsize", RLIMIT_FSIZE}};
    for (const auto& limit : limits) {
        rlimit value{};
        getrlimit(limit.resource, &value);
        print(out, "limit %s %llu %llu\n", limit.name,
              static_cast<unsigned long long>(value.rlim_cur),
              static_cast<unsigned long long>(value.rlim_max));
    }
}

[[noreturn]] void describe(int argc, char** argv, const char* path) {
    char fresh[4096];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    const int out = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (out < 0)
        _exit(k_failed);
    for (int i = 0; i < argc; ++i)
        print(out, "argv %d %s\n", i, argv[i]);
    for (char** variable = environ; *variable != nullptr; ++variable)
        print(out, "env %s\n", *variable);
    describe_descriptors(out);
    describe_signals(out);
    describe_limits(out);
    char directory[4096] = "";
    print(out, "cwd %s\n", getcwd(directory, sizeof directory));
    const mode_t mask = umask(0);
    print(out, "umask %03o\n", static_cast<unsigned>(mask));
    print(out, "pid %d\nparent %d\ngroup %d\nsession %d\nnice %d\n", getpid(), getppid(), getpgrp(),
          getsid(0), getpriority(PRIO_PROCESS, 0));
    close(out);
    if (rename(fresh, path) != 0)
        _exit(k_failed);
    sleep_for_ever();
}

[[noreturn]] void use_memory(size_t megabytes) {
    const size_t size = megabytes * 1024 * 1024;
    auto* memory = static_cast<volatile char*>(malloc(size));
    for (size_t i = 0; memory != nullptr && i < size; i += 4096)
        memory[i] = 1;
    print(STDOUT_FILENO, "ready\n");
    sleep_for_ever();
}

}  // namespace

int main(int argc, char** argv) {
    const char* mode = argc > 1 ? argv[1] : "";
    const char* one = argc > 2 ? argv[2] : "";
    const char* two = argc > 3 ? argv[3] : "";
    if (strcmp(mode, "sleep") == 0)
        sleep_for_ever();
    if (strcmp(mode, "exit") == 0)
        return atoi(one);
    if (strcmp(mode, "exit-after") == 0)
        return sleep_then_exit(atol(one), atoi(two));
    if (strcmp(mode, "exit-on-term") == 0) {
        g_exit_code = atoi(one);
        signal(SIGTERM, on_term);
        print(STDOUT_FILENO, "ready\n");
        sleep_for_ever();
    }
    if (strcmp(mode, "crash") == 0) {
        raise(SIGSEGV);
    }
    if (strcmp(mode, "ignore-term") == 0) {
        signal(SIGTERM, SIG_IGN);
        signal(SIGINT, SIG_IGN);
        signal(SIGHUP, SIG_IGN);
        print(STDOUT_FILENO, "ready\n");
        sleep_for_ever();
    }
    if (strcmp(mode, "spin") == 0) {
        for (volatile unsigned long turns = 0;;)
            turns = turns + 1;
    }
    if (strcmp(mode, "fork-children") == 0)
        return fork_children(atoi(one), argc - 3, argv + 3);
    if (strcmp(mode, "write-lines") == 0)
        return write_lines(atol(one));
    if (strcmp(mode, "stamp") == 0)
        stamp(one);
    if (strcmp(mode, "env") == 0)
        describe(argc, argv, one);
    if (strcmp(mode, "memory") == 0)
        use_memory(static_cast<size_t>(atol(one)));
    print(STDERR_FILENO, "bullpen-puppet: see the head of tests/support/puppet.cpp\n");
    return k_usage;
}
