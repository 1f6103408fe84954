#include "worker/backtest/command.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace bullpen;
using namespace bullpen::backtest;

namespace {

Result<CommandOptions> parsed(std::initializer_list<std::string_view> words) {
    return parse_command({words.begin(), words.size()});
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
    CHECK(options->files == std::vector<std::string>{"a.csv", "b.csv"});
    CHECK(options->strategy == "other");
    CHECK(options->instrument == "ES");
    CHECK(options->settings.at("risk.contracts_max") == "2");
    CHECK(options->from == parse_utc("2025-03-10T00:00:00Z").value());
    CHECK(options->to == parse_utc("2025-03-11T13:30:00Z").value());
    CHECK(options->time_zone == "America/New_York");
    CHECK(options->labels_at_end);
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
    CHECK(parsed({"--help"}).has_value());
}

TEST_CASE("settings, strategy, instrument and data that cannot be used end with code 64") {
    const SystemClock clock;
    CommandOptions options;
    options.files = {"/nonexistent/bars.csv"};
    CHECK(run_command(options, clock) == ExitCode::usage);
    for (const auto& [key, value] : {std::pair<std::string, std::string>{"stop", "3"},
                                     {"strategy.stop_ticks", "many"},
                                     {"risk.rule_pack", "no_such_pack"}}) {
        auto wrong = options;
        wrong.settings[key] = value;
        CHECK(run_command(wrong, clock) == ExitCode::usage);
    }
    auto strategy = options;
    strategy.strategy = "nope";
    CHECK(run_command(strategy, clock) == ExitCode::usage);
    auto instrument = options;
    instrument.instrument = "XX";
    CHECK(run_command(instrument, clock) == ExitCode::usage);
}
