// Book: the lasting state of the order manager: orders, ledger, what protects what, what is being
// closed. It changes by records alone and asks nobody, so that a snapshot and the records after it
// give the same book again, to the byte.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "worker/execution/ledger.hpp"
#include "worker/execution/order.hpp"
#include "worker/execution/record.hpp"
#include "worker/execution/rolling.hpp"

namespace bullpen::execution {

inline constexpr std::size_t k_orders_kept = 96;  // orders that ended are forgotten beyond
inline constexpr std::size_t k_keys_kept = 256;   // decisions

// What is being closed, if anything.
struct Closing {
    bool active = false;
    ExitBegun terms;
    model::ClientOrderId order;  // of the last attempt; empty before the first
    std::uint32_t attempts = 0;
    friend bool operator==(const Closing&, const Closing&) = default;
};

// What is kept of one instrument besides its line in the ledger.
struct Guard {
    model::Symbol symbol;
    bool protect = false;  // a position of `side` is to have a stop at `stop`
    model::Side side{};
    model::Price stop;
    Label moved;             // why the stop was moved there; empty: it was not
    model::IntentKey cause;  // of the entry; keys of stops derive from it
    Closing closing;
    bool stop_refused = false;
    bool mismatch = false;
    friend bool operator==(const Guard&, const Guard&) = default;
};

// What applying a record changed.
struct Change {
    bool known = false;  // the order it is about is in the book
    StepActions actions;
    Status before{};
    Status after{};
    Posting posting;           // of an execution or an adoption
    bool stop_failed = false;  // a stop ended without protecting, proven
    bool stop_kept = false;    // its place was kept by the stop before it
};

// Some of the orders of a book, as a range; good until the book changes.
class LiveOrders {
  public:
    class Iterator {
      public:
        Iterator(const Order* orders, const std::size_t* at) : orders_(orders), at_(at) {}
        const Order& operator*() const { return orders_[*at_]; }
        Iterator& operator++() {
            ++at_;
            return *this;
        }
        friend bool operator==(const Iterator& a, const Iterator& b) { return a.at_ == b.at_; }

      private:
        const Order* orders_;
        const std::size_t* at_;
    };
    LiveOrders(std::span<const Order> orders, std::span<const std::size_t> at)
        : orders_(orders), at_(at) {}
    [[nodiscard]] Iterator begin() const { return {orders_.data(), at_.data()}; }
    [[nodiscard]] Iterator end() const { return {orders_.data(), at_.data() + at_.size()}; }
    template <class Predicate>
    [[nodiscard]] bool any(const Predicate& holds) const {
        for (const std::size_t at : at_) {
            if (holds(orders_[at]))
                return true;
        }
        return false;
    }

  private:
    std::span<const Order> orders_;
    std::span<const std::size_t> at_;
};

class Book {
  public:
    explicit Book(std::span<const model::Instrument* const> instruments);

    Change apply(const Record& record);
    // Whether applying would change anything but times.
    [[nodiscard]] bool news(const Reported& report) const;

    [[nodiscard]] const Ledger& ledger() const { return ledger_; }
    [[nodiscard]] std::span<const Order> orders() const { return orders_.view(); }
    // Those of them that may still change what is held: open, or executed beyond what was told.
    // Few, oldest first; loops over what happens look here. An order that comes to its end during
    // such a loop leaves it at once.
    [[nodiscard]] std::size_t live_size() const { return live_.size(); }
    [[nodiscard]] const Order& live(std::size_t i) const { return orders_[live_[i]]; }
    [[nodiscard]] LiveOrders live() const { return {orders_.view(), live_}; }
    [[nodiscard]] std::span<const Guard> guards() const { return guards_; }
    [[nodiscard]] const Order* find(const model::ClientOrderId& id) const;
    [[nodiscard]] const Guard* guard(const model::Symbol& symbol) const;
    // Held by executions told, and reported without having been told.
    [[nodiscard]] std::int64_t held(const model::Symbol& symbol) const;

    // The attempt that a decision under `key` would be: none when the key was used, and its order
    // is not proven to be nowhere. Stops and closings count on whatever became of the one before.
    [[nodiscard]] std::optional<std::uint32_t> attempt(const model::IntentKey& key) const;
    // Older than the decisions that are remembered.
    [[nodiscard]] bool forgotten(const model::IntentKey& key) const;
    // A horizon after `market`, the time that the market has come to, makes every decision too old.
    // One that an older version took from the wall clock becomes what it must have been at most;
    // then what it was.
    std::optional<UtcTime> mend_horizon(UtcTime market);

    [[nodiscard]] Fence fence() const { return fence_; }
    [[nodiscard]] std::uint64_t next_sequence() const { return next_sequence_; }
    [[nodiscard]] UtcTime begun() const { return begun_; }
    [[nodiscard]] UtcTime fills_since() const { return fills_since_; }

    [[nodiscard]] std::string save() const;
    // Errc::corrupt, Errc::newer_version; the book is as before then.
    Result<void> restore(std::string_view saved);

    template <class A>
    friend void fields(A& archive, Book& book);
    friend bool operator==(const Book&, const Book&) = default;

  private:
    struct Decision {
        model::IntentKey key;  // of the newest attempt
        model::ClientOrderId order;
        // Neither this nor a remembered one before it was taken on a later bar: where to stop
        // looking, and no state.
        UtcTime newest{};
        friend bool operator==(const Decision& a, const Decision& b) {
            return a.key == b.key && a.order == b.order;
        }
    };

    void apply(const Started& record, Change& change);
    void apply(const Intended& record, Change& change);
    void apply(const Denied& record, Change& change);
    void apply(const Sent& record, Change& change);
    void apply(const Commanded& record, Change& change);
    void apply(const Answered& record, Change& change);
    void apply(const Reported& record, Change& change);
    void apply(const Filled& record, Change& change);
    void apply(const Concluded& record, Change& change);
    void apply(const Unwanted& record, Change& change);
    void apply(const Planned& record, Change& change);
    void apply(const ExitBegun& record, Change& change);
    void apply(const ExitEnded& record, Change& change);
    void apply(const Adopted& record, Change& change);
    void apply(const Blocked& record, Change& change);
    void apply(const Reconciled& record, Change& change);
    void apply(const Traded& record, Change& change);
    void apply(const Balance& record, Change& change);

    Order* order_of(const model::ClientOrderId& id);
    Guard& guard_of(const model::Symbol& symbol);
    void step(Order& order, OrderEvent event, Change& change);
    void ended(Order& order, Change& change);
    [[nodiscard]] bool is_any_stop_moved() const;
    [[nodiscard]] std::optional<std::size_t> find_decision(const model::IntentKey& key) const;
    void remember(const model::IntentKey& key, const model::ClientOrderId& order);
    void forget_orders();
    // After a change of an order, or of all.
    void look_at_life(const Order& order);
    void look_at_lives();

    Ledger ledger_;
    Rolling<Order> orders_;          // oldest first
    std::vector<std::size_t> live_;  // which of orders_
    std::vector<Guard> guards_;
    Rolling<Decision> decisions_;  // the longest unused first
    UtcTime newest_signal_{};      // no remembered decision was taken on a later bar
    UtcTime decisions_horizon_{};
    Fence fence_;
    std::uint64_t next_sequence_ = 1;
    UtcTime begun_{};        // when the first process of this account began
    UtcTime fills_since_{};  // the ledger is whole up to here
};

}  // namespace bullpen::execution
