// `bullpen-worker compare`: an account's journal against a backtest over the same bars.
#include <algorithm>
#include <array>
#include <cstdio>

#include "common/base/errc.hpp"
#include "common/config/rules.hpp"
#include "worker/backtest/backtest.hpp"
#include "worker/report/compare.hpp"
#include "worker/report/formats.hpp"
#include "worker/tools/account_replay.hpp"
#include "worker/tools/account_run.hpp"
#include "worker/tools/bar_files.hpp"
#include "worker/tools/tool.hpp"

namespace bullpen::tools {

namespace {

constexpr std::string_view k_compare_usage =
    "usage: bullpenctl compare ACCOUNT [--data FILE ...] [--zone ZONE] [--labels start|end]\n"
    "                [--date-order WORD] [--contract TEXT] [--from TIME] [--to TIME] [--json]\n"
    "\n"
    "Runs a backtest with the account's settings over the bars that its worker had, and explains\n"
    "trade by trade how the account's own trades differ from it.\n"
    "\n"
    "  --data FILE        take the bars from files instead of the account's journal\n"
    "  --from, --to TIME  compare only trades that closed from, and before: a trading day of the\n"
    "                     account's market, as 2025-03-10, or a time of UTC\n"
    "  --zone, --labels, --date-order, --contract   of the files, as for backtest\n"
    "\n"
    "Ends with 0 when both traded the same, with 1 when they differ.\n"
    "\n"
    "Example:\n"
    "  bullpenctl compare mes01\n";

constexpr std::array<Known, 10> k_compare_options = {{{"--data"},
                                                      {"--instrument"},
                                                      {"--zone"},
                                                      {"--labels"},
                                                      {"--date-order"},
                                                      {"--contract"},
                                                      {"--from"},
                                                      {"--to"},
                                                      {"--home"},
                                                      {"--json", false}}};

// Bars of the files within the time that the account had bars for.
Result<std::vector<model::Bar>> bars_of_files(BarFiles files, const AccountRun& account,
                                              const MarketTables& tables) {
    if (!account.bars_from || !account.bars_to)
        return fail(Errc::not_found,
                    "the account's journal has no bars: nothing says over which "
                    "time the files are to be compared with it");
    files.instrument = account.settings.feed.instrument;
    files.from = account.bars_from;
    files.to = account.bars_to;
    auto read = read_bars(files, tables.instruments);
    if (read)
        return std::move(read->bars);
    return fail(read.error().wrap("the account had bars from " + format_utc(*files.from) + " to " +
                                  format_utc(*files.to)));
}

// The bars since the account's source began last, and its trades since then.
Result<std::vector<model::Bar>> bars_of_journal(AccountRun& account) {
    if (account.sources.empty() || account.sources.back().bars.empty())
        return fail(Errc::not_found, "the account's journal has no bars; give them with --data");
    auto& source = account.sources.back();
    auto& trades = account.run.trades;
    trades.erase(trades.begin(), trades.begin() + static_cast<std::ptrdiff_t>(source.first_trade));
    account.run.start = account.run.start + source.net;
    auto& payouts = account.run.payouts;
    for (std::size_t i = 0; i < source.first_payout; ++i)
        account.run.start = account.run.start - payouts[i].amount;
    payouts.erase(payouts.begin(),
                  payouts.begin() + static_cast<std::ptrdiff_t>(source.first_payout));
    auto& modes = account.modes;
    modes.erase(modes.begin(), modes.begin() + static_cast<std::ptrdiff_t>(source.first_mode));
    return std::move(source.bars);
}

Result<backtest::BacktestSettings> settings_compared(const AccountRun& account,
                                                     const MarketTables& tables) {
    if (account.settings.strategy->name.empty())
        return fail(Errc::invalid, "the account trades no strategy");
    BULLPEN_TRY(const auto* pack, tables.packs.find(account.settings.risk->rule_pack));
    backtest::BacktestSettings made;
    made.instrument = account.instrument;
    made.strategy = account.settings.strategy;
    made.risk = account.settings.risk;
    made.session = account.settings.session;
    made.pack = *pack;
    made.holidays = &tables.holidays;
    made.calendar = &*tables.calendar;
    made.events = account.settings.events;
    made.costs = backtest::default_costs(*account.instrument);
    made.cash = account.run.start;
    // A worker connects, reconciles and warms up before it enters anything: so long the backtest
    // stands aside, too, and for good where the account was never active.
    made.trade_from = UtcTime::max();
    // By the market's time, and not between its bars, goes who trades a market that has one.
    made.own_clock = config::is_live(account.settings.feed.kind);
    for (const auto& since : account.modes) {
        if (since.mode == model::code(model::TradingMode::active) || since.mode.empty()) {
            made.trade_from = since.since;
            break;
        }
    }
    return made;
}

struct LimitsThen {
    std::string saved;
    std::optional<model::Money> equity;  // that they are of, as the broker told it
};

// What the limits of the account had counted when it came to this record of its journal.
Result<LimitsThen> limits_before(const Home& home, const AccountId& account,
                                 const MarketTables& tables, std::uint64_t record) {
    BULLPEN_TRY(const auto replay, AccountReplay::open(home, account, tables));
    replay->record_last = record;
    BULLPEN_CHECK(replay->run(std::nullopt));
    if (replay->facts().begun_at >= record)
        return fail(Errc::not_found, "the journal does not reach back to where its source began");
    const auto* trader = replay->trader();
    if (trader == nullptr)
        return LimitsThen{};
    return LimitsThen{trader->risk().save(), trader->risk().equity()};
}

// The trade of the other run that was open when this one began: where there is one, a strategy
// that holds one position at a time could not enter.
const execution::Trade* open_then(const report::RunRecord& other, const execution::Trade& trade) {
    const auto found = std::ranges::find_if(other.trades, [&](const auto& one) {
        return one.symbol == trade.symbol && one.opened <= trade.opened &&
               one.closed > trade.opened;
    });
    return found == other.trades.end() ? nullptr : &*found;
}

std::string mode_then(const std::vector<ModeSince>& modes, UtcTime at) {
    std::string mode;
    for (const auto& since : modes) {
        if (since.since <= at)
            mode = since.mode;
    }
    return mode;
}

// Of a trade during which bars were taken late: its stops and exits were decided that much later.
std::string late_bars(const std::vector<ModeSince>& modes, const execution::Trade& ours,
                      const execution::Trade& tested) {
    const auto opened = std::min(ours.opened, tested.opened);
    const auto closed = std::max(ours.closed, tested.closed);
    for (std::size_t i = 0; i < modes.size(); ++i) {
        const auto until = i + 1 < modes.size() ? modes[i + 1].since : UtcTime::max();
        if (modes[i].mode != k_late_mode || modes[i].since > closed || until <= opened)
            continue;
        return "the account took bars late, from that of " + format_utc(modes[i].since) +
               (until == UtcTime::max() ? " on" : " to that before " + format_utc(until)) +
               ": what it decides on such a one comes when a later bar is over";
    }
    return {};
}

// Why the run named `name` has no such trade, as its records have it.
std::string why_missing(const execution::Trade& trade, const report::RunRecord& other,
                        const EntryStories& stories, const std::string& name) {
    if (trade.entry.strategy.empty())
        return "no decision of the strategy began it";
    if (auto why = stories.why_none(trade.entry.signal_bar, trade.side); !why.empty())
        return "in the " + name + ": " + why;
    if (const auto* open = open_then(other, trade))
        return "the " + name + " was in its trade of " + format_utc(open->opened) + " then";
    return "the " + name + " decided on no entry there";
}

void note_why(report::Comparison& comparison, const AccountRun& account,
              const report::RunRecord& tested, const EntryStories& tested_entries) {
    for (auto& pair : comparison.pairs) {
        if (pair.both()) {
            if (!pair.equal())
                pair.note = late_bars(account.modes, account.run.trades[*pair.left],
                                      tested.trades[*pair.right]);
            continue;
        }
        if (pair.left) {
            pair.note =
                why_missing(account.run.trades[*pair.left], tested, tested_entries, "backtest");
            continue;
        }
        const auto& trade = tested.trades[*pair.right];
        const auto mode = mode_then(account.modes, trade.entry.signal_bar);
        pair.note = mode.empty() || mode == model::code(model::TradingMode::active)
                        ? why_missing(trade, account.run, account.entries, "account")
                    : mode == k_late_mode
                        ? "the account took the bar late, when it was too late to enter on it"
                        : "the account was " + mode + " then";
    }
}

// An account of shares decides by lists of orders and prices of the moment, and nothing can run
// it again over bars.
std::string no_backtest(const AccountId& account) {
    const auto& name = account.str();
    return "account '" + name +
           "' trades shares, and there is no backtest of that to compare it with: its jobs go by "
           "the clock, by lists of orders and by prices of the moment, not by bars. What its jobs "
           "did: bullpenctl job history " +
           name + "; its days in rupees: bullpenctl pnl " + name;
}

// The backtest decides with one set of settings from the first bar to the last.
bool matters(const config::KeyChange& change) {
    constexpr std::array<std::string_view, 4> k_groups{"strategy.", "risk.", "session.", "events."};
    return std::ranges::any_of(k_groups, [&](auto group) { return change.key.starts_with(group); });
}

std::vector<std::string> other_settings(const AccountRun& account, UtcTime first_bar) {
    std::vector<std::string> notes;
    for (const auto& change : account.settings_changes) {
        if (!change.bar || *change.bar <= first_bar)
            continue;
        std::string keys;
        for (const auto& key : change.keys) {
            if (matters(key))
                keys += (keys.empty() ? "" : ", ") + key.key + ": " +
                        config::made_printable(key.old_text) + " -> " +
                        config::made_printable(key.new_text);
        }
        if (!keys.empty())
            notes.push_back("until " + format_utc(*change.bar) + " (record " +
                            std::to_string(change.record) +
                            ") other settings were in force: " + keys);
    }
    if (!notes.empty())
        notes.emplace_back(
            "the backtest has the settings of today for all bars: differences before come from "
            "that, and --from leaves them out");
    return notes;
}

std::vector<std::string> notes_of(const AccountRun& account, UtcTime first_bar) {
    auto notes = other_settings(account, first_bar);
    for (const auto& payout : account.run.payouts)
        notes.push_back(report::money_text(payout.amount) + " were paid out on " +
                        report::day_text(payout.day) +
                        ": the backtest goes on with that money, and with the limits of before");
    return notes;
}

Result<bool> compare_account(const Words& words, const Clock& clock) {
    if (words.operands.empty() || !words.has("--home"))
        return fail(Errc::invalid, "an account is needed");
    BULLPEN_TRY(const auto id, AccountId::parse(words.operands.front()));
    BULLPEN_TRY(const auto home, Home::at(words.value("--home")));
    BULLPEN_TRY(auto tables, load_tables(home.root(), clock.utc()));
    BULLPEN_TRY(tables.calendar, load_calendar(home.root(), clock.utc()));
    BULLPEN_TRY(auto files, bar_files(words));
    BULLPEN_TRY(const auto from, bound(words, "--from"));
    BULLPEN_TRY(const auto to, bound(words, "--to"));
    BULLPEN_CHECK(must_be_known(home, id));
    if (known_settings(home, id).settings.trading == config::TradingKind::shares)
        return fail(Errc::refused, no_backtest(id));
    const bool own_bars = files.files.empty();
    BULLPEN_TRY(auto account,
                read_account_run(home, id, tables, own_bars ? BarsToo::yes : BarsToo::no));
    BULLPEN_TRY(const auto bars, own_bars ? bars_of_journal(*account)
                                          : bars_of_files(std::move(files), *account, tables));
    BULLPEN_TRY(auto settings, settings_compared(*account, tables));
    // Whoever went over to another source kept its limits: they are of what it did before.
    std::string limits_trouble;
    if (own_bars && account->sources.size() > 1) {
        if (auto limits = limits_before(home, id, tables, account->sources.back().record)) {
            settings.limits = std::move(limits->saved);
            settings.cash = limits->equity.value_or(settings.cash);
        } else {
            limits_trouble = "the backtest begins with limits of which nothing is used up: " +
                             limits.error().message();
        }
    }
    EntryStories tested_entries(*account->instrument);
    settings.recorder = &tested_entries;
    BULLPEN_TRY(auto result, backtest::run(settings, bars, clock));
    // With the opening of a minute that is not over, or by a fill that came with it.
    const auto beyond = std::erase_if(
        account->run.trades, [&](const auto& trade) { return trade.closed >= bars.back().end(); });
    if (beyond > 0) {
        std::fprintf(stderr, "compare: %zu trades closed after the last bar are not compared\n",
                     static_cast<std::size_t>(beyond));
    }
    auto tested = account->run;
    tested.kind = "backtest";
    tested.trades = std::move(result.trades);
    tested.days = std::move(result.days);
    report::restrict_to(account->run, from, to);
    report::restrict_to(tested, from, to);
    auto comparison = report::compare(account->run, tested);
    note_why(comparison, *account, tested, tested_entries);
    comparison.notes = notes_of(*account, bars.front().start);
    if (!limits_trouble.empty())
        comparison.notes.push_back(limits_trouble);
    const auto text =
        words.has("--json")
            ? report::comparison_json(comparison, account->run, tested, "paper", "backtest")
            : report::comparison_text(comparison, account->run, tested,
                                      account->run.shadow ? "shadow" : "paper", "backtest");
    std::fwrite(text.data(), 1, text.size(), stdout);
    return comparison.same();
}

ExitCode run_compare(std::span<const std::string_view> words, const Clock& clock) {
    const auto taken = take_words(words, k_compare_options, 1);
    if (!taken)
        return complain("compare", ExitCode::usage, taken.error());
    const auto same = compare_account(*taken, clock);
    // 1 says that they differ, so that whatever keeps them from being compared is 64.
    if (!same)
        return complain("compare", ExitCode::usage, same.error());
    return *same ? ExitCode::done : ExitCode::failed;
}

}  // namespace

const Tool k_compare{"compare", k_compare_usage, run_compare};

}  // namespace bullpen::tools
