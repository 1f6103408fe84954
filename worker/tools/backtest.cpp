#include "worker/tools/backtest.hpp"

#include <charconv>
#include <chrono>
#include <cstdio>

#include "common/base/errc.hpp"
#include "common/config/roster.hpp"
#include "worker/report/formats.hpp"
#include "worker/report/tear_sheet.hpp"
#include "worker/strategy/registry.hpp"
#include "worker/tools/backtest_print.hpp"
#include "worker/tools/out_file.hpp"
#include "worker/tools/progress.hpp"
#include "worker/tools/tool.hpp"

namespace bullpen::tools {

namespace {

constexpr std::string_view k_backtest_usage =
    "usage: bullpenctl backtest --data FILE [--data FILE ...] [--strategy NAME]\n"
    "                [--instrument SYMBOL] [--set KEY=VALUE ...] [--from TIME] [--to TIME]\n"
    "                [--report OUT] [--trades OUT] [--sweep KEY=VALUES ... [--measure NAME]\n"
    "                [--jobs N] [--lines N] [--walk-forward train=DAYS,test=DAYS]]\n"
    "                [--zone ZONE] [--labels start|end] [--date-order WORD]\n"
    "                [--contract TEXT] [--calendar FILE] [--home DIR] [--json]\n"
    "\n"
    "Runs a strategy over bars of the past with the engine that live accounts have: the same\n"
    "indicators, rules, risk gate and order manager, with the paper exchange in one process.\n"
    "Orders fill at the next open, stops and limits within a bar at the worst order of its\n"
    "extremes, with the instrument's slippage and commission.\n"
    "\n"
    "  --data FILE        bars as CSV, plain or gzip; several files follow each other in time\n"
    "  --strategy NAME    default vwap_bounce\n"
    "  --instrument SYM   what the bars are of: ES, MES, NQ, ...; default MES\n"
    "  --set KEY=VALUE    a key of an account's file: strategy.stop_ticks=9, risk.contracts_max=1\n"
    "  --from, --to TIME  trade from, and before: a trading day (2025-03-10) or a time of UTC\n"
    "                     (2025-03-10T13:30:00Z); the week before --from warms up\n"
    "  --zone ZONE        time zone of a file whose times say none: America/New_York\n"
    "  --labels WHEN      whether a time is a bar's start (default) or its end\n"
    "  --date-order WORD  of dates like 04/07/2025: month_first or day_first\n"
    "  --contract TEXT    only rows with this text in the column of the contract or symbol\n"
    "  --home DIR         take instruments, holidays, rule packs and calendar of this home\n"
    "  --calendar FILE    stand aside around the events of this snapshot, as events.* says\n"
    "  --report OUT       write the tear sheet, one page of HTML with plots\n"
    "  --trades OUT       write the trades as CSV; - is standard output\n"
    "  --sweep KEY=VALUES run with every value: 7:15:2 (from, to, step) or a,b,c; again for more\n"
    "  --walk-forward SPEC choose among the sweep on train=60d, trade test=20d after it, move on\n"
    "  --measure NAME     net (default), expectancy, profit_factor, sharpe, sortino, calmar,\n"
    "                     drawdown: what a sweep is sorted by\n"
    "  --jobs N           threads; default one for each core\n"
    "  --lines N          rows of a sweep to print; default 20, 0 is all\n"
    "  --json             one JSON object instead of the report\n"
    "\n"
    "Examples:\n"
    "  bullpenctl backtest --data es_1m.csv.gz --instrument ES\n"
    "  bullpenctl backtest --data es_1m.csv.gz --instrument ES --set strategy.rsi_filter=false \\\n"
    "      --from 2025-01-01 --json\n";

// A word that TOML would not take as a value is meant as text.
std::string as_toml(const std::string& value) {
    const bool bare =
        value == "true" || value == "false" || value.starts_with('"') || value.starts_with('[') ||
        (!value.empty() && value.find_first_not_of("+-.0123456789eE_") == std::string::npos);
    return bare ? value : '"' + value + '"';
}

constexpr std::string_view k_window = "strategy.vwap_window";

// Five trading days or so, as before the stretches of a walk-forward.
constexpr std::chrono::days k_learnt_before{7};

// A number alone is of bars.
std::string as_window(const std::string& value) {
    const bool number =
        !value.empty() && value.find_first_not_of("0123456789") == std::string::npos;
    return as_toml(number ? value + " bars" : value);
}

Result<config::AccountSettings> settings_of(const BacktestOptions& options,
                                            const Overrides& overrides) {
    auto all = overrides;
    all.insert(options.settings.begin(), options.settings.end());
    std::string text = "strategy.name = \"" + options.strategy + "\"\n";
    for (const auto& [key, value] : all)
        text += key + " = " + (key == k_window ? as_window(value) : as_toml(value)) + "\n";
    return config::settings_from_text(AccountId::parse("backtest").value(), text, "--set");
}

constexpr std::array<Known, 20> k_backtest_options = {
    {{"--data"},     {"--instrument"}, {"--zone"},         {"--labels"},   {"--date-order"},
     {"--contract"}, {"--from"},       {"--to"},           {"--strategy"}, {"--set"},
     {"--home"},     {"--calendar"},   {"--report"},       {"--trades"},   {"--sweep"},
     {"--measure"},  {"--jobs"},       {"--walk-forward"}, {"--lines"},    {"--json", false}}};

Result<std::size_t> count_of(const Words& words, std::string_view option, std::size_t max) {
    const auto text = words.value(option);
    std::size_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || end != text.data() + text.size() || count > max) {
        return fail(Errc::invalid, std::string(option) + " is a number up to " +
                                       std::to_string(max) + ", not '" + text + "'");
    }
    return count;
}

Result<void> parse_many_runs(const Words& words, BacktestOptions& options) {
    for (const auto& text : words.values("--sweep")) {
        BULLPEN_TRY(auto axis, backtest::parse_axis(text));
        options.sweep.push_back(std::move(axis));
    }
    if (words.has("--walk-forward")) {
        BULLPEN_TRY(options.walk, backtest::parse_walk(words.value("--walk-forward")));
        if (options.sweep.empty())
            return fail(Errc::invalid, "--walk-forward chooses among the values of --sweep");
    }
    if (words.has("--measure")) {
        const auto measure = backtest::measure_from(words.value("--measure"));
        if (!measure) {
            return fail(Errc::invalid,
                        "--measure is net, expectancy, profit_factor, sharpe, sortino, calmar or "
                        "drawdown, not '" +
                            words.value("--measure") + "'");
        }
        options.measure = *measure;
    }
    if (words.has("--jobs")) {
        BULLPEN_TRY(const auto jobs, count_of(words, "--jobs", backtest::k_threads_max));
        options.jobs = static_cast<unsigned>(jobs);
    }
    if (words.has("--lines")) {
        BULLPEN_TRY(options.lines_max, count_of(words, "--lines", backtest::k_combinations_max));
    }
    const bool both = options.report == "-" && options.trades == "-";
    const bool one = options.report == "-" || options.trades == "-";
    if (both || (one && options.json)) {
        return fail(Errc::invalid,
                    "of --report -, --trades - and --json one can have the standard output");
    }
    const bool one_result = options.sweep.empty() || options.walk;
    if (!one_result && !(options.report.empty() && options.trades.empty()))
        return fail(Errc::invalid, "--report and --trades are of one run, and --sweep makes many");
    return {};
}

ExitCode complain_of(ExitCode code, const Error& error) {
    return complain("backtest", code, error);
}

ExitCode run_tool_backtest(std::span<const std::string_view> words, const Clock& clock) {
    const auto options = parse_backtest(words);
    if (!options)
        return complain_of(ExitCode::usage, options.error());
    return run_backtest(*options, clock);
}

}  // namespace

const Tool k_backtest{"backtest", k_backtest_usage, run_tool_backtest};

Result<BacktestOptions> parse_backtest(std::span<const std::string_view> words) {
    BULLPEN_TRY(const auto taken, take_words(words, k_backtest_options));
    BacktestOptions options;
    BULLPEN_TRY(options.bars, bar_files(taken));
    if (taken.has("--strategy"))
        options.strategy = taken.value("--strategy");
    for (const auto& text : taken.values("--set")) {
        const auto equals = text.find('=');
        if (equals == 0 || equals == std::string::npos)
            return fail(Errc::invalid, "--set is KEY=VALUE, not '" + text + "'");
        const auto key = text.substr(0, equals);
        // Of several for one key the last counts.
        if (key == "strategy.name")
            options.strategy = text.substr(equals + 1);
        else
            options.settings.insert_or_assign(key, text.substr(equals + 1));
    }
    options.home = taken.value("--home");
    options.json = taken.has("--json");
    options.calendar = taken.value("--calendar");
    options.report = taken.value("--report");
    options.trades = taken.value("--trades");
    BULLPEN_CHECK(parse_many_runs(taken, options));
    // A walk-forward warms each of its stretches up with days of its own.
    if (!options.walk)
        options.bars.learnt_before = k_learnt_before;
    if (options.bars.files.empty())
        return fail(Errc::invalid, "--data FILE is needed");
    return options;
}

// An account under a firm's rules begins with what the firm gives it.
model::Money first_cash(const config::RiskSettings& risk, const model::RulePack& pack,
                        const model::Instrument& instrument, bool stated) {
    if (!stated && pack.floor.model != model::FloorModel::none)
        return pack.floor.start();
    return {risk.start_balance * 1'000'000, instrument.tick_value.currency};
}

Result<backtest::BacktestSettings> backtest_settings(const BacktestOptions& options,
                                                     const Overrides& overrides,
                                                     const MarketTables& tables) {
    BULLPEN_TRY(const auto settings, settings_of(options, overrides));
    BULLPEN_TRY(const auto* instrument, tables.instruments.find(options.bars.instrument));
    BULLPEN_TRY(const auto* pack, tables.packs.find(settings.risk->rule_pack));
    // Before a file is read, which may take a while.
    if (auto known = strategy::make_strategy(settings.strategy, *instrument); !known)
        return fail(known.error());
    backtest::BacktestSettings made;
    made.instrument = instrument;
    made.strategy = settings.strategy;
    made.risk = settings.risk;
    made.session = settings.session;
    made.pack = *pack;
    made.holidays = &tables.holidays;
    made.calendar = tables.calendar ? &*tables.calendar : nullptr;
    made.events = settings.events;
    made.costs = backtest::default_costs(*instrument);
    made.trade_from = options.bars.from;
    const auto is_balance = [](const auto& set) { return set.first == "risk.start_balance"; };
    const bool stated = std::any_of(options.settings.begin(), options.settings.end(), is_balance) ||
                        std::any_of(overrides.begin(), overrides.end(), is_balance);
    made.cash = first_cash(*settings.risk, *pack, *instrument, stated);
    return made;
}

report::RunRecord run_record(const BacktestOptions& options, const MarketTables& tables,
                             const time::MarketCalendar& calendar) {
    report::RunRecord record;
    record.title = options.strategy + " on " + options.bars.instrument;
    record.kind = "backtest";
    record.instruments = &tables.instruments;
    record.calendar = &calendar;
    std::string files;
    for (const auto& file : options.bars.files)
        files += (files.empty() ? "" : ", ") + file;
    record.facts.emplace_back("bars", files);
    std::string settings;
    for (const auto& [key, value] : options.settings)
        settings += (settings.empty() ? "" : ", ") + key + " = " + value;
    record.facts.emplace_back("settings", settings.empty() ? "defaults" : settings);
    record.facts.emplace_back("tables", tables.origin);
    return record;
}

Result<void> write_records(const BacktestOptions& options, const report::RunRecord& run,
                           UtcTime now) {
    if (!options.report.empty())
        BULLPEN_CHECK(write_file(options.report, report::tear_sheet(run, now)));
    if (!options.trades.empty())
        BULLPEN_CHECK(write_file(options.trades, report::trades_csv(run)));
    return {};
}

namespace {

// With the calendar that was named, else with the home's, where it has one.
Result<MarketTables> tables_of(const BacktestOptions& options, UtcTime now) {
    BULLPEN_TRY(auto tables, load_tables(options.home, now));
    if (!options.calendar.empty()) {
        BULLPEN_TRY(tables.calendar, calendar_from(options.calendar, now));
        tables.origin += ", calendar " + options.calendar;
    } else if (!options.home.empty()) {
        BULLPEN_TRY(auto known, load_calendar(options.home, now));
        if (known.snapshot) {
            tables.calendar = std::move(known);
            tables.origin += ", calendar (home)";
        }
    }
    return tables;
}

// Before a run, which may take a while.
Result<void> try_outputs(const BacktestOptions& options) {
    for (const auto& path : {options.report, options.trades}) {
        if (path.empty())
            continue;
        if (const auto out = OutFile::open(path); !out)
            return fail(out.error());
    }
    return {};
}

Result<void> take_days(BacktestOptions& options, const MarketTables& tables) {
    BULLPEN_TRY(const auto* instrument, tables.instruments.find(options.bars.instrument));
    BULLPEN_TRY(const auto calendar, calendar_of(*instrument, tables.holidays));
    by_trading_days(&options.bars, calendar);
    return {};
}

// Standard output is the file's that was asked for there.
void print_told(const BacktestOptions& options, const std::string& text) {
    const bool taken = options.report == "-" || options.trades == "-";
    std::fwrite(text.data(), 1, text.size(), taken ? stderr : stdout);
}

}  // namespace

ExitCode run_backtest(const BacktestOptions& asked, const Clock& clock) {
    const auto begin = clock.mono();
    BacktestOptions options = asked;
    if (const auto sound = try_outputs(options); !sound)
        return complain_of(ExitCode::usage, sound.error());
    const auto tables = tables_of(options, clock.utc());
    if (!tables)
        return complain_of(ExitCode::usage, tables.error());
    if (const auto days = take_days(options, *tables); !days)
        return complain_of(ExitCode::usage, days.error());
    if (!options.sweep.empty()) {
        const auto text =
            options.walk ? run_walk(options, *tables, clock) : run_sweep(options, *tables, clock);
        if (!text)
            return complain_of(ExitCode::usage, text.error());
        print_told(options, *text);
        return ExitCode::done;
    }
    const auto settings = backtest_settings(options, {}, *tables);
    if (!settings)
        return complain_of(ExitCode::usage, settings.error());
    const auto calendar = calendar_of(*settings->instrument, tables->holidays);
    if (!calendar)
        return complain_of(ExitCode::usage, calendar.error());
    Progress bar(!options.json);
    const auto data =
        read_bars(options.bars, tables->instruments, [&](double share, std::uint64_t bars) {
            bar.show(share, "read " + std::to_string(bars) + " bars");
        });
    if (!data)
        return complain_of(ExitCode::usage, data.error());
    const auto progress = [&](std::uint64_t done) {
        bar.show(static_cast<double>(done) / static_cast<double>(data->bars.size()), "");
        return true;
    };
    const auto result = backtest::run(*settings, data->bars, clock, progress);
    if (!result)
        return complain_of(ExitCode::usage, result.error());
    auto record = run_record(options, *tables, *calendar);
    record.facts.emplace_back("trades hash", result->trades_hash);
    record.start = result->start_cash;
    record.nominal = result->nominal;
    record.trades = result->trades;
    record.days = result->days;
    record.first = result->first;
    record.last = result->last;
    record.open_contracts = result->open_contracts;
    if (const auto wrote = write_records(options, record, clock.utc()); !wrote)
        return complain_of(ExitCode::failed, wrote.error());
    const std::chrono::duration<double> total = clock.mono() - begin;
    const BacktestReport report{options,      *tables, *data, *result, record.statistics(),
                                total.count()};
    const auto text = options.json ? backtest_json(report) : backtest_text(report);
    bar.clear();
    print_told(options, text);
    return ExitCode::done;
}

}  // namespace bullpen::tools
