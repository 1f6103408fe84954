// The text of the override file: one JSON object, an entry a line.
#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "common/events/overrides.hpp"
#include "common/log/json_text.hpp"

namespace bullpen::events {

namespace {

using nlohmann::json;
using Kind = OverrideKind;

constexpr int k_version = 1;
constexpr std::size_t k_name_max = 64;
constexpr std::size_t k_text_max = 256;
constexpr std::size_t k_local_width = 16;  // of "2026-12-04T08:30"
constexpr std::array k_kinds{std::pair{Kind::add, std::string_view("add")},
                             std::pair{Kind::move, std::string_view("move")},
                             std::pair{Kind::cancel, std::string_view("cancel")},
                             std::pair{Kind::set_importance, std::string_view("set_importance")},
                             std::pair{Kind::market_closed, std::string_view("market_closed")},
                             std::pair{Kind::early_close, std::string_view("early_close")},
                             std::pair{Kind::special_session, std::string_view("special_session")},
                             std::pair{Kind::acknowledge, std::string_view("acknowledge")}};

// What is wrong; caught by decode_overrides().
struct Refused {
    std::string what;
};

bool has_time(Kind kind) {
    return kind == Kind::add || kind == Kind::move;
}
bool has_event(Kind kind) {
    return has_time(kind) || kind == Kind::cancel || kind == Kind::set_importance;
}
bool has_importance(Kind kind) {
    return kind == Kind::add || kind == Kind::set_importance;
}

// ---- writing

class Line {
  public:
    explicit Line(std::string& out) : out_(out) {}
    void text(std::string_view name, std::string_view value) {
        begin(name);
        log::append_json_text(out_, value);
    }
    void text_if(std::string_view name, std::string_view value) {
        if (!value.empty())
            text(name, value);
    }
    std::string& begin(std::string_view name) {
        out_ += first_ ? "{" : ",";
        first_ = false;
        log::append_json_text(out_, name);
        out_ += ':';
        return out_;
    }

  private:
    std::string& out_;
    bool first_ = true;
};

std::string clock_text(std::int32_t minutes) {
    std::array<char, 16> text{};
    const int length =
        std::snprintf(text.data(), text.size(), "%02d:%02d", minutes / 60, minutes % 60);
    return {text.data(), static_cast<std::size_t>(length)};
}

void write(std::string& out, const Override& entry) {
    Line line(out);
    line.text("kind", code(entry.kind));
    line.text_if("id", entry.id);
    if (has_time(entry.kind)) {
        line.text("local", format_local(entry.local));
        line.text("tz", entry.zone);
        line.text("utc", format_instant(entry.utc));
    }
    line.text_if("title", entry.title);
    line.text_if("country", entry.country);
    line.text_if("currency", entry.currency);
    if (has_importance(entry.kind))
        line.begin("importance") += std::to_string(entry.importance);
    if (entry.market) {
        line.text("market", time::code(*entry.market));
        line.text("day", format_day(entry.day));
    }
    if (entry.kind == Kind::early_close)
        line.text("closes", clock_text(entry.closes));
    if (entry.kind == Kind::special_session) {
        line.begin("sessions") += '[';
        for (std::size_t i = 0; i < entry.blocks.size(); ++i) {
            out += i > 0 ? ",[\"" : "[\"";
            out += clock_text(entry.blocks[i].opens) + "\",\"" +
                   clock_text(entry.blocks[i].closes) + "\"]";
        }
        out += ']';
    }
    if (entry.force)
        line.begin("force") += "true";
    line.text("by", entry.by);
    line.text("reason", entry.reason);
    line.text("at", format_instant(entry.at));
    line.text("expires", format_instant(entry.expires));
    out += '}';
}

// ---- reading

std::string text_of(const json& object, const char* name, bool needed,
                    std::size_t size_max = k_text_max) {
    const auto found = object.find(name);
    if (found == object.end()) {
        if (needed)
            throw Refused{std::string("'") + name + "' is missing"};
        return {};
    }
    if (!found->is_string())
        throw Refused{std::string("'") + name + "' is no text"};
    auto text = found->get<std::string>();
    const bool clean = std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
    if (text.size() > size_max || (needed && text.empty()) || !clean)
        throw Refused{std::string("'") + name + "' is empty, too long or has control characters"};
    return text;
}

template <class T>
T taken(const char* name, Result<T> value) {
    if (!value)
        throw Refused{std::string("'") + name + "': " + value.error().context()};
    return *value;
}

std::int32_t clock_of(const std::string& text) {
    const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
    if (text.size() == 5 && text[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4)) {
        const int minutes =
            ((text[0] - '0') * 10 + text[1] - '0') * 60 + (text[3] - '0') * 10 + text[4] - '0';
        if (minutes < 24 * 60 && text[3] < '6')
            return minutes;
    }
    throw Refused{"'" + text.substr(0, 16) + "' is no time of day, as in 13:00"};
}

std::vector<time::Block> blocks_of(const json& object) {
    std::vector<time::Block> blocks;
    const auto found = object.find("sessions");
    if (found == object.end() || !found->is_array() || found->empty() ||
        found->size() > time::Holiday::k_blocks_max)
        throw Refused{"'sessions' is no list of one or two"};
    for (const json& pair : *found) {
        if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string())
            throw Refused{"a session is no [\"09:15\", \"10:00\"]"};
        const time::Block block{clock_of(pair[0].get<std::string>()),
                                clock_of(pair[1].get<std::string>())};
        if (block.opens >= block.closes || (!blocks.empty() && block.opens < blocks.back().closes))
            throw Refused{"the sessions are not one after the other"};
        blocks.push_back(block);
    }
    return blocks;
}

int importance_of(const json& object) {
    const auto found = object.find("importance");
    if (found == object.end() || !found->is_number_unsigned() || found->get<std::uint64_t>() < 1 ||
        found->get<std::uint64_t>() > static_cast<std::uint64_t>(Event::k_importance_max))
        throw Refused{"'importance' is not 1, 2 or 3"};
    return found->get<int>();
}

void read_market(const json& object, Override& entry) {
    entry.market = time::market_from(text_of(object, "market", true, k_name_max));
    if (!entry.market)
        throw Refused{"'market' is none that is known"};
    entry.day = taken("day", parse_day(text_of(object, "day", true, k_name_max)));
    if (entry.kind == Kind::early_close)
        entry.closes = clock_of(text_of(object, "closes", true, k_name_max));
    if (entry.kind == Kind::special_session)
        entry.blocks = blocks_of(object);
}

// The wall clock and the instant must mean the same. New rules of a zone move an instant by an hour
// or two; what is further off is a slip of whoever wrote the file.
void check_instant(Override& entry) {
    constexpr Nanos k_rules_move = std::chrono::hours(2);
    if (const auto zone = time::Zone::load(entry.zone)) {
        const auto meant = zone->read(time::LocalTime(entry.local.time_since_epoch()));
        if (entry.utc == meant.earliest || entry.utc == meant.latest)
            return;
        if (std::chrono::abs(entry.utc - meant.earliest) > k_rules_move)
            throw Refused{"'local' and 'utc' are different times: in " + entry.zone +
                          " it would be " + format_instant(meant.earliest)};
        entry.stated = std::exchange(entry.utc, meant.earliest);
        return;
    }
    // Who cannot read the zone knows at least that none is further from UTC than this.
    const auto apart = entry.utc.time_since_epoch() - Nanos(entry.local.time_since_epoch());
    if (apart > std::chrono::hours(14) || apart < -std::chrono::hours(14))
        throw Refused{"'local' and 'utc' are different times"};
}

void read_event_fields(const json& object, Override& entry) {
    entry.id = text_of(object, "id", true, 128);
    if (has_importance(entry.kind))
        entry.importance = importance_of(object);
    if (!has_time(entry.kind))
        return;
    entry.local = taken("local", parse_local(text_of(object, "local", true, k_name_max)));
    entry.zone = text_of(object, "tz", true, k_name_max);
    entry.utc = taken("utc", parse_utc(text_of(object, "utc", true, k_name_max)));
    if (text_of(object, "local", true, k_name_max).size() < k_local_width)
        throw Refused{"'local' is a day without a time"};
    check_instant(entry);
    entry.title = text_of(object, "title", entry.kind == Kind::add);
    entry.country = text_of(object, "country", false, k_name_max);
    entry.currency = text_of(object, "currency", false, k_name_max);
    Event probe;
    probe.id = entry.id;
    probe.series = entry.id.substr(0, entry.id.find(':'));
    probe.zone = entry.zone;
    if (auto fits = check(probe); !fits)
        throw Refused{fits.error().context()};
}

Override read_entry(const json& object) {
    if (!object.is_object())
        throw Refused{"it is no object"};
    Override entry;
    const auto kind = override_kind_from(text_of(object, "kind", true, k_name_max));
    if (!kind)
        throw Refused{"'kind' is none that is known"};
    entry.kind = *kind;
    entry.by = text_of(object, "by", true, k_name_max);
    entry.reason = text_of(object, "reason", true);
    entry.at = taken("at", parse_utc(text_of(object, "at", true, k_name_max)));
    entry.expires = taken("expires", parse_utc(text_of(object, "expires", true, k_name_max)));
    if (entry.expires <= entry.at)
        throw Refused{"'expires' is not after 'at'"};
    if (const auto force = object.find("force"); force != object.end()) {
        if (!force->is_boolean())
            throw Refused{"'force' is neither true nor false"};
        entry.force = force->get<bool>();
    }
    if (has_event(entry.kind))
        read_event_fields(object, entry);
    else if (entry.kind != Kind::acknowledge)
        read_market(object, entry);
    return entry;
}

Result<Overrides> read_file(const json& file) {
    const auto version = file.find("version");
    const auto entries = file.find("entries");
    if (version == file.end() || !version->is_number_unsigned() || entries == file.end() ||
        !entries->is_array())
        return fail(Errc::invalid, "it has no version or no list of entries");
    if (version->get<std::uint64_t>() > k_version)
        return fail(Errc::newer_version, "it was written for a newer version");
    if (entries->size() > k_override_entries_max)
        return fail(Errc::too_large,
                    "it has over " + std::to_string(k_override_entries_max) + " entries");
    Overrides overrides;
    for (const json& entry : *entries) {
        try {
            overrides.entries.push_back(read_entry(entry));
        } catch (const Refused& refused) {
            return fail(Errc::invalid, "entry " + std::to_string(overrides.entries.size() + 1) +
                                           ": " + refused.what);
        }
    }
    return overrides;
}

}  // namespace

std::string_view code(OverrideKind kind) {
    for (const auto& [value, word] : k_kinds) {
        if (value == kind)
            return word;
    }
    return "?";
}

std::optional<OverrideKind> override_kind_from(std::string_view code) {
    for (const auto& [value, word] : k_kinds) {
        if (word == code)
            return value;
    }
    return std::nullopt;
}

std::string encode(const Overrides& overrides) {
    std::string out = "{\"version\":" + std::to_string(k_version) + ",\"entries\":[";
    for (std::size_t i = 0; i < overrides.entries.size(); ++i) {
        out += i > 0 ? ",\n" : "\n";
        write(out, overrides.entries[i]);
    }
    out += "\n]}\n";
    return out;
}

Result<Overrides> decode_overrides(std::string_view text) {
    if (text.size() > k_overrides_max)
        return fail(Errc::too_large, "it is over " + std::to_string(k_overrides_max) + " bytes");
    try {
        const json file = documents::parse_json(text);
        if (!file.is_object())
            return fail(Errc::invalid, "it is no JSON object");
        return read_file(file);
    } catch (const std::exception& error) {
        return fail(Errc::invalid, std::string("it cannot be read: ") + error.what());
    }
}

}  // namespace bullpen::events
