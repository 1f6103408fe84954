#include "common/config/reference.hpp"

#include <doctest/doctest.h>

#include <string>

#include "common/config/home_setup.hpp"
#include "common/config/keys.hpp"
#include "common/config/roster.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::config;

namespace {

// The annotated text with every example line made real.
std::string uncommented(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        std::string line = text.substr(at, end - at);
        const auto equals = line.find(" = ");
        // A key has no blank in it, a sentence has.
        if (line.starts_with("# ") && equals != std::string::npos && line.find(' ', 2) == equals &&
            line.find("NAME") == std::string::npos)
            line = line.substr(2);
        out += line + "\n";
        at = end + 1;
    }
    return out;
}

}  // namespace

TEST_CASE("docs/configuration.md is what the declarations say") {
    // Write it anew with: ninja -C build/dev config-reference
    CHECK(test::read_text(test::source_directory() + "/docs/configuration.md") ==
          configuration_reference());
}

TEST_CASE("etc/bullpen.toml is what the declarations say") {
    // Write it anew with: ninja -C build/dev config-reference
    CHECK(test::read_text(test::source_directory() + "/etc/bullpen.toml") ==
          annotated_daemon_settings());
}

TEST_CASE("the reference has every key") {
    const std::string reference = configuration_reference();
    for (const Scope scope : {Scope::daemon, Scope::account}) {
        for (const KeyFacts& key : key_facts(scope)) {
            CAPTURE(key.name);
            CHECK(reference.find("| `" + std::string(key.name) + "` |") != std::string::npos);
        }
    }
}

TEST_CASE("the annotated bullpen.toml with every line made real means the defaults") {
    const test::TemporaryHome home;
    const std::string text = uncommented(annotated_daemon_settings());
    CHECK(text.find("\nstorm_window = ") != std::string::npos);
    CHECK(text.find("\nstop_wait = ") != std::string::npos);
    home.settings(text);
    home.account(test::account_id("alpha"), "");
    const Roster roster = RosterReader(home.home()).read(SystemClock().utc());
    CHECK(roster.problems.empty());
    CHECK(roster.daemon == DaemonSettings{});
    AccountSettings plain(test::account_id("alpha"));
    plain.fingerprint = fingerprint(plain);
    REQUIRE(roster.accounts.size() == 1);
    CHECK(roster.accounts.begin()->second == plain);
}

TEST_CASE("the annotated account with every line made real means the defaults") {
    const test::TemporaryHome home;
    home.account(test::account_id("example"), uncommented(annotated_account_settings()));
    AccountSettings plain(test::account_id("example"));
    plain.fingerprint = fingerprint(plain);
    const auto read = read_account(home.home(), plain.id);
    REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().message()));
    CHECK(*read == plain);
}

TEST_CASE("the examples in etc/accounts.d are good accounts") {
    const test::TemporaryHome home;
    int examples = 0;
    for (const char* name : {"mes-trend", "mes-replay", "old-bot"}) {
        const std::string text =
            test::read_text(test::source_directory() + "/etc/accounts.d/" + name + ".toml");
        CAPTURE(name);
        REQUIRE_FALSE(text.empty());
        home.account(test::account_id(name), text);
        ++examples;
    }
    CHECK(check_home(home.home()).empty());
    const Roster roster = RosterReader(home.home()).read(SystemClock().utc());
    CHECK(roster.accounts.size() == static_cast<std::size_t>(examples));
}
