// The beat in the codec, which says more than all other messages together.
#include <algorithm>

#include "ipc/codec.hpp"
#include "ipc/codec_parts.hpp"

namespace bullpen::ipc {

namespace {

constexpr std::int64_t k_due_max_ms = std::int64_t{400} * 24 * 3600 * 1000;
constexpr std::size_t k_position_max = 128;
constexpr std::size_t k_hash_max = 64;
constexpr std::size_t k_decimal_whole_max = 15;
constexpr std::size_t k_decimal_fraction_max = 6;

void write_obligations(JsonWriter& json, const std::vector<Obligation>& obligations) {
    json.open_array("obligations");
    const std::size_t count = std::min(obligations.size(), Obligations::k_count_max);
    for (std::size_t i = 0; i < count; ++i) {
        json.open_object();
        json.text("name", obligations[i].name);
        json.millis("due_in_ms", obligations[i].due_in);
        json.boolean("done", obligations[i].done);
        json.boolean("overdue", obligations[i].overdue);
        json.close_object();
    }
    json.close_array();
}

void write_limits(JsonWriter& json, const std::vector<LimitUse>& limits) {
    if (limits.empty())
        return;
    json.open_array("limits");
    for (std::size_t i = 0; i < std::min(limits.size(), k_limits_max); ++i) {
        json.open_object();
        json.text("name", limits[i].name);
        json.text("unit", limits[i].unit);
        json.integer("used", limits[i].used);
        json.integer("limit", limits[i].limit);
        json.close_object();
    }
    json.close_array();
}

void write(JsonWriter& json, const std::optional<Stake>& stake,
           const std::optional<EntryWish>& wish) {
    if (stake) {
        json.open_object("stake");
        json.text("product", stake->product);
        json.integer("lowest", stake->lowest);
        json.integer("highest", stake->highest);
        json.integer("per_lot", stake->per_lot);
        json.close_object();
    }
    if (wish) {
        json.open_object("wish");
        json.integer("number", static_cast<std::int64_t>(wish->number));
        json.text("product", wish->product);
        json.integer("quantity", wish->quantity);
        json.boolean("granted", wish->granted);
        json.close_object();
    }
}

// -12.5: at most 15 digits and 6 more behind the point.
bool is_decimal(std::string_view text) {
    if (!text.empty() && text.front() == '-')
        text.remove_prefix(1);
    const auto point = text.find('.');
    const auto whole = text.substr(0, point);
    const auto digits = [](std::string_view part, std::size_t max) {
        return !part.empty() && part.size() <= max &&
               std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    return digits(whole, k_decimal_whole_max) &&
           (point == std::string_view::npos ||
            digits(text.substr(point + 1), k_decimal_fraction_max));
}

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// A name in a list or a map: as a code, but a digit may come first.
bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= k_name_max &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
}

void read_obligations(const JsonDocument& document, Fields& fields,
                      std::vector<Obligation>* obligations) {
    const auto list = fields.array("obligations");
    if (!list)
        return;
    const std::size_t end = document.node(*list).next;
    for (std::size_t i = *list + 1; i < end; i = document.node(i).next) {
        if (document.node(i).kind != JsonKind::object)
            return fields.fail_field("obligations", "must be a list of objects");
        if (obligations->size() == Obligations::k_count_max)
            return fields.fail_field("obligations", "must have at most 16 entries");
        Fields inner(document, i, "heartbeat: obligations");
        Obligation& obligation = obligations->emplace_back();
        inner.text("name", &obligation.name, k_name_max, Need::required);
        if (inner.ok() && !is_name(obligation.name))
            inner.fail_field("name", "must be of a-z, 0-9 and '_'");
        inner.millis("due_in_ms", &obligation.due_in, -k_due_max_ms, k_due_max_ms, Need::required);
        inner.boolean("done", &obligation.done, Need::required);
        inner.boolean("overdue", &obligation.overdue);
        if (auto status = inner.status(); !status)
            return fields.fail_with(std::move(status).error());
    }
}

void read_counters(const JsonDocument& document, Fields& fields,
                   std::vector<std::pair<std::string, std::int64_t>>* counters) {
    const auto object = fields.object("counters");
    if (!object)
        return;
    const std::size_t end = document.node(*object).next;
    for (std::size_t i = *object + 1; i < end; i = document.node(i + 1).next) {
        const JsonNode& value = document.node(i + 1);
        if (!is_name(document.node(i).text) || value.kind != JsonKind::whole ||
            counters->size() == k_counters_max) {
            return fields.fail_field("counters",
                                     "must be at most 64 names of a-z, 0-9 and '_', each with a "
                                     "whole number");
        }
        counters->emplace_back(document.node(i).text, value.whole);
    }
}

void read_limits(const JsonDocument& document, Fields& fields, std::vector<LimitUse>* limits) {
    const auto array = fields.array("limits");
    if (!array)
        return;
    const std::size_t end = document.node(*array).next;
    for (std::size_t i = *array + 1; i < end; i = document.node(i).next) {
        if (document.node(i).kind != JsonKind::object)
            return fields.fail_field("limits", "must be a list of objects");
        if (limits->size() == k_limits_max)
            return fields.fail_field("limits", "must have at most 16 entries");
        Fields inner(document, i, "heartbeat: limits");
        LimitUse& limit = limits->emplace_back();
        inner.text("name", &limit.name, k_name_max, Need::required);
        inner.text("unit", &limit.unit, k_name_max, Need::required);
        if (inner.ok() && (!is_name(limit.name) || !is_name(limit.unit)))
            inner.fail_field("name", "must be of a-z, 0-9 and '_', as unit");
        std::optional<std::int64_t> used;
        std::optional<std::int64_t> most;
        inner.whole("used", &used, std::numeric_limits<std::int64_t>::min(), k_whole_max);
        inner.whole("limit", &most, std::numeric_limits<std::int64_t>::min(), k_whole_max);
        limit.used = used.value_or(0);
        limit.limit = most.value_or(0);
        if (auto status = inner.status(); !status)
            return fields.fail_with(std::move(status).error());
    }
}

// A count of contracts: far more than anybody trades, and sums of them stay small.
constexpr std::int64_t k_contracts_max = 1'000'000'000;

void read_product(Fields& fields, std::string* product) {
    fields.text("product", product, k_name_max, Need::required);
    if (fields.ok() && product->empty())
        fields.fail_field("product", "must not be empty");
}

void read_contracts(Fields& fields, std::string_view name, std::int64_t* out) {
    fields.whole(name, out, -k_contracts_max, k_contracts_max, Need::required);
}

void read_stake(const JsonDocument& document, Fields& fields, std::optional<Stake>* out) {
    const auto index = fields.object("stake");
    if (!index)
        return;
    Fields inner(document, *index, fields.what() + ": stake");
    Stake stake;
    read_product(inner, &stake.product);
    read_contracts(inner, "lowest", &stake.lowest);
    read_contracts(inner, "highest", &stake.highest);
    inner.integer("per_lot", &stake.per_lot, 1, k_contracts_max, Need::required);
    if (inner.ok() && stake.lowest > stake.highest)
        inner.fail_field("lowest", "must not be above highest");
    if (auto status = inner.status(); !status)
        return fields.fail_with(std::move(status).error());
    *out = std::move(stake);
}

void read_wish(const JsonDocument& document, Fields& fields, std::optional<EntryWish>* out) {
    const auto index = fields.object("wish");
    if (!index)
        return;
    Fields inner(document, *index, fields.what() + ": wish");
    EntryWish wish;
    inner.integer("number", &wish.number, 1, k_whole_max, Need::required);
    read_product(inner, &wish.product);
    read_contracts(inner, "quantity", &wish.quantity);
    inner.boolean("granted", &wish.granted, Need::required);
    if (inner.ok() && wish.quantity == 0)
        inner.fail_field("quantity", "must not be zero");
    if (auto status = inner.status(); !status)
        return fields.fail_with(std::move(status).error());
    *out = std::move(wish);
}

}  // namespace

void write(JsonWriter& json, const Heartbeat& beat) {
    json.integer("seq", static_cast<std::int64_t>(beat.seq));
    json.text("session", model::code(beat.session));
    json.text("mode", model::code(beat.mode));
    json.text("reason", beat.reason);
    json.text_if("reason_text", beat.reason_text, k_text_max);
    json.utc("since", beat.since);
    json.utc("until", beat.until);
    write_obligations(json, beat.obligations);
    json.text_if("position", beat.position, k_position_max);
    if (beat.quantity)
        json.integer("quantity", *beat.quantity);
    json.boolean("flat", beat.flat);
    if (beat.at_rest)
        json.boolean("at_rest", *beat.at_rest);
    json.text_if("day_pnl", beat.day_pnl);
    json.text_if("latched", beat.latched);
    if (beat.floor_reached)
        json.boolean("floor_reached", true);
    write(json, beat.stake, beat.wish);
    write_limits(json, beat.limits);
    json.text_if("refusal", beat.refusal, k_text_max);
    json.utc("refused_at", beat.refused_at);
    json.utc("refused_until", beat.refused_until);
    json.open_object("counters");
    const std::size_t count = std::min(beat.counters.size(), k_counters_max);
    for (std::size_t i = 0; i < count; ++i)
        json.integer(beat.counters[i].first, beat.counters[i].second);
    json.close_object();
    json.utc("last_bar", beat.last_bar);
    if (beat.bar_age)
        json.millis("bar_age_ms", *beat.bar_age);
    json.integer("bars", static_cast<std::int64_t>(beat.bars));
    json.integer("rss_bytes", static_cast<std::int64_t>(beat.rss_bytes));
    json.integer("log_dropped", static_cast<std::int64_t>(beat.log_dropped));
    json.text_if("last_error", beat.last_error, k_text_max);
    json.text_if("state_hash", beat.state_hash);
}

Result<Message> read_heartbeat(const JsonDocument& document, Fields& fields) {
    Heartbeat beat;
    fields.integer("seq", &beat.seq, 0, k_whole_max, Need::required);
    read_word(fields, "session", &model::session_state_from, &beat.session);
    read_word(fields, "mode", &model::trading_mode_from, &beat.mode);
    fields.code("reason", &beat.reason, k_code_max, Need::required);
    fields.text("reason_text", &beat.reason_text, k_text_max);
    fields.utc("since", &beat.since, Need::required);
    fields.utc("until", &beat.until);
    read_obligations(document, fields, &beat.obligations);
    fields.text("position", &beat.position, k_position_max);
    fields.whole("quantity", &beat.quantity, std::numeric_limits<std::int64_t>::min(), k_whole_max);
    fields.boolean("flat", &beat.flat);
    fields.boolean("at_rest", &beat.at_rest);
    fields.text("day_pnl", &beat.day_pnl, k_name_max);
    if (fields.ok() && !beat.day_pnl.empty() && !is_decimal(beat.day_pnl))
        fields.fail_field("day_pnl", "must be a decimal number in quotes, like \"-12.5\"");
    fields.text("latched", &beat.latched, k_name_max);
    if (fields.ok() && !beat.latched.empty() && !model::trading_mode_from(beat.latched))
        fields.fail_field("latched", "must be a trading mode");
    fields.boolean("floor_reached", &beat.floor_reached);
    read_stake(document, fields, &beat.stake);
    read_wish(document, fields, &beat.wish);
    read_limits(document, fields, &beat.limits);
    fields.text("refusal", &beat.refusal, k_text_max);
    fields.utc("refused_at", &beat.refused_at);
    fields.utc("refused_until", &beat.refused_until);
    read_counters(document, fields, &beat.counters);
    fields.utc("last_bar", &beat.last_bar);
    std::optional<std::int64_t> age_ms;
    fields.whole("bar_age_ms", &age_ms, 0, k_due_max_ms);
    if (age_ms)
        beat.bar_age = Millis(*age_ms);
    fields.integer("bars", &beat.bars, 0, k_whole_max);
    fields.integer("rss_bytes", &beat.rss_bytes, 0, k_whole_max);
    fields.integer("log_dropped", &beat.log_dropped, 0, k_whole_max);
    fields.text("last_error", &beat.last_error, k_text_max);
    fields.text("state_hash", &beat.state_hash, k_hash_max);
    if (fields.ok() && !is_hex(beat.state_hash))
        fields.fail_field("state_hash", "must be lower-case hex digits");
    BULLPEN_CHECK(fields.status());
    return beat;
}

}  // namespace bullpen::ipc
