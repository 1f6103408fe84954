// AccountRun: what an account's journal tells of its trading. Reads beside a worker that may be
// writing; takes no lock and changes nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/home.hpp"
#include "common/config/diff.hpp"
#include "common/config/settings.hpp"
#include "common/model/bar.hpp"
#include "worker/report/run_record.hpp"
#include "worker/tools/entry_stories.hpp"
#include "worker/tools/market_tables.hpp"
#include "worker/tools/words.hpp"

namespace bullpen::tools {

// One source of bars: what came between two changes of the feed.
struct AccountSource {
    std::string identity;
    std::vector<model::Bar> bars;
    std::size_t first_trade = 0;   // index into the trades of the run
    std::size_t first_mode = 0;    // index into the modes
    model::Money net;              // of what was traded before it
    std::uint64_t record = 0;      // with which it begins
    std::size_t first_payout = 0;  // index into the payouts of the run
};

// The trading mode from a bar on, as the worker noted it; k_late_mode for bars that were taken when
// it was too late to enter on them; empty when the journal does not go back to where it would say
// it.
inline constexpr std::string_view k_late_mode = "late";
struct ModeSince {
    UtcTime since{};
    std::string mode;
};

// The settings of the run were others until this record.
struct SettingsSince {
    std::uint64_t record = 0;
    std::optional<UtcTime> bar;  // the end of the last bar before it
    std::vector<config::KeyChange> keys;
};

struct AccountRun {
    config::AccountSettings settings;
    std::string settings_note;  // why the settings are defaults; empty when they are the account's
    const model::Instrument* instrument = nullptr;  // of the account's bars
    time::MarketCalendar calendar;
    std::vector<AccountSource> sources;  // bars only when they were asked for
    std::vector<ModeSince> modes;
    std::vector<SettingsSince> settings_changes;  // in the order of the records
    // Of all bars, those that were only learnt from too.
    std::optional<UtcTime> bars_from;
    std::optional<UtcTime> bars_to;
    EntryStories entries;
    report::RunRecord run;  // refers to the calendar above
    std::uint64_t records = 0;
};

// The settings that an account's records are to be read with: those applied last, else its file.
struct KnownSettings {
    config::AccountSettings settings;
    std::string note;  // why they are defaults; empty when they are the account's
};
KnownSettings known_settings(const Home& home, const AccountId& account);
// Errc::not_found when the home has neither a file nor records of it.
Result<void> must_be_known(const Home& home, const AccountId& account);

// Errc::refused for an account that a program of its own trades: that one keeps its records itself.
Result<void> must_be_ours(const Home& home, const config::AccountSettings& settings);

enum class BarsToo : bool { no, yes };

// What an option says of where a stretch of an account's records begins or ends: a trading day of
// its market, or a time of UTC. Errc::invalid names the option.
Result<std::optional<report::Bound>> bound(const Words& words, std::string_view option);

// Its first equity, as a fact to be shown; of the stretch that the run is restricted to by then.
void tell_start(report::RunRecord& run);

// Of an account that traded and was in the shadow in turn: what its last desk did. Days and times
// begin with the first bar on which it might have traded: before, it only learnt. The tables
// outlive it. Errc::not_found for an account without a journal.
Result<std::unique_ptr<AccountRun>> read_account_run(const Home& home, const AccountId& account,
                                                     const MarketTables& tables, BarsToo bars_too);

}  // namespace bullpen::tools
