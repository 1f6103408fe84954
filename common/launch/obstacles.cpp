#include "common/launch/obstacles.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "common/base/home_file.hpp"
#include "common/config/document.hpp"
#include "common/config/nearest.hpp"
#include "common/config/roster.hpp"
#include "common/config/strategy_names.hpp"
#include "common/config/words.hpp"
#include "common/launch/environment.hpp"
#include "common/launch/plan.hpp"
#include "common/tables/holiday_file.hpp"
#include "common/tables/instrument_file.hpp"
#include "common/tables/rule_pack_file.hpp"

namespace bullpen::launch {

namespace {

using config::AccountSettings;
using config::Issue;

using config::Severity;
using config::TradingKind;

struct Obstacle {
    std::string_view key;
    std::string message;
    std::string nearest;
    Severity severity = Severity::error;
    // The key whose line it is told at, where `key` itself is not set.
    std::string_view because_of = {};
};

// What the home has, read once for all accounts.
struct Tables {
    tables::Reading<model::Instruments> instruments;
    tables::Reading<model::RulePacks> packs;
    tables::Reading<time::HolidayTable> holidays;
};

// An account of shares follows no market of its own.
bool follows_a_market(const AccountSettings& settings) {
    return settings.trading != TradingKind::shares;
}

// In the market or in the shadow, within the limits of a rule pack.
bool trades_by_strategy(const AccountSettings& settings) {
    return settings.trading == TradingKind::on || settings.trading == TradingKind::shadow;
}

std::string trading_is(const AccountSettings& settings) {
    return "trading = \"" + std::string(word(settings.trading)) + "\"";
}

void look_at_command(const Home& home, const AccountSettings& settings,
                     std::vector<Obstacle>& all) {
    const auto program = resolve_program(home, settings.command.front());
    if (::access(program.c_str(), X_OK) != 0)
        all.push_back({"command", Error::from_errno("cannot run " + program).message(), {}});
}

// Where the paths that its file names lead to at this moment, as a launch looks again.
void look_at_paths(const Home& home, const AccountSettings& settings, std::vector<Obstacle>& all) {
    const auto program =
        settings.command.empty() ? std::string() : resolve_program(home, settings.command.front());
    const auto plan = plan_for(home, settings, program, Phase::launch);
    for (auto& refused : open_named(home, settings, plan.named).refused)
        all.push_back({refused.key, "'" + refused.path + "' " + refused.why, {}});
    for (const auto& word : settings.command) {
        std::error_code ignored;
        if (word == settings.command.front() || !closed_word(home, settings, word) ||
            !std::filesystem::is_regular_file(word, ignored))
            continue;
        all.push_back({"command",
                       "'" + word +
                           "' is in the home, and the account cannot read it; what is meant for it "
                           "is kept beside the home, or in " +
                           home.root() + "/bots",
                       {},
                       Severity::note});
    }
}

void look_at_market(const Home& home, const Tables& tables, const AccountSettings& settings,
                    std::vector<Obstacle>& all) {
    const auto& symbol = settings.feed.instrument;
    if (const auto& known = tables.instruments.table; known) {
        if (const auto found = known->find(symbol); !found) {
            std::vector<std::string_view> symbols;
            for (const auto& instrument : known->all())
                symbols.push_back(instrument.symbol);
            all.push_back({"feed.instrument", found.error().message(),
                           std::string(config::nearest(symbol, symbols))});
        }
    }
    const auto file = home_file(home, settings.feed.file);
    if (settings.feed.kind == config::FeedKind::replay && ::access(file.c_str(), R_OK) != 0)
        all.push_back({"feed.file", Error::from_errno("cannot read " + file).message(), {}});
}

void look_at_strategy(const AccountSettings& settings, std::vector<Obstacle>& all) {
    const auto& name = settings.strategy->name;
    const auto& known = config::k_strategy_names;
    if (std::find(known.begin(), known.end(), name) != known.end())
        return;
    const bool trades = trades_by_strategy(settings);
    if (name.empty() && !trades)
        return;
    std::string names;
    for (const auto one : known)
        names += (names.empty() ? "" : ", ") + std::string(one);
    all.push_back({"strategy.name",
                   (name.empty() ? "is needed, because " + trading_is(settings)
                                 : "there is no strategy \"" + name + "\"") +
                       "; known are " + names,
                   std::string(config::nearest(name, known)),
                   trades ? Severity::error : Severity::note});
}

// Who has one account alone need not say whose it is.
void look_at_owner(const model::RulePack& pack, const AccountSettings& settings,
                   std::vector<Obstacle>& all) {
    if (pack.opposite_positions_allowed || settings.trading != TradingKind::on ||
        settings.owner.empty() || settings.opposite != config::Opposite::allow)
        return;
    all.push_back({"risk.rule_pack",
                   pack.name +
                       " does not let accounts of one owner stand against each other, and nothing "
                       "keeps them from it: set opposite = \"refuse\" in [owners." +
                       config::path_part(settings.owner) + "] of bullpen.toml",
                   {},
                   Severity::note});
}

void look_at_rule_pack(const Tables& tables, const AccountSettings& settings,
                       std::vector<Obstacle>& all) {
    const auto& packs = tables.packs.table;
    if (!packs)
        return;
    const auto& risk = *settings.risk;
    const bool trades = trades_by_strategy(settings);
    if (const auto pack = packs->find(risk.rule_pack); !pack) {
        std::vector<std::string_view> names;
        for (const auto& one : packs->all())
            names.push_back(one.name);
        all.push_back({"risk.rule_pack", pack.error().message(),
                       std::string(config::nearest(risk.rule_pack, names)),
                       trades ? Severity::error : Severity::note});
    } else {
        if (const auto hosting = model::hosting(**pack, risk.hosting_acknowledged);
            trades && hosting == model::Hosting::refused) {
            all.push_back({"risk.hosting_acknowledged",
                           model::hosting_text(**pack, hosting),
                           {},
                           Severity::error,
                           "risk.rule_pack"});
        }
        look_at_owner(**pack, settings, all);
    }
}

void look_at_broker(const AccountSettings& settings, std::vector<Obstacle>& all) {
    const bool trades =
        settings.trading == TradingKind::on || settings.trading == TradingKind::shares;
    if (trades && !trades_on_paper(settings)) {
        all.push_back({"broker",
                       "the broker '" + settings.broker +
                           "' is not known: " + trading_is(settings) + " needs broker = \"paper\"",
                       {}});
    }
}

std::vector<Obstacle> obstacles_of(const Home& home, const Tables& tables,
                                   const AccountSettings& settings) {
    std::vector<Obstacle> all;
    look_at_paths(home, settings, all);
    if (!settings.command.empty()) {
        look_at_command(home, settings, all);
        return all;
    }
    look_at_broker(settings, all);
    if (!follows_a_market(settings))
        return all;
    look_at_market(home, tables, settings, all);
    look_at_strategy(settings, all);
    look_at_rule_pack(tables, settings, all);
    return all;
}

// Where the value of a key comes from: "accounts.d/alpha.toml:5", "bullpen.toml:31", "default".
// False when it is not set.
bool place(Issue& issue, std::string_view key, const std::vector<config::Origin>& origins) {
    for (const auto& origin : origins) {
        const auto colon = origin.source.find(':');
        if (origin.key != key || colon == std::string::npos)
            continue;
        issue.file = origin.source.substr(0, colon);
        const auto* const end = origin.source.data() + origin.source.size();
        std::from_chars(origin.source.data() + colon + 1, end, issue.line);
        return true;
    }
    return false;
}

}  // namespace

std::vector<Issue> start_obstacles(const Home& home) {
    const Tables tables{tables::read_instruments(home), tables::read_rule_packs(home),
                        tables::read_holidays(home)};
    std::vector<Issue> all;
    for (const auto* issues :
         {&tables.instruments.issues, &tables.packs.issues, &tables.holidays.issues})
        all.insert(all.end(), issues->begin(), issues->end());
    config::RosterReader reader(home);
    const auto roster = reader.read(UtcTime{});
    for (const auto& [id, settings] : roster.accounts) {
        // What is in force in the place of a broken file is not what the file says.
        if (roster.kept.contains(id))
            continue;
        for (auto& obstacle : obstacles_of(home, tables, settings)) {
            Issue issue;
            issue.severity = settings.enabled ? obstacle.severity : Severity::note;
            issue.file = "accounts.d/" + id.str() + ".toml";
            issue.key = obstacle.key;
            issue.message = std::move(obstacle.message);
            issue.nearest = std::move(obstacle.nearest);
            issue.account = id;
            if (const auto origins = reader.origin(id);
                origins && !place(issue, obstacle.key, *origins))
                place(issue, obstacle.because_of, *origins);
            all.push_back(std::move(issue));
        }
    }
    return all;
}

std::vector<Issue> check_home(const Home& home) {
    auto all = config::check_home(home);
    auto more = start_obstacles(home);
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
    return all;
}

}  // namespace bullpen::launch
