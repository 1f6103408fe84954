// An account's journal, written through the real codec, against a backtest over its bars.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdio>

#include "common/config/keys.hpp"
#include "common/time/market_calendar.hpp"
#include "tests/unit/tools/paper_run.hpp"
#include "worker/tools/account_replay.hpp"
#include "worker/tools/tool.hpp"

using namespace bullpen;
using namespace bullpen::tools;

namespace {

constexpr std::size_t k_days = 5UL * 1380;

ExitCode compare(const test::PaperHome& paper, std::vector<std::string_view> more = {}) {
    const auto home = paper.home().root();
    std::vector<std::string_view> words = {"--home", home, "alpha"};
    words.insert(words.end(), more.begin(), more.end());
    return run_tool(*find_tool("compare"), words, SystemClock());
}

// What it prints.
std::string told(const test::PaperHome& paper, std::vector<std::string_view> more = {}) {
    const test::TemporaryDirectory directory;
    const auto path = directory.file("told");
    std::fflush(stdout);
    const int kept = dup(STDOUT_FILENO);
    std::FILE* const to = std::fopen(path.c_str(), "w");
    REQUIRE(to != nullptr);
    dup2(fileno(to), STDOUT_FILENO);
    compare(paper, std::move(more));
    std::fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    std::fclose(to);
    return test::read_text(path);
}

}  // namespace

TEST_CASE("an account that traded as its settings say does not differ from a backtest") {
    test::PaperHome paper;
    REQUIRE(paper.trade(test::market(1, k_days)).trades.size() > 5);
    CHECK(compare(paper) == ExitCode::done);
    CHECK(compare(paper, {"--json"}) == ExitCode::done);
}

TEST_CASE("an account on shared signals is compared over the bars that it shared") {
    test::PaperHome paper("signals = \"shared\"\n");
    paper.shared = true;
    REQUIRE(paper.trade(test::market(1, k_days)).trades.size() > 5);
    CHECK(compare(paper) == ExitCode::done);
}

TEST_CASE("the account's own settings are those of the backtest") {
    test::PaperHome paper("strategy.stop_ticks = 15\n");
    auto settings = test::run_settings();
    settings.strategy.stop_ticks = 15;
    paper.trade(test::market(1, k_days), settings);
    CHECK(compare(paper) == ExitCode::done);
    test::PaperHome other;
    other.trade(test::market(1, k_days), settings);
    CHECK(compare(other) == ExitCode::failed);
}

TEST_CASE("until the account was active first, its backtest stands aside as well") {
    test::PaperHome paper;
    const auto bars = test::market(1, k_days);
    auto settings = test::run_settings();
    settings.trade_from = bars[k_days / 2].start;
    const auto wrote = paper.trade(bars, settings);
    REQUIRE_FALSE(wrote.trades.empty());
    CHECK(compare(paper) == ExitCode::done);
}

TEST_CASE("an account that was never active has no trades to be missed, and neither its backtest") {
    test::PaperHome paper;
    auto settings = test::run_settings();
    settings.trade_from = UtcTime::max();
    REQUIRE(paper.trade(test::market(1, k_days), settings).trades.empty());
    CHECK(compare(paper) == ExitCode::done);
}

TEST_CASE("after a change of the source the backtest begins with the money that there was") {
    test::PaperHome paper("risk.start_balance = 51600\nrisk.per_trade_percent = 0.08\n");
    const auto bars = test::market(1, 2 * k_days);
    auto settings = test::run_settings();
    settings.risk.start_balance = 51'600;
    settings.risk.per_trade_percent = 0.08;
    settings.cash = {51'600'000'000, model::k_usd};
    // The first fills are so dear that less than 51,563 is left, and a contract less is bought.
    settings.costs.slippage.value += 40;
    const auto before = paper.trade(std::span(bars).first(k_days), settings);
    REQUIRE_FALSE(before.trades.empty());
    settings.costs.slippage.value -= 40;
    settings.cash = settings.cash + before.totals.net();
    REQUIRE(settings.cash.millionths < 51'563'000'000);
    REQUIRE(paper.trade(std::span(bars).subspan(k_days), settings).trades.size() > 2);
    CHECK(compare(paper) == ExitCode::done);
}

TEST_CASE("a trade that closed with the opening of a minute that is not over is left out") {
    test::PaperHome paper;
    const auto bars = test::market(1, k_days);
    // A run of all bars whose journal ends with the bar before the last trade closed.
    const auto wrote = test::PaperHome().trade(bars);
    std::size_t end = 0;
    while (bars[end].end() <= wrote.trades.back().closed)
        ++end;
    paper.trade(std::span(bars).first(end + 1), test::run_settings(), 0, "on", end);
    CHECK(compare(paper) == ExitCode::done);
}

TEST_CASE("a trade that is missing in the journal, and dearer fills, are differences") {
    test::PaperHome missing;
    missing.trade(test::market(1, k_days), test::run_settings(), 2);
    CHECK(compare(missing) == ExitCode::failed);
    test::PaperHome dear;
    auto settings = test::run_settings();
    settings.costs.slippage.value += 1;
    dear.trade(test::market(1, k_days), settings);
    CHECK(compare(dear) == ExitCode::failed);
}

TEST_CASE("bars that were taken late are the cause of what was not, or otherwise, traded on them") {
    const auto bars = test::market(1, k_days);
    const auto trade = test::PaperHome().trade(bars).trades.at(1);
    const std::string not_entered = "the account took the bar late, when it was too late to enter";
    test::PaperHome missing;
    missing.late = {trade.entry.signal_bar, trade.entry.signal_bar + std::chrono::minutes(1)};
    missing.trade(bars, test::run_settings(), 2);
    CHECK(told(missing).find(not_entered) != std::string::npos);
    CHECK(told(missing, {"--json"}).find(not_entered) != std::string::npos);
    // Only of those bars.
    test::PaperHome other;
    other.late = {bars.front().start, bars[1].start};
    other.trade(bars, test::run_settings(), 2);
    CHECK(told(other).find("late") == std::string::npos);
    // Dearer fills in a trade during which some were late, and in all others.
    test::PaperHome dear;
    auto settings = test::run_settings();
    settings.costs.slippage.value += 1;
    const auto within = std::chrono::floor<std::chrono::minutes>(trade.opened);
    dear.late = {within, within + std::chrono::minutes(1)};
    dear.trade(bars, settings);
    const auto text = told(dear);
    const auto first = text.find("the account took bars late, from that of " + format_utc(within) +
                                 " to that before ");
    CHECK(first != std::string::npos);
    CHECK(text.find("the account took bars late", first + 1) == std::string::npos);
}

TEST_CASE("an account of shares has no backtest to be compared with") {
    test::PaperHome shares;
    test::write_text(shares.home().account(test::PaperHome::id()).roster_file,
                     "trading = \"shares\"\nbroker = \"paper\"\n");
    CHECK(compare(shares) == ExitCode::usage);
    CHECK(told(shares).empty());
}

TEST_CASE("bars may come from a file, of which those of the account's time count") {
    test::PaperHome paper;
    const auto bars = test::market(1, k_days);
    paper.trade(std::span(bars).first(k_days - 500));
    const test::TemporaryDirectory directory;
    std::string csv = "ts,open,high,low,close,volume\n";
    const auto tick = test::run_settings().instrument->tick;
    for (const auto& bar : bars) {
        csv += std::to_string(unix_nanos(bar.start) / 1'000'000'000);
        for (const auto price : {bar.open, bar.high, bar.low, bar.close})
            csv += "," + model::text(price, tick);
        csv += "," + std::to_string(bar.volume) + "\n";
    }
    const auto path = directory.file("bars.csv");
    test::write_text(path, csv);
    CHECK(compare(paper, {"--data", path}) == ExitCode::done);
    CHECK(compare(paper, {"--data", directory.file("none.csv")}) == ExitCode::usage);
    test::PaperHome shared("signals = \"shared\"\n");
    shared.shared = true;
    shared.trade(std::span(bars).first(k_days - 500));
    CHECK(compare(shared, {"--data", path}) == ExitCode::done);
    test::PaperHome without_bars;
    without_bars.trade({});
    CHECK(compare(without_bars, {"--data", path}) == ExitCode::usage);
}

TEST_CASE("what cannot be compared ends with 64, and is no difference") {
    test::PaperHome empty;
    CHECK(compare(empty) == ExitCode::usage);
    test::PaperHome idle;
    idle.trade(test::market(1, 2000));
    test::write_text(idle.home().account(test::PaperHome::id()).roster_file,
                     "strategy.name = \"\"\n");
    CHECK(compare(idle) == ExitCode::usage);
}

TEST_CASE("after a change of its source an account is compared with the limits that it had then") {
    test::PaperHome paper(
        "risk.trades_max = 2\nrisk.drawdown_max = 9000\n"
        "risk.drawdown_model = \"intraday\"\n");
    auto settings = test::run_settings();
    settings.risk.trades_max = 2;
    settings.risk.drawdown_max = 9'000;
    settings.risk.drawdown_model = config::DrawdownModel::intraday;
    settings.risk.start_balance = 50'000;
    const auto bars = test::market(1, k_days);
    const auto whole = backtest::run(settings, bars, SystemClock()).value();
    // A bar at which the day's trades are used up, and with them what the rest of it may bring.
    const auto calendar = time::MarketCalendar::load(time::Market::cme_equity_index).value();
    std::size_t at = 0;
    for (std::size_t i = 1; i < whole.trades.size() && at == 0; ++i) {
        const auto& second = whole.trades[i];
        if (calendar.trading_day(second.opened) != calendar.trading_day(whole.trades[i - 1].opened))
            continue;
        while (at < bars.size() && bars[at].start <= second.closed)
            ++at;
    }
    REQUIRE(at > 0);
    const auto before = paper.trade(std::span(bars).first(at), settings);
    REQUIRE(before.open_contracts == 0);
    // Money that nobody traded for came to it, and its floor follows the broker's balance.
    const auto balance = before.end_equity + model::Money{11'000'000'000, model::k_usd};
    const execution::Record told_since = execution::Balance{balance, true, bars[at - 1].end()};
    test::append_record(paper, static_cast<worker::JournalKind>(execution::kind(told_since)),
                        execution::encode(told_since));
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto replay = AccountReplay::open(paper.home(), test::PaperHome::id(), tables).value();
    REQUIRE(replay->run(std::nullopt));
    settings.limits = replay->trader()->risk().save();
    settings.cash = balance;
    const auto rest = std::span(bars).subspan(at);
    const auto after = paper.trade(rest, settings);
    // It matters: with limits of which nothing is used up it trades otherwise.
    settings.limits.clear();
    REQUIRE(backtest::run(settings, rest, SystemClock()).value().trades_hash != after.trades_hash);
    CHECK(told(paper).find("all equal") != std::string::npos);
}

TEST_CASE("settings that were others, and payouts, are told with what is compared") {
    test::PaperHome paper;
    paper.trade(test::market(1, k_days));
    CHECK(told(paper, {"--json"}).find("\"notes\":[]") != std::string::npos);
    auto other = config::read_account(paper.home(), test::PaperHome::id()).value();
    REQUIRE(config::set_value(other, "strategy.stop_ticks", "15"));
    test::append_record(paper, worker::JournalKind::settings,
                        worker::encode({"0.1.0", 0, worker::recordable(other)}));
    test::append_record(paper, worker::JournalKind::payout,
                        worker::encode(worker::PaidOut{{500'000'000, model::k_usd}, {}}));
    const auto text = told(paper);
    CHECK(text.find("other settings were in force: strategy.stop_ticks: 11 -> 15\n") !=
          std::string::npos);
    CHECK(text.find("500.00 USD were paid out on ") != std::string::npos);
    const auto json = told(paper, {"--json"});
    CHECK(json.find("\"notes\":[\"until ") != std::string::npos);
    CHECK(json.find("strategy.stop_ticks: 11 -> 15") != std::string::npos);
}
