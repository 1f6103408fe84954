#include <doctest/doctest.h>

#include "common/config/event_names.hpp"
#include "common/config/event_settings.hpp"
#include "common/config/keys.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::config {

using namespace std::chrono_literals;

TEST_CASE("a window around events is read with its times and its actions") {
    const auto window =
        parse_event_window("us.bls.cpi: 2 min before, 90 s after, block_entries, flatten");
    REQUIRE(window);
    CHECK(window->events == "us.bls.cpi");
    CHECK(window->before == 2min);
    CHECK(window->after == 90s);
    CHECK(window->actions == EventActions{.flatten = true});
    const auto all = parse_event_window(
        "fomc:0 before,1h after,cancel_resting,forbid_modifications,reduce,flatten");
    REQUIRE(all);
    CHECK(all->before == 0s);
    CHECK(all->actions == EventActions{true, true, true, true});
}

TEST_CASE("a window that leaves something open is refused") {
    for (const char* bad :
         {"", "high", "high:", "high: 30 min before, 60 min after",
          ": 1 min before, 1 min after, flatten", "high: 30 before, 60 min after, flatten",
          "high: 30 min, 60 min, flatten", "high: 60 min after, 30 min before, flatten",
          "high: 25 h before, 60 min after, flatten", "high: 30 min before, 60 min after, sell",
          "high: 0 before, 0 after, flatten", "High: 30 min before, 60 min after, flatten",
          "high: 30 min before, 60 min after, flatten,,",
          "high: -1 min before, 1 min after, reduce"})
        CHECK_FALSE_MESSAGE(parse_event_window(bad), bad);
}

TEST_CASE("windows name what is known, each once") {
    const auto trouble = [](const std::vector<std::string>& names) {
        std::vector<std::string> windows;
        for (const std::string& name : names)
            windows.push_back(name + ": 5 min before, 5 min after, block_entries");
        return windows_trouble(windows);
    };
    CHECK(trouble({"high", "medium", "nfp", "us.bls.cpi", "other"}).empty());
    // Series of sources, and of operators.
    CHECK(trouble({"us.bls.ximpim", "ff.eur.main-refinancing-rate", "us.ism.pmi"}).empty());
    CHECK(trouble({"hihg"}).find("did you mean high?") != std::string::npos);
    CHECK(trouble({"us.bls.cip"}).find("did you mean us.bls.cpi?") != std::string::npos);
    CHECK(trouble({"us.fed.fomc.statment"}).find("us.fed.fomc.statement?") != std::string::npos);
    CHECK(trouble({"everything"}).find("'everything'") != std::string::npos);
    CHECK(trouble({"high", "cpi", "high"}).find("two windows for 'high'") != std::string::npos);
}

TEST_CASE("the addresses of calendars are safe ones, or on this machine") {
    DaemonSettings settings;
    const auto takes = [&](std::string_view url) {
        return set_value(settings, "calendar.bls_ics_url", "\"" + std::string(url) + "\"")
            .has_value();
    };
    CHECK(takes("https://mirror.example/bls.ics"));
    CHECK(takes("http://127.0.0.1:8080/bls.ics"));
    CHECK(settings.calendar.bls_ics_url == "http://127.0.0.1:8080/bls.ics");
    CHECK_FALSE(takes("http://mirror.example/bls.ics"));
    CHECK_FALSE(takes("http://127.0.0.1.mirror.example/bls.ics"));
    CHECK_FALSE(takes("file:///etc/passwd"));
    CHECK_FALSE(takes("https://user:word@mirror.example/bls.ics"));
    CHECK_FALSE(takes(""));
}

TEST_CASE("a contact cannot end the header that it stands in") {
    DaemonSettings settings;
    CHECK(set_value(settings, "calendar.contact", "\"ops@example.org\""));
    CHECK_FALSE(set_value(settings, "calendar.contact", R"("a) x (b")"));
    CHECK_FALSE(set_value(settings, "calendar.contact", "\"a\\r\\nHost: b\""));
    CHECK(set_value(settings, "calendar.sources", R"(["bls-ics", "forexfactory-json"])"));
    CHECK_FALSE(set_value(settings, "calendar.sources", R"(["bls"])"));
}

}  // namespace bullpen::config
