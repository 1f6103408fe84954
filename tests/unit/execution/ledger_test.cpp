// The ledger: each execution once, sums that do not depend on the order of telling, bounded memory.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>

#include "worker/execution/book.hpp"
#include "worker/execution/breaker.hpp"
#include "worker/execution/ledger.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::execution;

const model::Symbol k_mes = model::Symbol::cut("MES");

Ledger make_ledger() {
    const std::array<const model::Instrument*, 1> instruments{*model::find_instrument("MES")};
    return Ledger(instruments);
}

model::Fill make_fill(int id, model::Side side, std::int64_t quantity, std::int64_t price,
                      int second = 0) {
    model::Fill fill;
    fill.execution = model::ExecutionId::cut("E" + std::to_string(id));
    fill.symbol = k_mes;
    fill.side = side;
    fill.quantity = quantity;
    fill.price = {price};
    fill.time = utc_from_nanos(1'700'000'000'000'000'000) + std::chrono::seconds(second);
    fill.fee = {500'000 * quantity, model::k_usd};
    return fill;
}

FillContext of(model::Purpose purpose, std::optional<model::Price> expected = {}) {
    FillContext context;
    context.known = true;
    context.purpose = purpose;
    context.expected = expected;
    return context;
}

}  // namespace

TEST_CASE("F26: an execution told again counts once") {
    Ledger ledger = make_ledger();
    const auto fill = make_fill(1, model::Side::buy, 2, 5000);
    CHECK(ledger.apply(fill, of(model::Purpose::entry)).taking == Taking::applied);
    for (int i = 0; i < 3; ++i) {
        CHECK(ledger.taking(fill) == Taking::duplicate);
        CHECK(ledger.apply(fill, of(model::Purpose::entry)).taking == Taking::duplicate);
    }
    CHECK(ledger.find(k_mes)->position.quantity == 2);
    CHECK(ledger.totals().executions == 1);
    CHECK(ledger.totals().fees == model::Money{1'000'000, model::k_usd});
}

TEST_CASE("a round trip is one trade, with its costs and what it lost against the expected price") {
    Ledger ledger = make_ledger();
    auto entry = of(model::Purpose::entry, model::Price{5000});
    entry.protect = true;
    entry.stop = {4990};
    (void)ledger.apply(make_fill(1, model::Side::buy, 1, 5001), entry);
    (void)ledger.apply(make_fill(2, model::Side::buy, 2, 5002, 1), entry);
    const auto posting = ledger.apply(make_fill(3, model::Side::sell, 3, 5009, 60),
                                      of(model::Purpose::exit, model::Price{5010}));
    REQUIRE(posting.closed);
    const Trade& trade = *posting.closed;
    CHECK(trade.number == 1);
    CHECK(trade.side == model::Side::buy);
    CHECK(trade.quantity == 3);
    CHECK(trade.entry_ticks == 5001 + 2 * 5002);
    CHECK(trade.exit_ticks == 3 * 5009);
    CHECK(trade.slippage_ticks == 1 + 4 + 3);
    CHECK(trade.gross == model::Money{(8 + 7 + 7) * 1'250'000, model::k_usd});
    CHECK(trade.fees == model::Money{3'000'000, model::k_usd});
    CHECK(trade.net() == trade.gross - trade.fees);
    CHECK(trade.closed_by == model::Purpose::exit);
    CHECK(trade.initial_stop == model::Price{4990});
    CHECK(trade.closed - trade.opened == std::chrono::seconds(60));
    CHECK(ledger.totals().gross == trade.gross);
    CHECK_FALSE(ledger.find(k_mes)->trade.open);
}

TEST_CASE("F35: executions of a trade in any order make the same trade and the same profit") {
    struct Piece {
        model::Fill fill;
        FillContext context;
    };
    std::array pieces{
        Piece{make_fill(1, model::Side::sell, 2, 5020, 1), of(model::Purpose::entry)},
        Piece{make_fill(2, model::Side::sell, 1, 5021, 2), of(model::Purpose::entry)},
        Piece{make_fill(3, model::Side::buy, 1, 5011, 30), of(model::Purpose::partial_exit)},
        Piece{make_fill(4, model::Side::buy, 2, 5024, 60), of(model::Purpose::protective_stop)},
    };
    std::array<int, 4> order{0, 1, 2, 3};
    int runs = 0;
    do {
        Ledger ledger = make_ledger();
        std::vector<Trade> trades;
        for (const int i : order) {
            // Each told twice, as handlers of bad days do.
            for (int twice = 0; twice < 2; ++twice) {
                const auto& piece = pieces.at(static_cast<std::size_t>(i));
                const auto posting = ledger.apply(piece.fill, piece.context);
                if (posting.closed)
                    trades.push_back(*posting.closed);
            }
        }
        CHECK(ledger.find(k_mes)->position.flat());
        CHECK(ledger.totals().gross ==
              model::Money{(2 * 5020 + 5021 - 5011 - 2 * 5024) * 1'250'000, model::k_usd});
        model::Money gross;
        for (const Trade& trade : trades)
            gross = gross + trade.gross;
        CHECK(gross == ledger.totals().gross);
        if (trades.size() == 1) {
            CHECK(trades[0].side == model::Side::sell);
            CHECK(trades[0].closed_by == model::Purpose::protective_stop);
        }
        ++runs;
    } while (std::next_permutation(order.begin(), order.end()));
    CHECK(runs == 24);
}

TEST_CASE("memory is bounded, and what is older than it is refused, not guessed") {
    Ledger ledger = make_ledger();
    const int count = static_cast<int>(k_executions_kept) + 10;
    for (int i = 0; i < count; ++i) {
        const auto side = i % 2 == 0 ? model::Side::buy : model::Side::sell;
        (void)ledger.apply(make_fill(i, side, 1, 5000, i), of(model::Purpose::entry));
    }
    CHECK(ledger.totals().executions == static_cast<std::uint64_t>(count));
    CHECK(ledger.taking(make_fill(0, model::Side::buy, 1, 5000, 0)) == Taking::too_old);
    CHECK(ledger.taking(make_fill(count - 1, model::Side::sell, 1, 5000, count - 1)) ==
          Taking::duplicate);
    CHECK(ledger.taking(make_fill(count, model::Side::buy, 1, 5000, count)) == Taking::applied);
}

TEST_CASE("each execution is known again for as long as it is remembered, and no other one is") {
    Ledger ledger = make_ledger();
    const int kept = static_cast<int>(k_executions_kept);
    const auto fill = [](int i) {
        return make_fill(i, i % 2 == 0 ? model::Side::buy : model::Side::sell, 1, 5000, i);
    };
    for (int i = 0; i < 4 * kept; ++i) {
        REQUIRE(ledger.taking(fill(i)) == Taking::applied);
        (void)ledger.apply(fill(i), of(model::Purpose::entry));
        REQUIRE(ledger.taking(fill(i)) == Taking::duplicate);
        if (i >= kept) {
            REQUIRE(ledger.taking(fill(i - kept + 1)) == Taking::duplicate);
            REQUIRE(ledger.taking(fill(i - kept)) == Taking::too_old);
        }
    }
    CHECK(ledger.totals().executions == static_cast<std::uint64_t>(4 * kept));
}

TEST_CASE("what was counted before a snapshot is not counted again after it") {
    const std::array<const model::Instrument*, 1> instruments{*model::find_instrument("MES")};
    Book book(instruments);
    const int count = static_cast<int>(k_executions_kept) + 10;
    const auto fill = [](int i) {
        return make_fill(i, i % 2 == 0 ? model::Side::buy : model::Side::sell, 1, 5000, i);
    };
    for (int i = 0; i < count; ++i)
        (void)book.apply(Filled{fill(i), {}});
    Book read(instruments);
    // It had counted something else.
    (void)read.apply(Filled{fill(count + 5), {}});
    REQUIRE(read.restore(book.save()));
    CHECK(read == book);
    for (int i = 10; i < count; ++i)
        CHECK(read.ledger().taking(fill(i)) == Taking::duplicate);
    CHECK(read.ledger().taking(fill(9)) == Taking::too_old);
    CHECK(read.ledger().taking(fill(count + 5)) == Taking::applied);
    // The oldest makes room for the newest in both.
    for (auto* one : {&book, &read})
        (void)one->apply(Filled{fill(count), {}});
    CHECK(read == book);
    CHECK(read.ledger().taking(fill(count)) == Taking::duplicate);
    CHECK(read.ledger().taking(fill(10)) == Taking::too_old);
}

TEST_CASE("the broker's number can be taken over, and is marked in the trade") {
    Ledger ledger = make_ledger();
    const auto came = ledger.adopt({k_mes, 2, {5000}, utc_from_nanos(1)});
    CHECK(came.after.quantity == 2);
    const auto gone = ledger.adopt({k_mes, 0, {5000}, utc_from_nanos(2)});
    REQUIRE(gone.closed);
    CHECK(gone.closed->adopted);
    CHECK(gone.closed->gross.millionths == 0);
    CHECK(ledger.totals().executions == 0);
}

TEST_CASE("the breaker opens at five failures within a minute, tries one, and closes by success") {
    Breaker breaker = Breaker::of(Channel::orders);
    MonoTime now(std::chrono::seconds(100));
    for (int i = 0; i < 4; ++i)
        CHECK_FALSE(breaker.failed(now));
    CHECK(breaker.allows(now));
    CHECK(breaker.failed(now));
    CHECK_FALSE(breaker.allows(now));
    CHECK(breaker.until(now) == now + Breaker::k_open);
    now += Breaker::k_open;
    CHECK(breaker.state(now) == Breaker::State::half_open);
    CHECK(breaker.allows(now));
    breaker.attempted(now);
    CHECK_FALSE(breaker.allows(now));
    CHECK_FALSE(breaker.failed(now));
    CHECK(breaker.state(now) == Breaker::State::open);
    now += Breaker::k_open;
    breaker.succeeded();
    CHECK(breaker.state(now) == Breaker::State::closed);
}

TEST_CASE("the breaker of the connection opens at ten losses within half a minute") {
    Breaker breaker = Breaker::of(Channel::session);
    MonoTime now(std::chrono::seconds(100));
    for (int i = 0; i < 9; ++i, now += std::chrono::seconds(3))
        CHECK_FALSE(breaker.failed(now));
    SUBCASE("the tenth in time") {
        CHECK(breaker.failed(now));
        CHECK_FALSE(breaker.allows(now));
    }
    SUBCASE("the tenth too late") {
        now += std::chrono::seconds(4);
        CHECK_FALSE(breaker.failed(now));
        CHECK(breaker.allows(now));
    }
}

TEST_CASE("failures that are spread over time do not open the breaker") {
    Breaker breaker = Breaker::of(Channel::orders);
    MonoTime now(std::chrono::seconds(100));
    for (int i = 0; i < 50; ++i, now += std::chrono::seconds(16))
        CHECK_FALSE(breaker.failed(now));
}

TEST_CASE("retries have a budget") {
    RetryBudget budget;
    MonoTime now(std::chrono::seconds(100));
    for (std::size_t i = 0; i < RetryBudget::k_retries; ++i)
        CHECK(budget.take(now));
    CHECK_FALSE(budget.take(now));
    CHECK(budget.next(now) == now + RetryBudget::k_window);
    CHECK(budget.take(now + RetryBudget::k_window));
}
