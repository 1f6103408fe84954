// What is said of shares within the messages of the paper exchange: the `arguments` of a request of
// kind `shares`, and the `result` of its answer. docs/venue.md has both. Prices are whole paise,
// cash is in millionths of a rupee, times are the market's own.
//
// Pure: text in, values out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "common/matching/shares.hpp"

namespace bullpen::ipc {

// Symbols in one question for prices, and items in one page of an answer.
inline constexpr std::size_t k_share_symbols_max = 500;
inline constexpr std::size_t k_share_page_max = 50;
inline constexpr std::size_t k_share_symbol_size_max = 20;
// A refusal by the broker itself, of an order that it did not look at.
inline constexpr std::string_view k_share_too_fast = "too_fast";

enum class ShareCommand : std::uint8_t {
    follow,   // the market's time is told from now on
    account,  // cash and what is held
    orders,
    triggers,
    quotes,
    submit,
    cancel,
    place_trigger,
    delete_trigger,
};
std::string_view code(ShareCommand command);
// Whether it changes something.
constexpr bool changes(ShareCommand command) {
    return command >= ShareCommand::submit;
}

// As an exchange writes it: 1 to 20 of A-Z, 0-9, `&` and `-`.
bool is_share_symbol(std::string_view text);

struct ShareRequest {
    ShareCommand command{};
    std::vector<std::string> symbols;  // quotes
    // submit, place_trigger
    std::string symbol;
    model::Side side{};
    // submit
    model::ClientOrderId client;
    matching::Product product{};
    bool market = false;
    bool immediate = false;
    int protection_percent = 0;
    model::Price limit;
    std::int64_t quantity = 0;
    // cancel, delete_trigger
    std::uint64_t number = 0;
    // place_trigger
    matching::TriggerLeg first;
    std::optional<matching::TriggerLeg> second;
    model::Price last_price;  // of the share, as the asker has it; 0: not said
    friend bool operator==(const ShareRequest&, const ShareRequest&) = default;
};

struct ShareHeld {
    std::string symbol;
    matching::Holding holding;
    std::int64_t sellable = 0;  // for delivery, and not promised to an order
    std::int64_t intraday = 0;  // below zero short
    friend bool operator==(const ShareHeld&, const ShareHeld&) = default;
};
struct ShareOrderTold {
    std::uint64_t number = 0;
    model::ClientOrderId client;  // empty: placed by hand
    std::string symbol;
    model::Side side{};
    matching::Product product{};
    model::Price limit;
    std::int64_t quantity = 0;
    std::int64_t filled = 0;
    std::int64_t value = 0;  // of what filled, in paise
    matching::Status status{};
    std::string refusal;        // empty: none
    std::uint64_t trigger = 0;  // that sent it; 0: none
    std::chrono::sys_days day{};
    friend bool operator==(const ShareOrderTold&, const ShareOrderTold&) = default;
};
struct ShareTriggerTold {
    std::uint64_t number = 0;
    std::string symbol;
    model::Side side{};
    matching::TriggerStatus status{};
    matching::TriggerLeg first;
    std::optional<matching::TriggerLeg> second;
    std::uint64_t order = 0;  // that it sent
    std::chrono::sys_days placed{};
    model::Price last_price{};  // that it was placed with; 0: none
    friend bool operator==(const ShareTriggerTold&, const ShareTriggerTold&) = default;
};
// A share that is not listed is absent from an answer.
struct ShareQuoteTold {
    std::string symbol;
    model::Price last;
    model::Price lower;  // the day's circuit
    model::Price upper;
    model::Ticks tick{};
    model::Price low_before;    // of the trading day before
    model::Price close_before;  // of the trading day before
    friend bool operator==(const ShareQuoteTold&, const ShareQuoteTold&) = default;
};

struct ShareReply {
    ShareCommand command{};
    // submit, cancel, place_trigger, delete_trigger
    std::string refusal;  // a matching::ShareRefusal; empty: none
    std::uint64_t number = 0;
    // account
    std::int64_t available = 0;  // millionths of a rupee
    std::int64_t cash = 0;
    std::int64_t unsettled = 0;
    std::vector<ShareHeld> held;
    std::vector<ShareOrderTold> orders;
    std::vector<ShareTriggerTold> triggers;
    std::vector<ShareQuoteTold> quotes;
    // follow, and whatever is told of the market's time
    UtcTime market_time{};
    bool open = false;
    bool more = false;  // another page follows
    friend bool operator==(const ShareReply&, const ShareReply&) = default;
};

// JSON of an object.
std::string encode(const ShareRequest& request);
std::string encode(const ShareReply& reply);
// Errc::invalid, Errc::too_large.
Result<ShareRequest> decode_share_request(std::string_view text);
Result<ShareReply> decode_share_reply(std::string_view text);

}  // namespace bullpen::ipc
