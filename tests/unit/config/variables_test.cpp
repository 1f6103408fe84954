#include "common/config/variables.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <set>
#include <string>
#include <vector>

#include "common/config/roster.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::config;
using namespace std::chrono_literals;

namespace {

Variables taken(std::vector<std::string> environment) {
    return take_variables(environment);
}

// A variable of this process, for as long as it lives.
class Set {
  public:
    Set(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
    ~Set() { ::unsetenv(name_); }
    Set(const Set&) = delete;
    Set& operator=(const Set&) = delete;

  private:
    const char* name_;
};

}  // namespace

TEST_CASE("a variable stands before the file, which stands before the default") {
    const test::TemporaryHome home;
    home.settings("start_stagger = \"1 s\"\nping_interval = \"3 s\"\n[log]\nlevel = \"warn\"\n");
    const Set stagger("BULLPEN_CONFIG_START_STAGGER", "2 s");
    const Set level("BULLPEN_CONFIG_LOG_LEVEL", "debug");
    const Set most("BULLPEN_CONFIG_ACCOUNTS_MAX", "7");
    RosterReader reader(home.home());
    const Roster roster = reader.read(SystemClock().utc());
    CHECK(roster.problems.empty());
    CHECK(roster.daemon.start_stagger == 2s);
    CHECK(roster.daemon.ping_interval == 3s);
    CHECK(roster.daemon.accounts_max == 7);
    const auto origins = reader.daemon_origin();
    const auto source = [&](std::string_view key) {
        return std::ranges::find(origins, key, &Origin::key)->source;
    };
    CHECK(source("start_stagger") == "environment BULLPEN_CONFIG_START_STAGGER");
    CHECK(source("log.level") == "environment BULLPEN_CONFIG_LOG_LEVEL");
    CHECK(source("ping_interval") == "bullpen.toml:2");
    CHECK(source("storm_window") == "default");
    // What is recorded for the other programs is what the file says.
    REQUIRE(reader.apply(roster, SystemClock().utc()).has_value());
    CHECK(applied_daemon(home.home())->start_stagger == 1s);
}

TEST_CASE("a variable that may set nothing is listed by check, and nothing goes by it") {
    const test::TemporaryHome home;
    const Set wrong("BULLPEN_CONFIG_START_STAGER", "2 s");
    const Set shared("BULLPEN_CONFIG_ALERTS_WEBHOOK", "https://host/x");
    const Set account("BULLPEN_CONFIG_DEFAULTS_PRIORITY", "3");
    const Set secret("BULLPEN_CONFIG_API_TOKEN", "abc");
    const Set value("BULLPEN_CONFIG_STORM_WINDOW", "soon");
    const Set other("BULLPEN_ACCOUNT", "alpha");  // not of these
    const auto issues = check_home(home.home());
    std::set<std::string> named;
    for (const Issue& issue : issues) {
        CHECK(issue.file == "environment");
        CHECK(issue.message.find("abc") == std::string::npos);
        named.insert(issue.key);
    }
    CHECK(named ==
          std::set<std::string>{"BULLPEN_CONFIG_ALERTS_WEBHOOK", "BULLPEN_CONFIG_API_TOKEN",
                                "BULLPEN_CONFIG_DEFAULTS_PRIORITY", "BULLPEN_CONFIG_START_STAGER",
                                "BULLPEN_CONFIG_STORM_WINDOW"});
    CHECK(has_errors(issues));
    CHECK(text(issues).find("did you mean BULLPEN_CONFIG_START_STAGGER?") != std::string::npos);
    CHECK(RosterReader(home.home()).read(SystemClock().utc()).daemon == DaemonSettings{});
}

TEST_CASE("a variable's text is one value of its key, whatever it looks like") {
    CHECK(taken({"BULLPEN_CONFIG_NAME=a \"desk\"\nping_interval = 1"}).issues.size() == 1);
    CHECK(taken({"BULLPEN_CONFIG_ACCOUNTS_MAX=1\nping_interval = \"9 s\""}).issues.size() == 1);
    CHECK(taken({"BULLPEN_CONFIG_ACCOUNTS_MAX="}).issues.size() == 1);
    CHECK(taken({"BULLPEN_CONFIG_HOST_LOCK_DIR=/tmp/locks"}).issues.size() == 1);
    CHECK(taken({"BULLPEN_CONFIG_NAME=a \"desk\""}).issues.empty());
    CHECK(taken({"PATH=/bin", "BULLPEN_HOME=/x", "BULLPEN_CONFIG_NAME"}).issues.empty());
}

TEST_CASE("no two keys have the same variable") {
    std::set<std::string> seen;
    for (const auto& key : keys<DaemonSettings>()) {
        std::string name(key.row.name);
        std::ranges::replace(name, '.', '_');
        CHECK(seen.insert(name).second);
    }
}
