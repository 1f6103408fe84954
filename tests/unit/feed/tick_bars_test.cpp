#include "common/feed/tick_bars.hpp"

#include <doctest/doctest.h>

#include <string>

namespace bullpen::feed {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const UtcTime k_noon =
    UtcTime(std::chrono::sys_days(std::chrono::year(2025) / 1 / 9)) + std::chrono::hours(12);

UtcTime noon(Nanos after) {
    return k_noon + after;
}

model::Tick trade(Nanos after, std::int64_t price, std::int64_t size, std::uint64_t sequence = 0) {
    return {noon(after), sequence, {price}, size, model::TickKind::trade};
}

// A machine with no delay between exchange and arrival.
class Market {
  public:
    explicit Market(const TickBarsOptions& options = {}) : bars_(options) {}
    void tick(const model::Tick& tick) { bars_.add(tick, tick.time, &finished_); }
    void tick_at(Nanos now, const model::Tick& tick) { bars_.add(tick, noon(now), &finished_); }
    void timer(Nanos now) { bars_.advance(noon(now), &finished_); }
    TickBars& bars() { return bars_; }
    std::vector<model::Bar>& finished() { return finished_; }

  private:
    TickBars bars_;
    std::vector<model::Bar> finished_;
};

TEST_CASE("trades of a minute make its bar; the first of a later minute finishes it") {
    Market market;
    market.tick(trade(seconds(1), 100, 2));
    market.tick(trade(seconds(10), 105, 1));
    market.tick(trade(seconds(20), 98, 4));
    market.tick(trade(seconds(59), 101, 3));
    CHECK(market.finished().empty());
    market.tick(trade(seconds(61), 103, 9));
    REQUIRE(market.finished().size() == 1);
    const model::Bar& bar = market.finished()[0];
    CHECK(bar.start == k_noon);
    CHECK(bar.open == model::Price{100});
    CHECK(bar.high == model::Price{105});
    CHECK(bar.low == model::Price{98});
    CHECK(bar.close == model::Price{101});
    CHECK(bar.volume == 10);
    CHECK(bar.span == model::k_minute);
}

TEST_CASE("a minute is finished by the timer when nobody trades after it") {
    Market market;
    market.tick(trade(seconds(5), 100, 2));
    CHECK(market.bars().next_deadline() == noon(seconds(60) + milliseconds(500)));
    market.timer(seconds(60));
    CHECK(market.finished().empty());
    market.timer(seconds(60) + milliseconds(499));
    CHECK(market.finished().empty());
    market.timer(seconds(60) + milliseconds(500));
    REQUIRE(market.finished().size() == 1);
    CHECK(market.finished()[0].volume == 2);
    CHECK_FALSE(market.bars().next_deadline().has_value());
    // Minutes without trades have no bar.
    market.timer(minutes(30));
    CHECK(market.finished().size() == 1);
}

TEST_CASE("quotes never open, change or finish a bar, and never count as volume") {
    Market market;
    market.tick(trade(seconds(1), 100, 2));
    for (int i = 2; i < 300; ++i) {
        market.tick({noon(seconds(i)), 0, {100 + i}, 50, model::TickKind::bid});
        market.tick({noon(seconds(i)), 0, {101 + i}, 50, model::TickKind::ask});
    }
    CHECK(market.finished().empty());
    market.timer(minutes(10));
    REQUIRE(market.finished().size() == 1);
    CHECK(market.finished()[0].volume == 2);
    CHECK(market.finished()[0].high == model::Price{100});
    CHECK(market.bars().counters().quotes == 596);
}

TEST_CASE("a tick of a minute that is final is counted and changes nothing") {
    Market market;
    market.tick(trade(seconds(5), 100, 2));
    market.timer(seconds(61));
    market.tick_at(seconds(62), trade(seconds(59), 90, 7));
    CHECK(market.finished().size() == 1);
    CHECK(market.bars().counters().late == 1);
    market.timer(minutes(5));
    CHECK(market.finished().size() == 1);
    // Also where its minute had no bar at all.
    market.tick_at(minutes(5), trade(minutes(2), 90, 7));
    market.timer(minutes(9));
    CHECK(market.finished().size() == 1);
    CHECK(market.bars().counters().late == 2);
}

TEST_CASE("a tick that comes within the grace still belongs to its minute") {
    Market market;
    market.tick(trade(seconds(5), 100, 2));
    market.tick_at(seconds(60) + milliseconds(300), trade(seconds(60) + milliseconds(100), 110, 1));
    market.tick_at(seconds(60) + milliseconds(400), trade(seconds(59), 90, 7));
    CHECK(market.finished().empty());
    market.timer(seconds(61));
    REQUIRE(market.finished().size() == 1);
    CHECK(market.finished()[0].volume == 9);
    CHECK(market.finished()[0].close == model::Price{90});
    CHECK(market.bars().forming()->open == model::Price{110});
    CHECK(market.bars().counters().out_of_order == 1);
}

TEST_CASE("within a minute open and close are by exchange time and sequence, not by arrival") {
    Market market;
    market.tick_at(seconds(31), trade(seconds(30), 103, 1, 5));
    market.tick_at(seconds(32), trade(seconds(10), 101, 1, 2));
    market.tick_at(seconds(33), trade(seconds(10), 100, 1, 1));
    market.tick_at(seconds(34), trade(seconds(30), 104, 1, 6));
    market.tick_at(seconds(35), trade(seconds(20), 102, 1, 4));
    market.timer(minutes(2));
    REQUIRE(market.finished().size() == 1);
    CHECK(market.finished()[0].open == model::Price{100});
    CHECK(market.finished()[0].close == model::Price{104});
    CHECK(market.bars().counters().out_of_order == 3);
    CHECK(market.bars().counters().trades == 5);
}

TEST_CASE("a tick far ahead of the clock is dropped and finishes nothing") {
    Market market;
    market.tick(trade(seconds(5), 100, 2));
    market.tick_at(seconds(6), trade(minutes(10), 500, 1));
    CHECK(market.finished().empty());
    CHECK(market.bars().counters().ahead == 1);
    // A little ahead is a clock that is a little behind.
    market.tick_at(seconds(58), trade(seconds(61), 101, 1));
    REQUIRE(market.finished().size() == 1);
    CHECK(market.finished()[0].high == model::Price{100});
}

TEST_CASE("trades without a size are counted and not used") {
    Market market;
    market.tick(trade(seconds(5), 100, 0));
    market.tick(trade(seconds(6), 100, -3));
    market.timer(minutes(5));
    CHECK(market.finished().empty());
    CHECK(market.bars().counters().without_size == 2);
}

TEST_CASE("a clock set back does not open a final minute again") {
    Market market;
    market.tick(trade(seconds(5), 100, 2));
    market.timer(minutes(3));
    market.tick_at(seconds(30), trade(seconds(20), 100, 2));
    CHECK(market.finished().size() == 1);
    CHECK(market.bars().counters().late == 1);
}

}  // namespace
}  // namespace bullpen::feed
