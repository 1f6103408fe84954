#include "worker/tools/backtest.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

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
