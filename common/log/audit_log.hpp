// AuditLog: what was done to money and settings, by whom, for a year. Append-only; every entry is
// on disk when append() returns; each carries a number and the SHA-256 of the line before it, so
// that a removed or changed line shows (verify_audit). It shows accidents and casual edits; who can
// rewrite the whole file can rewrite the chain.
//
// Owned by an account's context or by the daemon, used by one thread. One process per file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "common/log/logger.hpp"
#include "common/log/sink.hpp"

namespace bullpen::log {

struct AuditSettings {
    std::string path;
    std::chrono::days age_max{365};
    std::uint64_t size_max = 64 * 1024 * 1024;  // bytes of one file
};

class AuditLog {
  public:
    // `files` and `clock` outlive it. Nothing is read or opened before the first entry.
    AuditLog(storage::FileSystem& files, const AuditSettings& settings, const Clock& clock,
             Identity identity = {});

    // Unlike a log line, an entry that cannot be made durable is an error the caller must handle.
    Result<void> append(std::string_view event, Fields fields = {});

    [[nodiscard]] Redactor& redactor() { return redactor_; }

  private:
    Result<void> find_end();

    storage::FileSystem& files_;
    std::string path_;
    FileSink sink_;
    const Clock& clock_;
    Identity identity_;
    Redactor redactor_;
    std::string previous_;        // SHA-256 of the line before, in hex
    std::uint64_t sequence_ = 0;  // of the line before
    bool end_is_known_ = false;
};

// Checks the chain over all files of `path`; says how many entries hold, or where it breaks.
Result<std::uint64_t> verify_audit(storage::FileSystem& files, const std::string& path);

}  // namespace bullpen::log
