#include "worker/strategy/vwap_bounce.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>
#include <optional>
#include <string>

#include "tests/property/strategy/simulated.hpp"

namespace bullpen::strategy {
namespace {

using test::Seen;
using test::Simulated;

constexpr int k_minutes = 400;

TEST_CASE("a stop never moves back, and never stands on the wrong side of the price") {
    CHECK(rc::check("each stop is nearer than the one before", [] {
        const auto seed = *rc::gen::arbitrary<std::uint64_t>();
        Simulated run(test::any_settings(seed), seed, *rc::gen::arbitrary<bool>());
        std::optional<Management> before;
        for (int i = 0; i < k_minutes; ++i) {
            const std::int64_t closed = run.position().closed;
            const Seen seen = run.minute();
            const Management& m = seen.management;
            if (closed != run.position().closed)
                before.reset();
            if (before && m.stage == Stage::open) {
                RC_ASSERT(m.side == before->side);
                RC_ASSERT(!before->nearer(before->stop, m.stop));
                RC_ASSERT(!before->nearer(before->best, m.best));
                RC_ASSERT(m.break_even_done >= before->break_even_done);
                RC_ASSERT(m.partial_stage >= before->partial_stage);
                RC_ASSERT(m.decay_stage >= before->decay_stage);
            }
            if (seen.decided.starts_with("stop "))
                RC_ASSERT(m.nearer(run.close(), m.stop));
            before.reset();
            if (m.stage == Stage::open)
                before = m;
        }
    }));
}

TEST_CASE("parts never exceed the position, and something is left for the last one") {
    CHECK(rc::check("0 < part < held", [] {
        const auto seed = *rc::gen::arbitrary<std::uint64_t>();
        Simulated run(test::any_settings(seed), seed, *rc::gen::arbitrary<bool>());
        for (int i = 0; i < k_minutes; ++i) {
            const Seen seen = run.minute();
            if (!seen.decided.starts_with("part "))
                continue;
            const std::int64_t part = std::stoll(seen.decided.substr(5));
            RC_ASSERT(part > 0);
            RC_ASSERT(part < run.held_before());
        }
    }));
    CHECK(rc::check("what parts leave is at least one contract, and never grows", [] {
        const auto quantity = *rc::gen::inRange<std::int64_t>(1, 1000);
        const auto first = *rc::gen::inRange(0, 101);
        const auto second = *rc::gen::inRange(0, 101 - first);
        const std::int64_t one = left_after(1, quantity, first, second);
        const std::int64_t two = left_after(2, quantity, first, second);
        RC_ASSERT(left_after(0, quantity, first, second) == quantity);
        RC_ASSERT(one <= quantity);
        RC_ASSERT(two <= one);
        RC_ASSERT(two >= 1);
    }));
}

TEST_CASE("mirrored bars give mirrored decisions") {
    CHECK(rc::check("upside down = the other side", [] {
        const auto seed = *rc::gen::arbitrary<std::uint64_t>();
        const config::StrategySettings settings = test::any_settings(seed);
        Simulated upright(settings, seed, false);
        Simulated mirrored(settings, seed, true);
        for (int i = 0; i < k_minutes; ++i) {
            const Seen one = upright.minute();
            const Seen other = mirrored.minute();
            RC_ASSERT(one.decided == other.decided);
            RC_ASSERT(one.refused == other.refused);
        }
    }));
}

TEST_CASE("a save and restore at any bar changes nothing, and the same bars decide the same") {
    CHECK(rc::check("straight = restarted", [] {
        const auto seed = *rc::gen::arbitrary<std::uint64_t>();
        const auto every = *rc::gen::inRange(1, 50);
        const config::StrategySettings settings = test::any_settings(seed);
        Simulated straight(settings, seed, false);
        Simulated restarted(settings, seed, false);
        for (int i = 0; i < k_minutes; ++i) {
            if (i % every == 0)
                restarted.restart();
            const Seen one = straight.minute();
            const Seen other = restarted.minute();
            RC_ASSERT(one == other);
            RC_ASSERT(one.management == other.management);
        }
        RC_ASSERT(straight.runner().save() == restarted.runner().save());
    }));
}

TEST_CASE("an entry has its stop behind and its target ahead, and comes only when flat") {
    CHECK(rc::check("stop < signal < target for a buy", [] {
        const auto seed = *rc::gen::arbitrary<std::uint64_t>();
        Simulated run(test::any_settings(seed), seed, false);
        for (int i = 0; i < k_minutes; ++i) {
            const Seen seen = run.minute();
            const bool buy = seen.decided.starts_with("buy ");
            if (!buy && !seen.decided.starts_with("sell "))
                continue;
            RC_ASSERT(run.held_before() == 0);
            const Management& m = seen.management;
            RC_ASSERT(m.stage == Stage::planned);
            RC_ASSERT(m.profit(m.stop) < 0);
            RC_ASSERT(m.profit(*m.target) > 0);
        }
    }));
}

TEST_CASE("the simulated market has entries, parts, moves and exits of every kind to speak of") {
    std::map<std::string, int> seen;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        Simulated run(test::any_settings(seed), seed, false);
        for (int i = 0; i < 3000; ++i) {
            std::string decided = run.minute().decided;
            std::string kind = decided.substr(0, decided.find(' '));
            if (kind == "exit")
                kind = decided.substr(0, decided.find(' ', 5));
            else if (kind == "stop")
                kind += decided.substr(decided.find(' ', 5));
            ++seen[kind];
        }
    }
    for (std::size_t i = 0; i < k_exit_reasons; ++i) {
        const auto reason = code(static_cast<ExitReason>(i));
        CAPTURE(reason);
        CHECK(seen["exit " + std::string(reason)] > 0);
    }
    for (std::size_t i = 0; i < k_move_reasons; ++i) {
        const auto reason = code(static_cast<MoveReason>(i));
        CAPTURE(reason);
        CHECK(seen["stop " + std::string(reason)] > 0);
    }
    CHECK(seen["buy"] > 100);
    CHECK(seen["sell"] > 100);
    CHECK(seen["part"] > 20);
}

}  // namespace
}  // namespace bullpen::strategy
