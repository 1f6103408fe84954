#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <ostream>
#include <string>

#include "common/base/errc.hpp"
#include "common/feed/feed.hpp"
#include "common/time/futures_session.hpp"

namespace bullpen::feed {
namespace {

std::vector<model::Bar> bars(const SyntheticOptions& options, std::size_t count) {
    auto feed = open_synthetic(options);
    REQUIRE(feed.has_value());
    std::vector<model::Bar> out;
    while (out.size() < count)
        out.push_back(std::get<model::Bar>((*feed)->next({})));
    return out;
}

SyntheticOptions with_seed(std::uint64_t seed) {
    SyntheticOptions options;
    options.seed = seed;
    return options;
}

TEST_CASE("a seed gives the same market every time, another seed another one") {
    CHECK(bars(with_seed(7), 3000) == bars(with_seed(7), 3000));
    CHECK(bars(with_seed(7), 100) != bars(with_seed(8), 100));
    const auto identity = [](const SyntheticOptions& options) {
        return open_synthetic(options).value()->identity();
    };
    CHECK(identity(with_seed(7)) == identity(with_seed(7)));
    CHECK(identity(with_seed(7)) != identity(with_seed(8)));
    SyntheticOptions fast = with_seed(7);
    fast.pace.speed = 60;
    CHECK(identity(fast) == identity(with_seed(7)));
}

TEST_CASE("the bars of a seed never change, since workers resume on them") {
    const auto first = bars(with_seed(1), 1381);
    const auto shown = [](const model::Bar& bar) {
        std::string text = format_utc(bar.start).substr(0, 16);
        for (const std::int64_t part :
             {bar.open.ticks, bar.high.ticks, bar.low.ticks, bar.close.ticks, bar.volume})
            text += " " + std::to_string(part);
        return text;
    };
    CHECK(shown(first[0]) == "2025-01-05T23:00 24000 24002 23999 24000 521");
    CHECK(shown(first[930]) == "2025-01-06T14:30 24115 24115 24111 24111 2626");
    CHECK(shown(first[1380]) == "2025-01-06T23:00 24166 24172 24166 24172 906");
}

TEST_CASE("bars lie in trading hours, a minute apart, over weekends and clock changes") {
    const auto session = time::FuturesSession::load();
    REQUIRE(session.has_value());
    SyntheticOptions options;
    options.first_day = std::chrono::year(2025) / 3 / 6;
    const auto all = bars(options, 5 * 1380);
    UtcTime expected = session->opens(std::chrono::sys_days(options.first_day));
    for (const model::Bar& bar : all) {
        expected = session->next_open(expected);
        REQUIRE(bar.start == expected);
        expected = bar.end();
    }
    CHECK(format_utc(all[2 * 1380].start) == "2025-03-09T22:00:00.000Z");
}

TEST_CASE("bars look like a market: whole, moving, busiest after the open in New York") {
    const auto all = bars(with_seed(3), 20 * 1380);
    std::int64_t night = 0;
    std::int64_t morning = 0;
    std::int64_t night_range = 0;
    std::int64_t morning_range = 0;
    std::int64_t jump_max = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        REQUIRE(model::well_formed(all[i]));
        REQUIRE(all[i].volume > 0);
        REQUIRE(all[i].low.ticks > 0);
        if (i > 0)
            jump_max = std::max(jump_max, std::abs(all[i].open.ticks - all[i - 1].close.ticks));
        const std::size_t minute = i % 1380;
        if (minute >= 300 && minute < 360) {
            night += all[i].volume;
            night_range += all[i].high.ticks - all[i].low.ticks;
        } else if (minute >= 930 && minute < 990) {
            morning += all[i].volume;
            morning_range += all[i].high.ticks - all[i].low.ticks;
        }
    }
    CHECK(morning > 5 * night);
    CHECK(morning_range > 2 * night_range);
    CHECK(night_range > 20 * 60);
    // A tenth of a percent.
    CHECK(jump_max < all[0].open.ticks / 1000);
    // It goes somewhere, and stays a market of its instrument.
    const auto [low, high] = std::minmax_element(
        all.begin(), all.end(),
        [](const model::Bar& a, const model::Bar& b) { return a.close < b.close; });
    CHECK(high->close.ticks - low->close.ticks > 200);
    CHECK(low->close.ticks > 18'000);
    CHECK(high->close.ticks < 30'000);
}

TEST_CASE("every listed instrument has a synthetic market at its own price") {
    for (const model::Instrument& instrument : model::instruments()) {
        SyntheticOptions options;
        options.instrument = std::string(instrument.symbol);
        const auto all = bars(options, 2000);
        CAPTURE(instrument.symbol);
        for (const model::Bar& bar : all)
            REQUIRE(model::well_formed(bar));
        CHECK(all.front().close != all.back().close);
    }
}

TEST_CASE("what cannot be a market is refused") {
    SyntheticOptions options;
    options.instrument = "XYZ";
    CHECK(open_synthetic(options).error().code() == Errc::not_found);
    options = {};
    options.pace.speed = -1;
    CHECK(open_synthetic(options).error().code() == Errc::invalid);
    options = {};
    options.first_day = std::chrono::year(1950) / 1 / 1;
    CHECK(open_synthetic(options).error().code() == Errc::invalid);
    options.first_day = std::chrono::year(2025) / 2 / 30;
    CHECK(open_synthetic(options).error().code() == Errc::invalid);
}

TEST_CASE("a weekend as the first day moves to its Monday") {
    SyntheticOptions saturday;
    saturday.first_day = std::chrono::year(2025) / 1 / 4;
    SyntheticOptions monday;
    monday.first_day = std::chrono::year(2025) / 1 / 6;
    CHECK(bars(saturday, 10) == bars(monday, 10));
}

TEST_CASE("the market ends after its last day, and a seek beyond it is refused") {
    auto feed = open_synthetic({}).value();
    CHECK(feed->seek(20'000ULL * 1380).error().code() == Errc::not_found);
    CHECK(feed->seek(UINT64_MAX).error().code() == Errc::not_found);
    REQUIRE(feed->seek(20'000ULL * 1380 - 1).has_value());
    CHECK(std::holds_alternative<model::Bar>(feed->next({})));
    CHECK(std::holds_alternative<Ended>(feed->next({})));
    CHECK(feed->quality().bars() == 20'000ULL * 1380);
}

}  // namespace
}  // namespace bullpen::feed
