#include "worker/tick_stream.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"

namespace bullpen::worker {
namespace {

const model::Instrument& mes() {
    return **model::find_instrument("MES");
}
const UtcTime k_start = UtcTime(std::chrono::sys_days(std::chrono::year(2025) / 1 / 9));

// An exchange's bars of five trades each, at 5000 and up by a tick, a contract each.
constexpr std::int64_t k_trades = 5;

ipc::VenueStep step(std::uint64_t bar, ipc::MarketPhase phase) {
    ipc::VenueStep made;
    made.symbol = model::Symbol::cut("MES");
    made.phase = phase;
    made.bar = bar;
    made.start = k_start + std::chrono::minutes(bar);
    return made;
}

ipc::VenueStep trade(std::uint64_t bar, std::int64_t number) {
    auto made = step(bar, ipc::MarketPhase::tick);
    made.start += std::chrono::seconds(10 * number + 5);
    made.ticks = number;
    made.open = model::text(model::Price{20'000 + number}, mes().tick);
    made.bid = model::text(model::Price{19'999 + number}, mes().tick);
    made.ask = made.open;
    made.volume = 1;
    return made;
}

void tell(TickStream& stream, std::uint64_t bar, std::int64_t from = 0,
          std::int64_t to = k_trades) {
    stream.on_step(step(bar, ipc::MarketPhase::open));
    for (auto number = from; number < to; ++number)
        stream.on_step(trade(bar, number));
    auto closed = step(bar, ipc::MarketPhase::closed);
    closed.ticks = k_trades;
    stream.on_step(closed);
}

std::size_t waiting(TickStream& stream, std::uint64_t bar) {
    std::size_t count = 0;
    for (; stream.next(bar) != nullptr; ++count)
        (void)stream.pop();
    return count;
}

}  // namespace

TEST_CASE("a bar of which all ticks came is formed of them, and its trades are told one by one") {
    TickStream stream(mes());
    tell(stream, 7);
    REQUIRE(stream.next(7) != nullptr);
    CHECK(*stream.next(7) ==
          model::QuotedTrade{k_start + std::chrono::minutes(7) + std::chrono::seconds(5),
                             {20'000},
                             1,
                             {19'999},
                             {20'000}});
    CHECK(waiting(stream, 7) == 5);
    const auto bar = stream.take_formed(7);
    REQUIRE(bar);
    CHECK(bar->start == k_start + std::chrono::minutes(7));
    CHECK(bar->open == model::Price{20'000});
    CHECK(bar->high == model::Price{20'004});
    CHECK(bar->low == model::Price{20'000});
    CHECK(bar->close == model::Price{20'004});
    CHECK(bar->volume == 5);
    CHECK(stream.counters() == TickStreamCounters{0, 0, 1, 0});
}

TEST_CASE("a bar that lacks a tick is the source's, and is counted as that") {
    TickStream stream(mes());
    tell(stream, 0, 1);
    tell(stream, 1, 0, k_trades - 1);
    CHECK_FALSE(stream.take_formed(0));
    CHECK_FALSE(stream.take_formed(1));
    CHECK(stream.counters().lost == 2);
    CHECK(stream.counters().bars_of_source == 2);
    tell(stream, 2);
    CHECK(stream.take_formed(2));
}

TEST_CASE("a tick that is told again, or that cannot be read, changes nothing") {
    TickStream stream(mes());
    stream.on_step(step(0, ipc::MarketPhase::open));
    stream.on_step(trade(0, 0));
    stream.on_step(trade(0, 1));
    // A new connection begins with the bar that is open.
    stream.on_step(step(0, ipc::MarketPhase::open));
    stream.on_step(trade(0, 1));
    auto odd = trade(0, 2);
    odd.bid = "much";
    stream.on_step(odd);
    for (std::int64_t number = 2; number < k_trades; ++number)
        stream.on_step(trade(0, number));
    auto closed = step(0, ipc::MarketPhase::closed);
    closed.ticks = k_trades;
    stream.on_step(closed);
    REQUIRE(stream.take_formed(0));
    CHECK(stream.take_formed(0)->volume == 5);
    CHECK(stream.counters().dropped == 2);
}

TEST_CASE("under load the oldest ticks are dropped, and the bars are formed all the same") {
    TickStream stream(mes());
    constexpr std::uint64_t k_bars = TickStream::k_waiting_max / k_trades + 10;
    for (std::uint64_t bar = 0; bar < k_bars; ++bar)
        tell(stream, bar);
    CHECK(stream.counters().bars_formed == k_bars);
    CHECK(stream.counters().dropped == k_bars * k_trades - TickStream::k_waiting_max);
    // What is over is nothing that could be judged now.
    CHECK(waiting(stream, k_bars - 1) == 5);
    CHECK(stream.counters().dropped == (k_bars - 1) * k_trades);
    CHECK(stream.take_formed(k_bars - 1));
    CHECK_FALSE(stream.take_formed(0));
}

TEST_CASE("ticks of a bar that has not begun for the account wait for the bars before it") {
    TickStream stream(mes());
    tell(stream, 3);
    tell(stream, 4);
    CHECK(stream.next(2) == nullptr);
    CHECK(waiting(stream, 3) == 5);
    CHECK(waiting(stream, 4) == 5);
}

TEST_CASE("three bars without a tick are a mute feed, and one tick ends that") {
    TickStream stream(mes());
    for (std::uint64_t bar = 0; bar < 3; ++bar) {
        CHECK_FALSE(stream.is_mute());
        tell(stream, bar, k_trades);
    }
    CHECK(stream.is_mute());
    CHECK(stream.counters().lost == 15);
    stream.on_step(trade(3, 0));
    CHECK_FALSE(stream.is_mute());
    // Bars that had none say nothing; an exchange that has no ticks at all is mute.
    for (const bool has_ticks : {true, false}) {
        TickStream other(mes());
        for (std::uint64_t bar = 0; bar < 3; ++bar) {
            auto closed = step(bar, ipc::MarketPhase::closed);
            if (has_ticks)
                closed.ticks = 0;
            other.on_step(closed);
        }
        CHECK(other.is_mute() == !has_ticks);
    }
}

TEST_CASE("a tick is read from the journal as it was written, and anything else is none") {
    const model::QuotedTrade tick{k_start, {-3}, 12, {-4}, {-2}};
    const auto text = encode_tick(tick);
    CHECK(decode_tick(text).value() == tick);
    CHECK(decode_tick(text.substr(1)).error().code() == make_error_code(Errc::corrupt));
    CHECK_FALSE(decode_tick(""));
}

}  // namespace bullpen::worker
