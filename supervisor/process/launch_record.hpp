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

namespace bullpen::process {

struct RecordedLaunch {
    LaunchNumber launch;
    Nonce nonce;
    Fence fence;
    UtcTime utc;
    std::string boot_id;
    std::uint64_t fingerprint = 0;  // of the settings it was launched with
    pid_t pid = 0;                  // 0: launching was written, launched was not
    std::uint64_t start_time = 0;
    bool ended = false;
};

struct RecordedAccount {
    std::optional<RecordedLaunch> launch;  // the latest
    std::optional<bool> wanted;            // the operator's last word
    std::string saved;                     // the daemon's own, opaque here
};

class LaunchRecord {
  public:
    static constexpr std::size_t k_saved_max = 64UL * 1024;
    static constexpr std::size_t k_file_max = 256UL * 1024 * 1024;

    // Reads what is there, drops what is not whole, rewrites it and keeps it open for appending.
    static Result<LaunchRecord> open(const std::string& path);
    LaunchRecord(LaunchRecord&&) noexcept;
    LaunchRecord& operator=(LaunchRecord&&) noexcept;
    ~LaunchRecord();

    [[nodiscard]] const std::map<AccountId, RecordedAccount>& accounts() const;
    // The greatest number and fence ever recorded, of forgotten accounts too.
    [[nodiscard]] LaunchNumber last_launch() const;
    [[nodiscard]] Fence last_fence() const;
    // How many lines could not be read when the file was opened.
    [[nodiscard]] std::size_t dropped() const;

    // Each is in the kernel's hands when it returns. On a full disk it fails and leaves the file as
    // it was. pid, start_time and ended of `launch` are not looked at.
    Result<void> launching(const AccountId& account, const RecordedLaunch& launch);
    Result<void> launched(const AccountId& account, LaunchNumber launch, pid_t pid,
                          std::uint64_t start_time);
    Result<void> ended(const AccountId& account, LaunchNumber launch, std::string_view how);
    Result<void> wish(const AccountId& account, bool wanted);
    Result<void> save(const AccountId& account, std::string_view data);
    Result<void> forget(const AccountId& account);
    // A worker found without its record is written into it.
    Result<void> adopted(const AccountId& account, const RecordedLaunch& launch);

    Result<void> compact();

  private:
    class Impl;
    explicit LaunchRecord(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace bullpen::process
