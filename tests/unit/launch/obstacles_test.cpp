// What keeps an account from starting and shows in no settings file.
#include "common/launch/obstacles.hpp"

#include <doctest/doctest.h>

#include <filesystem>

#include "common/base/descriptor.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::launch {

namespace {

std::vector<std::string> texts(const Home& home) {
    std::vector<std::string> all;
    for (const auto& issue : start_obstacles(home))
        all.push_back(text(issue));
    return all;
}

}  // namespace

TEST_CASE(
    "an unknown instrument, a missing market file and a missing program are errors at their "
    "lines") {
    const test::TemporaryHome home;
    home.settings("[defaults]\n[defaults.feed]\ninstrument = \"MEZ\"\n");
    home.account(test::account_id("alpha"), "label = \"x\"\n");
    home.account(test::account_id("beta"),
                 "[feed]\ninstrument = \"MES\"\nkind = \"replay\"\nfile = \"none.csv\"\n");
    home.account(test::account_id("gamma"), "command = [\"bin/bot\", \"--now\"]\n");
    home.account(test::account_id("delta"), "command = [\"sh\"]\n");
    const auto all = texts(home.home());
    REQUIRE(all.size() == 3);
    CHECK(all[0].starts_with("bullpen.toml:3: feed.instrument: no instrument 'MEZ'; known are "));
    CHECK(all[0].ends_with("; did you mean MES?"));
    CHECK(all[1].starts_with("accounts.d/beta.toml:4: feed.file: cannot read " + home.path() +
                             "/none.csv: "));
    CHECK(all[2].starts_with("accounts.d/gamma.toml:1: command: cannot run " + home.path() +
                             "/bin/bot: "));
    CHECK(config::has_errors(check_home(home.home())));
}

TEST_CASE("an operator's link into the home is an error at its line") {
    const test::TemporaryHome home;
    const test::TemporaryDirectory beside;
    REQUIRE(make_directories(home.home().accounts(), 0700));
    std::filesystem::create_symlink(home.home().accounts(), beside.file("link"));
    home.account(test::account_id("alpha"),
                 "label = \"x\"\nwrite_paths = [\"" + beside.file("link") + "\"]\n");
    const auto all = texts(home.home());
    REQUIRE(all.size() == 1);
    CHECK(all[0].starts_with("accounts.d/alpha.toml:2: write_paths: '" + beside.file("link") +
                             "' leads to " + home.home().accounts() +
                             ", which would open this home's own files"));
}

TEST_CASE("a file of the home that a command names and cannot read is a note") {
    const test::TemporaryHome home;
    REQUIRE(make_directories(home.path() + "/bots", 0700));
    for (const auto* const file : {"/bot.py", "/bots/bot.py"})
        test::write_text(home.path() + file, "");
    home.account(test::account_id("alpha"), "command = [\"sh\", \"" + home.path() +
                                                "/bot.py\", \"" + home.path() +
                                                "/bots/bot.py\", \"" + home.path() + "\"]\n");
    const auto all = texts(home.home());
    REQUIRE(all.size() == 1);
    CHECK(all[0].find("command: '" + home.path() +
                      "/bot.py' is in the home, and the account "
                      "cannot read it") != std::string::npos);
    CHECK_FALSE(config::has_errors(check_home(home.home())));
}

TEST_CASE("what would keep a disabled account from starting is a note") {
    const test::TemporaryHome home;
    home.account(test::account_id("alpha"), "enabled = false\n[feed]\ninstrument = \"MEZ\"\n");
    REQUIRE(texts(home.home()).size() == 1);
    CHECK_FALSE(config::has_errors(check_home(home.home())));
}

TEST_CASE("what a home has of its own is known, and an account of shares follows no market") {
    const test::TemporaryHome home;
    REQUIRE(make_directories(home.home().shared(), 0700));
    home.account(test::account_id("alpha"),
                 "trading = \"shares\"\nbroker_account = \"a\"\n"
                 "[feed]\ninstrument = \"MEZ\"\n");
    home.account(test::account_id("beta"), "[feed]\nkind = \"replay\"\nfile = \"bars.csv\"\n");
    test::write_text(home.path() + "/bars.csv", "");
    CHECK(texts(home.home()).empty());
    test::write_text(home.home().shared() + "/instruments.toml", "nonsense");
    REQUIRE(texts(home.home()).size() == 1);
    CHECK(texts(home.home())[0].starts_with("shared/instruments.toml:1:"));
}

TEST_CASE("an account that cannot trade by its rule pack, strategy or broker has an error each") {
    const test::TemporaryHome home;
    const std::string trades = "broker = \"paper\"\nbroker_account = \"a\"\ntrading = ";
    home.account(test::account_id("alpha"), trades +
                                                "\"on\"\n[strategy]\nname = \"vwap_bounze\"\n"
                                                "[risk]\nrule_pack = \"topstep_5k\"\n");
    home.account(test::account_id("beta"), "trading = \"shadow\"\n[strategy]\nname = \"\"\n");
    home.account(test::account_id("delta"),
                 "trading = \"shares\"\nbroker = \"elsewhere\"\nbroker_account = \"b\"\n");
    home.account(test::account_id("gamma"),
                 "trading = \"shadow\"\n[strategy]\nname = \"vwap_bounce\"\n"
                 "[risk]\nrule_pack = \"topstep_50k\"\n");
    const auto all = texts(home.home());
    REQUIRE(all.size() == 5);
    CHECK(all[0] ==
          "accounts.d/alpha.toml:5: strategy.name: there is no strategy \"vwap_bounze\"; known are "
          "vwap_bounce; did you mean vwap_bounce?");
    CHECK(all[1].starts_with("accounts.d/alpha.toml:7: risk.rule_pack: no rule pack 'topstep_5k'"));
    CHECK(all[1].ends_with("; did you mean topstep_50k?"));
    CHECK(
        all[2] ==
        "accounts.d/beta.toml:3: strategy.name: is needed, because trading = \"shadow\"; known are "
        "vwap_bounce");
    CHECK(all[3] ==
          "accounts.d/delta.toml:2: broker: the broker 'elsewhere' is not known: trading = "
          "\"shares\" needs broker = \"paper\"");
    CHECK(all[4].starts_with("accounts.d/gamma.toml:5: risk.hosting_acknowledged: the rules of "));
    CHECK(config::has_errors(check_home(home.home())));
}

TEST_CASE("accounts of one owner that nothing keeps from what their rule pack forbids are noted") {
    const test::TemporaryHome home;
    home.settings("[owners.jane]\nopposite = \"allow\"\n");
    const std::string topstep =
        "trading = \"on\"\n[strategy]\nname = \"vwap_bounce\"\n[risk]\nrule_pack = "
        "\"topstep_50k\"\nhosting_acknowledged = \"I know that this firm forbids servers, and I "
        "run this where I sit\"\n";
    home.account(test::account_id("alpha"), "owner = \"jane\"\n" + topstep);
    home.account(test::account_id("beta"), "owner = \"bob\"\n" + topstep);
    const auto issues = start_obstacles(home.home());
    REQUIRE(issues.size() == 1);
    CHECK(text(issues[0]).starts_with(
        "accounts.d/alpha.toml:6: note: risk.rule_pack: topstep_50k does not let accounts of one "
        "owner stand against each other"));
    CHECK(text(issues[0]).find("[owners.jane]") != std::string::npos);
}

TEST_CASE("where nothing trades, a strategy or a rule pack that there is not is a note") {
    const test::TemporaryHome home;
    home.account(test::account_id("alpha"),
                 "[strategy]\nname = \"nonesuch\"\n[risk]\nrule_pack = \"nonesuch\"\n");
    home.account(test::account_id("beta"), "command = [\"sh\"]\n[strategy]\nname = \"nonesuch\"\n");
    const auto issues = start_obstacles(home.home());
    REQUIRE(issues.size() == 2);
    CHECK(text(issues[0]).starts_with("accounts.d/alpha.toml:2: note: strategy.name: there is no"));
    CHECK(text(issues[1]).starts_with("accounts.d/alpha.toml:4: note: risk.rule_pack: no rule"));
    CHECK_FALSE(config::has_errors(issues));
}

TEST_CASE("every broken table is told, and hides nothing of what the others say of an account") {
    const test::TemporaryHome home;
    REQUIRE(make_directories(home.home().shared(), 0700));
    home.account(test::account_id("alpha"),
                 "trading = \"shadow\"\n[feed]\ninstrument = \"MEZ\"\n"
                 "[strategy]\nname = \"vwap_bounce\"\n[risk]\nrule_pack = \"nonesuch\"\n");
    const auto broken = [&](const std::string& name) {
        test::write_text(home.home().shared() + "/" + name,
                         "schema = 1\nrevision = 5\n[a]\nb = [\n");
    };
    broken("holidays.toml");
    auto all = texts(home.home());
    REQUIRE(all.size() == 3);
    CHECK(all[0].starts_with("shared/holidays.toml:"));
    CHECK(all[1].starts_with("accounts.d/alpha.toml:3: feed.instrument: "));
    CHECK(all[2].starts_with("accounts.d/alpha.toml:7: risk.rule_pack: "));
    broken("rule_packs.toml");
    broken("instruments.toml");
    all = texts(home.home());
    REQUIRE(all.size() == 3);
    CHECK(all[0].starts_with("shared/instruments.toml:"));
    CHECK(all[1].starts_with("shared/rule_packs.toml:"));
    CHECK(all[2].starts_with("shared/holidays.toml:"));
}

}  // namespace bullpen::launch
