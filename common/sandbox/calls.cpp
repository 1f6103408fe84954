#include "common/sandbox/calls.hpp"

#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <optional>

namespace bullpen::sandbox {

namespace {

// Of the kernel's ioprio.h, which some of Debian 12's versions of it write so that only C can read
// it.
constexpr std::uint32_t k_ioprio_process = 1;
constexpr std::uint64_t k_word = 0xFFFF'FFFF;  // the half of an argument that the kernel looks at

// Into the memory, the descriptors or the running of other processes of the user.
void deny_other_processes(CallFilter& filter) {
    filter.add(Verdict::refuse, {"ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd",
                                 "kcmp", "process_madvise", "process_mrelease", "migrate_pages",
                                 "move_pages", "perf_event_open", "get_robust_list"});
}

// What changes the machine, or what the process is. Most of it is for root alone: a home may be
// run by root.
void deny_machine(CallFilter& filter) {
    filter.add(Verdict::refuse, {"mount",
                                 "umount2",
                                 "pivot_root",
                                 "chroot",
                                 "move_mount",
                                 "open_tree",
                                 "open_tree_attr",
                                 "fsopen",
                                 "fsconfig",
                                 "fsmount",
                                 "fspick",
                                 "mount_setattr",
                                 "swapon",
                                 "swapoff",
                                 "reboot",
                                 "kexec_load",
                                 "init_module",
                                 "finit_module",
                                 "kexec_file_load",
                                 "delete_module",
                                 "bpf",
                                 "userfaultfd",
                                 "setns",
                                 "unshare",
                                 "acct",
                                 "quotactl",
                                 "quotactl_fd",
                                 "open_by_handle_at",
                                 "settimeofday",
                                 "clock_settime",
                                 "clock_adjtime",
                                 "adjtimex",
                                 "sethostname",
                                 "setdomainname",
                                 "iopl",
                                 "ioperm",
                                 "fanotify_init",
                                 "syslog",
                                 "vhangup",
                                 "lookup_dcookie",
                                 "keyctl",
                                 "add_key",
                                 "request_key",
                                 "nfsservctl"});
    // Its requests would go past this filter.
    filter.add(Verdict::absent, {"io_uring_setup", "io_uring_enter", "io_uring_register"});
    // Named in no directory, and open to every process of the user.
    filter.add(Verdict::refuse,
               {"shmget", "shmat", "shmctl", "semget", "semop", "semtimedop", "semctl", "msgget",
                "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink"});
}

// Landlock minds none of these in any version, for any file that has a name.
void deny_attributes(CallFilter& filter) {
    filter.add(Verdict::refuse,
               {"chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat",
                "utime", "utimes", "futimesat", "utimensat"});
    filter.add(Verdict::none, {"setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr",
                               "lremovexattr", "fremovexattr", "removexattrat", "file_setattr"});
}

// Before its third version Landlock lets whoever may read a file cut it.
void deny_truncate(CallFilter& filter) {
    filter.add(Verdict::refuse, "truncate");
    const std::uint64_t ways = O_TRUNC | O_ACCMODE;
    filter.add(Verdict::refuse, "open", {1, ways, O_TRUNC | O_RDONLY});
    filter.add(Verdict::refuse, "openat", {2, ways, O_TRUNC | O_RDONLY});
    // Its flags are behind a pointer.
    filter.add(Verdict::absent, "openat2");
}

// The ways to have the kernel send a signal, but for those that only_itself() looks at.
void deny_signals(CallFilter& filter) {
    filter.add(Verdict::refuse, "pidfd_send_signal");
    for (const int command : {F_SETOWN, F_SETOWN_EX, F_SETSIG})
        filter.add(Verdict::refuse, "fcntl", {1, k_word, static_cast<std::uint64_t>(command)});
    constexpr std::uint64_t k_fiosetown = 0x8901;
    constexpr std::uint64_t k_siocspgrp = 0x8902;
    filter.add(Verdict::refuse, "ioctl", {1, k_word, k_fiosetown});
    filter.add(Verdict::refuse, "ioctl", {1, k_word, k_siocspgrp});
}

sock_filter load_word(std::size_t at) {
    return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(at));
}
// The half of an argument that the kernel takes a number of a process from.
sock_filter load_argument(unsigned index) {
    return load_word(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t));
}
sock_filter unless_equal(std::uint32_t value, std::size_t skip) {
    return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, static_cast<std::uint8_t>(skip));
}
sock_filter if_equal(std::uint32_t value, std::size_t skip) {
    return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, static_cast<std::uint8_t>(skip), 0);
}
sock_filter answer(std::uint32_t value) {
    return BPF_STMT(BPF_RET | BPF_K, value);
}
constexpr std::uint32_t k_refuse = SECCOMP_RET_ERRNO | EPERM;

// An argument with that value.
struct Equal {
    unsigned index;
    std::uint32_t value;
};

// One call: one of `any` must hold, and `must` if there is one. The accumulator holds the call's
// number before and, when it is another call, after.
void only(Program& program, long call, std::initializer_list<Equal> any,
          std::optional<Equal> must = std::nullopt) {
    Program body;
    if (must) {
        body.push_back(load_argument(must->index));
        body.push_back(if_equal(must->value, 1));
        body.push_back(answer(k_refuse));
    }
    std::size_t left = any.size();
    for (const auto& [index, value] : any) {
        body.push_back(load_argument(index));
        --left;
        body.push_back(if_equal(value, 2 * left + 1));
    }
    body.push_back(answer(k_refuse));
    body.push_back(answer(SECCOMP_RET_ALLOW));
    program.push_back(unless_equal(static_cast<std::uint32_t>(call), body.size()));
    program.insert(program.end(), body.begin(), body.end());
}

Result<Program> deny_calls(const CallsAllowed& allowed) {
    CallFilter filter(Verdict::allow);
    deny_other_processes(filter);
    deny_machine(filter);
    if (!allowed.chmod)
        deny_attributes(filter);
    if (!allowed.truncate)
        deny_truncate(filter);
    if (!allowed.signals)
        deny_signals(filter);
    return filter.program();
}

// Of calls of this architecture.
Program only_itself(const CallsAllowed& allowed) {
    Program program;
    program.push_back(load_word(offsetof(seccomp_data, nr)));
    if (!allowed.signals) {
        only(program, SYS_kill, {{0, 0}, {0, k_own_process}, {0, k_own_group}});
        for (const long call : {SYS_tgkill, SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo})
            only(program, call, {{0, k_own_process}});
    }
    for (const long call : {SYS_prlimit64, SYS_sched_setaffinity, SYS_sched_setattr})
        only(program, call, {{0, 0}, {0, k_own_process}});
    // The messaging library gives each of its threads the ordinary policy, which nobody minds.
    only(program, SYS_sched_setscheduler, {{0, 0}, {0, k_own_process}, {1, SCHED_OTHER}});
    only(program, SYS_setpriority, {{1, 0}, {1, k_own_process}}, Equal{0, PRIO_PROCESS});
    only(program, SYS_ioprio_set, {{1, 0}, {1, k_own_process}}, Equal{0, k_ioprio_process});
    program.push_back(answer(SECCOMP_RET_ALLOW));
    return program;
}

}  // namespace

// One program: the kernel compiles each that it is given, and runs it once for every call there is,
// which is most of what a launch costs.
Result<Program> calls_filter(const CallsAllowed& allowed) {
    BULLPEN_TRY(auto program, deny_calls(allowed));
    const std::size_t denials = program.size();
    for (std::size_t i = 0; i < denials; ++i) {
        if (program[i].code == (BPF_RET | BPF_K) && program[i].k == SECCOMP_RET_ALLOW)
            program[i] = BPF_STMT(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(denials - i - 1));
    }
    const auto rest = only_itself(allowed);
    program.insert(program.end(), rest.begin(), rest.end());
    return program;
}

void put_in(sock_filter* program, std::size_t count, std::uint32_t process) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        if (program[i].k == k_own_process)
            program[i].k = process;
        else if (program[i].k == k_own_group)
            program[i].k = 0U - process;
    }
}

Result<void> refuse_new_programs() {
    if (!calls_can_be_filtered())
        return {};
    CallFilter filter(Verdict::allow);
    filter.refuse_processes();
    return filter.load();
}

bool calls_can_be_filtered() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false;
#else
    return true;
#endif
}

}  // namespace bullpen::sandbox
