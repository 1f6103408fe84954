// What the jobs of the role "state" do to the files of an account.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/support/temporary.hpp"
#include "worker/jobs/job_book.hpp"
#include "worker/jobs/registry.hpp"
#include "worker/jobs/share_day.hpp"

namespace bullpen::jobs {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

const Instant k_now{*parse_utc("2026-07-06T12:00:00Z"), MonoTime{hours(1)}};

struct Fixture {
    test::TemporaryDirectory directory;
    storage::SystemFileSystem files;
    AccountPaths paths;
    config::JobsSettings settings;
    AccountFacts facts;

    Fixture() {
        paths.orders = directory.path() + "/orders";
        paths.reports = directory.path() + "/reports";
        fs::create_directory(paths.orders);
        fs::create_directory(paths.reports);
        facts.account = "anna";
        facts.trading_day = "2026-07-06";
        facts.position = "long 2 at 5001.25";
        facts.quantity = 2;
        facts.day_pnl = "-12.5";
        facts.currency = "USD";
    }
    Finished run(config::JobKind kind, bool dry_run = false) {
        const StateRole role{{facts, paths, settings, files, dry_run}, nullptr};
        const auto job = std::get<StateJob>(job_type(kind).make)(role);
        for (int steps = 0; steps < 100'000; ++steps) {
            const auto progress = job->step(k_now);
            if (const auto* finished = std::get_if<Finished>(&progress))
                return *finished;
        }
        FAIL("it does not come to an end");
        return {};
    }
    // `age` before now.
    void file(const std::string& path, hours age) {
        test::write_text(path, "x");
        fs::last_write_time(
            path, fs::file_time_type::clock::from_sys(std::chrono::system_clock::time_point(
                      std::chrono::duration_cast<std::chrono::nanoseconds>(
                          (k_now.utc - age).time_since_epoch()))));
    }
};

TEST_CASE("every job is listed at its kind, with a role") {
    for (std::size_t i = 0; i < config::k_jobs; ++i) {
        const auto kind = static_cast<config::JobKind>(i);
        CHECK(job_type(kind).kind == kind);
        CHECK(config::job_kind_from(job_type(kind).name()) == kind);
    }
    CHECK(job_type(config::JobKind::daily_summary).role() == "state");
    CHECK(job_type(config::JobKind::sync).role() == "state");
    CHECK(job_type(config::JobKind::place_orders_daily).role() == "placement");
    CHECK(job_type(config::JobKind::update_cnc_stoploss).role() == "protection");
    CHECK(job_type(config::JobKind::hourly_candle_watchdog).role() == "protection");
    CHECK(job_type(config::JobKind::pattern_daily).role() == "signals");
    CHECK_FALSE(config::job_kind_from("rank"));
}

namespace {

template <class Role>
concept HasBroker = requires(Role role) {
    role.shares;
}
|| requires(Role role) {
    role.buyer;
}
|| requires(Role role) {
    role.protector;
};

}  // namespace

TEST_CASE("signals jobs have no broker") {
    CHECK_FALSE(HasBroker<SignalsRole>);
    CHECK(HasBroker<StateRole>);
    CHECK(HasBroker<ProtectionRole>);
    CHECK_FALSE(std::is_convertible_v<SignalsRole, StateRole>);
}

TEST_CASE_FIXTURE(Fixture, "the day's summary is one file, whichever run of the day wrote it") {
    REQUIRE(run(config::JobKind::daily_summary).ok);
    facts.day_pnl = "7";
    const auto finished = run(config::JobKind::daily_summary);
    REQUIRE(finished.ok);
    CHECK(finished.text == "2026-07-06: long 2 at 5001.25, day P&L 7 USD");
    const auto path = paths.reports + "/summary_2026-07-06.json";
    const auto summary = nlohmann::json::parse(test::read_text(path));
    CHECK(summary["day_pnl"] == "7");
    CHECK(summary["quantity"] == 2);
    CHECK(files.list(paths.reports)->size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "what is not known of the day is null and never nought") {
    facts.quantity.reset();
    facts.day_pnl.clear();
    REQUIRE(run(config::JobKind::daily_summary).ok);
    const auto summary =
        nlohmann::json::parse(test::read_text(paths.reports + "/summary_2026-07-06.json"));
    CHECK(summary["quantity"].is_null());
    CHECK(summary["day_pnl"].is_null());
}

TEST_CASE("a day of shares is summed up by its own orders, skips, stops and exits") {
    ShareRecords records;
    const auto add = [&](const char* client, const char* symbol, MeantState state,
                         std::int64_t filled, const char* day = "2026-07-06") {
        auto& order = records.orders[client];
        order.day = day;
        order.signal.symbol = symbol;
        order.state = state;
        order.filled = filled;
    };
    add("T1", "AAA", MeantState::over, 10);
    add("T2", "BBB", MeantState::rejected, 0);
    add("T3", "CCC", MeantState::planned, 0);
    add("T4", "OLD", MeantState::over, 7, "2026-07-03");
    records.planned = PlannedFrom{"2026-07-06", "s.csv", "0", {}};
    records.planned->skipped = {{"DDD", "held"}, {"EEE", "held"}, {"FFF", "too_dear"}};
    records.raised = {"2026-07-06", 4};
    records.stops["AAA"].own = {9};
    ShareWorld world;
    const auto day = std::chrono::sys_days(std::chrono::July / 6 / 2026);
    const auto sale = [&](const char* client, std::uint64_t trigger, std::int64_t filled,
                          std::chrono::sys_days on) {
        ipc::ShareOrderTold order;
        order.number = world.orders.size() + 1;
        if (*client != 0)
            order.client = model::ClientOrderId::parse(client).value();
        order.symbol = "AAA";
        order.side = model::Side::sell;
        order.filled = filled;
        order.trigger = trigger;
        order.day = on;
        world.orders.push_back(order);
    };
    sale("", 9, 3, day);
    sale("T9", 0, 2, day);
    sale("", 0, 50, day);  // a person's
    sale("T8", 0, 0, day);
    sale("T7", 0, 4, day - std::chrono::days(3));
    CHECK(share_counters(records, &world, "2026-07-06") == ShareCounters{{"orders_planned", 3},
                                                                         {"orders_sent", 2},
                                                                         {"orders_filled", 1},
                                                                         {"orders_refused", 1},
                                                                         {"shares_bought", 10},
                                                                         {"skipped_held", 2},
                                                                         {"skipped_too_dear", 1},
                                                                         {"stops_raised", 4},
                                                                         {"exits", 2},
                                                                         {"shares_sold", 5}});
    const auto next = share_counters(records, nullptr, "2026-07-07");
    CHECK(std::all_of(next.begin(), next.end(), [](const auto& one) { return one.second == 0; }));
    CHECK(next.size() == 6);
}

TEST_CASE_FIXTURE(Fixture, "before the market has a day there is none to sum up") {
    facts.trading_day.clear();
    CHECK_FALSE(run(config::JobKind::daily_summary).ok);
    CHECK(files.list(paths.reports)->empty());
}

TEST_CASE_FIXTURE(Fixture, "a dry run changes no file") {
    file(paths.orders + "/a", hours(24 * 400));
    file(paths.orders + "/b", hours(1));
    CHECK(run(config::JobKind::daily_summary, true).ok);
    const auto finished = run(config::JobKind::retention, true);
    CHECK(finished.text == "would remove 1 files older than 90 days");
    CHECK(files.list(paths.reports)->empty());
    CHECK(files.list(paths.orders)->size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "what is too old is removed, to the second, and the newest stays") {
    settings.retention_days = 30;
    file(paths.orders + "/just_too_old", hours(24 * 30) + hours(1));
    file(paths.orders + "/just_in_time", hours(24 * 30) - hours(1));
    file(paths.orders + "/zz_very_old", hours(24 * 300));
    file(paths.reports + "/alone", hours(24 * 300));
    fs::create_directory(paths.reports + "/folder");
    const auto finished = run(config::JobKind::retention);
    REQUIRE(finished.ok);
    CHECK(finished.text == "removed 2 files older than 30 days");
    CHECK(*files.list(paths.orders) == std::vector<std::string>{"just_in_time"});
    CHECK(*files.list(paths.reports) == std::vector<std::string>{"alone", "folder"});
}

TEST_CASE_FIXTURE(Fixture, "many files take many steps, and each is looked at") {
    for (int i = 0; i < 500; ++i)
        file(paths.reports + "/old_" + std::to_string(i), hours(24 * (100 + i)));
    CHECK(run(config::JobKind::retention).text == "removed 499 files older than 90 days");
    CHECK(*files.list(paths.reports) == std::vector<std::string>{"old_0"});
}

TEST_CASE_FIXTURE(Fixture, "a directory that cannot be read is a failure that names it") {
    fs::remove(paths.reports);
    const auto finished = run(config::JobKind::retention);
    CHECK_FALSE(finished.ok);
    CHECK(finished.text.find("reports") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "shares with candles of the past are stale, and fail a run alone") {
    const auto candles = directory.path() + "/candles";
    fs::create_directory(candles);
    const auto share = [&](const std::string& symbol, const char* last) {
        std::string text = "date,open,high,low,close\n";
        for (int i = 99; i >= 0; --i) {
            const auto day = *parse_utc(std::string(last) + "T00:00:00Z") - hours(24 * i);
            text +=
                format_utc(day).substr(0, 10) + ",100,110,90," + std::to_string(100 + i % 7) + "\n";
        }
        test::write_text(candles + "/" + symbol + "_day.csv", text);
    };
    const auto analysed = [&] {
        const SignalsRole role{{facts, paths, settings, files, false, nullptr, candles}};
        const auto job = std::get<SignalsJob>(job_type(config::JobKind::pattern_daily).make)(role);
        for (;;) {
            const auto progress = job->step(k_now);
            if (const auto* finished = std::get_if<Finished>(&progress))
                return *finished;
        }
    };
    facts.candles_from = "2026-07-03";
    share("NEW", "2026-07-03");
    auto finished = analysed();
    CHECK(finished.ok);
    CHECK(finished.reason == RunReason::done);
    share("OLD", "2025-03-31");
    finished = analysed();
    CHECK_MESSAGE(finished.ok, finished.text);
    CHECK(finished.reason == RunReason::candles_stale);
    CHECK(finished.text.find("STALE: OLD: its last candle is of 2025-03-31") != std::string::npos);
    CHECK(finished.text.find("STALE: NEW") == std::string::npos);
    CHECK(test::read_text(paths.reports + "/patterns_2026-07-06.html")
              .find("STALE: OLD: its last candle is of 2025-03-31") != std::string::npos);
    fs::remove(candles + "/NEW_day.csv");
    finished = analysed();
    CHECK_FALSE(finished.ok);
    CHECK(finished.reason == RunReason::candles_stale);
}

TEST_CASE("the book of all jobs is what its records and its save say") {
    JobBook book;
    CHECK(book.save().empty());
    const Armed armed{"wall", "14:00", k_now.utc};
    REQUIRE(book.replay(encode("retention", armed)));
    Run run;
    run.number = 1;
    run.slot = k_now.utc;
    REQUIRE(book.replay(encode("retention", Begun{run, 4})));
    // A job of a newer program is none of ours.
    REQUIRE(book.replay(encode("rank", armed)));
    JobBook again;
    REQUIRE(again.restore(book.save()));
    for (std::size_t i = 0; i < config::k_jobs; ++i)
        CHECK((again.of(static_cast<config::JobKind>(i)) ==
               book.of(static_cast<config::JobKind>(i))));
    CHECK(again.of(config::JobKind::retention).missed == 4);
    CHECK_FALSE(again.restore("[]"));
    CHECK_FALSE(again.restore(R"({"retention":{}})"));
    CHECK_FALSE(again.replay("nonsense"));
}

}  // namespace
}  // namespace bullpen::jobs
