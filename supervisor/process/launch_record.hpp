// LaunchRecord: what the next daemon must know about this one's launches (HOME/run/launches), as
// JSON lines that are only ever appended. A launch is written before it counts. The file must
// outlive the daemon, not the kernel, so nothing is synced: an append is one short write. A last
// line cut off by a death in mid-write is dropped. Rewritten whole, atomically, when opened and
// when it has grown. Owned and called by the daemon's main thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/storage/file_system.hpp"
#include "common/storage/line_file.hpp"

namespace bullpen::process {

struct RecordedLaunch {
    LaunchNumber launch;
    Nonce nonce;
    Fence fence;
    UtcTime utc{};
    std::string boot_id;
    std::uint64_t fingerprint = 0;  // of the settings it was launched with
    pid_t pid = 0;                  // 0: launching was written, launched was not
    std::uint64_t start_time = 0;
    bool ended = false;
};

struct RecordedAccount {
    std::optional<RecordedLaunch> launch;  // the latest
    std::string saved;                     // the daemon's own, opaque here
};

class LaunchRecord {
  public:
    static constexpr std::size_t k_saved_max = 64UL * 1024;

    // Reads what is there and keeps it open for appending. One that is not whole loses what cannot
    // be read and is rewritten; on a full disk the old file serves.
    static Result<LaunchRecord> open(const std::string& path);

    [[nodiscard]] const std::map<AccountId, RecordedAccount>& accounts() const { return accounts_; }
    // The account's latest, or null.
    [[nodiscard]] const RecordedLaunch* launch_of(const AccountId& account) const;
    // The greatest number and fence ever recorded, of forgotten accounts too.
    [[nodiscard]] LaunchNumber last_launch() const { return last_launch_; }
    [[nodiscard]] Fence last_fence() const { return last_fence_; }
    // How many lines could not be read when the file was opened.
    [[nodiscard]] std::size_t dropped() const { return dropped_; }

    // Each is in the kernel's hands when it returns. On a full disk it fails and leaves the file as
    // it was; only `launching` then leaves what is in memory as it was too, for the others are
    // facts already. pid, start_time and ended of `launch` are not looked at; `data` is text
    // without zeros.
    Result<void> launching(const AccountId& account, const RecordedLaunch& launch);
    Result<void> launched(const AccountId& account, LaunchNumber launch, pid_t pid,
                          std::uint64_t start_time);
    Result<void> ended(const AccountId& account, LaunchNumber launch, std::string_view how);
    Result<void> save(const AccountId& account, std::string_view data);
    Result<void> forget(const AccountId& account);

    // Rewrites the file without what later lines made meaningless. Done by itself when it has grown
    // much; a few milliseconds for hundreds of accounts.
    Result<void> compact();

  private:
    class Reader;
    explicit LaunchRecord(const std::string& path) : file_(*files_, path) {}
    RecordedLaunch* find(const AccountId& account, LaunchNumber launch);
    void note_launching(const AccountId& account, const RecordedLaunch& launch);
    Result<void> append(std::string_view line);

    std::map<AccountId, RecordedAccount> accounts_;
    LaunchNumber last_launch_;
    Fence last_fence_;
    std::size_t dropped_ = 0;
    std::unique_ptr<storage::FileSystem> files_ = std::make_unique<storage::SystemFileSystem>();
    storage::LineFile file_;
};

}  // namespace bullpen::process
