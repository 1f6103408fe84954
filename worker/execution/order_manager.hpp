// OrderManager: the only one that talks to the broker. It takes decisions and the broker's events,
// with a time, and sends orders through the port: always through the risk gate, always after the
// record, never twice.
//
// What it keeps up by itself, after every event and whenever its time comes:
//   - every contract held has a live stop behind it, or is being closed;
//   - orders that close never exceed what is held, but for the moments in which one stop takes the
//     place of another;
//   - where nothing is held no order is left;
//   - what is unknown is asked for, and nothing is sent for the instrument until it is known.
//
// One account, one thread, no clock. Nothing is sent before start(), and no entry before the
// broker's side was compared with ours. on_time() must be called when next_deadline() has come;
// with no order open it costs one comparison.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "worker/broker/port.hpp"
#include "worker/execution/approver.hpp"
#include "worker/execution/book.hpp"
#include "worker/execution/breaker.hpp"
#include "worker/execution/kill_points.hpp"
#include "worker/execution/notice.hpp"
#include "worker/execution/reconciler.hpp"
#include "worker/execution/recorder.hpp"

namespace bullpen::execution {

using BrokerAccount = model::ShortText<63>;

struct OrderManagerSettings {
    std::string tag;        // four letters or digits, from the roster
    BrokerAccount account;  // as the broker writes it
    UnexpectedPolicy unexpected = UnexpectedPolicy::protect;
    model::Ticks unexpected_stop{40};  // distance of the stop behind an unexpected position
    Nanos reconcile_every = std::chrono::seconds(45);  // 0: only at start and after a reconnect
    Nanos answer_wait = std::chrono::seconds(5);       // for the answer to a command or query
    // An order of unknown fate that complete answers lack for so long was never placed.
    Nanos absent_after = std::chrono::seconds(30);
    // Likewise of a protective stop at a broker that takes things in order, and how long its
    // answer is waited for: what is held has nothing behind it meanwhile.
    Nanos stop_absent_after = std::chrono::seconds(1);
    bool verify_after_exit = true;  // ask the broker whether an order is left when flat
    // The market has a time of its own, since it is replayed or made up: what is taken over there
    // is dated by it and never by the clock.
    bool own_time = false;
    // The market's price of now is told by on_market(). What came from outside waits for it: a mark
    // may be of before an absence.
    bool told_prices = false;
};

// A decision to enter.
struct Entry {
    BrokerAccount account;  // that the decision was taken for
    model::IntentKey key;   // its leg is entry, its attempt 0
    model::Side side{};
    std::int64_t quantity = 0;
    model::OrderType type = model::OrderType::market;
    model::TimeInForce time_in_force = model::TimeInForce::day;
    model::Price limit;                // of a limit or stop order
    model::Price expected;             // what slippage is measured from
    std::optional<model::Price> stop;  // where the position is to be protected
    Label why;
};

// A decision to close all or a part.
struct Exit {
    BrokerAccount account;              // that the decision was taken for
    model::IntentKey key;               // its leg is exit, partial_exit or flatten
    std::int64_t quantity = 0;          // 0 is all
    std::optional<model::Price> limit;  // at it or better, and at once, else not at all
    model::Price expected;
    Label why;
};

// A decision where the position is protected from now on.
struct StopMove {
    BrokerAccount account;  // that the decision was taken for
    model::Symbol symbol;
    model::Price stop;
    Label why{};
};

// What became of a decision.
struct Decided {
    Refusal refusal = Refusal::none;
    std::uint16_t denial = 0;    // the risk gate's code
    model::ClientOrderId order;  // of an entry that was made
    [[nodiscard]] bool made() const { return refusal == Refusal::none; }
};

// What a stop of the account does with positions and orders.
enum class StopPolicy : std::uint8_t {
    flatten,
    leave_protected,  // entries are cancelled, stops stay at the broker
    refuse,           // it is not stopped while something is held
};
enum class StopState : std::uint8_t { done, under_way, refused };

class OrderManager {
  public:
    // All references outlive the manager. `kill_points` is for tests.
    OrderManager(std::span<const model::Instrument* const> instruments,
                 const OrderManagerSettings& settings, broker::Port& port, Recorder& recorder,
                 Approver& approver, KillPoints* kill_points = nullptr);

    // Recovery, before start(): a snapshot if there is one, then the records after it.
    Result<void> restore(std::string_view snapshot);
    void replay(const Record& record);
    [[nodiscard]] std::string save() const;
    // With the time that the market has come to: see Book::mend_horizon().
    std::optional<UtcTime> mend_horizon(UtcTime market) { return book_.mend_horizon(market); }

    // Begins to answer for the account. Errc::invalid when the fence is below one that was used;
    // else the recorder's.
    Result<void> start(Fence fence, Instant now);

    Decided enter(const Entry& entry, Instant now);
    // A decision to enter that the caller refuses for a reason of its own, or of which the risk
    // gate allows no contract: recorded as such.
    Decided refuse(const Entry& entry, Refusal refusal, Instant now);
    Decided refuse(const Entry& entry, const GateDenial& denial, Instant now);
    Decided exit(const Exit& exit, Instant now);
    // Only ever closer to the price.
    Decided move_stop(const StopMove& move, Instant now);
    // Cancels resting entries.
    void cancel_entries(Instant now);
    // Cancel all, wait, close, verify by the broker's own word; until it succeeds.
    void flatten(const model::Symbol& symbol, Label why, Instant now);
    void flatten_all(Label why, Instant now);
    // An operator lifted what a stop that could not be placed had blocked.
    void resume(Instant now);
    // Nothing is sent from now on (another holder of the account may act), or again.
    void silence(bool silent) { silent_ = silent; }
    // Brings the account to rest by `policy`; asked again after every event until it is done.
    StopState stop(StopPolicy policy, Instant now);

    void on_event(const broker::Event& event, Instant now);
    void on_time(Instant now) {
        if (now.mono >= wake_)
            work(now);
    }
    // The newest price of an instrument.
    void on_mark(const model::Symbol& symbol, model::Price price) {
        // Most accounts trade one instrument, and hear of its price with every bar.
        if (!watches_.empty() && watches_.front().symbol == symbol) [[likely]]
            watches_.front().mark = price;
        else
            watch(symbol).mark = price;
    }
    // Where the market itself is by now, whatever bars are still to be taken: see
    // OrderManagerSettings::told_prices.
    void on_market(const model::Symbol& symbol, model::Price price, UtcTime time, Instant now);
    // None when nothing is due.
    [[nodiscard]] std::optional<MonoTime> next_deadline() const {
        return wake_ == k_never ? std::nullopt : std::optional(wake_);
    }

    // By when what was sent has its answer or is taken for unknown; none when nothing is awaited.
    [[nodiscard]] std::optional<MonoTime> answer_due() const;

    // Whether an entry would be refused whatever it is, and why.
    [[nodiscard]] Refusal entries(const model::Symbol& symbol, Instant now) const;
    [[nodiscard]] const Book& book() const { return book_; }
    [[nodiscard]] Exposure exposure(const model::Symbol& symbol) const;
    // With what was reported and not told; what may be believed to be held.
    [[nodiscard]] std::int64_t held(const model::Symbol& symbol) const {
        return book_.held(symbol);
    }
    // What the broker holds, where that is not what the records explain and the policy is to touch
    // nothing; none when both agree, or nobody told since the start.
    [[nodiscard]] std::optional<std::int64_t> unexplained(const model::Symbol& symbol) const {
        const Watch* watch = find_watch(symbol);
        return watch == nullptr ? std::nullopt : watch->unexplained;
    }
    // Contracts behind live, confirmed stops.
    [[nodiscard]] std::int64_t protected_quantity(const model::Symbol& symbol) const;
    [[nodiscard]] bool reconciled() const { return reconciled_; }
    [[nodiscard]] bool session_up() const { return session_up_; }
    // Nothing is owed and nothing is awaited: both sides were compared, every command has its
    // answer, what is held has its stop or an order that closes it. Who can hold the market back
    // does so until then.
    [[nodiscard]] bool at_rest() const;
    // The book is ahead of the journal, which took no record lately: a snapshot of now and the
    // records that follow would count some of them twice.
    [[nodiscard]] bool ahead_of_journal() const { return !held_back_.empty(); }

    // What happened since take() was called last, oldest first. More than k_notices_max are not
    // kept; the newest are dropped and counted.
    static constexpr std::size_t k_notices_max = 512;
    [[nodiscard]] std::span<const Notice> notices() const { return notices_; }
    [[nodiscard]] std::span<const Trade> trades() const { return trades_; }
    void take() {
        notices_.clear();
        trades_.clear();
    }
    [[nodiscard]] std::uint64_t notices_dropped() const { return notices_dropped_; }

  private:
    static constexpr MonoTime k_never{Nanos::max()};
    // Before a command is tried again after one that failed.
    static constexpr Nanos k_retry = Millis(500);
    static constexpr Nanos k_closing_retry = std::chrono::seconds(1);
    // Stops that the broker's side takes away are placed again so often within so long; then it
    // does not want one.
    static constexpr std::size_t k_stops_taken_max = 5;
    static constexpr Nanos k_stops_taken_within = std::chrono::minutes(1);
    // An operator is told of a position that had no live stop for this long; and what the broker
    // has had for so long without working it is no use.
    static constexpr Nanos k_naked_max = std::chrono::seconds(5);
    // What was taken over waits so long, two bars, for a price of now to have its stop put behind
    // it. Then it gets one by what is known; where that is no price at all it is closed, as
    // whatever no stop can be placed for.
    static constexpr Nanos k_price_wait = std::chrono::minutes(2);
    // What happened while the session was down is waited for no longer than this.
    static constexpr Nanos k_sync_max = std::chrono::seconds(10);

    // The balance is asked for when a round has ended: what was compared is in it.
    enum class Query : std::uint8_t { orders, fills, positions, balance, count_ };
    static constexpr std::size_t k_queries = static_cast<std::size_t>(Query::count_);

    // A command whose answer is awaited.
    struct Awaited {
        model::ClientOrderId order;
        broker::OrderCommand command{};
        MonoTime due{};
        bool answered = false;  // the broker took it; its effect is awaited
    };
    // An order that is unknown, and how often it was asked for.
    struct Unknown {
        model::ClientOrderId order;
        MonoTime since{};
        MonoTime next{};
        std::size_t asked = 0;
    };
    // What an order asked for until the broker took a change of it.
    struct Replaced {
        model::ClientOrderId order;
        std::int64_t quantity = 0;
        model::Price price;
        MonoTime at{};
    };
    static constexpr std::size_t k_replaced_max = 32;
    // A stop or an exit that the broker took, and that does not work as far as it said.
    struct Pending {
        model::ClientOrderId order;
        MonoTime since{};
        bool told = false;  // that it is pending; else no report of it came yet
    };
    // The report of a stop that was taken is waited for so long, then it is asked for.
    static constexpr Nanos k_unheard_max = std::chrono::seconds(1);
    struct Asking {
        bool wanted = false;
        MonoTime not_before{};
        std::uint64_t number = 0;  // of the query that is out; 0 is none
        MonoTime asked{};          // when it, or the last one that was answered, was asked
        UtcTime asked_utc{};
        UtcTime since{};          // what it was asked for
        std::uint64_t round = 0;  // when it was asked
        MonoTime due{};
        bool answered = false;     // at least once since the session came up
        bool fresh = false;        // the last time it was asked
        std::size_t failures = 0;  // in a row
    };
    // What is remembered of an instrument between steps and need not outlive the process.
    struct Watch {
        model::Symbol symbol;
        std::optional<model::Price> mark;
        std::optional<model::Price> told;  // of now, by on_market(); none in a session without
        std::optional<std::int64_t> unexplained;  // see OrderManager::unexplained()
        std::uint64_t version = 0;  // counted up with every change of its orders and position
        MonoTime changed{};
        std::optional<MonoTime> naked_since;
        bool naked_told = false;
        MonoTime retry_at{};            // no command before
        MonoTime close_at{};            // no attempt to close before; a stop stands meanwhile
        bool verify = false;            // the broker is asked whether anything is left
        std::uint64_t verified_by = 0;  // flat and without orders: this round says so
        bool stuck_told = false;
        bool was_protected = false;
        bool came_from_outside = false;  // held, and no order of ours explains it
        // Stops that ended although nobody here cancelled them, since the first of them.
        std::size_t stops_taken = 0;
        MonoTime stops_taken_since{};
    };

    // order_manager.cpp
    void work(Instant now);
    void settle(Instant now);
    void hurry_the_port(Instant now);
    void reckon_wake(Instant now);
    Watch& watch(const model::Symbol& symbol);
    [[nodiscard]] const Watch* find_watch(const model::Symbol& symbol) const;
    void tell(NoticeKind kind, Instant now, const model::Symbol& symbol = {},
              const model::ClientOrderId& order = {}, std::uint16_t detail = 0,
              std::int64_t quantity = 0, model::Price price = {});
    void reached(KillPoint point) {
        if (kill_points_ != nullptr) [[unlikely]]
            kill_points_->reached(point);
    }

    // sending.cpp
    Decided submit(Intended intended, Instant now);
    Decided deny(const model::IntentKey& key, model::Side side, std::int64_t quantity,
                 Refusal refusal, std::uint16_t denial, Instant now);
    [[nodiscard]] bool session_is_ours(Instant now);
    void send_cancel(const Order& order, Instant now);
    void send_replace(const Order& order, std::int64_t quantity, model::Price price, Instant now);
    bool write(const Record& record, bool durable, Instant now);
    Change commit(const Record& record, Instant now);
    Change commit(const Record& record, KillPoint before, KillPoint after, Instant now);
    bool write_held_back(Instant now);
    void after_change(const model::ClientOrderId& id, const Change& change, Instant now);
    void keep_trade(const Trade& trade, Instant now);
    void count_taken_stop(const model::Symbol& symbol, Instant now);
    void await(const model::ClientOrderId& order, broker::OrderCommand command, Instant now);
    void stop_awaiting(const model::ClientOrderId& order, broker::OrderCommand command);

    // events.cpp
    void on(const broker::Connected& event, Instant now);
    void on(const broker::Disconnected& event, Instant now);
    void on(const broker::Answer& event, Instant now);
    void on(const broker::OrderReport& event, Instant now) {
        (void)take_report(event, std::nullopt, now);
    }
    void on(const model::Fill& event, Instant now);
    void on(const broker::OrdersAnswer& event, Instant now);
    void on(const broker::FillsAnswer& event, Instant now);
    void on(const broker::PositionsAnswer& event, Instant now);
    void on(const broker::BalanceAnswer& event, Instant now);
    void on(const broker::InstrumentAnswer& event, Instant now);
    void forget_questions();
    // `asked`: when what it answers was asked; none for a report that came by itself. False when it
    // told nothing new, and nothing was done.
    bool take_report(const broker::OrderReport& report, std::optional<MonoTime> asked, Instant now);
    // Whether it is pending now and was not, or the other way round.
    bool note_pending(const model::ClientOrderId& order, broker::BrokerStatus status, Instant now);
    [[nodiscard]] bool is_pending(const Order& order) const;
    // Or nothing was heard of it but that it was taken.
    [[nodiscard]] bool may_be_pending(const Order& order) const;
    void ask_for_unheard(Instant now);
    void remember_replaced(const Order& order, Instant now);
    [[nodiscard]] bool was_replaced(const Reported& report, std::optional<MonoTime> asked) const;
    void take_fill(const model::Fill& fill, Instant now);
    void posted(const model::Symbol& symbol, const Posting& posting, Instant now);
    void count_failure(Channel channel, Instant now);
    void count_success(Channel channel, Instant now);
    [[nodiscard]] Breaker& breaker(Channel channel) {
        return breakers_[static_cast<std::size_t>(channel)];
    }

    // decisions.cpp
    static model::IntentKey own_key(std::string_view strategy, const model::Symbol& symbol,
                                    UtcTime at, model::Purpose leg);
    bool begin_closing(const ExitBegun& terms, Instant now);

    // converge.cpp: brings every instrument closer to what it should be
    void converge(const model::Symbol& symbol, Instant now);
    [[nodiscard]] bool synced() const;
    [[nodiscard]] bool may_send(Instant now) const;
    [[nodiscard]] static bool must_go(const Guard& guard, const Order& order, std::int64_t held);
    void cancel_what_must_go(const Guard& guard, std::int64_t held, Instant now);
    // The live stops of an instrument on the side that closes what is held.
    struct Stops {
        const Order* exact = nullptr;    // stands where and as large as it should
        const Order* largest = nullptr;  // of those that stand; the newest of equals
        std::size_t standing = 0;
        bool under_way = false;  // one is unknown, or being changed or cancelled, or pending
    };
    [[nodiscard]] Stops stops_of(const Guard& guard, std::int64_t held, std::int64_t want) const;
    [[nodiscard]] std::int64_t reserved(const Guard& guard, Instant now) const;
    void keep_protected(const Guard& guard, std::int64_t held, Instant now);
    void cancel_stops_but(const model::Symbol& symbol, const Order* kept, Instant now);
    void place_stop(const Guard& guard, std::int64_t quantity, Instant now);
    void stop_failed(const model::Symbol& symbol, Instant now);
    void close_unprotected(const model::Symbol& symbol, Instant now);
    void verify_rest(const Guard& guard, std::int64_t held, Instant now);
    void watch_nakedness(const Guard& guard, std::int64_t position, Instant now);
    void give_up_pending(const Guard& guard, Instant now);
    [[nodiscard]] std::int64_t open_exits(const model::Symbol& symbol) const;
    // Likewise, without those that are pending.
    [[nodiscard]] std::int64_t working_exits(const model::Symbol& symbol) const;
    [[nodiscard]] bool may_be_bare() const;

    // closing.cpp
    void close(const model::Symbol& symbol, Instant now);
    void attempt_ended(const Guard& guard, const Order& order, Instant now);
    [[nodiscard]] bool attempt_is_over(const Guard& guard) const;
    void send_closing(const Guard& guard, Instant now);
    void end_closing(const model::Symbol& symbol, ExitEnd how, Instant now);
    void verify_closing(const model::Symbol& symbol, Instant now);

    // asking.cpp
    void want(Query query, MonoTime not_before = {});
    void ask(Instant now);
    [[nodiscard]] bool may_ask(Instant now) const;
    void ask_one(Query query, Instant now);
    bool answered(Query query, std::uint64_t number, bool known, Instant now);
    void pursue_unknown(Instant now);
    void forget_unknown(const model::ClientOrderId& order);
    void begin_unknown(const model::ClientOrderId& order, Instant now);
    void check_absence(const std::vector<broker::OrderReport>& reports, Instant now);
    void cancel_orphans(const std::vector<broker::OrderReport>& reports, Instant now);
    void begin_round(Instant now);
    [[nodiscard]] bool is_under_way(const model::Symbol& symbol, Instant now) const;
    void reconcile(Instant now);
    void end_round(Instant now);
    void act_on(const Comparison& comparison, Instant now);
    void take_over(const Comparison& comparison, Instant now);
    void act_on_what_came(const model::Symbol& symbol, Instant now);
    void protect_what_came(const model::Symbol& symbol, std::int64_t held, model::Price average,
                           Instant now);
    [[nodiscard]] bool is_unpriced(const model::Symbol& symbol) const;
    void price_what_came(const model::Symbol& symbol, model::Price price, UtcTime at, Instant now);
    void date_what_came(const model::Symbol& symbol, Instant now);
    [[nodiscard]] UtcTime market_time(Instant now) const;
    [[nodiscard]] std::optional<model::Price> price_now(const Watch& watch) const;
    [[nodiscard]] bool awaits_price(const model::Symbol& symbol) const;
    [[nodiscard]] static bool is_planned(const Guard& guard, std::int64_t held);

    OrderManagerSettings settings_;
    broker::Port& port_;
    Recorder& recorder_;
    Approver& approver_;
    KillPoints* kill_points_;

    Book book_;
    MonoTime wake_ = k_never;

    bool started_ = false;
    bool session_up_ = false;  // connected, and for the right account
    bool wrong_account_ = false;
    bool reconciled_ = false;  // compared once since the session came up
    bool silent_ = false;
    bool settling_ = false;
    bool hurries_ = false;  // the port was told so
    MonoTime session_since_{};
    // A round asks for everything and compares; it ends when both sides agree.
    bool round_active_ = false;
    std::uint64_t round_ = 0;  // counted up when one begins, and when it asks anew
    std::uint64_t round_agreed_ = 0;
    MonoTime next_round_ = k_never;

    std::vector<Watch> watches_;
    UtcTime market_told_{};  // by on_market(), in this session
    std::vector<Awaited> awaited_;
    std::vector<Unknown> unknown_;
    std::vector<Replaced> replaced_;  // of orders that are open, oldest first
    // Stops and exits that the broker has and does not work yet: nothing stands behind what is
    // held.
    std::vector<Pending> pending_;
    std::array<Asking, k_queries> asking_{};
    std::optional<std::vector<broker::PositionReport>> positions_;
    std::uint64_t positions_version_ = 0;  // of all instruments, when positions were asked for
    std::uint64_t balance_version_ = 0;    // when the balance was
    std::optional<Balance> balance_;       // as it was told last
    std::uint64_t version_ = 0;
    std::array<Breaker, k_channels> breakers_{
        Breaker::of(Channel::orders), Breaker::of(Channel::queries), Breaker::of(Channel::session)};
    RetryBudget retries_;
    Reconciler reconciler_;
    std::vector<Record> held_back_;  // records that the journal did not take yet
    MonoTime held_back_retry_{};

    std::vector<Notice> notices_;
    std::vector<Trade> trades_;
    std::vector<Trade> unrecorded_trades_;  // during recovery
    std::uint64_t notices_dropped_ = 0;
};

std::string_view code(StopPolicy policy);
std::optional<StopPolicy> stop_policy_from(std::string_view code);

}  // namespace bullpen::execution
