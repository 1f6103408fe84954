#include "moving/equity_state.hpp"

#include <array>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "moving/json_impl.hpp"
#include "moving/text_files.hpp"

namespace bullpen::moving {

namespace {

constexpr std::size_t k_positions_max = 10'000;
constexpr std::size_t k_ticker_max = 64;

Unexpected wrong(const std::string& ticker, const std::string& what) {
    return fail(Errc::invalid, "position " + ticker + ": " + what);
}

Result<EquityPosition> read_position(const std::string& ticker, const Json& record) {
    if (!record.is_object())
        return wrong(ticker, "it is no JSON object");
    const auto quantity = whole_of(member(record, "quantity"));
    if (!quantity)
        return wrong(ticker, "its quantity, '" + shown(member(record, "quantity")) +
                                 "', is no whole number");
    const auto type = lower(text_of(record, "type"));
    if (type != "long" && type != "short" && !type.empty())
        return wrong(ticker, "its type is '" + type + "', neither LONG nor SHORT");
    if (*quantity < 0 && type == "long")
        return wrong(ticker, "it is LONG, and its quantity is negative");
    EquityPosition position;
    position.quantity = *quantity < 0 ? -*quantity : *quantity;
    position.is_short = type == "short" || *quantity < 0;
    const auto& exit = member(record, "exit_price");
    // A live position may have the member too, empty: only a price closes it.
    position.closed = position.quantity == 0 || number_of(exit).value_or(0.0) != 0.0;
    const auto& gtt = member(record, "gtt");
    position.has_gtt = !member(record, "gtt_order_id").is_null() ||
                       (gtt.is_object() && !member(gtt, "trigger_id").is_null());
    position.json = documents::json_text(record);
    return position;
}

Result<std::vector<std::string>> tickers(const Json& daily, std::string_view side) {
    std::vector<std::string> found;
    const auto& list = member(daily, side);
    if (list.is_null())
        return found;
    if (!list.is_array() || list.size() > k_positions_max)
        return fail(Errc::invalid, "daily_tickers." + std::string(side) + " is no list");
    for (const auto& one : list) {
        if (!one.is_string())
            return fail(Errc::invalid, "daily_tickers." + std::string(side) +
                                           " has something else than names of tickers");
        found.push_back(one.get<std::string>());
    }
    return found;
}

}  // namespace

Result<EquityState> parse_equity_state(std::string_view text) {
    BULLPEN_TRY(const Json value, parse_json(text));
    const auto& positions = member(value, "positions");
    if (!positions.is_object()) {
        return fail(Errc::invalid,
                    "it has no object `positions`: it is no trading_state of the equity bot");
    }
    if (positions.size() > k_positions_max)
        return fail(Errc::invalid, "it has more than 10000 positions");
    for (const auto* name : {"meta", "daily_tickers", "gtt_orders", "session_data"}) {
        if (const auto& part = member(value, name); !part.is_null() && !part.is_object())
            return fail(Errc::invalid, std::string(name) + " is no JSON object");
    }
    EquityState state;
    const auto& meta = member(value, "meta");
    state.user = text_of(meta, "user_name");
    state.date = text_of(meta, "date");
    for (const auto& [ticker, record] : positions.items()) {
        if (ticker.empty() || ticker.size() > k_ticker_max)
            return fail(Errc::invalid, "the name of a position is empty or too long");
        BULLPEN_TRY(auto position, read_position(ticker, record));
        state.positions.emplace(ticker, std::move(position));
    }
    const auto& daily = member(value, "daily_tickers");
    BULLPEN_TRY(state.long_tickers, tickers(daily, "long"));
    BULLPEN_TRY(state.short_tickers, tickers(daily, "short"));
    for (const auto& [name, order] : member(value, "gtt_orders").items())
        state.gtt_orders.emplace(name, documents::json_text(order));
    constexpr std::array<std::string_view, 5> k_known{"meta", "positions", "daily_tickers",
                                                      "gtt_orders", "session_data"};
    for (const auto& [name, ignored] : value.items()) {
        if (std::find(k_known.begin(), k_known.end(), name) == k_known.end())
            state.other.push_back(name);
    }
    return state;
}

}  // namespace bullpen::moving
