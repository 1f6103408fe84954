// An account that trades at a real paper exchange, with its daemon played by the test.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "common/base/clock.hpp"
#include "tests/integration/worker/worker_process.hpp"
#include "tests/support/venue_process.hpp"

namespace bullpen::test {

// In the market of this seed a signal comes some bars after this history, of which there are four
// in a second. What is entered is held for hours of the market, whatever that does.
inline constexpr std::string_view k_trader =
    "feed.instrument = \"MES\"\nfeed.seed = 11\nfeed.history = 1900\nfeed.speed = 240\n"
    "events.on_unknown = \"trade\"\nsession.trade_uncovered_days = true\n"
    "risk.daily_loss_max = 100000\nrisk.approach = \"off\"\nrisk.fast_market = false\n"
    "risk.per_trade_percent = 100\nstrategy.band_exit = 20\nstrategy.break_even = false\n"
    "strategy.holding_max = \"240 min\"\nstrategy.stop_band_ticks = 2000\n"
    "strategy.stop_ticks = 2000\nstrategy.trailing = false\n";
inline constexpr std::string_view k_market_of_trader =
    "[market.mes]\nsource = \"synthetic\"\ninstrument = \"MES\"\nseed = 11\nhistory = 1900\n"
    "speed = 240\n";

struct PaperScene {
    VenueProcess venue;
    SystemClock clock;
    UtcTime begin = clock.utc();
    std::optional<PlayedDaemon> daemon;

    // `more`: of the account's file, before its tables.
    explicit PaperScene(std::string_view personality = {}, const std::string& more = {})
        : venue(k_market_of_trader, personality) {
        venue.home().account(account_id("alpha"),
                             "trading = \"on\"\n" + std::string(k_trader) + more);
        daemon.emplace(venue.home(), "alpha");
    }

    [[nodiscard]] nlohmann::json at_exchange() {
        const auto said = venue.admin("account", R"({"account":"alpha"})");
        return said.ok ? nlohmann::json::parse(said.result) : nlohmann::json::object();
    }
    // The next beat for which `wanted` holds.
    template <class Wanted>
    std::optional<ipc::Heartbeat> beat(Wanted wanted) {
        const auto found = daemon->next([&](const ipc::Message& message) {
            const auto* said = std::get_if<ipc::Heartbeat>(&message);
            if (said == nullptr)
                return false;
            daemon->ping();
            return wanted(*said);
        });
        return found ? std::optional(std::get<ipc::Heartbeat>(*found)) : std::nullopt;
    }
    // Until something is held behind its stop.
    [[nodiscard]] bool holds() {
        return beat([&](const ipc::Heartbeat& said) {
                   return said.quantity.value_or(0) != 0 && at_exchange().value("working", 0) == 1;
               })
            .has_value();
    }
};

}  // namespace bullpen::test
