// When a change is told before the next beat's time.
#include "worker/beat_news.hpp"

#include <doctest/doctest.h>

using namespace bullpen;
using model::Reason;
using model::SessionState;
using model::TradingMode;
using worker::BeatNews;

namespace {

MonoTime after(int ms) {
    return MonoTime(std::chrono::hours(1)) + Millis(ms);
}

constexpr BeatNews::State k_connecting{SessionState::connecting, TradingMode::idle,
                                       Reason::first_beat_awaited, 0};
constexpr BeatNews::State k_active{SessionState::trading, TradingMode::active, Reason::none, 0};
constexpr BeatNews::State k_long{SessionState::trading, TradingMode::active, Reason::none, 2};

}  // namespace

TEST_CASE("what changes is told at once, and once") {
    BeatNews news;
    news.follow(k_connecting);
    CHECK(news.beat_due(after(0)));
    news.on_beat_sent(after(0));
    CHECK_FALSE(news.beat_due(after(10'000)));
    CHECK_FALSE(news.next_deadline());
    news.follow(k_active);
    CHECK(news.beat_due(after(10'000)));
    news.on_beat_sent(after(10'000));
    news.follow(k_active);
    CHECK_FALSE(news.beat_due(after(20'000)));
}

TEST_CASE("a regular beat does not hold back what changes right after it") {
    BeatNews news;
    news.follow(k_connecting);
    news.on_beat_sent(after(0));
    news.on_beat_sent(after(1000));
    news.follow(k_active);
    CHECK(news.beat_due(after(1001)));
}

TEST_CASE("many changes are told a quarter of a second apart, the last of them always") {
    BeatNews news;
    news.follow(k_connecting);
    news.on_beat_sent(after(0));
    int beats = 0;
    for (int ms = 1000; ms < 2000; ms += 10) {
        news.follow(ms % 20 == 0 ? k_active : k_long);
        if (news.beat_due(after(ms))) {
            news.on_beat_sent(after(ms));
            ++beats;
        }
    }
    CHECK(beats == 4);
    news.follow(k_connecting);
    REQUIRE(news.next_deadline());
    CHECK_FALSE(news.beat_due(*news.next_deadline() - Nanos(1)));
    CHECK(news.beat_due(*news.next_deadline()));
    // What was taken back before it was told is no news.
    BeatNews wavering;
    wavering.follow(k_active);
    wavering.on_beat_sent(after(0));
    wavering.follow(k_long);
    wavering.follow(k_active);
    CHECK_FALSE(wavering.next_deadline());
}

TEST_CASE("what was ordered is answered by a beat at once, however short the last one is ago") {
    BeatNews news;
    news.follow(k_connecting);
    news.on_beat_sent(after(0));
    news.follow(k_active);
    CHECK_FALSE(news.beat_due(after(1)));
    news.answer();
    REQUIRE(news.next_deadline());
    CHECK(*news.next_deadline() <= after(1));
    CHECK(news.beat_due(after(1)));
    news.on_beat_sent(after(1));
    CHECK_FALSE(news.beat_due(after(1'000)));
    // Also when nothing has changed by it.
    news.answer();
    CHECK(news.beat_due(after(1'001)));
    news.on_beat_sent(after(1'001));
    CHECK_FALSE(news.next_deadline());
}
