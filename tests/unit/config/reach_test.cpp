// Which paths would open a home to one of its accounts.
#include "common/config/reach.hpp"

#include <doctest/doctest.h>

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
             {"/srv/bullpen/accounts/anna", false, false},
             {"/srv/bullpen/accounts/anna/tmp", false, false},
             {"/srv/bullpen/accounts.d/anna.toml", true, true},
             {"/srv/bullpen/bullpen.toml", true, true},
             {"/srv/bullpen/logs/bullpend.log", true, true},
             {"/srv/bullpen/venue", true, true},
             {"/srv/bullpen/bots/bot.py", false, false},
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
    settings.write_paths.emplace_back("/srv/bullpen/shared");
    REQUIRE(path_into_home(home, settings));
    CHECK(path_into_home(home, settings)->key == "write_paths");
    CHECK(path_into_home(home, settings)->path == "/srv/bullpen/shared");
}

}  // namespace bullpen::config
