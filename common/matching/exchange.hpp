// Exchange: the paper exchange's matching core. Pure and deterministic: orders, bars and ticks go
// in, events come out; no clock, no I/O, no chance. Accounts trade against the market and never
// against each other, in any quantity.
//
// A market moves by bars or by ticks. A bar is walked through in steps, so that whoever trades can
// react to a fill within the bar, as it could in a real market:
//
//     exchange.open_bar(market, bar);        // fills at the open; gaps fill there too
//     do {
//         ... look at events(), react: submit(), cancel(), replace() ...
//     } while (exchange.advance(market));    // on to the next price at which something fills
//
// Within a bar only open, high, low and close are known. The walk takes for each account the worst
// order of them: with a position the extreme against it comes first, so a stop fills before a
// target when the bar reached both; without one the extreme nearest to a resting order comes first,
// and a fill on the way turns the walk against the new position. An order sent between two bars
// waits for the next open.
//
// A bar of a market without resting orders costs a few stores and allocates nothing. One thread.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/matching/types.hpp"

namespace bullpen::matching {

class Exchange {
  public:
    Exchange();
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    ~Exchange();

    AccountRef add_account(std::string name, model::Money cash);
    // `instrument` outlives the exchange.
    MarketRef add_market(const model::Instrument& instrument, const Costs& costs);

    // --- orders -------------------------------------------------------------------------------
    // Each leaves an event: accepted or rejected, and then what follows at once. The number of the
    // order; also a rejected one has a number and can be asked for.
    std::uint64_t submit(AccountRef account, MarketRef market, const OrderRequest& request);
    // An order that is refused before it is looked at: it is in the book as rejected.
    std::uint64_t refuse(AccountRef account, MarketRef market, const OrderRequest& request,
                         Refusal refusal);
    // Refusal::none when it is done; the event tells the rest.
    Refusal cancel(AccountRef account, std::uint64_t order);
    // Quantity in all, and the price of its type (a market order has none). Its part filled stays.
    Refusal replace(AccountRef account, std::uint64_t order, std::int64_t quantity,
                    model::Price price);
    // A pending order goes to the market.
    Refusal release(std::uint64_t order);
    // The exchange itself ends an accepted order: rejected after all, or cancelled.
    Refusal end(std::uint64_t order, Status status, Refusal why);
    // The rest of a working order fills: a limit at its price, any other at the last price.
    // Refusal::by_rule when there is no price yet.
    Refusal fill_now(std::uint64_t order);
    // Ends the day orders of a market.
    void expire_day_orders(MarketRef market);

    // --- the market ---------------------------------------------------------------------------
    void open_bar(MarketRef market, const model::Bar& bar) {
        Market& m = markets_.data()[market.index];
        // One by one: copied whole, a bar costs ten times as much.
        m.bar.open = bar.open;
        m.bar.high = bar.high;
        m.bar.low = bar.low;
        m.bar.close = bar.close;
        m.bar.end = bar.end();
        m.last = bar.open;
        m.now = bar.start;
        m.phase = Phase::in_bar;
        ++m.bar_number;
        m.priced = true;
        if (m.reach.touches(bar.open, bar.open))
            open_books(m);
    }
    // A bar of which the open was dealt with in an earlier life: nothing fills there again.
    void resume_bar(MarketRef market, const model::Bar& bar);
    // Walks on until something fills, and says whether it did; false: the bar is over, and its
    // close is the last price.
    bool advance(MarketRef market) {
        Market& m = markets_.data()[market.index];
        if (m.phase == Phase::in_bar && m.reach.touches(m.bar.low, m.bar.high) && advance_books(m))
            return true;
        close_bar(m);
        return false;
    }
    // The whole bar at once if it reaches no order, as most do: as open_bar() and advance() would.
    // False, and nothing is done, when it reaches one.
    bool pass_bar(MarketRef market, const model::Bar& bar) {
        Market& m = markets_.data()[market.index];
        if (m.reach.touches(bar.low, bar.high))
            return false;
        m.last = bar.close;
        m.now = bar.end();
        m.phase = Phase::closed;
        ++m.bar_number;
        m.priced = true;
        return true;
    }
    // The whole bar without a reaction in between.
    void run_bar(MarketRef market, const model::Bar& bar) {
        open_bar(market, bar);
        while (advance(market)) {
        }
    }
    void on_tick(MarketRef market, const model::Tick& tick);
    // The bid and ask that the trade met, then the trade.
    void on_trade(MarketRef market, const model::QuotedTrade& trade);
    // In a market of ticks it is `now`, and nothing was traded since.
    void pass_time(MarketRef market, UtcTime now) { markets_.at(market.index).now = now; }

    // --- what came of it ----------------------------------------------------------------------
    // Oldest first; clear_events() when they have been read.
    [[nodiscard]] const std::vector<Event>& events() const { return events_; }
    void clear_events() { events_.clear(); }

    [[nodiscard]] std::size_t accounts() const { return accounts_.size(); }
    [[nodiscard]] std::size_t markets() const { return markets_.size(); }
    [[nodiscard]] const std::string& name(AccountRef account) const;
    [[nodiscard]] std::optional<AccountRef> find_account(std::string_view name) const;
    [[nodiscard]] const model::Instrument& instrument(MarketRef market) const;
    [[nodiscard]] model::Money cash(AccountRef account) const;
    [[nodiscard]] model::Position position(AccountRef account, MarketRef market) const;
    // Cash and what open positions would win at the last prices.
    [[nodiscard]] model::Money equity(AccountRef account) const;
    // The last price; none before the first bar or tick.
    [[nodiscard]] std::optional<model::Price> last_price(MarketRef market) const;
    // The market's own time.
    [[nodiscard]] UtcTime now(MarketRef market) const { return markets_[market.index].now; }
    // Orders of an account wait in this market, or may fill within the bar.
    [[nodiscard]] std::size_t working_orders(AccountRef account, MarketRef market) const;
    // By number, every order there ever was, unless forgotten.
    [[nodiscard]] const std::map<std::uint64_t, Order>& orders() const { return orders_; }
    [[nodiscard]] const Order* find_order(AccountRef account,
                                          const model::ClientOrderId& client) const;
    [[nodiscard]] const Order* find_order(std::uint64_t number) const;
    // Whether an order had this id, forgotten ones included; and all such ids.
    [[nodiscard]] bool used(AccountRef account, const model::ClientOrderId& client) const;
    [[nodiscard]] std::vector<model::ClientOrderId> used_ids(AccountRef account) const;
    [[nodiscard]] const std::vector<Execution>& executions(AccountRef account) const;

    // --- rules that may change ----------------------------------------------------------------
    void set_costs(MarketRef market, const Costs& costs);
    [[nodiscard]] const Costs& costs(MarketRef market) const {
        return markets_[market.index].costs;
    }
    void set_trading_allowed(AccountRef account, bool allowed);
    [[nodiscard]] bool trading_allowed(AccountRef account) const;
    // Of a finished order, and of its executions: it is not in orders() any more, but its client
    // order id stays used.
    void forget(std::uint64_t order);

    // --- restoring a book ---------------------------------------------------------------------
    // Takes an event of an earlier life for granted. Applying it again changes nothing.
    void apply(const Event& event);
    void restore_cash(AccountRef account, model::Money cash);
    void restore_position(AccountRef account, MarketRef market, const model::Position& position);
    void restore_used_id(AccountRef account, const model::ClientOrderId& client);
    // Numbers at least so high were given before.
    void restore_numbers(std::uint64_t orders, std::uint64_t executions);
    [[nodiscard]] std::uint64_t last_order_number() const { return last_order_; }
    [[nodiscard]] std::uint64_t last_execution_number() const { return last_execution_; }

  private:
    enum class Phase : std::uint8_t { closed, in_bar, ticks };

    // Where the walk of one account through a bar is.
    struct Walk {
        std::uint64_t bar_number = 0;
        model::Price at;
        bool low_reached = false;
        bool high_reached = false;
        bool close_reached = false;
    };
    // What it takes for anything to happen to orders: a fall to `below`, a rise to `above`, or
    // nothing but a price.
    struct Reach {
        model::Price below{std::numeric_limits<std::int64_t>::min()};
        model::Price above{std::numeric_limits<std::int64_t>::max()};
        bool at_once = false;
        [[nodiscard]] bool touches(model::Price low, model::Price high) const {
            return at_once || low <= below || high >= above;
        }
    };
    struct Book {
        AccountRef account;
        MarketRef market;
        model::Position position;
        std::vector<Order*> resting;  // by number; pending ones included
        Reach reach;
        Walk walk;
    };
    struct IdHash {
        std::size_t operator()(const model::ClientOrderId& id) const {
            return std::hash<std::string_view>()(id.view());
        }
    };
    struct Account {
        std::string name;
        model::Money cash;
        bool trading_allowed = true;
        std::unordered_map<model::ClientOrderId, std::uint64_t, IdHash> ids;  // to number
        std::vector<Execution> executions;
        std::vector<std::unique_ptr<Book>> books;  // one a market, made when needed
    };
    // What a walk needs to know of a bar.
    struct Range {
        model::Price open;
        model::Price high;
        model::Price low;
        model::Price close;
        UtcTime end{};
    };
    struct Market {
        const model::Instrument* instrument = nullptr;
        Costs costs;
        Phase phase = Phase::closed;
        Range bar;
        std::uint64_t bar_number = 0;
        model::Price last;
        std::optional<model::Price> bid;
        std::optional<model::Price> ask;
        UtcTime now{};
        bool priced = false;
        Reach reach;               // of all its books together
        std::vector<Book*> books;  // all of this market
    };

    static void close_bar(Market& m) {
        if (m.phase != Phase::in_bar)
            return;
        m.last = m.bar.close;
        m.now = m.bar.end;
        m.phase = Phase::closed;
    }
    void open_books(Market& m);
    bool advance_books(Market& m);
    bool step(Market& m, Book& book);
    bool fill_waiting(Market& m, Book& book);
    bool fill_towards(Market& m, Book& book, model::Price end, bool down);
    static bool heads_down(const Book& book);
    void match_tick(Market& m, Book& book, const model::Tick& tick);
    void match_arrival(Market& m, Book& book, Order& order);
    void fill(Market& m, Book& book, Order& order, model::Price price);
    void put_in(Book& book, Order& order);
    void take_out(Book& book, Order& order);
    void finish(Book& book, Order& order, Status status, Refusal why);
    static void refresh(Market& m, Book& book);
    static void begin_walk(const Market& m, Book& book);
    Book& book_of(AccountRef account, MarketRef market);
    [[nodiscard]] const Book* find_book(AccountRef account, MarketRef market) const;
    Order& add_order(AccountRef account, MarketRef market, const OrderRequest& request);
    [[nodiscard]] Refusal check(const Market& m, const Book& book,
                                const OrderRequest& request) const;
    void tell(EventKind kind, const Order& order);

    std::vector<Account> accounts_;
    std::vector<Market> markets_;
    std::map<std::uint64_t, Order> orders_;
    std::vector<Event> events_;
    std::vector<Order*> due_;  // reused
    std::uint64_t last_order_ = 0;
    std::uint64_t last_execution_ = 0;
};

}  // namespace bullpen::matching
