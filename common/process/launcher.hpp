// Launcher: starts a program in a process of its own. Boost.Process launches, through a launcher of
// ours that shares the daemon's memory until the exec as vfork does, so that a launch costs the
// same whether the daemon is small or holds a thousand accounts.
//
// What a worker inherits is what LaunchSpec names and nothing else: descriptors 0 to 5, or its
// locks at sandbox::k_kept_descriptors instead of 3 and 4, the given environment, a session and
// process group of its own, default signals and an empty mask. It is not tied to the daemon's life.
// Owned and called by the daemon's main thread.
#pragma once

#include <linux/filter.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/base/descriptor.hpp"
#include "common/base/result.hpp"

namespace bullpen::process {

// The descriptor numbers every worker of Bullpen's own can rely on.
inline constexpr int k_lock_descriptor = 3;
inline constexpr int k_broker_lock_descriptor = 4;
inline constexpr int k_credentials_descriptor = 5;

// Bytes or counts; none means what the daemon itself was started with.
struct LaunchLimits {
    std::uint64_t core_size = 0;
    std::optional<std::uint64_t> open_files;
    std::optional<std::uint64_t> file_size;
};

// Whose process it is, where the daemon may change users.
struct UnixUser {
    uid_t uid = 0;
    gid_t gid = 0;
    // It stays in the daemon's groups, which in a user namespace nobody can leave.
    bool keeps_groups = false;
    friend bool operator==(const UnixUser&, const UnixUser&) = default;
};

// What the process enters before the program runs, and never leaves. Made by common/launch.
struct LaunchConfinement {
    // Neither a program with special rights nor root's own raise what it may do.
    bool gives_up_privileges = false;
    Descriptor ruleset;                  // of Landlock; none: not used
    std::span<const sock_filter> calls;  // the filter of system calls; empty: not used
    Descriptor cgroup;                   // cgroup.procs of its control group; none: it stays
    std::optional<UnixUser> user;        // none: the daemon's own
    // It may read every file of the daemon's users; for one that gives up privileges.
    bool reads_all = false;
    // RLIMIT_NPROC, which counts all processes of the user: for one that has the user to itself.
    std::optional<std::uint64_t> processes;
};

struct LaunchSpec {
    std::string program;                   // an absolute path; PATH is not searched
    std::vector<std::string> arguments;    // all of argv, the name in front
    std::vector<std::string> environment;  // "NAME=value"; all of it
    std::string working_directory;         // exists
    std::string stdio_log;                 // opened for appending, made if missing; becomes 1 and 2
    bool stdio_shared = false;             // whom it starts may change the log's directory
    int lock_fd = -1;                      // becomes 3, or stays closed
    // Puts the new process's pid into the file of each lock. Called in the child between clone and
    // exec: what it does must be safe in a signal handler.
    bool (*mark_lock)(int lock_fd, pid_t pid) noexcept = nullptr;
    int broker_lock_fd = -1;  // becomes 4, or stays closed
    // The locks become sandbox::k_kept_descriptors instead; without that of the account at the
    // broker both are the account's.
    bool keeps_locks = false;
    int credentials_fd = -1;                         // becomes 5, or stays closed
    const LaunchConfinement* confinement = nullptr;  // none: it may do what the daemon may
    LaunchLimits limits;
    mode_t umask = 0077;
    int nice = 0;  // added to the daemon's own
};

struct Launched {
    pid_t pid = 0;
    std::uint64_t start_time = 0;  // see ProcessStat
};

// What a failed launch asks for next.
enum class LaunchFailure : std::uint8_t {
    program_missing,  // no such file, or not one that can be executed: an operator is needed
    disk_full,        // wait for space
    transient,        // anything else: try again
};
LaunchFailure launch_failure(const Error& error);

class Launcher {
  public:
    static Result<Launcher> make();
    Launcher(Launcher&&) noexcept;
    Launcher& operator=(Launcher&&) noexcept;
    ~Launcher();

    // Returns when the new program runs, or says why it does not; a failed launch leaves no process
    // behind. The caller keeps its descriptors and closes the locks' when it has recorded the
    // launch.
    Result<Launched> launch(const LaunchSpec& spec);

  private:
    class Impl;
    explicit Launcher(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace bullpen::process
