// Which paths would open a home to one of its accounts.
#include "common/config/reach.hpp"

#include <doctest/doctest.h>

#include "tests/support/temporary.hpp"

namespace bullpen::config {

TEST_CASE("a path opens the home when it reaches what is kept for itself or of others") {
    const auto home = Home::at("/srv/bullpen").value();
    const auto anna = AccountId::parse("anna").value();
    struct Row {
        const char* path;
        bool read;
        bool change;
    };
    for (const Row& row : {
             Row{"/", true, true},
             {"/srv", true, true},
             {"/srv/bullpen", true, true},
             {"/srv/bullpen/", true, true},
             {"/srv/bullpen/run", true, true},
             {"/srv/bullpen/secrets/berta.sealed", true, true},
             {"/srv/bullpen/accounts", true, true},
             {"/srv/bullpen/accounts/anna2", true, true},
             {"/srv/bullpen/accounts/anna", false, true},
             {"/srv/bullpen/accounts/anna/tmp", false, true},
             {"/srv/bullpen/accounts.d/anna.toml", true, true},
             {"/srv/bullpen/bullpen.toml", true, true},
             {"/srv/bullpen/logs/bullpend.log", true, true},
             {"/srv/bullpen/venue", true, true},
             {"/srv/bullpen/alerts", true, true},
             {"/srv/bullpen/imported/anna", true, true},
             {"/srv/bullpen/numbers", true, true},
             {"/srv/bullpen/removed/anna", true, true},
             {"/srv/bullpen/services", true, true},
             {"/srv/bullpen/of_tomorrow", true, true},
             {"/srv/bullpen/accounts/anna/inbox", false, true},
             {"/srv/bullpen/bots/bot.py", false, false},
             {"/srv/bullpen/bin/bot", false, false},
             {"/srv/bullpen/bots2", true, true},
             {"/srv/bullpen/shared", false, true},
             {"/srv/bullpen/shared/bars", false, true},
             {"/srv/bullpen2", false, false},
             {"/srv/bots", false, false},
             {"/opt", false, false},
         }) {
        CAPTURE(row.path);
        CHECK(opens_home(home, anna, row.path, false) == row.read);
        CHECK(opens_home(home, anna, row.path, true) == row.change);
    }
}

TEST_CASE("the first path that opens the home is named with its key") {
    const auto home = Home::at("/srv/bullpen").value();
    AccountSettings settings(AccountId::parse("anna").value());
    settings.read_paths = {"/opt", "/srv/bullpen/shared"};
    settings.write_paths = {"/opt/bot"};
    CHECK_FALSE(path_into_home(home, settings));
    settings.read_paths.emplace_back("names:/srv/bullpen/accounts");
    REQUIRE(path_into_home(home, settings));
    CHECK(path_into_home(home, settings)->key == "read_paths");
    settings.read_paths.pop_back();
    settings.write_paths.emplace_back("/srv/bullpen/shared");
    REQUIRE(path_into_home(home, settings));
    CHECK(path_into_home(home, settings)->key == "write_paths");
    CHECK(path_into_home(home, settings)->path == "/srv/bullpen/shared");
}

TEST_CASE("its own directory is no path to be let change, and the message says what to do") {
    const auto home = Home::at("/srv/bullpen").value();
    AccountSettings settings(AccountId::parse("anna").value());
    settings.read_paths = {"/srv/bullpen/accounts/anna/tools"};
    CHECK_FALSE(path_into_home(home, settings));
    settings.write_paths = {"/srv/bullpen/accounts/anna/data"};
    REQUIRE(path_into_home(home, settings));
    CHECK(path_into_home(home, settings)->why.find("take the entry away") != std::string::npos);
}

TEST_CASE("what another home of this host keeps is not reached either") {
    const test::TemporaryHome other;
    const auto home = Home::at("/srv/bullpen").value();
    AccountSettings settings(AccountId::parse("anna").value());
    for (const auto* below : {"", "/accounts", "/accounts/ben/data", "/accounts/anna", "/secrets",
                              "/accounts.d/ben.toml", "/shared"}) {
        CAPTURE(below);
        settings.write_paths = {other.path() + below};
        REQUIRE(path_into_home(home, settings));
        CHECK(path_into_home(home, settings)->why.find(other.path()) != std::string::npos);
    }
    settings.write_paths = {other.path() + "/bots/anna", other.path() + "2/accounts"};
    CHECK_FALSE(path_into_home(home, settings));
}

}  // namespace bullpen::config
