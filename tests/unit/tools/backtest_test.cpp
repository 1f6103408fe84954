#include "worker/tools/backtest.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>

#include "common/base/descriptor.hpp"
#include "common/events/market_days.hpp"
#include "common/tables/holiday_file.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/backtest/market.hpp"

using namespace bullpen;
using namespace bullpen::tools;

namespace {

Result<BacktestOptions> parsed(std::initializer_list<std::string_view> words) {
    return parse_backtest({words.begin(), words.size()});
}

std::string refusal(std::initializer_list<std::string_view> words) {
    const auto options = parsed(words);
    return options ? std::string() : options.error().message();
}

}  // namespace

TEST_CASE("every option of a backtest is taken, and of several for one key the last") {
    const auto options = parsed({"--data",       "a.csv",
                                 "--data",       "b.csv",
                                 "--strategy",   "other",
                                 "--instrument", "ES",
                                 "--set",        "risk.contracts_max=1",
                                 "--set",        "risk.contracts_max=2",
                                 "--from",       "2025-03-10",
                                 "--to",         "2025-03-11T13:30:00Z",
                                 "--zone",       "America/New_York",
                                 "--labels",     "end",
                                 "--json"});
    REQUIRE(options);
    CHECK(options->bars.files == std::vector<std::string>{"a.csv", "b.csv"});
    CHECK(options->strategy == "other");
    CHECK(options->bars.instrument == "ES");
    CHECK(options->settings.at("risk.contracts_max") == "2");
    CHECK(options->bars.from == parse_utc("2025-03-10T00:00:00Z").value());
    CHECK(options->bars.to == parse_utc("2025-03-11T13:30:00Z").value());
    CHECK(options->bars.time_zone == "America/New_York");
    CHECK(options->bars.labels_at_end);
    CHECK(options->json);
}

TEST_CASE("the strategy may be named as a key, too") {
    const auto options = parsed({"--data", "a", "--set", "strategy.name=other"});
    REQUIRE(options);
    CHECK(options->strategy == "other");
    CHECK(options->settings.empty());
}

TEST_CASE("a word that cannot be taken is named") {
    CHECK(refusal({}).find("--data FILE is needed") != std::string::npos);
    CHECK(refusal({"--data"}).find("--data needs a value") != std::string::npos);
    CHECK(refusal({"--data", "a", "--wrong"}).find("'--wrong'") != std::string::npos);
    CHECK(refusal({"--data", "a", "--from", "yesterday"}).find("--from") != std::string::npos);
    CHECK(refusal({"--data", "a", "--set", "stop"}).find("KEY=VALUE") != std::string::npos);
    CHECK(refusal({"--data", "a", "--labels", "middle"}).find("'middle'") != std::string::npos);
}

TEST_CASE("settings, strategy, instrument and data that cannot be used end with code 64") {
    const SystemClock clock;
    BacktestOptions options;
    options.bars.files = {"/nonexistent/bars.csv"};
    CHECK(run_backtest(options, clock) == ExitCode::usage);
    for (const auto& [key, value] : {std::pair<std::string, std::string>{"stop", "3"},
                                     {"strategy.stop_ticks", "many"},
                                     {"risk.rule_pack", "no_such_pack"}}) {
        auto wrong = options;
        wrong.settings[key] = value;
        CHECK(run_backtest(wrong, clock) == ExitCode::usage);
    }
    auto strategy = options;
    strategy.strategy = "nope";
    CHECK(run_backtest(strategy, clock) == ExitCode::usage);
    auto instrument = options;
    instrument.bars.instrument = "XX";
    CHECK(run_backtest(instrument, clock) == ExitCode::usage);
}

namespace {

std::string bars_file(const test::TemporaryDirectory& directory) {
    std::string csv = "ts,open,high,low,close,volume\n";
    const auto tick = test::run_settings().instrument->tick;
    for (const auto& bar : test::market(1, 5UL * 1380)) {
        csv += std::to_string(unix_nanos(bar.start) / 1'000'000'000);
        for (const auto price : {bar.open, bar.high, bar.low, bar.close})
            csv += "," + model::text(price, tick);
        csv += "," + std::to_string(bar.volume) + "\n";
    }
    auto path = directory.file("bars.csv");
    test::write_text(path, csv);
    return path;
}

}  // namespace

TEST_CASE("a date is the trading day of an account's trades, and begins on the evening before") {
    const auto& es = **model::find_instrument("ES");
    const auto calendar = calendar_of(es, time::HolidayTable::built_in()).value();
    auto dates = parsed({"--data", "a", "--from", "2025-03-10", "--to", "2025-03-12"}).value();
    by_trading_days(&dates.bars, calendar);
    // 18:00 of New York, which has just gone over to summer time.
    CHECK(dates.bars.from == parse_utc("2025-03-09T22:00:00Z").value());
    CHECK(dates.bars.to == parse_utc("2025-03-11T22:00:00Z").value());
    auto times = parsed({"--data", "a", "--from", "2025-03-10T00:00:00Z"}).value();
    by_trading_days(&times.bars, calendar);
    CHECK(times.bars.from == parse_utc("2025-03-10T00:00:00Z").value());
    CHECK_FALSE(times.bars.to);
}

TEST_CASE("the week before --from warms a backtest up, and is not traded") {
    const test::TemporaryDirectory directory;
    auto options = parsed({"--data", "a", "--from", "2025-01-09"}).value();
    options.bars.files = {bars_file(directory)};
    const auto tables = load_tables("", SystemClock().utc()).value();
    BarFiles whole;
    whole.files = options.bars.files;
    const auto all = read_bars(whole, tables.instruments).value();
    const auto from = all.bars[all.bars.size() / 2].start;
    options.bars.from = from;
    const auto read = read_bars(options.bars, tables.instruments).value();
    CHECK(read.bars.size() == all.bars.size());
    CHECK(read.learnt == all.bars.size() / 2);
    CHECK(read.bars[read.learnt].start == from);
    CHECK(backtest_settings(options, {}, tables).value().trade_from == from);
    // No more than a week.
    options.bars.learnt_before = std::chrono::days(1);
    const auto less = read_bars(options.bars, tables.instruments).value();
    CHECK(less.bars.front().start >= from - std::chrono::days(1));
    CHECK(less.bars[less.learnt].start == from);
    // Bars to learn from alone are nothing to run over.
    options.bars.from = all.bars.back().end();
    CHECK_FALSE(read_bars(options.bars, tables.instruments));
}

TEST_CASE("many runs are asked for with words that fit together") {
    const auto options =
        parsed({"--data", "a", "--sweep", "strategy.stop_ticks=7:11:2", "--sweep",
                "strategy.rsi_filter=true,false", "--walk-forward", "train=60d,test=20d",
                "--measure", "sharpe", "--jobs", "3", "--lines", "0", "--report", "r.html"});
    REQUIRE(options);
    CHECK(options->sweep.size() == 2);
    CHECK(options->walk == backtest::WalkPlan{60, 20});
    CHECK(options->measure == backtest::Measure::sharpe);
    CHECK(options->jobs == 3);
    CHECK(options->lines_max == 0);
    CHECK(refusal({"--data", "a", "--walk-forward", "train=1,test=1"}).find("--sweep") !=
          std::string::npos);
    CHECK(refusal({"--data", "a", "--sweep", "a=1,2", "--report", "r"}).find("one run") !=
          std::string::npos);
    CHECK(refusal({"--data", "a", "--measure", "luck"}).find("'luck'") != std::string::npos);
    CHECK(refusal({"--data", "a", "--jobs", "many"}).find("--jobs") != std::string::npos);
    CHECK(refusal({"--data", "a", "--jobs", "1000"}).find("256") != std::string::npos);
}

TEST_CASE("a run writes its tear sheet and its trades") {
    const test::TemporaryDirectory directory;
    BacktestOptions options;
    options.bars.files = {bars_file(directory)};
    options.json = true;
    options.report = directory.file("sheet.html");
    options.trades = directory.file("trades.csv");
    REQUIRE(run_backtest(options, SystemClock()) == ExitCode::done);
    const auto page = test::read_text(options.report);
    CHECK(page.find("<h1>vwap_bounce on MES</h1>") != std::string::npos);
    CHECK(page.ends_with("</html>\n"));
    CHECK(test::read_text(options.trades).starts_with("number,symbol,side,"));
    options.report = directory.file("nowhere/sheet.html");
    CHECK(run_backtest(options, SystemClock()) == ExitCode::usage);
}

TEST_CASE("a window of the VWAP is a number of bars, or as its setting has it") {
    const test::TemporaryDirectory directory;
    BacktestOptions options;
    options.bars.files = {bars_file(directory)};
    options.sweep = {backtest::parse_axis("strategy.vwap_window=session,200,200 bars").value()};
    options.json = true;
    const auto tables = load_tables({}, SystemClock().utc()).value();
    const auto swept = run_sweep(options, tables, SystemClock());
    REQUIRE_MESSAGE(swept.has_value(), swept.error().message());
    CHECK(swept->find("\"strategy.vwap_window\":\"200\"") != std::string::npos);
    const auto hash_of = [&](const std::string& window) {
        const auto run = swept->find("\"strategy.vwap_window\":\"" + window + "\"");
        const auto at = swept->find("\"trades_hash\":", run);
        REQUIRE(at != std::string::npos);
        return swept->substr(at, swept->find_first_of(",}", at) - at);
    };
    CHECK(hash_of("200") == hash_of("200 bars"));
    options.sweep = {backtest::parse_axis("strategy.vwap_window=0,200").value()};
    const auto wrong = run_sweep(options, tables, SystemClock());
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().message().find("N bars") != std::string::npos);
}

TEST_CASE("a sweep and a walk-forward print their tables; one wrong combination ends them") {
    const test::TemporaryDirectory directory;
    BacktestOptions options;
    options.bars.files = {bars_file(directory)};
    options.sweep = {backtest::parse_axis("strategy.stop_ticks=7,11").value()};
    const auto tables = load_tables({}, SystemClock().utc()).value();
    const auto text = run_sweep(options, tables, SystemClock()).value();
    CHECK(text.starts_with("Data\n"));
    CHECK(text.find("\n\nstrategy.stop_ticks  trades") != std::string::npos);
    CHECK(text.find("2 runs of 6900 bars, best net first") != std::string::npos);
    // Whatever it is sorted by is there.
    for (const auto* column : {"net", "PF", "max DD", "Sharpe", "Sortino", "Calmar", "expectancy"})
        CHECK(text.find(column) != std::string::npos);
    auto as_json = options;
    as_json.json = true;
    as_json.measure = backtest::Measure::calmar;
    const auto object = run_sweep(as_json, tables, SystemClock()).value();
    CHECK(object.find("\"measure\":\"calmar\"") != std::string::npos);
    CHECK(object.find("\"calmar\":") != std::string::npos);
    CHECK(object.find("\"sortino\":") != std::string::npos);
    options.lines_max = 1;
    CHECK(run_sweep(options, tables, SystemClock()).value().find("1 more rows") !=
          std::string::npos);
    options.walk = backtest::WalkPlan{2, 1};
    options.report = directory.file("walk.html");
    const auto walked = run_walk(options, tables, SystemClock()).value();
    CHECK(walked.find("strategy.stop_ticks = ") != std::string::npos);
    CHECK(walked.find("Out of sample, joined: vwap_bounce on MES, walk-forward") !=
          std::string::npos);
    CHECK(test::read_text(options.report).find("chosen anew") != std::string::npos);
    options.json = true;
    const auto json = run_walk(options, tables, SystemClock()).value();
    CHECK(json.find("\"windows\":[{\"train_from\":") != std::string::npos);
    options.sweep = {backtest::parse_axis("strategy.stop_ticks=7,none").value()};
    const auto wrong = run_sweep(options, tables, SystemClock());
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().context().find("with strategy.stop_ticks = none") != std::string::npos);
}

TEST_CASE("instruments, holidays and rule packs are those of the home, and errors name the place") {
    const test::TemporaryDirectory directory;
    const test::TemporaryHome home;
    BacktestOptions options;
    options.bars.files = {bars_file(directory)};
    options.json = true;
    options.home = home.path();
    const auto built_in = load_tables(home.path(), SystemClock().utc()).value();
    CHECK(built_in.origin.find("(home)") == std::string::npos);
    REQUIRE(run_backtest(options, SystemClock()) == ExitCode::done);

    const auto shared = home.home().shared();
    (void)make_directories(shared, 0700);
    const auto source = test::source_directory() + "/etc/";
    for (const auto* name : {"instruments.toml", "holidays.toml", "rule_packs.toml"})
        test::write_text(shared + "/" + name, test::read_text(source + name));
    const auto own = load_tables(home.path(), SystemClock().utc()).value();
    CHECK(own.origin.find("(built in)") == std::string::npos);
    REQUIRE(run_backtest(options, SystemClock()) == ExitCode::done);

    auto instruments = test::read_text(source + "instruments.toml");
    const auto at = instruments.find("tick = ");
    instruments.insert(at, "colour = \"red\"\n");
    const auto line = 1 + std::ranges::count(instruments.substr(0, at), '\n');
    test::write_text(shared + "/instruments.toml", instruments);
    const auto wrong = load_tables(home.path(), SystemClock().utc());
    REQUIRE_FALSE(wrong);
    const auto text = wrong.error().context();
    CHECK(text.find("shared/instruments.toml:" + std::to_string(line)) != std::string::npos);
    CHECK(text.find("colour") != std::string::npos);
    CHECK(run_backtest(options, SystemClock()) == ExitCode::usage);
    options.home = directory.file("no_home");
    CHECK(run_backtest(options, SystemClock()) == ExitCode::usage);
}

TEST_CASE("the market's days are those that a worker knows: by rule too, and by an operator") {
    const auto now = parse_utc("2026-11-21T18:00:00Z").value();
    const auto day = [](int year, unsigned month, unsigned number) {
        return time::TradingDay(std::chrono::year(year) / static_cast<int>(month) /
                                static_cast<int>(number));
    };
    const auto of = [](const time::HolidayTable& table) -> const time::MarketHolidays& {
        return table.of(time::Market::cme_equity_index);
    };
    const auto shut = [&](const time::HolidayTable& table, time::TradingDay at) {
        return std::ranges::any_of(of(table).days, [&](const auto& row) { return row.day == at; });
    };
    // Christmas of years that the built-in table says nothing of.
    CHECK_FALSE(of(time::HolidayTable::built_in()).coverage.holds(day(2022, 12, 25)));
    CHECK_FALSE(of(time::HolidayTable::built_in()).coverage.holds(day(2029, 12, 25)));
    const auto known = load_tables({}, now).value();
    for (const int year : {2022, 2026, 2029}) {
        CHECK(of(known.holidays).coverage.holds(day(year, 12, 25)));
        CHECK(shut(known.holidays, day(year, 11, year == 2026 ? 26 : year == 2022 ? 24 : 22)));
        CHECK_FALSE(shut(known.holidays, day(year, 12, 16)));
    }
    // In a home, exactly what a worker of it makes of table, calendar and operator.
    const test::TemporaryHome home;
    const auto shared = home.home().shared();
    (void)make_directories(shared, 0700);
    storage::SystemFileSystem files;
    events::Overrides overrides;
    auto& entry = overrides.entries.emplace_back();
    entry.kind = events::OverrideKind::market_closed;
    entry.by = "jo";
    entry.reason = "a test";
    entry.at = now;
    entry.expires = now + std::chrono::hours(24 * 60);
    entry.market = time::Market::cme_equity_index;
    entry.day = day(2026, 12, 16);
    REQUIRE(events::write_overrides(files, shared + "/" + std::string(events::k_overrides_name),
                                    overrides, now));
    auto worker = tables::load_holidays(home.home()).value();
    events::complete(worker, files, shared, now);
    const auto own = load_tables(home.path(), now).value();
    CHECK(own.holidays == worker);
    CHECK(shut(own.holidays, day(2026, 12, 16)));
}
