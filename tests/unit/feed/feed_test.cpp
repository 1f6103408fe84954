#include "common/feed/feed.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <ostream>
#include <string>

#include "common/base/errc.hpp"

namespace bullpen::feed {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Ten bars, or an error instead of bar `broken_at`.
class TenBars final : public Feed {
  public:
    explicit TenBars(double speed, std::uint64_t broken_at = 99)
        : Feed(*model::find_instrument("MES").value(), Pace{speed}), broken_at_(broken_at) {}
    [[nodiscard]] std::string source() const override { return "ten bars"; }

  protected:
    Result<std::optional<model::Bar>> produce() override {
        if (next_ == broken_at_)
            return fail(Errc::corrupt, "bar " + std::to_string(next_) + " is broken");
        if (next_ == 10)
            return std::nullopt;
        model::Bar bar;
        bar.volume = static_cast<std::int64_t>(next_++);
        return bar;
    }
    Result<void> rewind(std::uint64_t index) override {
        if (index > 10)
            return fail(Errc::not_found, "there are ten bars");
        next_ = index;
        return {};
    }

  private:
    std::uint64_t broken_at_;
    std::uint64_t next_ = 0;
};

Instant at(Nanos mono) {
    return {UtcTime(), MonoTime(mono)};
}

std::int64_t number(const Next& next) {
    const auto* bar = std::get_if<model::Bar>(&next);
    return bar != nullptr ? bar->volume : -1;
}

TEST_CASE("without a pace bars come as fast as they are asked for, then the feed has ended") {
    TenBars feed(0);
    feed.start(at(seconds(100)));
    CHECK_FALSE(feed.expects_bar_by(at(seconds(100))).has_value());
    for (std::int64_t i = 0; i < 10; ++i) {
        CHECK(feed.position() == static_cast<std::uint64_t>(i));
        CHECK(number(feed.next(at(seconds(100)))) == i);
    }
    CHECK(std::holds_alternative<Ended>(feed.next(at(seconds(100)))));
    CHECK(std::holds_alternative<Ended>(feed.next(at(seconds(101)))));
    CHECK(feed.position() == 10);
}

TEST_CASE("bars that were given are shown again whether they are due or not, and the pace stays") {
    TenBars feed(30);
    REQUIRE(feed.seek(5).has_value());
    std::string seen;
    REQUIRE(feed.look_over(2, 5, [&](const model::Bar& bar) { seen += std::to_string(bar.volume); })
                .has_value());
    CHECK(seen == "234");
    CHECK(feed.position() == 5);
    feed.start(at(seconds(100)));
    CHECK(std::holds_alternative<NotYet>(feed.next(at(seconds(101)))));
    CHECK(number(feed.next(at(seconds(102)))) == 5);

    CHECK(feed.look_over(8, 11, [](const model::Bar&) {}).error().code() == Errc::not_found);
    TenBars broken(0, 3);
    CHECK(broken.look_over(2, 5, [](const model::Bar&) {}).error().code() == Errc::corrupt);
}

TEST_CASE("a bar is due when its minute of market time has passed, and not before") {
    // 30 market seconds in a second: a minute takes two seconds.
    TenBars feed(30);
    feed.start(at(seconds(100)));
    const Next early = feed.next(at(seconds(100)));
    REQUIRE(std::holds_alternative<NotYet>(early));
    CHECK(std::get<NotYet>(early).until == MonoTime(seconds(102)));
    CHECK(feed.position() == 0);
    CHECK(feed.expects_bar_by(at(seconds(100))) == MonoTime(seconds(102)) + k_bar_grace);
    CHECK(std::holds_alternative<NotYet>(feed.next(at(milliseconds(101'999)))));
    CHECK(number(feed.next(at(seconds(102)))) == 0);
    CHECK(std::get<NotYet>(feed.next(at(seconds(102)))).until == MonoTime(seconds(104)));
    // A loop that was away gets what it missed at once, in order.
    CHECK(number(feed.next(at(seconds(108)))) == 1);
    CHECK(number(feed.next(at(seconds(108)))) == 2);
    CHECK(number(feed.next(at(seconds(108)))) == 3);
    CHECK(std::holds_alternative<NotYet>(feed.next(at(seconds(108)))));
}

TEST_CASE("a market that is followed gives the bars that have closed in it, and no other") {
    TenBars feed(30);
    feed.follow(0, at(seconds(100)));
    CHECK(feed.identity() == "followed ten bars");
    feed.start(at(seconds(100)));
    // However late it is by the feed's own pace.
    CHECK(std::holds_alternative<NotYet>(feed.next(at(seconds(500)))));
    CHECK(feed.behind() == 0);
    CHECK_FALSE(feed.expects_bar_by(at(seconds(500))).has_value());
    feed.follow(3, at(seconds(501)));
    CHECK(feed.behind() == 3);
    CHECK(feed.expects_bar_by(at(seconds(501))) == MonoTime(seconds(501)) + k_bar_grace);
    for (std::int64_t i = 0; i < 3; ++i)
        CHECK(number(feed.next(at(seconds(501)))) == i);
    CHECK(std::holds_alternative<NotYet>(feed.next(at(seconds(502)))));
    CHECK(feed.behind() == 0);
    // A minute takes two seconds of it, and then it should have told of the next bar.
    CHECK(feed.market_mute_from() == MonoTime(seconds(503)) + k_bar_grace);
    // What was told before is no news.
    feed.follow(2, at(seconds(600)));
    CHECK(feed.followed() == 3U);
    CHECK(feed.market_mute_from() == MonoTime(seconds(503)) + k_bar_grace);
    feed.follow(10, at(seconds(601)));
    for (std::int64_t i = 3; i < 10; ++i)
        CHECK(number(feed.next(at(seconds(601)))) == i);
    CHECK(std::holds_alternative<Ended>(feed.next(at(seconds(601)))));
    CHECK_FALSE(feed.market_mute_from().has_value());
}

// A source that another process writes.
class Told final : public Feed {
  public:
    Told() : Feed(*model::find_instrument("MES").value(), Pace{60}) {}
    std::uint64_t written = 0;
    std::uint64_t oldest = 0;
    bool ended = false;
    [[nodiscard]] std::string source() const override { return "told"; }

  protected:
    [[nodiscard]] std::optional<std::uint64_t> available() const override {
        return ended && position() >= written ? std::nullopt : std::optional(written);
    }
    Result<std::optional<model::Bar>> produce() override {
        if (position() >= written)
            return std::nullopt;
        if (position() < oldest)
            skip_to(oldest);
        model::Bar bar;
        bar.volume = static_cast<std::int64_t>(position());
        return bar;
    }
    Result<void> rewind(std::uint64_t /*index*/) override { return {}; }
};

TEST_CASE("of the bars that a followed market has told of, each is owed since the one before it") {
    TenBars feed(30);
    feed.follow(0, at(seconds(100)));
    feed.start(at(seconds(100)));
    feed.follow(1, at(seconds(101)));
    // That there is another one meanwhile is no excuse.
    feed.follow(2, at(seconds(104)));
    CHECK(feed.expects_bar_by(at(seconds(104))) == MonoTime(seconds(101)) + k_bar_grace);
    CHECK(number(feed.next(at(seconds(105)))) == 0);
    CHECK(feed.expects_bar_by(at(seconds(105))) == MonoTime(seconds(105)) + k_bar_grace);
    CHECK(number(feed.next(at(seconds(106)))) == 1);
    CHECK_FALSE(feed.expects_bar_by(at(seconds(107))).has_value());
}

TEST_CASE("a bar that a followed market has told of is not owed before it is written") {
    Told feed;
    feed.follow(2, at(seconds(100)));
    feed.start(at(seconds(100)));
    CHECK_FALSE(feed.expects_bar_by(at(seconds(200))).has_value());
    feed.written = 1;
    CHECK(feed.expects_bar_by(at(seconds(200))).has_value());
    CHECK(number(feed.next(at(seconds(200)))) == 0);
    CHECK_FALSE(feed.expects_bar_by(at(seconds(200))).has_value());
}

TEST_CASE("a source that another process writes gives what is written, at once, and ends with it") {
    Told feed;
    feed.start(at(seconds(1)));
    CHECK(std::holds_alternative<NotYet>(feed.next(at(seconds(100)))));
    CHECK_FALSE(feed.expects_bar_by(at(seconds(100))).has_value());
    feed.written = 2;
    CHECK(number(feed.next(at(seconds(1)))) == 0);
    CHECK(number(feed.next(at(seconds(1)))) == 1);
    CHECK(std::holds_alternative<NotYet>(feed.next(at(seconds(1)))));
    // What it no longer has is passed over, and the numbers stay right.
    feed.written = 10;
    feed.oldest = 7;
    CHECK(number(feed.next(at(seconds(1)))) == 7);
    CHECK(feed.position() == 8);
    feed.ended = true;
    CHECK(number(feed.next(at(seconds(1)))) == 8);
    CHECK(number(feed.next(at(seconds(1)))) == 9);
    CHECK(std::holds_alternative<Ended>(feed.next(at(seconds(1)))));
}

TEST_CASE("of a source that is written and of a market that is followed the slower one counts") {
    Told feed;
    feed.written = 5;
    feed.follow(2, at(seconds(1)));
    CHECK(number(feed.next(at(seconds(1)))) == 0);
    CHECK(number(feed.next(at(seconds(1)))) == 1);
    CHECK(std::holds_alternative<NotYet>(feed.next(at(seconds(1)))));
    feed.follow(9, at(seconds(2)));
    for (std::int64_t i = 2; i < 5; ++i)
        CHECK(number(feed.next(at(seconds(2)))) == i);
    CHECK(std::holds_alternative<NotYet>(feed.next(at(seconds(2)))));
}

TEST_CASE("a follower that was away catches up with the market at once") {
    TenBars feed(0);
    feed.follow(9, at(seconds(1)));
    REQUIRE(feed.seek(4).has_value());
    feed.start(at(seconds(1)));
    for (std::int64_t i = 4; i < 9; ++i)
        CHECK(number(feed.next(at(seconds(1)))) == i);
    CHECK(std::holds_alternative<NotYet>(feed.next(at(seconds(1)))));
    // Nobody knows how fast it goes.
    CHECK_FALSE(feed.market_mute_from().has_value());
}

TEST_CASE("a worker that resumes is not chased by the time it was away") {
    TenBars feed(30);
    REQUIRE(feed.seek(7).has_value());
    feed.start(at(seconds(5000)));
    CHECK(feed.position() == 7);
    CHECK(std::get<NotYet>(feed.next(at(seconds(5000)))).until == MonoTime(seconds(5002)));
    CHECK(number(feed.next(at(seconds(5002)))) == 7);
}

TEST_CASE("a seek goes anywhere in the source, also back after its end") {
    TenBars feed(0);
    CHECK(number(feed.next({})) == 0);
    REQUIRE(feed.seek(9).has_value());
    CHECK(number(feed.next({})) == 9);
    CHECK(std::holds_alternative<Ended>(feed.next({})));
    REQUIRE(feed.seek(3).has_value());
    CHECK(number(feed.next({})) == 3);
    REQUIRE(feed.seek(10).has_value());
    CHECK(std::holds_alternative<Ended>(feed.next({})));
}

TEST_CASE("after a seek beyond the end the feed is at fault and hands out nothing") {
    TenBars feed(0);
    CHECK(feed.seek(11).error().code() == Errc::not_found);
    CHECK(std::holds_alternative<Fault>(feed.next({})));
    REQUIRE(feed.seek(2).has_value());
    CHECK(number(feed.next({})) == 2);
}

TEST_CASE("a fault is told again and again, expects no bar, and a seek may leave it") {
    TenBars feed(60, 1);
    feed.start(at(seconds(0)));
    CHECK(number(feed.next(at(seconds(10)))) == 0);
    for (int i = 0; i < 2; ++i) {
        const Next next = feed.next(at(seconds(10)));
        REQUIRE(std::holds_alternative<Fault>(next));
        CHECK(std::get<Fault>(next).error.context() == "bar 1 is broken");
    }
    CHECK_FALSE(feed.expects_bar_by(at(seconds(10))).has_value());
    CHECK(feed.position() == 1);
    REQUIRE(feed.seek(2).has_value());
    CHECK(feed.expects_bar_by(at(seconds(10))).has_value());
}

TEST_CASE("a speed that is no speed is refused where the settings are read") {
    CHECK(check_speed(Pace{0}).has_value());
    CHECK(check_speed(Pace{1e6}).has_value());
    for (const double speed : {-1.0, 1e6 + 1, std::nan(""), HUGE_VAL})
        CHECK(check_speed(Pace{speed}).error().code() == Errc::invalid);
}

TEST_CASE("a hardly moving pace does not overflow") {
    TenBars feed(1e-300);
    feed.start(at(seconds(1)));
    CHECK(std::get<NotYet>(feed.next(at(seconds(1)))).until > MonoTime(std::chrono::hours(24)));
}

}  // namespace
}  // namespace bullpen::feed
