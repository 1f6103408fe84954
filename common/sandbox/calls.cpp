#include "common/sandbox/calls.hpp"

#include <asm/sockios.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <linux/fsverity.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>
#include <vector>

namespace bullpen::sandbox {

namespace {

// Of the kernel's ioprio.h, which some of Debian 12's versions of it write so that only C can read
// it.
constexpr std::uint32_t k_ioprio_process = 1;

// Of the file systems' own headers, which programs are not given.
constexpr std::uint32_t k_ext4_set_old_version = _IOW('f', 4, long);
constexpr std::uint32_t k_ext4_reserve = _IOW('f', 6, long);
constexpr std::uint32_t k_ext4_migrate = _IO('f', 9);
constexpr std::uint32_t k_ext4_allocate_delayed = _IO('f', 12);
constexpr std::uint32_t k_btrfs_set_volume_flags = _IOW(0x94, 26, std::uint64_t);

// Into the memory, the descriptors or the running of other processes of the user.
void deny_other_processes(CallTable& calls) {
    calls.add(Verdict::refuse, {"ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd",
                                "kcmp", "process_madvise", "process_mrelease", "migrate_pages",
                                "move_pages", "perf_event_open", "get_robust_list"});
}

// What changes the machine, or what the process is. Most of it is for root alone: a home may be
// run by root.
void deny_machine(CallTable& calls) {
    calls.add(Verdict::refuse, {"mount",
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
    calls.add(Verdict::absent, {"io_uring_setup", "io_uring_enter", "io_uring_register"});
    // Named in no directory, and open to every process of the user.
    calls.add(Verdict::refuse,
              {"shmget", "shmat", "shmctl", "semget", "semop", "semtimedop", "semctl", "msgget",
               "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink"});
}

// In a user namespace of its own a process has every capability. The bit of the time namespace is
// not here: for clone it is part of the signal at the end. The flags of clone3 are behind a
// pointer; the C library takes clone instead.
void deny_namespaces(CallTable& calls) {
    calls.add(Verdict::refuse, {"setns", "unshare"});
    calls.refuse_bits("clone", 0,
                      CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC |
                          CLONE_NEWUTS | CLONE_NEWCGROUP);
    calls.add(Verdict::absent, {"clone3"});
}

// Landlock minds none of these in any version, for any file that has a name.
void deny_attributes(CallTable& calls) {
    calls.add(Verdict::refuse, {"chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown",
                                "lchown", "fchownat", "utime", "utimes", "futimesat", "utimensat"});
    calls.add(Verdict::none, {"setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr",
                              "lremovexattr", "fremovexattr", "removexattrat", "file_setattr"});
}

// The access mode that is neither reading nor writing: Landlock asks for no right then, and what is
// so opened can be cut, leased and given other attributes. Before its third version Landlock also
// lets whoever may read a file cut it.
void keep_opens_inside(CallTable& calls, bool truncate) {
    constexpr std::uint32_t k_read_and_cut = O_TRUNC | O_RDONLY;
    const Argument ways =
        truncate
            ? Argument{0, O_ACCMODE, {O_ACCMODE}}
            : Argument{0, O_TRUNC | O_ACCMODE, {O_ACCMODE, O_TRUNC | O_ACCMODE, k_read_and_cut}};
    calls.add_if(Verdict::refuse, "open", {1, ways.mask, ways.values});
    calls.add_if(Verdict::refuse, "openat", {2, ways.mask, ways.values});
    // Its flags are behind a pointer.
    calls.add(Verdict::absent, {"openat2"});
    if (!truncate)
        calls.add(Verdict::refuse, {"truncate"});
}

// The ways to have the kernel send a signal. What else they are of is in the two below.
void keep_signals_inside(CallTable& calls) {
    calls.only("kill", {{0, 0}, {0, k_own_process}, {0, k_own_group}});
    for (const char* const name : {"tgkill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"})
        calls.only(name, {{0, k_own_process}});
    calls.add(Verdict::refuse, {"pidfd_send_signal"});
}

Argument kept(unsigned index) {
    return {index, k_every_bit, {k_kept_descriptors.begin(), k_kept_descriptors.end()}};
}

// A program closes what it has not opened itself, or knows no use of, and means no harm: it is told
// that it went well.
void keep_descriptors(CallTable& calls) {
    static_assert(k_kept_descriptors == std::array{62, 63}, "the last two below 64");
    constexpr std::uint32_t k_from_64_on = ~63U;
    constexpr std::uint32_t k_no_end = ~0U;
    calls.add_cases("close", {{Verdict::done, {kept(0)}}});
    for (const char* const name : {"dup2", "dup3"})
        calls.add_cases(name, {{Verdict::closed, {kept(1)}}});
    // Told that there is no such call, a program closes them one by one. Not so closefrom() of the
    // C library, which would then look for what is still open, without end: nothing is closed for
    // it, which was to be closed by an exec anyway.
    const Argument reaching{0, k_from_64_on, {0}};
    calls.add_cases(
        "close_range",
        {{Verdict::done, {reaching, {1, k_every_bit, {k_no_end}}, {2, k_every_bit, {0}}}},
         {Verdict::absent, {reaching}}});
}

// Whoever opens a file on which there is a lease waits for it, and to take one a file need not be
// open to be changed. A notice tells what happens in a directory, as a watch does. What lets go of
// a lock is behind a pointer, and a lock is that of every copy of its descriptor.
void deny_commands(CallTable& calls, const CallsAllowed& allowed) {
    std::vector<std::uint32_t> commands = {F_SETLEASE, F_NOTIFY};
    if (!allowed.signals)
        commands.insert(commands.end(), {F_SETOWN, F_SETOWN_EX, F_SETSIG});
    if (!allowed.locks)
        commands.insert(commands.end(), {F_OFD_SETLK, F_OFD_SETLKW});
    std::vector<Case> cases{{Verdict::refuse, {{1, k_every_bit, std::move(commands)}}}};
    if (!allowed.locks)
        cases.push_back({Verdict::done, {{1, k_every_bit, {F_SETFD}}, kept(0)}});
    calls.add_cases("fcntl", cases);
}

// Of files: whoever has one open, to read or for nothing, may ask.
void deny_requests(CallTable& calls, const CallsAllowed& allowed) {
    std::vector<std::uint32_t> requests = {FS_IOC_ENABLE_VERITY, FS_IOC_SET_ENCRYPTION_POLICY};
    if (!allowed.chmod)
        requests.insert(requests.end(), {FS_IOC_SETFLAGS, FS_IOC_FSSETXATTR, FS_IOC_SETVERSION,
                                         k_ext4_set_old_version, k_ext4_reserve, k_ext4_migrate,
                                         k_ext4_allocate_delayed, k_btrfs_set_volume_flags});
    if (!allowed.signals)
        requests.insert(requests.end(), {FIOSETOWN, SIOCSPGRP});
    // Puts a descriptor at any number of a process whose calls somebody else answers.
    if (!allowed.locks)
        requests.push_back(SECCOMP_IOCTL_NOTIF_ADDFD);
    std::vector<Case> cases{{Verdict::refuse, {{1, k_every_bit, std::move(requests)}}}};
    if (!allowed.locks)
        cases.push_back({Verdict::done, {{1, k_every_bit, {FIOCLEX}}, kept(0)}});
    calls.add_cases("ioctl", cases);
}

// What sets limits and priorities, of whom its arguments name.
void keep_settings_inside(CallTable& calls) {
    for (const char* const name : {"prlimit64", "sched_setaffinity", "sched_setattr"})
        calls.only(name, {{0, 0}, {0, k_own_process}});
    // The messaging library gives each of its threads the ordinary policy, which nobody minds.
    calls.only("sched_setscheduler", {{0, 0}, {0, k_own_process}, {1, SCHED_OTHER}});
    calls.only("setpriority", {{1, 0}, {1, k_own_process}}, Equal{0, PRIO_PROCESS});
    calls.only("ioprio_set", {{1, 0}, {1, k_own_process}}, Equal{0, k_ioprio_process});
}

// Landlock minds ports of TCP from version 4 on, and no other protocol.
void keep_sockets_inside(CallTable& calls) {
    for (const char* const name : {"socket", "socketpair"})
        calls.only(name, {{0, AF_UNIX}});
}

}  // namespace

Program calls_filter(const CallsAllowed& allowed) {
    CallTable calls(Verdict::allow);
    deny_other_processes(calls);
    deny_machine(calls);
    deny_namespaces(calls);
    keep_settings_inside(calls);
    if (!allowed.chmod)
        deny_attributes(calls);
    keep_opens_inside(calls, allowed.truncate);
    deny_commands(calls, allowed);
    deny_requests(calls, allowed);
    if (!allowed.locks)
        keep_descriptors(calls);
    if (!allowed.signals)
        keep_signals_inside(calls);
    if (!allowed.sessions)
        calls.add(Verdict::refuse, {"setsid"});
    // Whoever waits for files looks for them now and then instead.
    if (!allowed.watches)
        calls.add(Verdict::absent, {"inotify_init", "inotify_init1", "inotify_add_watch"});
    if (!allowed.network)
        keep_sockets_inside(calls);
    return calls.program();
}

void put_in(sock_filter* program, std::size_t count, std::uint32_t process) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        if (program[i].k == k_own_process)
            program[i].k = process;
        else if (program[i].k == k_own_group)
            program[i].k = 0U - process;
    }
}

Result<void> give_up_capabilities(bool but_reading) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct held[_LINUX_CAPABILITY_U32S_3] = {};
    if (::syscall(SYS_capget, &header, &held) != 0)
        return fail_errno("cannot look at the capabilities of this process");
    const auto reading = but_reading ? held[0].permitted & (1U << CAP_DAC_READ_SEARCH) : 0;
    const __user_cap_data_struct kept[_LINUX_CAPABILITY_U32S_3] = {{reading, reading, reading}};
    if (::syscall(SYS_capset, &header, &kept) != 0)
        return fail_errno("cannot give up capabilities");
    return {};
}

Result<void> filter_own_calls(const CallsAllowed& allowed) {
    if (!calls_can_be_filtered())
        return {};
    auto program = calls_filter(allowed);
    put_in(program.data(), program.size(), static_cast<std::uint32_t>(::getpid()));
    return load(std::move(program));
}

Result<void> refuse_new_programs() {
    if (!calls_can_be_filtered())
        return {};
    CallTable calls(Verdict::allow);
    calls.refuse_processes();
    return load(calls.program());
}

bool calls_can_be_filtered() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false;
#else
    return true;
#endif
}

}  // namespace bullpen::sandbox
