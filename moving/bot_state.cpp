#include "moving/bot_state.hpp"

#include "common/base/errc.hpp"
#include "moving/json_impl.hpp"
#include "moving/text_files.hpp"

namespace bullpen::moving {

namespace {

constexpr std::size_t k_symbols_max = 256;

std::string price_of(const Json& record, std::string_view name) {
    const auto& value = member(record, name);
    return number_of(value) ? shown(value) : std::string();
}

// -1, 0 (not said) or 1.
Result<int> side_of(const Json& record) {
    const auto& value = member(record, "side");
    if (value.is_null())
        return 0;
    const auto text = value.is_string() ? lower(value.get_ref<const std::string&>()) : "";
    if (text == "long" || text == "buy")
        return 1;
    if (text == "short" || text == "sell")
        return -1;
    if (text.empty() || text == "flat" || text == "none")
        return 0;
    return fail(Errc::invalid, "its side is '" + shown(value) + "', neither long nor short");
}

bool is_record(const Json& value) {
    return value.is_object() && value.contains("quantity") &&
           (value.contains("side") || value.contains("active"));
}

// One record of a position; nothing is added when it says that it is flat.
Result<void> add_record(const Json& record, const std::string& symbol,
                        std::vector<OldPosition>& open) {
    const auto quantity = whole_of(member(record, "quantity"));
    const bool none = member(record, "quantity").is_null();
    if (!quantity && !none)
        return fail(Errc::invalid, "its quantity, '" + shown(member(record, "quantity")) +
                                       "', is no whole number");
    BULLPEN_TRY(const int side, side_of(record));
    const auto active = flag_of(member(record, "active"));
    const auto held = none ? 0 : *quantity;
    if (active == false || (held == 0 && active != true))
        return {};
    if (held == 0)
        return fail(Errc::invalid, "it says that a position is active, and its quantity is 0");
    if (side == 0 && held > 0)
        return fail(Errc::invalid, "it has a quantity and does not say long or short");
    if (side > 0 && held < 0)
        return fail(Errc::invalid, "it says long, and its quantity is negative");
    OldPosition position;
    position.symbol = text_of(record, "symbol");
    if (position.symbol.empty())
        position.symbol = symbol;
    position.quantity = held < 0 ? held : side * held;
    position.entry_price = price_of(record, "entry_price");
    position.stop_price = price_of(record, "stop_price");
    position.target_price = price_of(record, "target_price");
    open.push_back(std::move(position));
    return {};
}

// A member `position`: a record, nothing, or the net quantity as a number.
Result<void> add_member(const Json& holder, const std::string& symbol,
                        std::vector<OldPosition>& open) {
    const auto& position = member(holder, "position");
    if (position.is_null() || (position.is_object() && position.empty()))
        return {};
    if (is_record(position))
        return add_record(position, symbol, open);
    if (const auto net = whole_of(position); net && !position.is_object()) {
        if (*net != 0)
            open.push_back({symbol, *net, {}, {}, {}});
        return {};
    }
    return fail(Errc::invalid, "its position is neither a record nor a quantity");
}

Result<BotState> by_symbol(const Json& value) {
    BotState state{BotStateShape::whole, {}};
    std::size_t found = 0;
    for (const auto& [symbol, holder] : value.items()) {
        const bool record = is_record(holder);
        if (!record && !member(holder, "quantity").is_null() && !holder.contains("position"))
            return fail(Errc::invalid,
                        symbol + " has a quantity, and is no position that is known");
        if (!record && (!holder.is_object() || !holder.contains("position")))
            continue;
        if (++found > k_symbols_max)
            return fail(Errc::invalid, "it has more than 256 symbols");
        BULLPEN_CHECK(record ? add_record(holder, symbol, state.open)
                             : add_member(holder, symbol, state.open));
    }
    if (found == 0) {
        return fail(Errc::invalid,
                    "it is neither a position, nor a whole state, nor a summary of one: a shape "
                    "that is not known");
    }
    return state;
}

}  // namespace

std::string_view word(BotStateShape shape) {
    switch (shape) {
        case BotStateShape::position: return "position";
        case BotStateShape::whole: return "whole";
        case BotStateShape::summary: return "summary";
    }
    return "";
}

Result<BotState> parse_bot_state(std::string_view text) {
    BULLPEN_TRY(const Json value, parse_json(text));
    if (!value.is_object())
        return fail(Errc::invalid, "it is no JSON object");
    BotState state;
    if (is_record(value)) {
        BULLPEN_CHECK(add_record(value, {}, state.open));
        return state;
    }
    if (!value.contains("position"))
        return by_symbol(value);
    const bool summary = value.contains("timestamp") && value.contains("equity");
    state.shape = summary ? BotStateShape::summary : BotStateShape::whole;
    BULLPEN_CHECK(add_member(value, text_of(value, "symbol"), state.open));
    return state;
}

}  // namespace bullpen::moving
