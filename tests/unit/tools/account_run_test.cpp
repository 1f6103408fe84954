#include "worker/tools/account_run.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"
#include "tests/unit/tools/paper_run.hpp"
#include "worker/report/formats.hpp"
#include "worker/tools/tool.hpp"

using namespace bullpen;
using namespace bullpen::tools;

namespace {

constexpr std::size_t k_month = 22UL * 1380;

ExitCode run(std::string_view tool, const std::vector<std::string_view>& words) {
    return run_tool(*find_tool(tool), words, SystemClock());
}

}  // namespace

TEST_CASE("an account's journal tells the trades, days and equity of the run that wrote it") {
    test::PaperHome paper;
    const auto bars = test::market(1, k_month);
    const auto wrote = paper.trade(bars);
    REQUIRE(wrote.trades.size() > 5);
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto read =
        read_account_run(paper.home(), test::PaperHome::id(), tables, BarsToo::yes).value();
    CHECK(read->run.trades == wrote.trades);
    CHECK(read->run.days == wrote.days);
    CHECK(read->run.start == wrote.start_cash);
    CHECK(read->run.first == wrote.first);
    CHECK(read->run.last == wrote.last);
    CHECK(read->run.open_contracts == wrote.open_contracts);
    CHECK_FALSE(read->run.shadow);
    CHECK(read->settings_note.empty());
    REQUIRE(read->sources.size() == 1);
    CHECK(read->sources.front().identity == "synthetic");
    CHECK(read->sources.front().bars == bars);
    const auto lean =
        read_account_run(paper.home(), test::PaperHome::id(), tables, BarsToo::no).value();
    CHECK(lean->run.trades == wrote.trades);
    CHECK(lean->sources.front().bars.empty());
}

TEST_CASE("what was paid out is told beside the figures of an account, and counts in none") {
    test::PaperHome paper;
    const auto bars = test::market(1, k_month);
    const auto wrote = paper.trade(bars);
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto read = [&] {
        return read_account_run(paper.home(), test::PaperHome::id(), tables, BarsToo::no).value();
    };
    const auto before = read();
    CHECK(before->run.payouts.empty());
    test::append_record(paper, worker::JournalKind::payout,
                        worker::encode(worker::PaidOut{{500'000'000, model::k_usd}, {}}));
    const auto after = read();
    REQUIRE(after->run.payouts.size() == 1);
    CHECK(after->run.payouts[0].amount == model::Money{500'000'000, model::k_usd});
    CHECK(after->run.payouts[0].day == wrote.days.back().day);
    CHECK(after->run.days == wrote.days);
    CHECK(report::days_csv(after->run) == report::days_csv(before->run));
    const auto told = report::summary_text(after->run);
    CHECK(told.find("paid out, which no figure counts as a loss: 500.00 USD on ") !=
          std::string::npos);
    CHECK(report::summary_json(after->run).find("\"payouts\":[{\"day\":\"") != std::string::npos);
    CHECK(report::days_json(after->run).find("\"amount\":\"500.00\"") != std::string::npos);
    // Of a stretch, only what was paid out in it.
    auto stretch = read();
    report::restrict_to(stretch->run, {}, report::Bound(wrote.days.back().day));
    CHECK(stretch->run.payouts.empty());
}

TEST_CASE("of an account with a program of its own it is said that the program has the records") {
    test::PaperHome foreign;
    test::write_text(foreign.home().account(test::PaperHome::id()).roster_file,
                     "command = [\"/bin/true\"]\n");
    const auto tables = load_tables(foreign.home().root(), SystemClock().utc()).value();
    const auto read = read_account_run(foreign.home(), test::PaperHome::id(), tables, BarsToo::no);
    REQUIRE_FALSE(read);
    CHECK(read.error().code() == Errc::refused);
    CHECK(read.error().message().find("is traded by a program of its own") != std::string::npos);
}

TEST_CASE(
    "days and times of an account begin when it may trade, not with the bars it learns from") {
    test::PaperHome paper;
    const auto bars = test::market(1, k_month);
    auto settings = test::run_settings();
    settings.trade_from = bars[k_month / 2].start;
    const auto wrote = paper.trade(bars, settings);
    REQUIRE_FALSE(wrote.trades.empty());
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto read =
        read_account_run(paper.home(), test::PaperHome::id(), tables, BarsToo::no).value();
    CHECK(read->run.first == settings.trade_from);
    CHECK(read->run.last == wrote.last);
    CHECK(read->run.days == wrote.days);
    CHECK(read->bars_from == bars.front().start);
    CHECK(read->bars_to == bars.back().end());

    // Who may never trade has no days.
    test::PaperHome never;
    settings.trade_from = UtcTime::max();
    never.trade(bars, settings);
    const auto idle =
        read_account_run(never.home(), test::PaperHome::id(), tables, BarsToo::no).value();
    CHECK(idle->run.days.empty());
    CHECK_FALSE(idle->run.first);
}

TEST_CASE("what is shown of a stretch begins with the equity before it") {
    test::PaperHome paper;
    const auto bars = test::market(1, k_month);
    const auto wrote = paper.trade(bars);
    REQUIRE(wrote.days.size() > 10);
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto read =
        read_account_run(paper.home(), test::PaperHome::id(), tables, BarsToo::no).value();
    report::restrict_to(read->run, report::Bound(wrote.days[10].day), std::nullopt);
    tell_start(read->run);
    REQUIRE(wrote.days[9].equity != wrote.start_cash);
    CHECK(read->run.facts.back().first == "start equity");
    CHECK(read->run.facts.back().second == model::text(wrote.days[9].equity) + " USD");
}

TEST_CASE("a journal says since when an account has other settings") {
    test::PaperHome paper;
    const auto bars = test::market(1, 4000);
    paper.trade(std::span(bars).first(2000));
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto read = [&] {
        return read_account_run(paper.home(), test::PaperHome::id(), tables, BarsToo::no).value();
    };
    CHECK(read()->settings_changes.empty());
    paper.change("strategy.band_entry = 1.5\n");
    paper.trade(std::span(bars).subspan(2000));
    const auto both = read();
    REQUIRE(both->settings_changes.size() == 1);
    CHECK(both->settings_changes[0].bar == bars[1999].end());
    REQUIRE(both->settings_changes[0].keys.size() == 1);
    CHECK(both->settings_changes[0].keys[0].key == "strategy.band_entry");
}

TEST_CASE("of a signal that no contract fits an account's journal says which limit has no room") {
    test::PaperHome paper;
    auto settings = test::run_settings();
    settings.risk.per_trade_percent = 0.01;
    const auto bars = test::market(1, k_month);
    REQUIRE(paper.trade(bars, settings).trades.empty());
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto read =
        read_account_run(paper.home(), test::PaperHome::id(), tables, BarsToo::no).value();
    const auto told = std::ranges::count_if(bars, [&](const model::Bar& bar) {
        return read->entries.why_none(bar.start, model::Side::buy) ==
               "denied: risk_gate, risk_per_trade";
    });
    CHECK(told > 5);
}

TEST_CASE("the journal of shared signals tells the same as that of a feed of one's own") {
    test::PaperHome paper("signals = \"shared\"\n");
    paper.shared = true;
    const auto bars = test::market(1, k_month);
    const auto wrote = paper.trade(bars);
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto read =
        read_account_run(paper.home(), test::PaperHome::id(), tables, BarsToo::yes).value();
    CHECK(read->run.trades == wrote.trades);
    CHECK(read->run.days == wrote.days);
    CHECK(read->run.first == wrote.first);
    CHECK(read->run.last == wrote.last);
    REQUIRE(read->sources.size() == 1);
    CHECK(read->sources.front().bars == bars);
    const auto statistics = read->run.statistics();
    CHECK(statistics.sharpe);
    CHECK(statistics.time_in_market > 0);
}

TEST_CASE("a run's end in the middle of a day has its open profit in that day's equity") {
    const auto bars = test::market(1, k_month);
    // Cut where a trade is open.
    test::PaperHome whole;
    const auto trade = whole.trade(bars).trades.at(3);
    std::size_t cut = 0;
    while (bars[cut].end() <= trade.opened + std::chrono::minutes(1))
        ++cut;
    test::PaperHome paper;
    const auto wrote = paper.trade(std::span(bars).first(cut));
    REQUIRE(wrote.open_contracts != 0);
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto read =
        read_account_run(paper.home(), test::PaperHome::id(), tables, BarsToo::no).value();
    CHECK(read->run.open_contracts == wrote.open_contracts);
    CHECK(read->run.days == wrote.days);
    CHECK(read->run.days.back().equity == wrote.end_equity);
}

TEST_CASE("an account without a journal, and one whose settings are gone, are told apart") {
    test::PaperHome paper;
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto none = read_account_run(paper.home(), test::PaperHome::id(), tables, BarsToo::no);
    REQUIRE_FALSE(none);
    CHECK(none.error().code() == make_error_code(Errc::not_found));
    CHECK(none.error().message().find("no journal") != std::string::npos);
    const auto stranger =
        read_account_run(paper.home(), test::account_id("nosuch"), tables, BarsToo::no);
    REQUIRE_FALSE(stranger);
    CHECK(stranger.error().code() == make_error_code(Errc::not_found));
    CHECK(stranger.error().message().find("there is no account 'nosuch'") == 0);
    paper.trade(test::market(1, 3000));
    test::write_text(paper.home().account(test::PaperHome::id()).roster_file, "nonsense =\n");
    const auto read =
        read_account_run(paper.home(), test::PaperHome::id(), tables, BarsToo::no).value();
    CHECK(read->settings_note.find("defaults") != std::string::npos);
}

TEST_CASE("what was done in the shadow is marked, and never counted among what was traded") {
    test::PaperHome paper;
    const auto bars = test::market(1, k_month);
    const auto real = paper.trade(std::span(bars).first(k_month / 2));
    paper.trade(std::span(bars).subspan(k_month / 2), test::run_settings(), 0, "shadow");
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto read = [&] {
        return read_account_run(paper.home(), test::PaperHome::id(), tables, BarsToo::no).value();
    };
    const auto shadow = read();
    CHECK(shadow->run.shadow);
    REQUIRE_FALSE(shadow->run.trades.empty());
    CHECK(shadow->run.trades.front().opened > real.trades.back().closed);
    paper.trade({}, test::run_settings(), 0, "on");
    const auto traded = read();
    CHECK_FALSE(traded->run.shadow);
    CHECK(traded->run.trades == real.trades);
    CHECK(traded->run.days == real.days);
}

TEST_CASE("the equity begins with what the broker said before the first execution") {
    test::PaperHome paper;
    auto settings = test::run_settings();
    settings.cash = {60'000'000'000, model::k_usd};
    const auto wrote = paper.trade(test::market(1, 3000), settings);
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto read =
        read_account_run(paper.home(), test::PaperHome::id(), tables, BarsToo::no).value();
    CHECK(read->run.start == settings.cash);
    CHECK(read->run.days == wrote.days);
}

TEST_CASE("trades, pnl and report write their files and end with 0, 1 or 64") {
    test::PaperHome paper;
    const auto wrote = paper.trade(test::market(1, k_month));
    const auto home = paper.home().root();
    const test::TemporaryDirectory out;
    const auto csv = out.file("trades.csv");
    CHECK(run("trades", {"--home", home, "alpha", "--csv", csv}) == ExitCode::done);
    const auto text = test::read_text(csv);
    CHECK(static_cast<std::size_t>(std::ranges::count(text, '\n')) == wrote.trades.size() + 1);
    const auto days = out.file("days.csv");
    CHECK(run("pnl", {"--home", home, "alpha", "--csv", days}) == ExitCode::done);
    const auto day_lines = test::read_text(days);
    CHECK(static_cast<std::size_t>(std::ranges::count(day_lines, '\n')) == wrote.days.size() + 1);
    const auto html = out.file("sheet.html");
    CHECK(run("report", {"--home", home, "alpha", "--html", html}) == ExitCode::done);
    CHECK(test::read_text(html).ends_with("</html>\n"));
    for (const auto* tool : {"trades", "pnl", "report"}) {
        CHECK(run(tool, {"--home", home, "nobody"}) == ExitCode::failed);
        CHECK(run(tool, {"--home", home}) == ExitCode::usage);
        CHECK(run(tool, {"--home", home, "alpha", "--from", "soon"}) == ExitCode::usage);
        CHECK(run(tool, {"--home", home, "alpha", "beta"}) == ExitCode::usage);
    }
    CHECK(run("trades", {"--home", home, "alpha", "--lines", "many"}) == ExitCode::usage);
}

TEST_CASE(
    "a date is a trading day of the market, and a time a time, in every tool that takes both") {
    test::PaperHome paper;
    const auto wrote = paper.trade(test::market(1, k_month));
    REQUIRE(wrote.days.size() > 3);
    const auto home = paper.home().root();
    const test::TemporaryDirectory out;
    const auto path = out.file("out.csv");
    const auto day = report::day_text(wrote.days[1].day);
    CHECK(run("pnl", {"--home", home, "alpha", "--to", day, "--csv", path}) == ExitCode::done);
    const auto days = test::read_text(path);
    CHECK(std::ranges::count(days, '\n') == 2);
    CHECK(days.find("\n" + day + ",") == std::string::npos);
    const auto next = report::day_text(wrote.days[2].day);
    CHECK(run("trades", {"--home", home, "alpha", "--from", day, "--to", next, "--csv", path}) ==
          ExitCode::done);
    const auto calendar = time::MarketCalendar::load(time::Market::cme_equity_index).value();
    const auto on_day = std::ranges::count_if(wrote.trades, [&](const auto& trade) {
        return calendar.trading_day(trade.closed) == wrote.days[1].day;
    });
    CHECK(std::ranges::count(test::read_text(path), '\n') == on_day + 1);
    CHECK(run("trades", {"--home", home, "alpha", "--lines", "2", "--csv", path}) ==
          ExitCode::done);
    CHECK(std::ranges::count(test::read_text(path), '\n') == 3);
}

TEST_CASE("decisions that became no order change no statistic") {
    test::PaperHome paper;
    const auto bars = test::market(1, k_month);
    paper.trade(bars);
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto read = [&] {
        return read_account_run(paper.home(), test::PaperHome::id(), tables, BarsToo::no).value();
    };
    const auto before = read();
    {
        storage::SystemFileSystem files;
        auto journal =
            storage::Journal::open(files, paper.home().account(test::PaperHome::id()).journal,
                                   test::PaperHome::id())
                .value();
        for (int i = 0; i < 500; ++i) {
            execution::Denied denied;
            denied.key = {model::Symbol::cut("vwap_bounce"), model::Symbol::cut("MES"),
                          bars.back().start + std::chrono::minutes(i), model::Purpose::entry, 0};
            denied.quantity = 1;
            denied.refusal = static_cast<std::uint16_t>(execution::Refusal::risk_gate);
            denied.at = bars.back().end();
            const execution::Record record = denied;
            REQUIRE(journal.append(static_cast<std::uint16_t>(execution::kind(record)),
                                   execution::encode(record)));
        }
    }
    const auto after = read();
    CHECK(after->records == before->records + 500);
    CHECK(after->run.trades == before->run.trades);
    CHECK(after->run.days == before->run.days);
    CHECK(report::summary_text(after->run) == report::summary_text(before->run));
}
