// What a worker and the paper exchange say to each other: lines of JSON over a Unix stream socket,
// HOME/run/venue. docs/venue.md describes every message; a line that does not keep to it ends the
// connection. Prices are decimals as texts, so that both sides must agree on the instrument's tick.
//
// Pure: text in, values out. Nothing here knows a socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/base/result.hpp"
#include "common/matching/types.hpp"
#include "common/model/order.hpp"

namespace bullpen::ipc {

// With its newline.
inline constexpr std::size_t k_venue_line_max = 64 * 1024;
// Orders or fills in one line of an answer.
inline constexpr std::size_t k_venue_page_max = 50;
inline constexpr std::size_t k_venue_account_max = 63;
inline constexpr std::size_t k_venue_text_max = 500;
// Either side says something at least so often; who hears nothing for three of these is alone.
inline constexpr Nanos k_venue_ping_interval = std::chrono::seconds(5);

inline std::string venue_socket(const Home& home) {
    return home.run() + "/venue";
}

enum class VenueRequestKind : std::uint8_t {
    hello,
    submit,
    cancel,
    replace,
    orders,
    fills,
    positions,
    balance,
    instrument,
    ping,
    step_done,
    follow,  // to be told of the market's steps, anew: answered by where it is
    admin,
    shares,  // of an account that trades shares: share_message.hpp
};

// From a worker. A field that the kind does not have stays as it is here.
struct VenueRequest {
    VenueRequestKind kind{};
    std::uint64_t id = 0;  // the answer carries it; counted up within a connection
    std::string account;   // that the session is for; asserted on every message
    // hello
    std::string client;           // program and version
    std::string session;          // who: the launch of a worker; empty for an administrator
    bool follows_market = false;  // wants to be told of the market's steps
    bool lockstep = false;        // the market waits for its step_done
    bool ticks = false;           // wants to be told of trades and quotes within the minute too
    std::string watch;            // without an account: follows this market and may do nothing
    std::string cookie;           // the home's: an administrator, or an operator for any account
    // submit, cancel, replace
    model::ClientOrderId order;
    std::string intent;    // of a submission: its intent key, for the venue's log
    model::Symbol symbol;  // also of instrument
    model::Side side{};
    model::OrderType type{};
    model::TimeInForce time_in_force{};
    model::Purpose purpose{};
    std::int64_t quantity = 0;
    std::string price;  // of the type; empty for a market order
    // orders, fills
    UtcTime since{};
    // step_done
    std::uint64_t step = 0;
    // admin; shares has the arguments alone
    std::string command;
    std::string arguments;  // JSON, an object

    friend bool operator==(const VenueRequest&, const VenueRequest&) = default;
};

enum class VenueReplyKind : std::uint8_t {
    welcome,
    refused,  // the session is not opened, or is closed; `final` says whether to come back
    answer,   // to a command
    order,    // an order has changed
    fill,     // an execution
    orders,   // a page of the answer to a query
    fills,
    positions,
    balance,
    instrument,
    pong,
    step,  // the market has moved
    admin,
    shares,  // an answer; unasked: the time of the market of shares
};

struct VenueOrder {
    model::ClientOrderId order;  // empty when placed by hand
    model::BrokerOrderId broker_order;
    model::Symbol symbol;
    model::Side side{};
    model::OrderType type{};
    std::int64_t quantity = 0;
    std::int64_t filled = 0;
    std::string price;  // of the type; empty for a market order
    matching::Status status{};
    UtcTime updated{};
    std::string text;
    friend bool operator==(const VenueOrder&, const VenueOrder&) = default;
};

struct VenueFill {
    model::ExecutionId execution;
    model::ClientOrderId order;
    model::BrokerOrderId broker_order;
    model::Symbol symbol;
    model::Side side{};
    std::int64_t quantity = 0;
    std::string price;
    UtcTime time{};
    std::string fee;
    model::ExecutionId voids;  // an execution that was taken back, which this one undoes
    friend bool operator==(const VenueFill&, const VenueFill&) = default;
};

struct VenuePosition {
    model::Symbol symbol;
    std::int64_t quantity = 0;
    std::string average;
    friend bool operator==(const VenuePosition&, const VenuePosition&) = default;
};

// How far the market of a symbol is.
enum class MarketPhase : std::uint8_t {
    open,    // a bar has begun: only its open is known
    paused,  // something has filled within the bar
    closed,  // the bar is over
    tick,    // a trade, in a market of ticks
    ended,   // the source has no more bars
};

struct VenueStep {
    std::uint64_t step = 0;  // counted up; step_done names it
    model::Symbol symbol;
    MarketPhase phase{};
    std::uint64_t bar = 0;  // its number in the source, from 0
    UtcTime start{};        // of the bar
    std::string open;       // the rest is empty and 0 before the bar is closed
    std::string high;
    std::string low;
    std::string close;
    std::int64_t volume = 0;
    // Of a market of ticks. A tick has its own time as start, its price as open, its size as
    // volume, the best bid and ask that it met, and its number within the bar, from 0; a closed bar
    // has how many there were. None in a market that has no ticks.
    std::optional<std::int64_t> ticks;
    std::string bid;
    std::string ask;
    friend bool operator==(const VenueStep&, const VenueStep&) = default;
};

// How many of the source's bars have closed when the market is there.
inline std::uint64_t bars_closed(const VenueStep& step) {
    return step.phase == MarketPhase::closed ? step.bar + 1 : step.bar;
}

enum class VenueOutcome : std::uint8_t { accepted, rejected };

// The text of an answer to a command that came too fast: it was not looked at, and may be sent
// again.
inline constexpr std::string_view k_venue_too_fast = "too many commands a second";

struct VenueReply {
    VenueReplyKind kind{};
    std::uint64_t id = 0;  // of the request; 0: told unasked
    std::string account;
    // welcome
    std::uint64_t session = 0;  // counted up by the venue
    bool can_replace = true;
    // refused
    bool final = false;
    // answer
    VenueRequestKind command{};
    VenueOutcome outcome{};
    model::ClientOrderId order;
    model::BrokerOrderId broker_order;
    std::string text;  // of welcome, refused, answer, admin too
    // order, orders; fill, fills; positions
    std::vector<VenueOrder> orders;
    std::vector<VenueFill> fills;
    std::vector<VenuePosition> positions;
    bool more = false;        // another page follows
    std::uint64_t total = 0;  // in all pages
    // balance
    std::string balance;
    bool may_trade = true;
    // instrument
    model::Symbol symbol;
    std::string tick;  // empty: unknown here
    std::string tick_value;
    std::string point_value;
    // step
    VenueStep step;
    // admin; shares has the result alone
    bool ok = true;
    std::string result;  // JSON, an object

    friend bool operator==(const VenueReply&, const VenueReply&) = default;
};

std::string_view code(VenueRequestKind kind);
std::string_view code(VenueReplyKind kind);
std::string_view code(MarketPhase phase);
std::string_view code(VenueOutcome outcome);

// With the newline. A reply longer than k_venue_line_max is a programmer's error.
std::string encode(const VenueRequest& request);
std::string encode(const VenueReply& reply);
// Without the newline. Errc::invalid, Errc::too_large, Errc::newer_version.
Result<VenueRequest> decode_venue_request(std::string_view line);
Result<VenueReply> decode_venue_reply(std::string_view line);

// Lines out of a stream that comes in pieces, in bounded memory.
class LineSplitter {
  public:
    explicit LineSplitter(std::size_t line_max = k_venue_line_max) : line_max_(line_max) {}

    void add(std::string_view bytes);
    // The next whole line without its newline, valid until the next call of anything here; none
    // when more must come first.
    std::optional<std::string_view> next();
    // A line is longer than it may be: nothing that follows can be understood.
    [[nodiscard]] bool overflown() const { return overflown_; }
    // Bytes of a line that is not whole yet.
    [[nodiscard]] std::size_t rest() const { return buffer_.size() - from_; }
    void clear();

  private:
    std::size_t line_max_;
    std::string buffer_;
    std::size_t from_ = 0;     // of what was not given out
    std::size_t scanned_ = 0;  // no newline before
    bool overflown_ = false;
};

}  // namespace bullpen::ipc
