#include "common/events/snapshot.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "common/base/errc.hpp"
#include "common/base/utf8.hpp"
#include "common/documents/json_text.hpp"
#include "common/events/shared_file.hpp"
#include "common/log/json_text.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/storage/checksum.hpp"

namespace bullpen::events {

namespace {

using nlohmann::json;

constexpr std::size_t k_header_max = 1024;  // bytes
constexpr std::string_view k_sum_key = ",\"crc32c\":\"";
constexpr std::size_t k_sum_digits = 8;

struct Header {
    std::uint64_t generation = 0;
    UtcTime written{};
    std::string program;
    std::string tzdata;
    std::size_t events = 0;
    std::size_t coverage = 0;
    std::size_t sources = 0;
    std::size_t alarms = 0;
};

auto bad(const std::string& what) {
    return fail(Errc::corrupt, "the calendar's snapshot " + what);
}

std::string header_start(const Snapshot& snapshot) {
    std::string out = "{\"bullpen\":\"calendar\",\"version\":";
    out += std::to_string(Snapshot::k_version);
    out += ",\"generation\":" + std::to_string(snapshot.generation);
    out += ",\"written\":\"" + format_utc(snapshot.written) + "\",\"program\":";
    log::append_json_text(out, cut_utf8(snapshot.program, 64));
    out += ",\"tzdata\":";
    log::append_json_text(out, cut_utf8(snapshot.tzdata, 16));
    out += ",\"events\":" + std::to_string(snapshot.events.size());
    out += ",\"coverage\":" + std::to_string(snapshot.coverage.size());
    out += ",\"sources\":" + std::to_string(snapshot.sources.size());
    out += ",\"alarms\":" + std::to_string(snapshot.alarms.size());
    return out;
}

// The first line without what the checksum says, which covers the rest of the file as well.
Result<std::string_view> verified(std::string_view text) {
    const auto line_end = text.substr(0, k_header_max).find('\n');
    if (line_end == std::string_view::npos)
        return bad("has no header");
    const auto line = text.substr(0, line_end);
    const auto sum_at = line.rfind(k_sum_key);
    if (sum_at == std::string_view::npos ||
        line.size() != sum_at + k_sum_key.size() + k_sum_digits + 2 || !line.ends_with("\"}"))
        return bad("has a header without a checksum");
    const auto start = line.substr(0, sum_at);
    const auto stated = line.substr(sum_at + k_sum_key.size(), k_sum_digits);
    const auto sum = storage::crc32c(text.substr(line_end + 1), storage::crc32c(start));
    if (storage::checksum_text(sum) != stated)
        return bad("does not fit its checksum");
    return start;
}

Result<Header> read_header(std::string_view start) {
    const json parsed = documents::parse_json(std::string(start) + "}");
    if (!parsed.is_object() || parsed.value("bullpen", json()) != "calendar")
        return bad("is none");
    const auto number = [&](const char* name) -> std::optional<std::uint64_t> {
        const auto found = parsed.find(name);
        if (found == parsed.end() || !found->is_number_unsigned())
            return std::nullopt;
        return found->get<std::uint64_t>();
    };
    const auto text = [&](const char* name) {
        const auto found = parsed.find(name);
        return found != parsed.end() && found->is_string() ? found->get<std::string>()
                                                           : std::string();
    };
    if (const auto version = number("version"); !version)
        return bad("has no version");
    else if (*version > Snapshot::k_version)
        return fail(Errc::newer_version, "the calendar's snapshot has the version " +
                                             std::to_string(*version) +
                                             ", which this program does not know");
    const auto generation = number("generation");
    const auto written = parse_utc(text("written"));
    const auto events = number("events");
    const auto coverage = number("coverage");
    const auto sources = number("sources");
    // Those of older programs had none.
    const auto alarms = number("alarms").value_or(0);
    if (!generation || !written || !events || !coverage || !sources)
        return bad("has a header that lacks something");
    if (*events > k_events_max || *coverage > k_coverage_rows_max || *sources > k_sources_max ||
        alarms > k_alarms_max)
        return fail(Errc::too_large, "the calendar's snapshot has too many rows");
    return Header{*generation, *written,  text("program"), text("tzdata"),
                  *events,     *coverage, *sources,        alarms};
}

template <class Row, class Decode>
Result<void> read_rows(std::string_view& rest, std::size_t count, std::vector<Row>& rows,
                       Decode decode) {
    rows.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto line_end = rest.find('\n');
        if (line_end == std::string_view::npos)
            return bad("ends too early");
        auto row = decode(rest.substr(0, line_end));
        if (!row)
            return fail(row.error().wrap("the calendar's snapshot"));
        rows.push_back(std::move(*row));
        rest.remove_prefix(line_end + 1);
    }
    return {};
}

bool each_once(const std::vector<Event>& events) {
    std::set<std::string_view> ids;
    return std::all_of(events.begin(), events.end(),
                       [&](const Event& event) { return ids.insert(event.id).second; });
}

}  // namespace

std::string encode(const Snapshot& snapshot) {
    std::string body;
    const auto add = [&](const auto& rows) {
        for (const auto& row : rows) {
            body += encode(row);
            body += '\n';
        }
    };
    add(snapshot.events);
    add(snapshot.coverage);
    add(snapshot.sources);
    add(snapshot.alarms);
    std::string out = header_start(snapshot);
    const auto sum = storage::crc32c(body, storage::crc32c(out));
    out += k_sum_key;
    out += storage::checksum_text(sum) + "\"}\n";
    return out + body;
}

Result<Snapshot> decode_snapshot(std::string_view text) {
    if (text.size() > k_snapshot_max)
        return fail(Errc::too_large,
                    "the calendar's snapshot is over " + std::to_string(k_snapshot_max) + " bytes");
    try {
        BULLPEN_TRY(const auto start, verified(text));
        BULLPEN_TRY(const Header header, read_header(start));
        Snapshot snapshot;
        snapshot.generation = header.generation;
        snapshot.written = header.written;
        snapshot.program = header.program;
        snapshot.tzdata = header.tzdata;
        auto rest = text.substr(text.find('\n') + 1);
        BULLPEN_CHECK(read_rows(rest, header.events, snapshot.events, decode_event));
        BULLPEN_CHECK(read_rows(rest, header.coverage, snapshot.coverage, decode_coverage));
        BULLPEN_CHECK(read_rows(rest, header.sources, snapshot.sources, decode_source));
        BULLPEN_CHECK(read_rows(rest, header.alarms, snapshot.alarms, decode_alarm));
        if (!rest.empty())
            return bad("goes on after its last row");
        if (!std::is_sorted(snapshot.events.begin(), snapshot.events.end(), before) ||
            !each_once(snapshot.events))
            return bad("has events out of order or twice");
        return snapshot;
    } catch (const json::exception& error) {
        return bad(std::string("cannot be read: ") + error.what());
    }
}

LoadedSnapshot load_snapshot(storage::FileSystem& files, const std::string& path) {
    const auto read = [&](const std::string& name) -> Result<Snapshot> {
        BULLPEN_TRY(const auto text, read_shared(files, name, k_snapshot_max));
        return decode_snapshot(text);
    };
    LoadedSnapshot loaded;
    auto current = read(path);
    if (current) {
        loaded.snapshot = std::move(*current);
        loaded.from = LoadedSnapshot::From::current;
        return loaded;
    }
    auto previous = read(storage::previous_of(path));
    const bool neither =
        storage::is_missing(current.error()) && !previous && storage::is_missing(previous.error());
    if (!neither)
        loaded.trouble = current.error().message();
    if (previous) {
        loaded.snapshot = std::move(*previous);
        loaded.from = LoadedSnapshot::From::previous;
    }
    return loaded;
}

Result<void> write_snapshot(storage::FileSystem& files, const std::string& path,
                            Snapshot& snapshot) {
    if (!each_once(snapshot.events))
        return fail(Errc::invalid, "two events of the calendar have one id");
    std::sort(snapshot.events.begin(), snapshot.events.end(), before);
    const auto there = load_snapshot(files, path);
    snapshot.generation = there.snapshot ? there.snapshot->generation + 1 : 1;
    const std::string text = encode(snapshot);
    if (text.size() > k_snapshot_max || snapshot.events.size() > k_events_max ||
        snapshot.coverage.size() > k_coverage_rows_max || snapshot.sources.size() > k_sources_max ||
        snapshot.alarms.size() > k_alarms_max)
        return fail(Errc::too_large, "the calendar is larger than a snapshot may be");
    const bool keep = there.from == LoadedSnapshot::From::current;
    return storage::replace_file(files, path, text, {.mode = 0640, .keep_previous = keep});
}

}  // namespace bullpen::events
