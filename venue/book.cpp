#include "venue/book.hpp"

#include <charconv>

#include "common/base/errc.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/storage/checksum.hpp"

namespace bullpen::venue {

namespace {

constexpr std::uint16_t k_record_kind = 1;
constexpr std::size_t k_snapshot_size_max = 1024ULL * 1024 * 1024;
constexpr mode_t k_directory_mode = 0700;
constexpr std::string_view k_magic = "bullpen-venue-book 1 ";

std::string snapshot_path(const std::string& directory) {
    return directory + "/snapshot";
}

// "bullpen-venue-book 1 <next journal number> <checksum of all that follows>\n", then a record a
// line.
struct Snapshot {
    std::uint64_t next = 1;
    std::string_view lines;
};

Result<Snapshot> parse_snapshot(std::string_view text) {
    const auto corrupt = [] { return fail(Errc::corrupt, "the snapshot of the book is damaged"); };
    const auto end = text.find('\n');
    if (!text.starts_with("bullpen-venue-book ") || end == std::string_view::npos)
        return corrupt();
    if (!text.starts_with(k_magic))
        return fail(Errc::newer_version, "the book was written by a newer venue");
    const auto head = text.substr(k_magic.size(), end - k_magic.size());
    Snapshot snapshot;
    snapshot.lines = text.substr(end + 1);
    const auto [rest, error] =
        std::from_chars(head.data(), head.data() + head.size(), snapshot.next);
    const auto checksum = head.substr(static_cast<std::size_t>(rest - head.data()));
    if (error != std::errc() ||
        checksum != " " + storage::checksum_text(storage::crc32c(snapshot.lines)))
        return corrupt();
    return snapshot;
}

Result<std::uint64_t> read_snapshot(storage::FileSystem& files, const std::string& directory,
                                    const std::function<Result<void>(const Record&)>& apply) {
    const auto text = files.read(snapshot_path(directory), k_snapshot_size_max);
    if (!text && storage::is_missing(text.error()))
        return 1;
    if (!text)
        return fail(text.error());
    BULLPEN_TRY(const auto snapshot, parse_snapshot(*text));
    auto lines = snapshot.lines;
    while (!lines.empty()) {
        const auto end = std::min(lines.find('\n'), lines.size());
        BULLPEN_TRY(const auto record, decode_record(lines.substr(0, end)));
        BULLPEN_CHECK(apply(record));
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    return snapshot.next;
}

}  // namespace

Book::Book(storage::FileSystem& files, std::string directory, storage::Journal journal)
    : files_(&files), directory_(std::move(directory)), journal_(std::move(journal)) {}

Result<Book> Book::open(storage::FileSystem& files, const std::string& directory,
                        const std::function<Result<void>(const Record&)>& apply) {
    BULLPEN_CHECK(files.make_directories(directory, k_directory_mode));
    BULLPEN_TRY(const auto next, read_snapshot(files, directory, apply));
    BULLPEN_TRY(const auto owner, AccountId::parse("venue"));
    BULLPEN_TRY(auto journal,
                storage::Journal::open(files, directory + "/journal", owner, {}, next));
    std::uint64_t read = 0;
    BULLPEN_CHECK(journal.read(std::max(next, journal.first_sequence()),
                               [&](const storage::JournalRecord& entry) -> Result<void> {
                                   BULLPEN_TRY(const auto record, decode_record(entry.body));
                                   ++read;
                                   return apply(record);
                               }));
    Book book(files, directory, std::move(journal));
    book.since_snapshot_ = read;
    return book;
}

Result<void> Book::add(const Record& record) {
    BULLPEN_TRY(const auto sequence, journal_.append(k_record_kind, encode(record)));
    (void)sequence;
    ++since_snapshot_;
    unsynced_ = true;
    return {};
}

Result<void> Book::sync() {
    if (!unsynced_)
        return {};
    BULLPEN_CHECK(journal_.sync());
    unsynced_ = false;
    return {};
}

Result<void> Book::snapshot(const std::vector<Record>& records) {
    std::string lines;
    for (const auto& record : records)
        lines += encode(record) + "\n";
    const auto next = journal_.next_sequence();
    const auto text = std::string(k_magic) + std::to_string(next) + " " +
                      storage::checksum_text(storage::crc32c(lines)) + "\n" + lines;
    BULLPEN_CHECK(journal_.sync());
    BULLPEN_CHECK(storage::replace_file(*files_, snapshot_path(directory_), text));
    since_snapshot_ = 0;
    unsynced_ = false;
    return journal_.drop_before(next);
}

}  // namespace bullpen::venue
