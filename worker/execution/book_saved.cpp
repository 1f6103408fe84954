// The book as a snapshot: the same packed fields as the records, with a version in front.
#include <algorithm>

#include "common/base/errc.hpp"
#include "worker/execution/book.hpp"
#include "worker/execution/record_fields.hpp"

namespace bullpen::execution {

namespace {

constexpr std::int64_t k_version = 1;
// With the reasons of stops that were moved.
constexpr std::int64_t k_version_newest = 2;
// A list in a snapshot is no longer than this.
constexpr std::int64_t k_items_max = 100'000;

template <class A, class Items, class Each>
void list(A& a, Items& items, Each each) {
    auto size = static_cast<std::int64_t>(items.size());
    fields(a, size);
    if constexpr (A::k_reads) {
        if (size < 0 || size > k_items_max)
            return a.fail();
        items.clear();
        for (std::int64_t i = 0; i < size && !a.failed(); ++i)
            each(items.emplace_back());
    } else {
        for (auto& item : items)
            each(item);
    }
}

template <class A>
void fields(A& a, Order& order) {
    fields(a, order.terms);
    choice(a, order.status, static_cast<int>(k_statuses));
    fields(a, order.broker_order);
    fields(a, order.filled);
    fields(a, order.reported);
    fields(a, order.new_quantity);
    fields(a, order.new_price);
    fields(a, order.expected);
    fields(a, order.protect);
    fields(a, order.stop);
    fields(a, order.why);
    fields(a, order.decided);
    fields(a, order.commanded);
    fields(a, order.updated);
    fields(a, order.replaces);
    fields(a, order.seen);
    fields(a, order.unwanted);
    fields(a, order.replaceable);
}

template <class A>
void fields(A& a, Guard& guard) {
    fields(a, guard.symbol);
    fields(a, guard.protect);
    choice(a, guard.side, 2);
    fields(a, guard.stop);
    fields(a, guard.cause);
    fields(a, guard.closing.active);
    fields(a, guard.closing.terms);
    fields(a, guard.closing.order);
    fields(a, guard.closing.attempts);
    fields(a, guard.stop_refused);
    fields(a, guard.mismatch);
}

template <class A>
void fields(A& a, OpenTrade& trade) {
    fields(a, trade.open);
    choice(a, trade.side, 2);
    fields(a, trade.entry);
    fields(a, trade.opened);
    fields(a, trade.latest);
    fields(a, trade.in_quantity);
    fields(a, trade.in_ticks);
    fields(a, trade.out_quantity);
    fields(a, trade.out_ticks);
    fields(a, trade.slippage_ticks);
    fields(a, trade.fees);
    fields(a, trade.initial_stop);
    fields(a, trade.protected_);
    fields(a, trade.adopted);
    choice(a, trade.closed_by, 6);
    fields(a, trade.why);
}

}  // namespace

template <class A>
void fields(A& a, Ledger& ledger) {
    list(a, ledger.lines_, [&](Line& line) {
        fields(a, line.symbol);
        fields(a, line.position.quantity);
        fields(a, line.position.cost_ticks);
        fields(a, line.trade);
    });
    fields(a, ledger.totals_.gross);
    fields(a, ledger.totals_.fees);
    fields(a, ledger.totals_.slippage_ticks);
    fields(a, ledger.totals_.executions);
    fields(a, ledger.totals_.trades);
    std::size_t seen = 0;
    list(a, ledger.executions_, [&](Ledger::Execution& execution) {
        fields(a, execution.id);
        if (seen == ledger.hashes_.size())
            ledger.hashes_.push_back(0);
        fields(a, ledger.hashes_[seen++]);
        fields(a, execution.time);
    });
    ledger.hashes_.resize(ledger.executions_.size());
    fields(a, ledger.oldest_);
    fields(a, ledger.horizon_);
}

template <class A>
void fields(A& a, Book& book) {
    fields(a, book.ledger_);
    list(a, book.orders_, [&](Order& order) { fields(a, order); });
    list(a, book.guards_, [&](Guard& guard) { fields(a, guard); });
    list(a, book.decisions_, [&](Book::Decision& decision) {
        fields(a, decision.key);
        fields(a, decision.order);
    });
    fields(a, book.decisions_horizon_);
    fields(a, book.fence_);
    fields(a, book.next_sequence_);
    fields(a, book.begun_);
    fields(a, book.fills_since_);
    if (has_more(a, !book.is_any_stop_moved())) {
        for (auto& guard : book.guards_)
            fields(a, guard.moved);
    }
}

bool Book::is_any_stop_moved() const {
    return std::ranges::any_of(guards_, [](const Guard& guard) { return !guard.moved.empty(); });
}

std::string Book::save() const {
    Writer writer;
    std::int64_t version = is_any_stop_moved() ? k_version_newest : k_version;
    fields(writer, version);
    Book copy = *this;
    fields(writer, copy);
    return writer.take();
}

Result<void> Book::restore(std::string_view saved) {
    Reader reader(saved);
    std::int64_t version = 0;
    fields(reader, version);
    if (!reader.failed() && version > k_version_newest) {
        return fail(Errc::newer_version,
                    "a snapshot of version " + std::to_string(version) + " is not known");
    }
    Book read(std::span<const model::Instrument* const>{});
    fields(reader, read);
    const auto expected = read.is_any_stop_moved() ? k_version_newest : k_version;
    const bool sound =
        version == expected && read.ledger_.sound() && read.decisions_.size() <= k_keys_kept;
    if (reader.failed() || !reader.at_end() || !sound)
        return fail(Errc::corrupt, "the snapshot of the orders cannot be read");
    read.ledger_.take_instruments(ledger_);
    read.ledger_.count_hashes();
    for (const Guard& guard : guards_)
        read.guard_of(guard.symbol);
    read.orders_.reserve(k_orders_kept + 8);
    read.live_.reserve(k_orders_kept);
    read.look_at_lives();
    read.newest_signal_ = read.decisions_horizon_;
    UtcTime newest = UtcTime::min();
    for (Decision& decision : read.decisions_)
        decision.newest = newest = std::max(newest, decision.key.signal_bar);
    read.newest_signal_ = std::max(read.newest_signal_, newest);
    *this = std::move(read);
    return {};
}

}  // namespace bullpen::execution
