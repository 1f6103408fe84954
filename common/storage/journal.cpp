#include "common/storage/journal.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "common/storage/checksum.hpp"

namespace bullpen::storage {

namespace {

// All numbers are little-endian.
// Segment header: magic[8] version[2] account length[2] first sequence[8] account[32] checksum[4]
constexpr std::string_view k_magic = "BULLPENJ";
constexpr std::uint16_t k_version = 1;
constexpr std::size_t k_account_field = AccountId::k_length_max;
constexpr std::size_t k_header_size = 8 + 2 + 2 + 8 + k_account_field + 4;
// Record: checksum[4] body length[4] sequence[8] kind[2] body
constexpr std::size_t k_record_header_size = 4 + 4 + 8 + 2;
constexpr std::string_view k_segment_suffix = ".journal";
constexpr std::size_t k_name_digits = 20;
// A segment ends with the first record beyond settings.segment_size_max.
constexpr std::size_t k_read_max = 256 * 1024 * 1024;

template <class T>
void put(std::string& out, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i)
        out.push_back(static_cast<char>((value >> (8 * i)) & 0xFFU));
}

template <class T>
T get(std::string_view data, std::size_t at) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value = static_cast<T>(
            value |
            static_cast<T>(static_cast<T>(static_cast<std::uint8_t>(data[at + i])) << (8 * i)));
    return value;
}

std::string segment_name(std::uint64_t first) {
    auto digits = std::to_string(first);
    return std::string(k_name_digits - digits.size(), '0') + digits + std::string(k_segment_suffix);
}

// The first sequence number in a segment's name; none when the name is not a segment's.
std::optional<std::uint64_t> sequence_of(std::string_view name) {
    if (name.size() != k_name_digits + k_segment_suffix.size() || !name.ends_with(k_segment_suffix))
        return std::nullopt;
    std::uint64_t value = 0;
    const auto* end = name.data() + k_name_digits;
    const auto [stop, code] = std::from_chars(name.data(), end, value);
    if (code != std::errc() || stop != end || value == 0)
        return std::nullopt;
    return value;
}

std::string make_header(const AccountId& account, std::uint64_t first) {
    std::string header(k_magic);
    put(header, k_version);
    put(header, static_cast<std::uint16_t>(account.str().size()));
    put(header, first);
    header += account.str();
    header.resize(k_header_size - 4, '\0');
    put(header, crc32c(header));
    return header;
}

std::string make_record(std::uint64_t sequence, std::uint16_t kind, std::string_view body) {
    std::string record(4, '\0');
    record.reserve(k_record_header_size + body.size());
    put(record, static_cast<std::uint32_t>(body.size()));
    put(record, sequence);
    put(record, kind);
    record += body;
    const auto checksum = crc32c(std::string_view(record).substr(4));
    for (std::size_t i = 0; i < 4; ++i)
        record[i] = static_cast<char>((checksum >> (8 * i)) & 0xFFU);
    return record;
}

// The record at the start of `data`; none when there is no whole, sound one.
std::optional<JournalRecord> record_at(std::string_view data, std::size_t body_max) {
    if (data.size() < k_record_header_size)
        return std::nullopt;
    const auto length = get<std::uint32_t>(data, 4);
    if (length > body_max || data.size() - k_record_header_size < length)
        return std::nullopt;
    const auto whole = data.substr(0, k_record_header_size + length);
    if (get<std::uint32_t>(data, 0) != crc32c(whole.substr(4)))
        return std::nullopt;
    JournalRecord record;
    record.sequence = get<std::uint64_t>(data, 8);
    record.kind = get<std::uint16_t>(data, 16);
    record.body = whole.substr(k_record_header_size);
    return record;
}

std::size_t size_of(const JournalRecord& record) {
    return k_record_header_size + record.body.size();
}

enum class HeaderVerdict { sound, torn };

// Torn: too short or a wrong checksum. A sound header of somebody else is an error.
Result<HeaderVerdict> check_header(std::string_view data, const AccountId& account,
                                   std::uint64_t first, const std::string& path) {
    if (data.size() < k_header_size)
        return HeaderVerdict::torn;
    const auto header = data.substr(0, k_header_size);
    if (get<std::uint32_t>(header, k_header_size - 4) !=
            crc32c(header.substr(0, k_header_size - 4)) ||
        !header.starts_with(k_magic)) {
        return HeaderVerdict::torn;
    }
    if (get<std::uint16_t>(header, 8) > k_version) {
        return fail(Errc::newer_version, "journal segment " + path + " has version " +
                                             std::to_string(get<std::uint16_t>(header, 8)) +
                                             "; this program knows up to " +
                                             std::to_string(k_version) +
                                             ": a later program wrote it, so run that one; "
                                             "nothing was changed");
    }
    const auto length = std::min<std::size_t>(get<std::uint16_t>(header, 10), k_account_field);
    const auto owner = header.substr(20, length);
    if (owner != account.str()) {
        return fail(Errc::wrong_account, "journal segment " + path + " is of account '" +
                                             std::string(owner) + "', not of '" + account.str() +
                                             "'");
    }
    if (get<std::uint64_t>(header, 12) != first) {
        return fail(Errc::corrupt,
                    "journal segment " + path + " does not start where its name says");
    }
    return HeaderVerdict::sound;
}

// Whole records at any place in `data` that could follow number `last`. Bounded by one pass: a
// checksum is computed only where a plausible sequence number stands.
std::uint64_t count_records_within(std::string_view data, std::uint64_t last,
                                   std::size_t body_max) {
    std::uint64_t count = 0;
    for (std::size_t at = 0; at + k_record_header_size <= data.size();) {
        const auto sequence = get<std::uint64_t>(data, at + 8);
        if (sequence > last && sequence - last <= data.size()) {
            if (const auto record = record_at(data.substr(at), body_max)) {
                ++count;
                at += size_of(*record);
                continue;
            }
        }
        ++at;
    }
    return count;
}

}  // namespace

Journal::Journal(FileSystem& files, std::string directory, AccountId account,
                 const JournalSettings& settings)
    : files_(&files),
      directory_(std::move(directory)),
      account_(std::move(account)),
      settings_(settings) {}

Result<Journal> Journal::open(FileSystem& files, std::string directory, AccountId account,
                              const JournalSettings& settings, std::uint64_t next_at_least) {
    BULLPEN_ASSERT(next_at_least > 0, "journal numbers start with 1");
    BULLPEN_CHECK(files.make_directories(directory, 0700));
    Journal journal(files, std::move(directory), std::move(account), settings);
    BULLPEN_CHECK(journal.find_segments());
    BULLPEN_CHECK(journal.recover_newest());
    if (journal.next_ < next_at_least) {
        journal.next_ = next_at_least;
        journal.file_.reset();  // the next record starts a segment at its own number
    }
    return journal;
}

Result<void> Journal::find_segments() {
    BULLPEN_TRY(const auto names, files_->list(directory_));
    for (const auto& name : names) {
        if (const auto first = sequence_of(name))
            segments_.push_back({*first, directory_ + "/" + name});
    }
    return {};
}

// Only the newest segment can have a torn end: an older one was synced before the next was begun.
Result<void> Journal::recover_newest() {
    while (!segments_.empty()) {
        const auto segment = segments_.back();
        BULLPEN_TRY(const auto data, files_->read(segment.path, k_read_max));
        BULLPEN_TRY(const auto verdict, check_header(data, account_, segment.first, segment.path));
        if (verdict == HeaderVerdict::torn) {
            // Its creation was cut short, so it never held a record that counts.
            if (!data.empty())
                BULLPEN_CHECK(keep_torn(segment, data));
            BULLPEN_CHECK(files_->remove(segment.path));
            recovery_.records_after +=
                count_records_within(data, segment.first - 1, settings_.record_size_max);
            segments_.pop_back();
            next_ = std::max(next_, segment.first);
            continue;
        }
        std::size_t good = k_header_size;
        next_ = std::max(next_, segment.first);
        auto expected = segment.first;
        while (const auto record = record_at(std::string_view(data).substr(good), k_read_max)) {
            if (record->sequence != expected)
                break;
            ++expected;
            good += size_of(*record);
        }
        next_ = std::max(next_, expected);
        BULLPEN_TRY(file_, files_->open_append(segment.path, 0600));
        file_size_ = good;
        if (good < data.size()) {
            const auto torn = std::string_view(data).substr(good);
            recovery_.records_after +=
                count_records_within(torn, next_ - 1, settings_.record_size_max);
            BULLPEN_CHECK(keep_torn(segment, torn));
            BULLPEN_CHECK(file_->truncate(good));
            unsynced_ = true;
        }
        // A removed newer segment may have had a later number: this one must not continue it.
        if (next_ != expected)
            file_.reset();
        return {};
    }
    return {};
}

Result<void> Journal::keep_torn(const Segment& segment, std::string_view torn) {
    recovery_.torn_bytes += torn.size();
    recovery_.torn_file = segment.path + ".torn";
    // Evidence, not data: a disk too full for it does not keep the account from starting.
    auto copy = files_->create(recovery_.torn_file, 0600);
    if (copy)
        (void)(*copy)->append(torn);
    else
        recovery_.torn_file.clear();
    return {};
}

Result<void> Journal::start_segment() {
    if (segments_.size() >= settings_.segments_max) {
        return fail(Errc::exhausted, "journal " + directory_ + " has " +
                                         std::to_string(segments_.size()) + " segments");
    }
    if (file_ != nullptr)
        BULLPEN_CHECK(sync());
    const Segment segment{next_, directory_ + "/" + segment_name(next_)};
    const auto header = make_header(account_, next_);
    auto made = files_->create(segment.path, 0600);
    if (!made)
        return fail(made.error());
    const auto undo = [&](const Error& error) {
        (void)files_->remove(segment.path);
        return fail(error);
    };
    const auto written = (*made)->append(header);
    if (!written)
        return undo(written.error());
    if (*written != header.size()) {
        return undo(Error(std::make_error_code(std::errc::no_space_on_device),
                          "starting journal segment " + segment.path));
    }
    if (auto synced = (*made)->sync(); !synced)
        return undo(synced.error());
    if (auto synced = files_->sync_directory(directory_); !synced)
        return undo(synced.error());
    file_ = std::move(*made);
    file_size_ = header.size();
    // A segment begun at this number whose first record never came is begun again in place.
    if (segments_.empty() || segments_.back().first != segment.first)
        segments_.push_back(segment);
    return {};
}

Result<void> Journal::repair() {
    if (!tail_is_dirty_)
        return {};
    BULLPEN_CHECK(file_->truncate(file_size_));
    tail_is_dirty_ = false;
    return {};
}

Result<void> Journal::write_record(std::string_view record) {
    auto written = file_->append(record);
    if (written && *written == record.size()) {
        file_size_ += record.size();
        unsynced_ = true;
        return {};
    }
    tail_is_dirty_ = true;
    (void)repair();
    if (!written)
        return fail(written.error());
    return fail(std::make_error_code(std::errc::no_space_on_device),
                "appending to journal " + directory_);
}

Result<std::uint64_t> Journal::append(std::uint16_t kind, std::string_view body,
                                      Durability durability) {
    if (poisoned_) {
        return fail(Errc::unavailable,
                    "journal " + directory_ + " failed to sync and must be opened anew");
    }
    if (body.size() > settings_.record_size_max) {
        return fail(Errc::too_large, "a journal record of " + std::to_string(body.size()) +
                                         " bytes; " + std::to_string(settings_.record_size_max) +
                                         " is the most");
    }
    if (file_ == nullptr || file_size_ >= settings_.segment_size_max)
        BULLPEN_CHECK(start_segment());
    BULLPEN_CHECK(repair());
    BULLPEN_CHECK(write_record(make_record(next_, kind, body)));
    const auto sequence = next_++;
    if (durability == Durability::disk)
        BULLPEN_CHECK(sync());
    return sequence;
}

Result<void> Journal::sync() {
    if (poisoned_) {
        return fail(Errc::unavailable,
                    "journal " + directory_ + " failed to sync and must be opened anew");
    }
    if (file_ == nullptr || !unsynced_)
        return {};
    BULLPEN_CHECK(repair());
    if (auto synced = file_->sync(); !synced) {
        poisoned_ = true;
        return synced;
    }
    unsynced_ = false;
    return {};
}

std::uint64_t Journal::first_sequence() const {
    return segments_.empty() ? next_ : segments_.front().first;
}

Result<void> Journal::read(std::uint64_t from, const Visit& visit) const {
    return read_from(std::max<std::uint64_t>(from, 1), false, visit);
}

Result<void> Journal::read_from(std::uint64_t expected, bool over_gaps, const Visit& visit) const {
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        const auto& segment = segments_[i];
        if (i + 1 < segments_.size() && segments_[i + 1].first <= expected)
            continue;
        BULLPEN_TRY(const auto data, files_->read(segment.path, k_read_max));
        BULLPEN_TRY(const auto verdict, check_header(data, account_, segment.first, segment.path));
        if (verdict == HeaderVerdict::torn)
            return fail(Errc::corrupt, "journal segment " + segment.path + " has a bad header");
        if (over_gaps)
            expected = std::max(expected, segment.first);
        std::size_t at = k_header_size;
        auto number = segment.first;
        while (const auto record = record_at(std::string_view(data).substr(at), k_read_max)) {
            if (record->sequence != number)
                break;
            ++number;
            at += size_of(*record);
            if (record->sequence < expected)
                continue;
            if (record->sequence != expected) {
                return fail(Errc::corrupt,
                            "journal " + directory_ + " lacks record " + std::to_string(expected));
            }
            BULLPEN_CHECK(visit(*record));
            ++expected;
        }
        if (at != data.size() && i + 1 < segments_.size()) {
            return fail(Errc::corrupt, "journal segment " + segment.path + " is damaged at byte " +
                                           std::to_string(at));
        }
    }
    if (expected < next_) {
        return fail(Errc::corrupt,
                    "journal " + directory_ + " lacks record " + std::to_string(expected));
    }
    return {};
}

Result<void> Journal::look(FileSystem& files, std::string directory, AccountId account,
                           const Visit& visit) {
    Journal journal(files, std::move(directory), std::move(account), {});
    auto found = journal.find_segments();
    if (!found && !is_missing(found.error()))
        return found;
    if (journal.segments_.empty())
        return fail(Errc::not_found, "there is no journal in " + journal.directory_);
    // Of a segment that is being begun the header may not be whole yet.
    while (!journal.segments_.empty()) {
        const auto& newest = journal.segments_.back();
        BULLPEN_TRY(const auto data, files.read(newest.path, k_read_max));
        BULLPEN_TRY(const auto verdict,
                    check_header(data, journal.account_, newest.first, newest.path));
        if (verdict == HeaderVerdict::sound)
            break;
        journal.segments_.pop_back();
    }
    return journal.read_from(journal.first_sequence(), true, visit);
}

Result<void> Journal::drop_before(std::uint64_t sequence) {
    bool removed = false;
    while (segments_.size() > 1 && segments_[1].first <= sequence) {
        BULLPEN_CHECK(files_->remove(segments_.front().path));
        segments_.erase(segments_.begin());
        removed = true;
    }
    if (!removed)
        return {};
    return files_->sync_directory(directory_);
}

}  // namespace bullpen::storage
