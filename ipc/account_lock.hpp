// AccountLock: the kernel's word that one worker at most acts for an account. An
// open-file-description lock (F_OFD_SETLK) on HOME/locks/account_<account>.lock: the daemon takes
// it, the worker inherits the descriptor, the daemon closes its copy. It lives exactly as long as
// some process keeps that descriptor, whatever kills the others; no pid decides anything, and there
// is nothing stale to clean up. Lock files are never deleted: two processes could then hold locks
// on two files of one name.
//
// The file also says in one line of JSON who holds it, for people and for adoption. That line is
// information, never the authority.
//
// A lock object belongs to one thread. BrokerAccountLock is the same, host-wide, for the account at
// the broker, so that two homes cannot act for one.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/descriptor.hpp"
#include "common/base/result.hpp"
#include "common/sandbox/isolation.hpp"

namespace bullpen::ipc {

struct LockFacts {
    pid_t pid = 0;                 // 0: not started yet
    std::uint64_t start_time = 0;  // clock ticks since boot (identity.hpp); 0: not known
    std::string boot_id;
    std::string host;
    std::string home;
    std::string account;
    std::string broker_user;  // masked by mask_user(), never in clear
    std::string launch;       // "<number>.<nonce>" as in BULLPEN_LAUNCH; empty when by hand
    std::uint64_t fence = 0;
    std::string program;  // "bullpen-worker"
    std::string version;
    // What the kernel keeps the process from; none: it does not say.
    std::optional<sandbox::Isolation> isolation;
    UtcTime utc{};                 // when the lock was taken
    std::optional<UtcTime> ended;  // written at a clean end; without it the end was not clean

    friend bool operator==(const LockFacts&, const LockFacts&) = default;
};

// Pid, start time, boot id, host and time of the calling process filled in.
LockFacts facts_of_this_process(const Clock& clock);

// "jo***" for "john.smith@example.com": enough for the owner to know it, nothing to sign in with.
std::string mask_user(std::string_view user);

// The sentence for people and for exit code 77: "held by pid 4711 (bullpen-worker 0.1.0) since
// 2026-11-20T23:14:05.123Z on host alpha, account mes01, broker user jo***, launch 17". Says so
// when the process of the facts is gone and only a descendant can hold the lock.
std::string holder_text(const LockFacts& facts);
// Short, for a row of a table: "held by pid 4711, account mes01 of /var/lib/bullpen, since ...".
std::string short_holder_text(const Result<LockFacts>& facts);
// The same as holder_text, also when the facts could not be read.
std::string holder_text(const Result<LockFacts>& facts);

// The file is one line of this many bytes, padded with blanks, so that it is rewritten in place and
// never has two lengths.
inline constexpr std::size_t k_lock_line_size = 2048;

// Whether these are of a built-in worker that somebody started by hand, not a daemon.
bool is_by_hand(const LockFacts& facts);
// What is said where a daemon is asked for what it has not started: "pid 4711 was started by hand
// and holds the account; kill 4711 ends it in order".
std::string by_hand_text(const LockFacts& facts);

// Puts `pid` into the facts of a lock file, for the child between vfork and exec: one pwrite of a
// fixed field at a fixed place; no allocation, no lock. False when it could not be written.
bool write_pid_async_signal_safe(int fd, pid_t pid) noexcept;
// Likewise when it was started, by whoever launched it. A line without it is believed by the pid.
void write_start_time(int fd, std::uint64_t start_time) noexcept;

// Enough for a holder that has just taken the lock to say who it is, also on a busy machine.
inline constexpr Millis k_name_wait{200};

enum class LockProbe : std::uint8_t { free, held };

class AccountLock {
  public:
    // Creates the file if missing (0600), takes the lock without waiting, writes the facts.
    // Errc::locked, naming the holder, when another description has it. A holder that has only just
    // taken the lock is not in the file yet: `name_wait` is how long to look for a living one, for
    // a program whose last words are the holder's name; the daemon does not wait.
    static Result<AccountLock> acquire(const std::string& path, const LockFacts& facts,
                                       Millis name_wait = Millis{0});
    // For the process of `facts`, which runs: into `lock` when nobody holds it, as when its file is
    // gone; whether it did. Errc::locked when, by the content, one of another launch has it.
    static Result<bool> take_if_free(std::optional<AccountLock>& lock, const std::string& path,
                                     const LockFacts& facts);
    // Takes over a descriptor that was inherited, after proof that it is open on the very file at
    // `path` and that this description holds the lock. Errc::invalid when not. `fd` is owned by the
    // result on success only; its close-on-exec flag stays as it was.
    static Result<AccountLock> adopt_inherited(int fd, const std::string& path);

    // The facts in the file, whoever holds it or held it last; without `ended`, the end of one that
    // does not hold it any more was not clean. Errc::not_found without a file or in an empty one,
    // Errc::corrupt when the content is not ours.
    static Result<LockFacts> read_facts(const std::string& path);
    // Whether some process holds the lock now. A missing file is free.
    static Result<LockProbe> probe(const std::string& path);
    // The worker that holds the lock, if it lives and no daemon launched it; none otherwise.
    static std::optional<LockFacts> held_by_hand(const std::string& path);

    // For dup2 into a child. Close-on-exec is set on it.
    [[nodiscard]] int fd() const { return descriptor_.get(); }
    [[nodiscard]] const std::string& path() const { return path_; }

    // False once the file at path() is gone, or is another one: then the lock keeps nobody out.
    [[nodiscard]] bool holds_its_file() const;
    // In place, in one write; a reader gets the old line or the new one.
    Result<void> rewrite(const LockFacts& facts);
    // Notes a clean end in the file; the lock is still held until the object goes.
    Result<void> mark_ended(UtcTime when);

    // The destructor closes this process's copy and never unlocks: other processes that inherited
    // the descriptor go on holding the lock.

  private:
    friend class BrokerAccountLock;
    AccountLock(Descriptor descriptor, std::string path)
        : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

    Descriptor descriptor_;
    std::string path_;
};

// What the broker calls the account; an empty `account` is filled by the caller with home and id.
struct BrokerAccountKey {
    std::string broker;
    std::string login;
    std::string account;
};

class BrokerAccountLock {
  public:
    // "<directory>/broker_<32 hex digits>.lock": neither login nor account can be read from it.
    static std::string path_for(const std::string& directory, const BrokerAccountKey& key);

    // The directory is made (mode 01777) when missing; its files are 0666, because homes of
    // different users must be able to exclude each other. No link is followed. The facts keep the
    // launch number, not the nonce, since other users may read them.
    static Result<BrokerAccountLock> acquire(const std::string& directory,
                                             const BrokerAccountKey& key, const LockFacts& facts);
    static Result<bool> take_if_free(std::optional<BrokerAccountLock>& lock,
                                     const std::string& directory, const BrokerAccountKey& key,
                                     const LockFacts& facts);
    static Result<BrokerAccountLock> adopt_inherited(int fd, const std::string& path);
    static Result<LockFacts> read_facts(const std::string& path);
    static Result<LockProbe> probe(const std::string& path);

    [[nodiscard]] int fd() const { return lock_.fd(); }
    [[nodiscard]] const std::string& path() const { return lock_.path(); }
    Result<void> rewrite(const LockFacts& facts);
    Result<void> mark_ended(UtcTime when) { return lock_.mark_ended(when); }

  private:
    explicit BrokerAccountLock(AccountLock lock) : lock_(std::move(lock)) {}
    AccountLock lock_;
};

}  // namespace bullpen::ipc
