// An account lives through hundreds of bad brokers and its own deaths, and every promise holds.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "life.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::simulation;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t k_seeds = 20;
#else
constexpr std::uint64_t k_seeds = 200;
#endif

void live_all(std::uint64_t first, std::uint64_t last, bool trace) {
    std::uint64_t trades = 0;
    std::uint64_t deaths = 0;
    std::uint64_t orders = 0;
    std::uint64_t adopted = 0;
    std::uint64_t kept_pending = 0;
    std::uint64_t took_away = 0;
    std::uint64_t took_back = 0;
    Nanos naked{};
    Nanos doubled{};
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        const Findings findings = live({.seed = seed, .trace = trace});
        trades += findings.trades;
        deaths += findings.deaths;
        orders += findings.submitted;
        adopted += findings.adopted;
        kept_pending += findings.kept_pending;
        took_away += findings.took_away;
        took_back += findings.took_back;
        naked = std::max(naked, findings.naked_max);
        doubled = std::max(doubled, findings.doubled_max);
        CHECK_MESSAGE(findings.failure.empty(),
                      "BULLPEN_TEST_SEED=" << seed << ": " << findings.failure);
    }
    MESSAGE("seeds " << first << " to " << last << ": " << orders << " orders, " << trades
                     << " trades, " << deaths << " deaths, " << adopted << " positions taken over, "
                     << kept_pending << " stops kept pending, " << took_away << " taken away, "
                     << took_back << " executions taken back; without a stop for at most "
                     << naked / Millis(1) << " ms, with two for at most " << doubled / Millis(1)
                     << " ms");
    // What the broker did not do is not proven.
    if (last - first > 10) {
        CHECK(kept_pending > 0);
        CHECK(took_away > 0);
        CHECK(took_back > 0);
    }
}

}  // namespace

TEST_CASE("no life of an account breaks a promise") {
    // One life is repeated, with its last records, by BULLPEN_TEST_SEED.
    const char* only = std::getenv("BULLPEN_TEST_SEED");
    const std::uint64_t seed = only == nullptr ? 0 : std::strtoull(only, nullptr, 10);
    live_all(std::max<std::uint64_t>(seed, 1), only == nullptr ? k_seeds : seed, only != nullptr);
}

TEST_SUITE("slow") {
    TEST_CASE("no life of thousands breaks a promise") {
        live_all(k_seeds + 1, k_seeds * 15, false);
    }
}

TEST_CASE("a seed lives the same life again") {
    for (const std::uint64_t seed : {3, 17}) {
        const Findings first = live({.seed = seed, .length = std::chrono::minutes(3)});
        const Findings second = live({.seed = seed, .length = std::chrono::minutes(3)});
        CHECK(first.submitted == second.submitted);
        CHECK(first.deaths == second.deaths);
        CHECK(first.net_millionths == second.net_millionths);
    }
}
