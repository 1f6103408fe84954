#include "worker/tools/account_replay.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "common/base/errc.hpp"
#include "tests/unit/tools/paper_run.hpp"
#include "worker/strategy/decisions.hpp"
#include "worker/tools/order_story.hpp"
#include "worker/tools/record_text.hpp"
#include "worker/tools/tool.hpp"

using namespace bullpen;
using namespace bullpen::tools;

namespace {

constexpr std::size_t k_month = 22UL * 1380;

std::unique_ptr<AccountReplay> replayed(const test::PaperHome& paper, const MarketTables& tables,
                                        std::optional<UtcTime> until = std::nullopt) {
    auto replay = AccountReplay::open(paper.home(), test::PaperHome::id(), tables).value();
    REQUIRE(replay->run(until));
    return replay;
}

std::size_t entries(const AccountReplay& replay) {
    return static_cast<std::size_t>(
        std::ranges::count_if(replay.decisions(), [](const ReplayedDecision& one) {
            return std::holds_alternative<strategy::Enter>(one.action);
        }));
}

}  // namespace

TEST_CASE("a journal gives back what was held, won and decided, and every decision fits") {
    test::PaperHome paper;
    const auto bars = test::market(1, k_month);
    const auto wrote = paper.trade(bars);
    REQUIRE(wrote.trades.size() > 5);
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto replay = replayed(paper, tables);
    const auto& trader = *replay->trader();
    CHECK(replay->facts().bars == bars.size());
    CHECK(replay->facts().complete);
    CHECK(replay->facts().settings_note.empty());
    CHECK_FALSE(replay->facts().state_note.empty());
    CHECK(trader.orders().book().ledger().totals().trades == wrote.trades.size());
    CHECK(trader.orders().held(model::Symbol::cut("MES")) == wrote.open_contracts);
    CHECK(replay->observer().position() == bars.size());
    CHECK(entries(*replay) >= wrote.trades.size());
    for (const auto& decision : replay->decisions())
        CHECK(decision.explained());
}

TEST_CASE("until a time, only what was known then is rebuilt") {
    test::PaperHome paper;
    const auto bars = test::market(1, k_month);
    const auto wrote = paper.trade(bars);
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto until = wrote.trades.at(2).closed + std::chrono::minutes(1);
    const auto replay = replayed(paper, tables, until);
    CHECK_FALSE(replay->facts().complete);
    CHECK(*replay->facts().last <= until);
    CHECK(*replay->facts().last > until - std::chrono::minutes(2));
    CHECK(replay->trader()->orders().book().ledger().totals().trades == 3);
}

TEST_CASE("a replay decides with the settings that were in force, whatever the file says today") {
    test::PaperHome paper;
    const auto wrote = paper.trade(test::market(1, k_month));
    paper.change("strategy.rsi_low = 1\nstrategy.rsi_high = 99\nlogin = \"somebody\"\n");
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto replay = replayed(paper, tables);
    CHECK(replay->facts().settings_note.empty());
    CHECK(replay->facts().settings_changes.empty());
    CHECK(replay->trader()->orders().book().ledger().totals().trades == wrote.trades.size());
    CHECK(entries(*replay) >= wrote.trades.size());
    for (const auto& decision : replay->decisions())
        CHECK(decision.explained());
}

TEST_CASE("of a journal without settings it is said that today's may explain a difference") {
    test::PaperHome paper("strategy.rsi_low = 1\nstrategy.rsi_high = 99\n");
    paper.recorded = false;
    paper.trade(test::market(1, k_month));
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto replay = replayed(paper, tables);
    CHECK(std::ranges::any_of(replay->decisions(),
                              [](const ReplayedDecision& one) { return !one.explained(); }));
    CHECK(replay->facts().settings_note.find("today's are used, and a difference may come") !=
          std::string::npos);
    // What was held and won does not depend on it.
    CHECK(replay->trader()->orders().book().ledger().totals().trades > 5);
}

TEST_CASE("records from before the journal had settings are read with the first that it has") {
    test::PaperHome paper;
    paper.recorded = false;
    const auto wrote = paper.trade(test::market(1, k_month));
    const auto append = [&](const std::string& low) {
        storage::SystemFileSystem files;
        auto journal = storage::Journal::open(files, paper.home().account(paper.id()).journal,
                                              test::PaperHome::id())
                           .value();
        auto texts = worker::recordable(config::AccountSettings(test::PaperHome::id()));
        texts["trading"] = "\"on\"";
        texts["strategy.name"] = "\"vwap_bounce\"";
        texts["strategy.rsi_low"] = low;
        const auto record = journal
                                .append(static_cast<std::uint16_t>(worker::JournalKind::settings),
                                        worker::encode({"0.1.0", 0, texts}))
                                .value();
        return record;
    };
    const auto usual =
        config::value_text(config::AccountSettings(test::PaperHome::id()), "strategy.rsi_low")
            .value();
    const auto first = append(usual);
    const auto second = append("2");
    paper.change("strategy.rsi_low = 1\nstrategy.rsi_high = 99\n");
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto replay = replayed(paper, tables);
    CHECK(replay->facts().settings_note.starts_with("up to record " + std::to_string(first - 1)));
    CHECK(entries(*replay) >= wrote.trades.size());
    for (const auto& decision : replay->decisions())
        CHECK(decision.explained());
    REQUIRE(replay->facts().settings_changes.size() == 1);
    const auto& change = replay->facts().settings_changes.front();
    CHECK(change.record == second);
    CHECK(change.taken_anew == second - 1);
    REQUIRE(change.keys.size() == 1);
    CHECK(change.keys.front().key == "strategy.rsi_low");
    CHECK(change.keys.front().old_text == usual);
    CHECK(change.keys.front().new_text == "2.0");
    // The account is where it was.
    CHECK(replay->trader()->orders().book().ledger().totals().trades == wrote.trades.size());
}

TEST_CASE("an order's story goes from its bar to its fills, by either of its ids") {
    test::PaperHome paper;
    paper.trade(test::market(1, k_month));
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    const auto replay = replayed(paper, tables);
    model::ClientOrderId order;
    for (const auto& decision : replay->decisions()) {
        for (const auto& record : decision.followed) {
            const auto* intended = std::get_if<execution::Intended>(&record);
            if (intended != nullptr && intended->terms.purpose == model::Purpose::entry)
                order = intended->terms.id;
        }
    }
    REQUIRE_FALSE(order.empty());
    const auto story =
        order_story(paper.home(), test::PaperHome::id(), order.view(), tables).value();
    REQUIRE(story);
    CHECK(story->order == order);
    CHECK(story->replayed);
    CHECK_FALSE(story->shadow);
    std::vector<std::string> chain;
    for (const auto& step : story->steps)
        chain.push_back(step.what);
    REQUIRE(chain.size() > 6);
    CHECK(std::vector<std::string>(chain.begin(), chain.begin() + 5) ==
          std::vector<std::string>{"bar", "signal", "gates", "risk", "intent"});
    for (const auto* link : {"sent", "broker", "fill"})
        CHECK_MESSAGE(std::ranges::count(chain, link) > 0, link);
    REQUIRE_FALSE(story->broker_order.empty());
    const auto same =
        order_story(paper.home(), test::PaperHome::id(), story->broker_order, tables).value();
    REQUIRE(same);
    CHECK(same->order == order);
    CHECK_FALSE(order_story(paper.home(), test::PaperHome::id(), "NONE", tables).value());
    CHECK(accounts_for(paper.home(), order.view()) == std::vector{test::PaperHome::id()});
}

TEST_CASE("the chain of a stop, and of its entry, says each time why the stop was moved") {
    test::PaperHome paper;
    const auto bars = test::market(1, k_month);
    paper.trade(bars);
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    // The first stop that was moved, and the entry before it.
    model::ClientOrderId entry;
    model::ClientOrderId stop;
    std::map<std::string, int> moves;
    auto replay = AccountReplay::open(paper.home(), test::PaperHome::id(), tables).value();
    bool moved = false;
    replay->on_record = [&](const execution::Record& record) {
        if (const auto* intended = std::get_if<execution::Intended>(&record);
            intended != nullptr && !moved) {
            auto& last = intended->terms.purpose == model::Purpose::entry ? entry : stop;
            last = intended->terms.id;
        }
        if (const auto* planned = std::get_if<execution::Planned>(&record)) {
            moved = true;
            ++moves[planned->why.str()];
        }
    };
    REQUIRE(replay->run(std::nullopt));
    REQUIRE(moved);
    CHECK(moves.size() > 1);
    for (const auto& [why, count] : moves)
        CHECK_MESSAGE(strategy::move_reason_from(why).has_value(), why);
    CHECK(!strategy::move_reason_from("signal"));
    for (const auto& order : {entry, stop}) {
        const auto story =
            order_story(paper.home(), test::PaperHome::id(), order.view(), tables).value();
        REQUIRE(story);
        std::size_t told = 0;
        for (const auto& step : story->steps) {
            if (step.what != "stop moved")
                continue;
            ++told;
            REQUIRE(step.facts.size() == 1);
            CHECK(step.facts[0].first == "because");
            CHECK(step.at);
        }
        CHECK(told > 0);
        CHECK(story->steps.back().what != "stop moved");
    }
}

TEST_CASE("an account without a journal has nothing to replay, and wrong words are told") {
    test::PaperHome paper;
    const auto tables = load_tables(paper.home().root(), SystemClock().utc()).value();
    auto replay = AccountReplay::open(paper.home(), test::PaperHome::id(), tables).value();
    const auto none = replay->run(std::nullopt);
    REQUIRE_FALSE(none);
    CHECK(none.error().code() == make_error_code(Errc::not_found));
    const auto run = [&](std::string_view tool, const std::vector<std::string_view>& words) {
        return run_tool(*find_tool(tool), words, SystemClock());
    };
    CHECK(run("replay", {"--home", paper.home().root(), "alpha"}) == ExitCode::failed);
    CHECK(run("replay", {"--home", paper.home().root()}) == ExitCode::usage);
    CHECK(run("replay", {"--home", paper.home().root(), "alpha", "--lines", "x"}) ==
          ExitCode::usage);
    CHECK(run("explain", {"--home", paper.home().root(), "X1"}) == ExitCode::failed);
    CHECK(run("explain", {"--home", paper.home().root()}) == ExitCode::usage);
}

TEST_CASE("a time before the journal's first bar is a wrong word, and no replay of nothing") {
    test::PaperHome paper;
    const auto bars = test::market(1, 3000);
    paper.trade(bars);
    const auto run = [&](const std::string& until) {
        return run_tool(
            *find_tool("replay"),
            std::vector<std::string_view>{"--home", paper.home().root(), "alpha", "--until", until},
            SystemClock());
    };
    CHECK(run(format_utc(bars.front().start)) == ExitCode::usage);
    CHECK(run(format_utc(bars.front().end())) == ExitCode::done);
}
