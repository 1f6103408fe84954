#include "common/time/zone.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/time/posix_rule.hpp"

namespace bullpen::time {

namespace {

constexpr std::string_view k_system_directory = "/usr/share/zoneinfo";
// The greatest file of the system's data is under 4 KiB.
constexpr std::size_t k_file_size_max = 64 * 1024;
constexpr std::size_t k_name_length_max = 64;
constexpr std::uint32_t k_transitions_max = 4000;
constexpr std::uint32_t k_types_max = 256;
constexpr std::size_t k_header_size = 44;
// Wall clocks are less than a day from UTC, and no file's offset may say otherwise.
constexpr std::int32_t k_offset_max = 26 * 3600;
constexpr std::int64_t k_seconds_a_day = 86400;

// The seconds that nanoseconds since 1970 can hold.
constexpr std::int64_t k_seconds_max = std::numeric_limits<std::int64_t>::max() / 1'000'000'000;

UtcTime utc_of(std::int64_t seconds) {
    if (seconds >= k_seconds_max)
        return UtcTime::max();
    if (seconds <= -k_seconds_max)
        return UtcTime::min();
    return UtcTime(std::chrono::seconds(seconds));
}

std::int64_t seconds_of(UtcTime at) {
    return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

bool plain_name(std::string_view name) {
    if (name.empty() || name.size() > k_name_length_max || name.front() == '/' ||
        name.find("..") != std::string_view::npos)
        return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '/' || c == '+' || c == '-';
    });
}

// Big-endian numbers out of a bounded text; past its end it gives zeros and failed() is true.
class Bytes {
  public:
    explicit Bytes(std::string_view data) : data_(data) {}
    std::uint64_t number(std::size_t size) {
        std::uint64_t value = 0;
        if (data_.size() - at_ < size) {
            failed_ = true;
            return 0;
        }
        for (std::size_t i = 0; i < size; ++i)
            value = value << 8 | static_cast<unsigned char>(data_[at_++]);
        return value;
    }
    void skip(std::size_t size) {
        if (data_.size() - at_ < size)
            failed_ = true;
        else
            at_ += size;
    }
    [[nodiscard]] std::string_view rest() const { return data_.substr(at_); }
    [[nodiscard]] bool failed() const { return failed_; }

  private:
    std::string_view data_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

struct Header {
    char version = 0;
    std::uint32_t in_utc = 0;
    std::uint32_t in_standard = 0;
    std::uint32_t leaps = 0;
    std::uint32_t transitions = 0;
    std::uint32_t types = 0;
    std::uint32_t letters = 0;

    [[nodiscard]] std::size_t body_size(std::size_t time_size) const {
        return std::size_t{transitions} * (time_size + 1) + std::size_t{types} * 6 + letters +
               std::size_t{leaps} * (time_size + 4) + in_standard + in_utc;
    }
};

bool read_header(Bytes* bytes, Header* header) {
    if (!bytes->rest().starts_with("TZif") || bytes->rest().size() < k_header_size)
        return false;
    header->version = bytes->rest()[4];
    bytes->skip(20);
    for (std::uint32_t* count : {&header->in_utc, &header->in_standard, &header->leaps,
                                 &header->transitions, &header->types, &header->letters})
        *count = static_cast<std::uint32_t>(bytes->number(4));
    return header->transitions <= k_transitions_max && header->types <= k_types_max &&
           header->types > 0 && header->leaps <= k_transitions_max;
}

}  // namespace

Result<Zone> Zone::parse(std::string_view name, std::string_view tzif) {
    const auto corrupt = [&] {
        return fail(Errc::corrupt, "the time-zone data of " + std::string(name) + " is damaged");
    };
    Bytes bytes(tzif);
    Header header;
    if (!read_header(&bytes, &header) || header.version < '2')
        return corrupt();
    // The first body repeats the second with 32-bit times, for readers of an older age.
    bytes.skip(header.body_size(4));
    if (bytes.failed() || !read_header(&bytes, &header))
        return corrupt();

    Zone zone;
    zone.name_ = name;
    zone.transitions_.resize(header.transitions);
    for (Transition& transition : zone.transitions_)
        transition.at_seconds = static_cast<std::int64_t>(bytes.number(8));
    std::vector<std::size_t> kinds(header.transitions);
    for (std::size_t& kind : kinds)
        kind = bytes.number(1);
    struct Kind {
        std::int32_t offset;
        bool daylight;
    };
    std::vector<Kind> types(header.types);
    for (Kind& type : types) {
        type.offset = static_cast<std::int32_t>(bytes.number(4));
        type.daylight = bytes.number(1) != 0;
        bytes.skip(1);
        if (type.offset > k_offset_max || type.offset < -k_offset_max)
            return corrupt();
    }
    bytes.skip(header.letters + std::size_t{header.leaps} * 12 + header.in_standard +
               header.in_utc);
    if (bytes.failed())
        return corrupt();
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        if (kinds[i] >= types.size())
            return corrupt();
        zone.transitions_[i].offset = types[kinds[i]].offset;
        zone.transitions_[i].daylight = types[kinds[i]].daylight;
        if (i > 0 && zone.transitions_[i].at_seconds <= zone.transitions_[i - 1].at_seconds)
            return corrupt();
    }
    zone.first_offset_ = types.front().offset;
    zone.first_daylight_ = types.front().daylight;

    const std::string_view footer = bytes.rest();
    if (footer.size() < 2 || footer.front() != '\n' || footer.find('\n', 1) == footer.npos)
        return corrupt();
    BULLPEN_TRY(zone.footer_, parse_footer(footer.substr(1, footer.find('\n', 1) - 1)));
    return zone;
}

Result<Zone> Zone::load(std::string_view name, const std::string& directory) {
    if (!plain_name(name))
        return fail(Errc::not_found,
                    "'" + std::string(name.substr(0, k_name_length_max)) + "' is no time zone");
    if (name == "UTC")
        return utc();
    const std::string root(directory.empty() ? std::string(k_system_directory) : directory);
    const auto file = read_file(root + "/" + std::string(name), k_file_size_max);
    if (!file)
        return fail(Errc::not_found, "no time zone '" + std::string(name) + "' in " + root + ": " +
                                         file.error().message());
    return parse(name, *file);
}

Zone Zone::utc() {
    Zone zone;
    zone.name_ = "UTC";
    return zone;
}

OffsetSpan Zone::span_by_footer(std::int64_t seconds) const {
    const std::int64_t listed_until =
        transitions_.empty() ? -k_seconds_max : transitions_.back().at_seconds;
    OffsetSpan span;
    span.begin = utc_of(listed_until);
    span.end = UtcTime::max();
    if (!footer_.has_daylight) {
        span.offset = std::chrono::seconds(footer_.standard_offset);
        return span;
    }
    using namespace std::chrono;
    const year_month_day date(floor<days>(sys_seconds(std::chrono::seconds(seconds))));
    struct Change {
        std::int64_t at;
        bool daylight;
    };
    std::array<Change, 6> changes{};
    std::size_t count = 0;
    for (int year = static_cast<int>(date.year()) - 1; year <= static_cast<int>(date.year()) + 1;
         ++year) {
        changes[count++] = {change_of_year(footer_.begins, year) - footer_.standard_offset, true};
        changes[count++] = {change_of_year(footer_.ends, year) - footer_.daylight_offset, false};
    }
    std::sort(changes.begin(), changes.end(),
              [](const Change& a, const Change& b) { return a.at < b.at; });
    const auto next = std::upper_bound(changes.begin(), changes.end(), seconds,
                                       [](std::int64_t at, const Change& c) { return at < c.at; });
    // Three years around the instant leave a change on either side of it.
    const Change current = next == changes.begin() ? changes.front() : *(next - 1);
    span.daylight = current.daylight;
    span.offset =
        std::chrono::seconds(current.daylight ? footer_.daylight_offset : footer_.standard_offset);
    span.begin = utc_of(std::max(listed_until, current.at));
    if (next != changes.end())
        span.end = utc_of(next->at);
    return span;
}

OffsetSpan Zone::span(UtcTime at) const {
    const std::int64_t seconds = seconds_of(at);
    const auto next = std::upper_bound(
        transitions_.begin(), transitions_.end(), seconds,
        [](std::int64_t value, const Transition& t) { return value < t.at_seconds; });
    if (next == transitions_.end() && footer_.present)
        return span_by_footer(seconds);
    OffsetSpan span;
    const bool first = next == transitions_.begin();
    span.begin = first ? UtcTime::min() : utc_of((next - 1)->at_seconds);
    span.end = next == transitions_.end() ? UtcTime::max() : utc_of(next->at_seconds);
    span.offset = std::chrono::seconds(first ? first_offset_ : (next - 1)->offset);
    span.daylight = first ? first_daylight_ : (next - 1)->daylight;
    return span;
}

LocalReading Zone::read(LocalTime local) const {
    const auto wall = UtcTime(local.time_since_epoch());
    const auto day = std::chrono::seconds(k_seconds_a_day);
    const std::chrono::seconds before = span(wall - day).offset;
    const std::chrono::seconds after = span(wall + day).offset;
    const auto holds = [&](std::chrono::seconds offset) {
        return span(wall - offset).offset == offset;
    };
    const bool by_before = holds(before);
    const bool by_after = after != before && holds(after);
    LocalReading reading;
    if (by_before && by_after) {
        reading.kind = LocalReading::Kind::ambiguous;
        reading.earliest = std::min(wall - before, wall - after);
        reading.latest = std::max(wall - before, wall - after);
    } else if (by_before || by_after) {
        reading.earliest = wall - (by_before ? before : after);
        reading.latest = reading.earliest;
    } else {
        reading.kind = LocalReading::Kind::nonexistent;
        reading.earliest = span(wall - before).begin;
        reading.latest = reading.earliest;
    }
    return reading;
}

std::string tzdata_version(const std::string& directory) {
    const std::string root(directory.empty() ? std::string(k_system_directory) : directory);
    // The first line of the compact source that the data package brings: "# version 2025b".
    const auto file = open_file(root + "/tzdata.zi", O_RDONLY);
    if (!file)
        return "unknown";
    std::array<char, 64> head{};
    const ssize_t size = ::read(file->get(), head.data(), head.size());
    const std::string_view text(head.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    constexpr std::string_view k_label = "# version ";
    const std::size_t end = text.find('\n');
    if (!text.starts_with(k_label) || end == std::string_view::npos)
        return "unknown";
    return std::string(text.substr(k_label.size(), end - k_label.size()));
}

}  // namespace bullpen::time
