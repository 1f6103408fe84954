#include "venue/settings.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/base/home_file.hpp"
#include "common/config/roster.hpp"
#include "common/config/shared_names.hpp"

namespace bullpen::venue {

matching::Costs costs_of(const VenueSettings& settings, const model::Instrument& instrument) {
    auto all = matching::expected_costs(instrument);
    const auto found = settings.costs.find(std::string(instrument.symbol));
    if (found == settings.costs.end())
        return all;
    all.slippage = found->second.slippage.value_or(all.slippage);
    all.limit_through = found->second.limit_through.value_or(all.limit_through);
    all.commission = found->second.commission.value_or(all.commission);
    return all;
}

matching::Costs costs_of(const VenueSettings& settings, const model::Instrument& instrument,
                         const MarketSettings& market) {
    auto all = costs_of(settings, instrument);
    const auto found = settings.costs.find(std::string(instrument.symbol));
    const bool stated = found != settings.costs.end() && found->second.slippage;
    if (market.ticks && !stated)
        all.slippage.value = std::max<std::int64_t>(0, all.slippage.value - market.spread);
    return all;
}

Result<VenueSettings> parse_settings(std::string_view toml) {
    auto file = config::parse_venue_file(toml);
    if (file.issues.empty())
        return std::move(file.settings);
    const auto& first = file.issues.front();
    const auto place = first.line > 0 ? "line " + std::to_string(first.line) + ": " : "";
    return fail(Errc::invalid, place + first.key + (first.key.empty() ? "" : " ") + first.message);
}

Result<VenueSettings> read_settings(const Home& home, const std::string& path, UtcTime now) {
    VenueSettings settings;
    if (::access(path.c_str(), F_OK) == 0) {
        BULLPEN_TRY(const auto text, read_file(path, config::k_venue_file_size_max));
        auto parsed = parse_settings(text);
        if (!parsed)
            return fail(std::move(parsed).error().wrap(path));
        settings = std::move(*parsed);
    }
    settings.markets_from_roster = settings.markets.empty();
    add_roster(&settings, roster_in_force(home, now));
    return settings;
}

std::map<AccountId, config::AccountSettings> roster_in_force(const Home& home, UtcTime now) {
    auto applied = config::applied_accounts(home);
    if (!applied.empty())
        return applied;
    config::RosterReader reader(home);
    return reader.read(now).accounts;
}

UtcTime roster_time(const Home& home) {
    struct stat facts {};
    if (::stat(home.applied().c_str(), &facts) != 0)
        return {};
    return UtcTime(std::chrono::seconds(facts.st_mtim.tv_sec) + Nanos(facts.st_mtim.tv_nsec));
}

std::string source_file(const Home& home, const MarketSettings& market) {
    if (market.source != Source::replay)
        return {};
    return home_file(home, market.file);
}

MarketSettings market_of_feed(const config::FeedSettings& feed) {
    MarketSettings market;
    market.source = feed.kind == config::FeedKind::synthetic ? Source::synthetic : Source::replay;
    market.instrument = feed.instrument;
    market.speed = feed.speed;
    market.history = static_cast<std::uint64_t>(feed.history);
    if (!(market.speed > 0))
        market.pace = Pace::lockstep;
    // Without the speed: a market goes on when its clock is set to another one.
    market.name = config::market_name(feed);
    market.seed = feed.seed;
    market.file = feed.file;
    market.time_zone = feed.time_zone;
    market.labels_end = feed.labels == config::BarLabel::end;
    market.date_order = feed.date_order;
    market.contract = feed.contract;
    market.ticks = feed.ticks;
    return market;
}

std::string name_at_venue(const config::AccountSettings& account) {
    return account.broker_account.empty() ? account.id.str() : account.broker_account;
}

void add_roster(VenueSettings* settings,
                const std::map<AccountId, config::AccountSettings>& roster) {
    std::set<std::string> named;
    for (const auto& [id, account] : roster) {
        if (!account.enabled || !config::trades_on_paper(account))
            continue;
        const auto [found, added] = settings->accounts.try_emplace(name_at_venue(account));
        auto& rules = found->second;
        if (account.trading == config::TradingKind::shares)
            continue;
        if (!rules.cash && !settings->cash_stated)
            rules.cash =
                model::Money{account.risk->start_balance * 1'000'000, settings->cash.currency};
        if (!settings->markets_from_roster)
            continue;
        auto market = market_of_feed(account.feed);
        if (added)
            rules.markets = {market.name};
        rules.next_market = market.name;
        // Of the accounts of one market the first says how fast it goes; by what it says now.
        const bool first = named.insert(market.name).second;
        const auto known =
            std::find_if(settings->markets.begin(), settings->markets.end(),
                         [&](const MarketSettings& m) { return m.name == market.name; });
        if (known == settings->markets.end())
            settings->markets.push_back(std::move(market));
        else if (first)
            known->speed = market.speed;
    }
}

}  // namespace bullpen::venue
