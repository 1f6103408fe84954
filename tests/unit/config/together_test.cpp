#include "common/config/together.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "common/config/schema.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::config {

namespace {

std::vector<std::string_view> broken(const AccountSettings& settings) {
    std::vector<std::string_view> names;
    for (const auto& rule : rules_between_keys()) {
        if (!rule.holds(settings))
            names.push_back(rule.first);
    }
    return names;
}

bool is_key(std::string_view name) {
    const auto all = keys<AccountSettings>();
    return std::any_of(all.begin(), all.end(),
                       [name](const auto& key) { return key.row.name == name; });
}

}  // namespace

TEST_CASE("every rule is between keys that there are, and the defaults keep them all") {
    for (const auto& rule : rules_between_keys()) {
        CAPTURE(rule.first);
        CHECK(is_key(rule.first));
        CHECK(is_key(rule.second));
    }
    CHECK(broken(AccountSettings(test::account_id("alpha"))).empty());
}

TEST_CASE("settings of a strategy that contradict each other break the rule of their keys") {
    struct Row {
        void (*change)(StrategySettings&);
        std::string_view named;
    };
    using S = StrategySettings;
    for (const Row& row : {
             Row{[](S& s) { s.band_exit = 2.1; }, "strategy.band_exit"},
             Row{[](S& s) { s.rsi_low = 65; }, "strategy.rsi_high"},
             Row{[](S& s) { s.break_even_offset = 9; }, "strategy.break_even_ticks"},
             Row{[](S& s) { s.partial_1_r = 3; }, "strategy.partial_2_r"},
             Row{[](S& s) { s.partial_3_r = 3; }, "strategy.partial_3_r"},
             Row{[](S& s) { s.partial_1_percent = 71; }, "strategy.partial_1"},
             Row{[](S& s) { s.decay_1_after_percent = 75; }, "strategy.decay_2_after"},
             Row{[](S& s) { s.decay_2_after_percent = 90; }, "strategy.decay_3_after"},
             Row{[](S& s) { s.volatility_length = 200; }, "strategy.volatility_baseline"},
             Row{[](S& s) { s.surge_samples = 21; }, "strategy.surge_samples"},
         }) {
        CAPTURE(row.named);
        AccountSettings settings(test::account_id("alpha"));
        row.change(settings.strategy.edit());
        CHECK(broken(settings) == std::vector<std::string_view>{row.named});
    }
}

}  // namespace bullpen::config
