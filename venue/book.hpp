// Book: what the venue must not forget, on disk: HOME/venue/book/ with a journal of records and a
// snapshot that the journal goes on from. A record is in the kernel when add() returns, and on disk
// when sync() does; the venue answers nobody before. docs/venue.md has the format.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/base/result.hpp"
#include "common/storage/file_system.hpp"
#include "common/storage/journal.hpp"
#include "venue/record.hpp"

namespace bullpen::venue {

class Book {
  public:
    // After so many records a snapshot is worth its while.
    static constexpr std::uint64_t k_snapshot_every = 50'000;

    // `directory` is made when missing. Every record there is goes to `apply`, oldest first.
    // Errors: corrupt, newer_version, those of `apply`.
    static Result<Book> open(storage::FileSystem& files, const std::string& directory,
                             const std::function<Result<void>(const Record&)>& apply);

    Result<void> add(const Record& record);
    Result<void> sync();
    [[nodiscard]] bool unsynced() const { return unsynced_; }
    // Replaces all records so far by `records`, atomically.
    Result<void> snapshot(const std::vector<Record>& records);
    [[nodiscard]] bool wants_snapshot() const { return since_snapshot_ >= k_snapshot_every; }

  private:
    Book(storage::FileSystem& files, std::string directory, storage::Journal journal);

    storage::FileSystem* files_;
    std::string directory_;
    storage::Journal journal_;
    std::uint64_t since_snapshot_ = 0;
    bool unsynced_ = false;
};

}  // namespace bullpen::venue
