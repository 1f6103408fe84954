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
    [[nodiscard]] std::string identity() const override { return "ten bars"; }

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
