// ShareBook: what one account holds and orders on a cash market of shares, as its broker and the
// exchange keep it. Pure and deterministic: orders, prices and days go in, events come out; no
// clock, no I/O, no chance. The account trades against the market, in any quantity.
//
// Two products. Delivery (cnc) is paid in full, cannot be sold short, and settles a day later:
// shares bought today are `today`, tomorrow `t1`, then `settled`, and may be sold in each of these
// states. Intraday (mis) needs a margin, may be short, and is closed by close_day().
//
// A sale for delivery is accepted only as far as it is covered by what is held, less what open
// orders have promised already: however they fill, nothing is sold that is not there. A purchase
// blocks what it may cost at its limit.
//
// A trigger (GTT) lies outside the order book, from one day to the next. When its price comes it
// sends one limit order for the day, which is checked as any other and may be refused or not fill;
// the trigger is used up either way. It promises no shares.
//
// Prices are whole paise: a model::Price of 250 is 2.50. Money is exact. One thread.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "common/matching/types.hpp"

namespace bullpen::matching {

enum class Product : std::uint8_t { cnc, mis };
std::string_view code(Product product);

// Counted from 0 within a book.
struct ShareRef {
    std::uint32_t index = 0;
    friend auto operator<=>(const ShareRef&, const ShareRef&) = default;
};

// What holds for one share on one day.
struct ShareDay {
    model::Ticks tick{5};  // orders' prices are multiples of it
    model::Price lower;    // the circuit: no order beyond
    model::Price upper;
};
// The circuit of a day, `percent` either way of the close before it, rounded inwards to the tick.
ShareDay share_day(model::Price close_before, int percent, model::Ticks tick);

struct ShareRules {
    int mis_leverage = 5;                  // the margin is the value through this, rounded up
    int proceeds_at_once_percent = 80;     // of a sale; the rest comes with the settlement
    bool protection_needed = true;         // a market order without protection is refused
    int automatic_protection_percent = 3;  // what -1 means
    int trigger_distance_hundredths = 25;  // of a percent: triggers are at least so far away
    model::Money fee{0, model::k_inr};     // of each execution
};

// Why an order or a trigger was refused, or taken away.
enum class ShareRefusal : std::uint8_t {
    none,
    duplicate_id,
    bad_quantity,
    bad_price,
    off_tick,  // no multiple of the day's tick
    outside_circuit,
    no_protection,  // a market order needs it
    no_price,       // nothing was traded yet
    market_shut,
    no_cash,
    not_held,    // more than is held and not promised
    too_many,    // k_open_max
    unknown,     // no such order or trigger
    too_late,    // it has come to its end
    wrong_side,  // of the last price: a stop below, a target above
    too_close,   // a trigger to the last price
    count_
};
std::string_view code(ShareRefusal refusal);

struct ShareOrderRequest {
    model::ClientOrderId client;  // empty: not placed by a program of ours
    ShareRef share;
    model::Side side{};
    Product product = Product::cnc;
    bool market = false;  // then without a limit
    model::Price limit;
    // Of a market order: so many percent beyond the last price at most; -1: as the exchange does.
    int protection_percent = 0;
    std::int64_t quantity = 0;
    bool immediate = false;  // what does not fill at once is cancelled
};

struct ShareOrder {
    std::uint64_t number = 0;  // counted up from 1, triggers apart
    ShareOrderRequest request;
    model::Price limit;  // of a market order: where its protection ends
    std::int64_t filled = 0;
    std::int64_t value = 0;  // of what filled, in paise
    std::chrono::sys_days day{};
    Status status = Status::working;
    ShareRefusal refusal = ShareRefusal::none;
    std::uint64_t trigger = 0;  // that sent it; 0: none
    bool opens = false;         // mis: it needs a margin

    [[nodiscard]] std::int64_t left() const { return request.quantity - filled; }
};

struct ShareExecution {
    std::uint64_t number = 0;
    std::uint64_t order = 0;  // 0: the broker closed an intraday position
    ShareRef share;
    model::Side side{};
    Product product{};
    std::int64_t quantity = 0;
    model::Price price;
};

enum class TriggerStatus : std::uint8_t { active, triggered, deleted, expired };
std::string_view code(TriggerStatus status);

struct TriggerLeg {
    model::Price trigger;
    model::Price limit;
    std::int64_t quantity = 0;
    friend bool operator==(const TriggerLeg&, const TriggerLeg&) = default;
};
struct TriggerRequest {
    ShareRef share;
    model::Side side{};
    TriggerLeg first;                  // of two: the lower one
    std::optional<TriggerLeg> second;  // then one cancels the other
    // As whoever placed it says, for himself: it is told again, and decides nothing here. 0: none.
    model::Price last_price{};
};
struct Trigger {
    std::uint64_t number = 0;
    TriggerRequest request;
    TriggerStatus status = TriggerStatus::active;
    bool first_from_above = true;  // it is reached by a fall
    std::uint64_t order = 0;       // that it sent
    std::chrono::sys_days placed{};
    std::chrono::sys_days ended{};
};

enum class ShareEventKind : std::uint8_t {
    accepted,
    rejected,
    filled,
    cancelled,
    expired,
    trigger_placed,
    trigger_fired,
    trigger_deleted,
    trigger_expired,
};
struct ShareEvent {
    ShareEventKind kind{};
    ShareOrder order;
    ShareExecution execution;  // of `filled`
    Trigger trigger;           // of a trigger's events
};

// What is held of one share for delivery.
struct Holding {
    std::int64_t settled = 0;
    std::int64_t t1 = 0;
    std::int64_t today = 0;
    [[nodiscard]] std::int64_t all() const { return settled + t1 + today; }
    friend bool operator==(const Holding&, const Holding&) = default;
};

// What a book is made of beside its orders and triggers, for whoever keeps it.
struct ShareBookHead {
    model::Money cash{0, model::k_inr};
    model::Money unsettled{0, model::k_inr};
    std::chrono::sys_days day{};
    bool open = false;
    std::uint64_t orders = 0;  // numbers given out so far
    std::uint64_t executions = 0;
    std::uint64_t triggers = 0;
    friend bool operator==(const ShareBookHead&, const ShareBookHead&) = default;
};
struct ShareLine {
    Holding holding;
    std::int64_t intraday = 0;
    std::int64_t intraday_cost = 0;  // in paise, of what is open; of a short: its proceeds
    friend bool operator==(const ShareLine&, const ShareLine&) = default;
};

class ShareBook {
  public:
    static constexpr std::size_t k_open_max = 500;   // orders, and as many triggers
    static constexpr std::int64_t k_paisa = 10'000;  // millionths
    static constexpr auto k_trigger_life = std::chrono::days(365);

    ShareBook(model::Money cash, const ShareRules& rules);

    ShareRef add_share(std::string_view symbol);
    // What the account brings with it.
    void add_holding(ShareRef share, std::int64_t settled);

    // --- days -----------------------------------------------------------------------------------
    // Shares and proceeds move on by one settlement. `days`: one for each share, in their order.
    void open_day(std::chrono::sys_days day, const std::vector<ShareDay>& days);
    // Intraday positions are closed at the last price, orders expire.
    void close_day();
    [[nodiscard]] bool open() const { return open_; }

    // --- orders ---------------------------------------------------------------------------------
    // The order's number; refused ones have one, too.
    std::uint64_t submit(const ShareOrderRequest& request);
    ShareRefusal cancel(std::uint64_t order);
    // The trigger's number, or why there is none.
    struct Placed {
        std::uint64_t number = 0;
        ShareRefusal refusal = ShareRefusal::none;
    };
    Placed place_trigger(const TriggerRequest& request);
    ShareRefusal delete_trigger(std::uint64_t trigger);

    // --- the market -----------------------------------------------------------------------------
    // The share trades at this price; each order takes at most `most` shares of it, also one that
    // comes until the next price. The first price of a day is that of the auction: what waits fills
    // there. Later, what waits fills at its limit. At a circuit nobody stands on the other side.
    void on_price(ShareRef share, model::Price price,
                  std::int64_t most = std::numeric_limits<std::int64_t>::max());

    // --- what came of it ------------------------------------------------------------------------
    [[nodiscard]] const std::vector<ShareEvent>& events() const { return events_; }
    void clear_events() { events_.clear(); }
    [[nodiscard]] const Holding& holding(ShareRef share) const { return line(share).holding; }
    // For delivery, and not promised to an open order.
    [[nodiscard]] std::int64_t sellable(ShareRef share) const;
    // Intraday; below zero short.
    [[nodiscard]] std::int64_t intraday(ShareRef share) const { return line(share).intraday; }
    [[nodiscard]] model::Money cash() const { return cash_; }            // settled
    [[nodiscard]] model::Money unsettled() const { return unsettled_; }  // proceeds to come
    [[nodiscard]] model::Money blocked() const;  // by open orders and intraday positions
    [[nodiscard]] model::Money available() const { return cash_ - blocked(); }
    [[nodiscard]] std::optional<model::Price> last_price(ShareRef share) const {
        return line(share).last;
    }
    [[nodiscard]] const std::map<std::uint64_t, ShareOrder>& orders() const { return orders_; }
    [[nodiscard]] const std::map<std::uint64_t, Trigger>& triggers() const { return triggers_; }
    [[nodiscard]] std::string_view symbol(ShareRef share) const { return line(share).symbol; }
    [[nodiscard]] std::size_t shares() const { return lines_.size(); }

    // --- from one life to the next --------------------------------------------------------------
    [[nodiscard]] ShareBookHead head() const;
    [[nodiscard]] ShareLine state(ShareRef share) const;
    // Each replaces what there is, so that doing one twice changes nothing.
    void restore(const ShareBookHead& head);
    void restore(ShareRef share, const ShareLine& state);
    void restore(const ShareOrder& order);
    void restore(const Trigger& trigger);
    // A share that came within a day, or a book that goes on in it. Without a price it has not
    // traded in it yet.
    void resume(ShareRef share, const ShareDay& day, std::optional<model::Price> last);
    // Orders and triggers that came to their end before this day.
    void forget_before(std::chrono::sys_days day);

  private:
    struct Line {
        std::string symbol;
        Holding holding;
        std::int64_t intraday = 0;
        std::int64_t intraday_cost = 0;  // in paise, of what is open; of a short: its proceeds
        std::optional<model::Price> last;
        bool auctioned = false;  // the day's first price has come
        std::int64_t most = std::numeric_limits<std::int64_t>::max();  // of one order
        ShareDay day;
    };

    [[nodiscard]] Line& line(ShareRef share) { return lines_.at(share.index); }
    [[nodiscard]] const Line& line(ShareRef share) const { return lines_.at(share.index); }
    std::uint64_t submit(const ShareOrderRequest& request, std::uint64_t trigger);
    [[nodiscard]] ShareRefusal check(ShareOrder& order) const;
    [[nodiscard]] ShareRefusal check_price(ShareOrder& order, const Line& line) const;
    [[nodiscard]] ShareRefusal check_cover(ShareOrder& order, const Line& line) const;
    [[nodiscard]] ShareRefusal check_leg(const TriggerLeg& leg, const Line& line) const;
    [[nodiscard]] std::int64_t blocked_paise(const ShareOrder& order) const;
    [[nodiscard]] std::int64_t open_quantity(ShareRef share, model::Side side,
                                             Product product) const;
    [[nodiscard]] static bool reaches(const ShareOrder& order, const Line& line,
                                      model::Price price);
    void fill(ShareOrder& order, model::Price price, std::int64_t quantity);
    void settle(const ShareExecution& execution);
    void settle_intraday(Line& line, const ShareExecution& execution);
    void finish(ShareOrder& order, Status status, ShareEventKind kind);
    void fire(Trigger& trigger, const TriggerLeg& leg);
    void fire_triggers(ShareRef share, model::Price price);
    void tell(ShareEventKind kind, const ShareOrder& order);
    void tell(ShareEventKind kind, const Trigger& trigger);

    ShareRules rules_;
    model::Money cash_;
    model::Money unsettled_;
    std::vector<Line> lines_;
    std::map<std::uint64_t, ShareOrder> orders_;
    std::vector<std::uint64_t> working_;  // by number
    std::map<std::uint64_t, Trigger> triggers_;
    std::vector<ShareEvent> events_;
    std::chrono::sys_days day_{};
    bool open_ = false;
    std::uint64_t last_order_ = 0;
    std::uint64_t last_execution_ = 0;
    std::uint64_t last_trigger_ = 0;
};

}  // namespace bullpen::matching
