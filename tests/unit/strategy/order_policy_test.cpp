#include "worker/strategy/order_policy.hpp"

#include <doctest/doctest.h>

namespace bullpen::strategy {
namespace {

using namespace std::chrono_literals;
using model::Side;

constexpr Quote k_quote{{1000}, {1001}, {}, {}};

OrderPolicy policy(config::OrderStyle style) {
    config::StrategySettings settings;
    settings.order_style = style;
    return OrderPolicy(settings);
}

TEST_CASE("by default every order goes to the market") {
    for (const Urgency urgency : {Urgency::entry, Urgency::strong_entry, Urgency::target,
                                  Urgency::partial, Urgency::urgent}) {
        CHECK(OrderPolicy({}).place(Side::buy, 3, urgency, k_quote, 1.0) ==
              Placement{3, 0, {}, 0ns});
    }
}

TEST_CASE("a passive order waits at its own side of the book, as long as its purpose allows") {
    const OrderPolicy passive = policy(config::OrderStyle::passive);
    CHECK(passive.place(Side::buy, 3, Urgency::entry, k_quote, 1.0) ==
          Placement{0, 3, {1000}, 10s});
    CHECK(passive.place(Side::sell, 3, Urgency::target, k_quote, 1.5) ==
          Placement{0, 3, {1001}, 10s});
    CHECK(passive.place(Side::sell, 3, Urgency::partial, k_quote, 1.0) ==
          Placement{0, 3, {1001}, 5s});
}

TEST_CASE("what is urgent, or cannot be judged, or has a wide spread, goes to the market") {
    const OrderPolicy passive = policy(config::OrderStyle::passive);
    const Placement market{3, 0, {}, 0ns};
    CHECK(passive.place(Side::buy, 3, Urgency::urgent, k_quote, 1.0) == market);
    CHECK(passive.place(Side::buy, 3, Urgency::strong_entry, k_quote, 1.0) == market);
    CHECK(passive.place(Side::buy, 3, Urgency::entry, std::nullopt, 1.0) == market);
    CHECK(passive.place(Side::buy, 3, Urgency::entry, k_quote, std::nullopt) == market);
    CHECK(passive.place(Side::buy, 3, Urgency::entry, k_quote, 1.51) == market);
}

TEST_CASE("mixed is half and half, and one contract goes to the market") {
    const OrderPolicy mixed = policy(config::OrderStyle::mixed);
    CHECK(mixed.place(Side::buy, 3, Urgency::entry, k_quote, 1.0) == Placement{2, 1, {1000}, 10s});
    CHECK(mixed.place(Side::buy, 1, Urgency::entry, k_quote, 1.0) == Placement{1, 0, {}, 0ns});
}

TEST_CASE("an order that the market left by more than two ticks is cancelled") {
    const OrderPolicy passive = policy(config::OrderStyle::passive);
    CHECK_FALSE(passive.left_behind(Side::buy, {998}, k_quote));
    CHECK(passive.left_behind(Side::buy, {997}, k_quote));
    CHECK_FALSE(passive.left_behind(Side::sell, {1003}, k_quote));
    CHECK(passive.left_behind(Side::sell, {1004}, k_quote));
}

TEST_CASE("a long queue is jumped, a longer one is left") {
    const OrderPolicy made({});
    CHECK(made.queue(50) == QueueAdvice::stay);
    CHECK(made.queue(51) == QueueAdvice::jump);
    CHECK(made.queue(100) == QueueAdvice::jump);
    CHECK(made.queue(101) == QueueAdvice::cancel);
}

TEST_CASE("each retry is a tick more willing and waits half a second longer") {
    CHECK(OrderPolicy::retry_limit(Side::buy, {1000}, 2) == model::Price{1002});
    CHECK(OrderPolicy::retry_limit(Side::sell, {1000}, 1) == model::Price{999});
    CHECK(OrderPolicy::retry_wait(1) == 500ms);
    CHECK(OrderPolicy::retry_wait(3) == 1500ms);
}

TEST_CASE("an entry of which less than half was filled is not kept") {
    const OrderPolicy made({});
    CHECK_FALSE(made.keeps(0, 3));
    CHECK_FALSE(made.keeps(1, 3));
    CHECK(made.keeps(2, 4));
    CHECK(made.keeps(3, 3));
}

TEST_CASE("slippage is expected by the hour and the spread, three ticks at the most") {
    const auto slips = &OrderPolicy::expected_slippage;
    CHECK(slips(9 * 60 + 29, std::nullopt) == 2);
    CHECK(slips(9 * 60 + 30, std::nullopt) == 1);
    CHECK(slips(23 * 60, 1.5) == 1.2);
    CHECK(slips(23 * 60, 2.0) == 1.5);
    CHECK(slips(0, 1.5) == 2.4);
    CHECK(slips(0, 9.0) == 3);
}

}  // namespace
}  // namespace bullpen::strategy
