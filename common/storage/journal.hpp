// Journal: what happened to one account, in order; the truth that a state file is a checkpoint of.
// Append-only segments HOME/accounts/<account>/journal/<first sequence>.journal of checksummed
// records with consecutive sequence numbers from 1. The format is in docs/state-file.md.
//
// A record is in the kernel when append() returns, so it survives the death of the process; it
// survives a power cut when it was appended with Durability::disk or sync() returned after it.
// Owned by the account's context; used by the one thread that owns the account, which holds the
// account lock.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::storage {

struct JournalSettings {
    std::uint64_t segment_size_max = 1024 * 1024;  // bytes; a new segment is started beyond
    std::size_t record_size_max = 64 * 1024;       // bytes of a record's body
    std::size_t segments_max = 10'000;             // append fails with exhausted beyond
};

enum class Durability {
    process,  // survives the death of the process
    disk,     // survives a power cut
};

struct JournalRecord {
    std::uint64_t sequence = 0;
    std::uint16_t kind = 0;  // the owner's; what the body means
    std::string_view body;   // valid during the visit only
};

// What opening found at the end of the newest segment.
struct JournalRecovery {
    std::uint64_t torn_bytes = 0;     // cut off, and kept aside in `torn_file`
    std::uint64_t records_after = 0;  // whole records seen beyond the damage: a sign of a bad disk
    std::string torn_file;            // empty when nothing was torn
};

class Journal {
  public:
    // Makes the directory when missing and cuts a torn tail off the newest segment. `next_at_least`
    // keeps numbers from being used twice when a power cut took records that a state file already
    // includes. Errors: wrong_account, newer_version, corrupt (damage anywhere but at the end).
    static Result<Journal> open(FileSystem& files, std::string directory, AccountId account,
                                const JournalSettings& settings = {},
                                std::uint64_t next_at_least = 1);

    Journal(Journal&&) noexcept = default;
    Journal& operator=(Journal&&) noexcept = default;
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;
    ~Journal() = default;

    // Returns the record's sequence number. When it fails nothing was appended, and a later try may
    // succeed (a full disk); but after a failed sync every call fails until the journal is opened
    // anew, because nobody can say what is on the disk.
    Result<std::uint64_t> append(std::uint16_t kind, std::string_view body,
                                 Durability durability = Durability::process);
    Result<void> sync();

    // Calls `visit` for every record from `from` on, in order, until it fails. Fails with corrupt
    // when a number from `from` on is missing.
    using Visit = std::function<Result<void>(const JournalRecord&)>;
    [[nodiscard]] Result<void> read(std::uint64_t from, const Visit& visit) const;

    // The same for a journal that another process may be writing: takes no lock, changes nothing,
    // and passes over an end that is torn or not yet written, and over numbers that a power cut
    // took. From the first record that is still there. Errc::not_found when there is no journal;
    // errors as of open().
    static Result<void> look(FileSystem& files, std::string directory, AccountId account,
                             const Visit& visit);

    // Removes the segments that hold only records below `sequence`; never the newest segment.
    Result<void> drop_before(std::uint64_t sequence);

    [[nodiscard]] std::uint64_t next_sequence() const { return next_; }
    // The lowest number still there; next_sequence() when there is none.
    [[nodiscard]] std::uint64_t first_sequence() const;
    [[nodiscard]] const JournalRecovery& recovery() const { return recovery_; }
    [[nodiscard]] std::size_t segments() const { return segments_.size(); }

  private:
    struct Segment {
        std::uint64_t first = 0;  // sequence number of its first record
        std::string path;
    };

    Journal(FileSystem& files, std::string directory, AccountId account,
            const JournalSettings& settings);
    Result<void> find_segments();
    Result<void> recover_newest();
    [[nodiscard]] Result<void> read_from(std::uint64_t expected, bool over_gaps,
                                         const Visit& visit) const;
    Result<void> keep_torn(const Segment& segment, std::string_view torn);
    Result<void> start_segment();
    Result<void> repair();
    Result<void> write_record(std::string_view record);

    FileSystem* files_;
    std::string directory_;
    AccountId account_;
    JournalSettings settings_;
    std::vector<Segment> segments_;     // oldest first
    std::unique_ptr<AppendFile> file_;  // the newest segment
    std::uint64_t file_size_ = 0;       // bytes of whole records in it
    std::uint64_t next_ = 1;
    bool tail_is_dirty_ = false;  // a failed append may have left bytes behind
    bool unsynced_ = false;
    bool poisoned_ = false;  // a sync failed
    JournalRecovery recovery_;
};

}  // namespace bullpen::storage
