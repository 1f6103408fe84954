// The JSON lines of events, coverage, sources and alarms.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/base/utf8.hpp"
#include "common/documents/json_text.hpp"
#include "common/events/alarm.hpp"
#include "common/events/coverage.hpp"
#include "common/events/event.hpp"
#include "common/log/json_text.hpp"

namespace bullpen::events {

namespace {

using nlohmann::json;

constexpr std::size_t k_id_max = 128;
constexpr std::size_t k_series_max = 64;
constexpr std::size_t k_name_max = 64;
constexpr std::size_t k_text_max = 256;
constexpr std::size_t k_raw_max = 512;
constexpr std::size_t k_tags_max = 16;
constexpr std::size_t k_sources_max = 8;
constexpr std::size_t k_other_times_max = 4;
constexpr std::int64_t k_count_max = 1'000'000'000;

// ---- writing

class Object {
  public:
    explicit Object(std::string& out) : out_(&out) { *out_ += '{'; }
    void close() { *out_ += '}'; }

    std::string& key(std::string_view name) {
        if (!first_)
            *out_ += ',';
        first_ = false;
        log::append_json_text(*out_, name);
        *out_ += ':';
        return *out_;
    }
    void text(std::string_view name, std::string_view value, std::size_t size_max = k_text_max) {
        log::append_json_text(key(name), cut_utf8(value, size_max));
    }
    void text_if(std::string_view name, std::string_view value, std::size_t size_max = k_text_max) {
        if (!value.empty())
            text(name, value, size_max);
    }
    void number(std::string_view name, std::int64_t value) { key(name) += std::to_string(value); }
    void time(std::string_view name, UtcTime value) { text(name, format_instant(value)); }
    void time_if(std::string_view name, const std::optional<UtcTime>& value) {
        if (value)
            time(name, *value);
    }

  private:
    std::string* out_;
    bool first_ = true;
};

template <class Items, class Write>
void array(std::string& out, const Items& items, std::size_t count_max, Write write) {
    out += '[';
    for (std::size_t i = 0; i < std::min(items.size(), count_max); ++i) {
        if (i > 0)
            out += ',';
        write(items[i]);
    }
    out += ']';
}

std::string local_text(LocalMinute local, Precision precision) {
    std::string text = format_local(local);
    if (precision == Precision::date)
        text.resize(10);
    return text;
}

void write_sources(std::string& out, const std::vector<Origin>& sources) {
    array(out, sources, k_sources_max, [&](const Origin& origin) {
        Object one(out);
        one.text("src", origin.source, k_name_max);
        one.time("fetched", origin.fetched);
        one.text_if("sha256", origin.sha256, k_name_max);
        one.text_if("etag", origin.etag);
        one.text_if("raw", origin.raw, k_raw_max);
        one.close();
    });
}

void write_other_times(std::string& out, const std::vector<OtherTime>& times) {
    array(out, times, k_other_times_max, [&](const OtherTime& other) {
        Object one(out);
        one.text("local", format_local(other.local));
        one.text("tz", other.zone, k_name_max);
        one.time("utc", other.utc);
        one.text("src", other.source, k_name_max);
        one.close();
    });
}

// ---- reading

// What is wrong with a line; caught by the function that reads it.
struct Refused {
    std::string field;
    std::string why;
};

class Reader {
  public:
    explicit Reader(const json& object) : object_(&object) {}

    const json* find(const char* name) const {
        const auto found = object_->find(name);
        return found == object_->end() || found->is_null() ? nullptr : &*found;
    }
    std::string text(const char* name, std::size_t size_max = k_text_max) const {
        const json* const value = find(name);
        if (value == nullptr)
            return {};
        if (!value->is_string())
            throw Refused{name, "is no text"};
        const auto& text = value->get_ref<const std::string&>();
        // Each byte that was no UTF-8 was written as three.
        if (text.size() > 3 * size_max)
            throw Refused{name, "is longer than " + std::to_string(size_max) + " bytes"};
        return text;
    }
    std::string needed(const char* name, std::size_t size_max = k_text_max) const {
        std::string value = text(name, size_max);
        if (value.empty())
            throw Refused{name, "is missing"};
        return value;
    }
    std::int64_t number(const char* name, std::int64_t low, std::int64_t high,
                        std::int64_t fallback) const {
        const json* const value = find(name);
        if (value == nullptr)
            return fallback;
        const bool fits = value->is_number_unsigned()
                              ? value->get<std::uint64_t>() <= static_cast<std::uint64_t>(high)
                              : value->is_number_integer() && value->get<std::int64_t>() <= high;
        if (!fits || value->get<std::int64_t>() < low)
            throw Refused{name, "is no whole number from " + std::to_string(low) + " to " +
                                    std::to_string(high)};
        return value->get<std::int64_t>();
    }
    bool boolean(const char* name, bool fallback) const {
        const json* const value = find(name);
        if (value == nullptr)
            return fallback;
        if (!value->is_boolean())
            throw Refused{name, "is neither true nor false"};
        return value->get<bool>();
    }
    std::optional<UtcTime> time_if(const char* name) const {
        const std::string value = text(name);
        if (value.empty())
            return std::nullopt;
        return taken(name, parse_utc(value));
    }
    UtcTime time(const char* name) const { return taken(name, parse_utc(needed(name))); }
    LocalMinute local(const char* name) const { return taken(name, parse_local(needed(name))); }
    Day day(const char* name) const { return taken(name, parse_day(needed(name))); }
    std::vector<Reader> objects(const char* name, std::size_t count_max) const {
        const json* const value = find(name);
        std::vector<Reader> items;
        if (value == nullptr)
            return items;
        if (!value->is_array() || value->size() > count_max)
            throw Refused{name, "is no list of at most " + std::to_string(count_max)};
        for (const json& item : *value) {
            if (!item.is_object())
                throw Refused{name, "has an entry that is no object"};
            items.emplace_back(item);
        }
        return items;
    }

    template <class T>
    static T taken(const char* name, Result<T> value) {
        if (!value)
            throw Refused{name, "is wrong: " + value.error().context()};
        return *value;
    }

  private:
    const json* object_;
};

template <class T, class Read>
Result<T> read_line(std::string_view line, const char* what, Read read) {
    if (line.size() > k_event_line_max)
        return fail(Errc::too_large,
                    std::string(what) + " is over " + std::to_string(k_event_line_max) + " bytes");
    try {
        const json parsed = documents::parse_json(line);
        if (!parsed.is_object())
            return fail(Errc::invalid, std::string(what) + " is no JSON object");
        return read(Reader(parsed));
    } catch (const Refused& refused) {
        return fail(Errc::invalid, "field '" + refused.field + "' of " + what + " " + refused.why);
    } catch (const std::exception& error) {
        return fail(Errc::invalid, std::string(what) + " cannot be read: " + error.what());
    }
}

std::vector<std::string> read_tags(const Reader& reader) {
    std::vector<std::string> tags;
    const json* const value = reader.find("tags");
    if (value == nullptr)
        return tags;
    if (!value->is_array() || value->size() > k_tags_max)
        throw Refused{"tags", "is no short list"};
    for (const json& tag : *value) {
        if (!tag.is_string() || tag.get_ref<const std::string&>().size() > 3 * k_name_max)
            throw Refused{"tags", "has an entry that is no short text"};
        tags.push_back(tag.get<std::string>());
    }
    return tags;
}

std::vector<Origin> read_sources(const Reader& reader) {
    std::vector<Origin> sources;
    for (const Reader& item : reader.objects("sources", k_sources_max)) {
        sources.push_back({item.needed("src", k_name_max), item.time("fetched"),
                           item.text("sha256", k_name_max), item.text("etag"),
                           item.text("raw", k_raw_max)});
    }
    return sources;
}

std::vector<OtherTime> read_other_times(const Reader& reader) {
    std::vector<OtherTime> times;
    for (const Reader& item : reader.objects("other_times", k_other_times_max)) {
        times.push_back({item.local("local"), item.needed("tz", k_name_max), item.time("utc"),
                         item.needed("src", k_name_max)});
    }
    return times;
}

std::optional<OverrideMark> read_override(const Reader& reader) {
    const json* const value = reader.find("override");
    if (value == nullptr)
        return std::nullopt;
    if (!value->is_object())
        throw Refused{"override", "is no object"};
    const Reader mark(*value);
    return OverrideMark{mark.needed("by", k_name_max), mark.time("at"), mark.text("reason"),
                        mark.time_if("expires")};
}

Event read_event(const Reader& reader) {
    Event event;
    event.id = reader.needed("id", k_id_max);
    event.series = reader.needed("series", k_series_max);
    event.title = reader.text("title");
    event.country = reader.text("country", k_name_max);
    event.currency = reader.text("currency", k_name_max);
    event.importance = static_cast<int>(reader.number("importance", 1, Event::k_importance_max, 1));
    event.tags = read_tags(reader);
    event.local = reader.local("local");
    event.zone = reader.needed("tz", k_name_max);
    event.utc = reader.time("utc");
    const auto precision =
        precision_from(reader.find("precision") ? reader.text("precision") : std::string("exact"));
    const auto status = status_from(reader.needed("status"));
    if (!precision || !status)
        throw Refused{precision ? "status" : "precision", "is no word of the format"};
    event.precision = *precision;
    event.status = *status;
    if (reader.find("prev_local") != nullptr)
        event.previous_local = reader.local("prev_local");
    event.revision = static_cast<std::uint32_t>(reader.number("revision", 0, k_count_max, 0));
    event.first_seen = reader.time_if("first_seen");
    event.last_seen = reader.time_if("last_seen");
    event.last_changed = reader.time_if("last_changed");
    event.sources = read_sources(reader);
    event.other_times = read_other_times(reader);
    event.override_mark = read_override(reader);
    return event;
}

bool plain_name(std::string_view text, std::string_view extra) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               extra.find(c) != std::string_view::npos;
    });
}

}  // namespace

Result<void> check(const Event& event) {
    const auto refuse = [&](const char* what) {
        return fail(Errc::invalid, "event '" + event.id.substr(0, k_id_max) + "': " + what);
    };
    if (!plain_name(event.series, "._-") || event.series.size() > k_series_max)
        return refuse("the series is no name of letters, digits and . _ -");
    if (event.id.size() > k_id_max || event.period().empty() ||
        !plain_name(event.period(), "._-:") || event.id != event_id(event.series, event.period()))
        return refuse("the id is not series:period");
    if (!plain_name(event.zone, "/_+-") || event.zone.size() > k_name_max)
        return refuse("the zone is no IANA name");
    if (event.importance < 1 || event.importance > Event::k_importance_max)
        return refuse("the importance is not 1, 2 or 3");
    return {};
}

std::string encode(const Event& event) {
    std::string out;
    out.reserve(512);
    Object line(out);
    line.number("schema", Event::k_schema);
    line.text("id", event.id, k_id_max);
    line.text("series", event.series, k_series_max);
    line.text("title", event.title);
    line.text_if("country", event.country, k_name_max);
    line.text_if("currency", event.currency, k_name_max);
    line.number("importance", event.importance);
    if (!event.tags.empty()) {
        array(line.key("tags"), event.tags, k_tags_max, [&](const std::string& tag) {
            log::append_json_text(out, cut_utf8(tag, k_name_max));
        });
    }
    line.text("local", local_text(event.local, event.precision));
    line.text("tz", event.zone, k_name_max);
    line.time("utc", event.utc);
    line.text("precision", code(event.precision));
    line.text("status", code(event.status));
    if (event.previous_local)
        line.text("prev_local", format_local(*event.previous_local));
    line.number("revision", event.revision);
    line.time_if("first_seen", event.first_seen);
    line.time_if("last_seen", event.last_seen);
    line.time_if("last_changed", event.last_changed);
    write_sources(line.key("sources"), event.sources);
    if (!event.other_times.empty())
        write_other_times(line.key("other_times"), event.other_times);
    if (event.override_mark) {
        Object mark(line.key("override"));
        mark.text("by", event.override_mark->by, k_name_max);
        mark.time("at", event.override_mark->at);
        mark.text_if("reason", event.override_mark->reason);
        mark.time_if("expires", event.override_mark->expires);
        mark.close();
    }
    line.close();
    return out;
}

Result<Event> decode_event(std::string_view line) {
    return read_line<Event>(line, "an event", [](const Reader& reader) -> Result<Event> {
        if (reader.number("schema", 1, k_count_max, 1) > Event::k_schema)
            return fail(Errc::newer_version, "the event was written by a newer version");
        Event event = read_event(reader);
        BULLPEN_CHECK(check(event));
        return event;
    });
}

std::string encode(const SeriesCoverage& coverage) {
    std::string out;
    Object line(out);
    line.text("series", coverage.series, k_series_max);
    line.text("from", format_day(coverage.from));
    line.text("to", format_day(coverage.to));
    line.text("src", coverage.source, k_name_max);
    line.time("stated", coverage.stated);
    line.key("official") += coverage.official ? "true" : "false";
    line.close();
    return out;
}

Result<SeriesCoverage> decode_coverage(std::string_view line) {
    return read_line<SeriesCoverage>(
        line, "a coverage", [](const Reader& reader) -> Result<SeriesCoverage> {
            SeriesCoverage coverage{reader.needed("series", k_series_max),
                                    reader.day("from"),
                                    reader.day("to"),
                                    reader.needed("src", k_name_max),
                                    reader.time("stated"),
                                    reader.boolean("official", true)};
            if (coverage.to < coverage.from)
                return fail(Errc::invalid, "a coverage ends before it begins");
            return coverage;
        });
}

std::string encode(const SourceStatus& source) {
    std::string out;
    Object line(out);
    line.text("src", source.source, k_name_max);
    line.time_if("accepted", source.accepted);
    line.time_if("attempted", source.attempted);
    line.number("failures", source.failures);
    line.text_if("sha256", source.sha256, k_name_max);
    line.text_if("etag", source.etag);
    line.text_if("last_modified", source.last_modified, k_name_max);
    line.text_if("error", source.error);
    if (source.refused)
        line.key("refused") += "true";
    line.close();
    return out;
}

Result<SourceStatus> decode_source(std::string_view line) {
    return read_line<SourceStatus>(
        line, "a source", [](const Reader& reader) -> Result<SourceStatus> {
            return SourceStatus{
                reader.needed("src", k_name_max),
                reader.time_if("accepted"),
                reader.time_if("attempted"),
                static_cast<std::uint32_t>(reader.number("failures", 0, k_count_max, 0)),
                reader.text("sha256", k_name_max),
                reader.text("etag"),
                reader.text("last_modified", k_name_max),
                reader.text("error"),
                reader.boolean("refused", false)};
        });
}

std::string encode(const RaisedAlarm& alarm) {
    std::string out;
    Object line(out);
    line.text("alarm", code(alarm.alarm.kind));
    line.time("at", alarm.at);
    line.text("of", alarm.alarm.subject, k_id_max);
    line.text("sentence", alarm.alarm.sentence, k_raw_max);
    line.close();
    return out;
}

Result<RaisedAlarm> decode_alarm(std::string_view line) {
    return read_line<RaisedAlarm>(
        line, "an alarm", [](const Reader& reader) -> Result<RaisedAlarm> {
            const std::string word = reader.needed("alarm", k_name_max);
            for (std::size_t i = 0; i < static_cast<std::size_t>(CalendarAlarm::Kind::count_);
                 ++i) {
                const auto kind = static_cast<CalendarAlarm::Kind>(i);
                if (code(kind) == word)
                    return RaisedAlarm{reader.time("at"),
                                       {kind, reader.needed("of", k_id_max),
                                        reader.needed("sentence", k_raw_max)}};
            }
            return fail(Errc::invalid, "an alarm is of no kind that is known: " + word);
        });
}

}  // namespace bullpen::events
