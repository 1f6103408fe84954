#include "worker/risk/warnings.hpp"

#include <cstdlib>

namespace bullpen::risk {

namespace {

// More contracts than this are seldom meant.
constexpr int k_contracts_usual = 15;
// A balance that is further from what the settings say is another account's, perhaps.
constexpr std::int64_t k_balance_apart = 5'000 * 1'000'000LL;
constexpr std::int64_t k_million = 1'000'000;

}  // namespace

std::vector<std::string> warnings(const config::RiskSettings& settings, const model::RulePack& pack,
                                  const model::Instrument& instrument,
                                  std::optional<model::Money> balance) {
    std::vector<std::string> all;
    if (hosting(pack, settings.hosting_acknowledged) != model::Hosting::allowed)
        all.push_back(model::hosting_text(pack, hosting(pack, settings.hosting_acknowledged)));
    const bool firm = pack.floor.model != model::FloorModel::none;
    const std::int64_t expected =
        firm ? pack.floor.start().millionths : settings.start_balance * k_million;
    if (balance && std::abs(balance->millionths - expected) > k_balance_apart) {
        const model::Money meant{expected, balance->currency};
        all.push_back("the broker's balance is " + model::text(*balance) + ", " +
                      (firm ? "a new account under " + pack.title + " has " : "the settings say ") +
                      model::text(meant));
    }
    if (firm && settings.drawdown_max > 0)
        all.push_back("risk.drawdown_max does not count: " + pack.title +
                      " has a loss floor of its own");
    if (settings.contracts_max > k_contracts_usual)
        all.push_back("risk.contracts_max is " + std::to_string(settings.contracts_max) +
                      " contracts, which is more than most accounts can bear");
    const auto allowed =
        model::contracts_allowed(pack, instrument, {0, instrument.tick_value.currency});
    if (allowed && *allowed < settings.contracts_max)
        all.push_back("risk.contracts_max is " + std::to_string(settings.contracts_max) + ", but " +
                      pack.title + " begins with " + std::to_string(*allowed) + " of " +
                      std::string(instrument.symbol));
    if (settings.daily_loss_max == 0 && settings.daily_loss_percent == 0 && !pack.daily_loss_max)
        all.emplace_back("there is no daily loss limit");
    return all;
}

}  // namespace bullpen::risk
