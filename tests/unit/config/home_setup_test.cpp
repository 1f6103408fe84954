#include "common/config/home_setup.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string>

#include "common/base/errc.hpp"
#include "common/config/roster.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::config;

namespace {

const AccountId k_alpha = test::account_id("alpha");

mode_t mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("the home is what the flag says, else the variable, else the usual place") {
    // The only test of this program that touches the environment, and it puts it back.
    const char* const before = ::getenv("BULLPEN_HOME");
    const std::optional<std::string> kept =
        before == nullptr ? std::nullopt : std::optional<std::string>(before);
    ::setenv("BULLPEN_HOME", "/from/variable", 1);
    CHECK(find_home("/from/flag").value().root() == "/from/flag");
    CHECK(find_home(std::nullopt).value().root() == "/from/variable");
    ::setenv("BULLPEN_HOME", "", 1);
    CHECK(find_home(std::nullopt).value().root() == "/var/lib/bullpen");
    ::unsetenv("BULLPEN_HOME");
    CHECK(find_home(std::nullopt).value().root() == "/var/lib/bullpen");
    CHECK_FALSE(find_home("").has_value());
    if (kept)
        ::setenv("BULLPEN_HOME", kept->c_str(), 1);
}

TEST_CASE("a new home has its folders, an annotated bullpen.toml and an example, and is good") {
    const test::TemporaryDirectory directory;
    const Home home = Home::at(directory.path() + "/deep/home").value();
    const mode_t before = ::umask(0077);
    const auto made = make_home(home);
    ::umask(before);
    REQUIRE(made.has_value());
    CHECK(made->size() == 10);
    CHECK(mode_of(home.root()) == 0750);
    CHECK(mode_of(home.roster()) == 0750);
    CHECK(mode_of(home.secrets()) == 0700);
    CHECK(mode_of(home.locks()) == 0700);
    CHECK(mode_of(home.run()) == 0700);
    CHECK(check_home(home).empty());
    CHECK(read_daemon(home).value() == DaemonSettings{});
    CHECK(test::read_text(home.roster() + "/example.toml.off") == annotated_account_settings());
}

TEST_CASE("making a home again leaves everything as it is") {
    const test::TemporaryHome home;
    REQUIRE(make_home(home.home()).has_value());
    home.settings("name = \"mine\"\n");
    ::chmod(home.home().roster().c_str(), 0700);
    const auto made = make_home(home.home());
    REQUIRE(made.has_value());
    CHECK(made->empty());
    CHECK(test::read_text(home.home().daemon_settings()) == "name = \"mine\"\n");
    CHECK(mode_of(home.home().roster()) == 0700);
}

TEST_CASE("a file in the way of a home is an error") {
    const test::TemporaryDirectory directory;
    test::write_text(directory.file("home"), "");
    const auto made = make_home(Home::at(directory.file("home")).value());
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code().value() == ENOTDIR);
}

TEST_CASE("a new account's file holds what was asked for and nothing else") {
    const test::TemporaryHome home;
    const auto text = new_account_text(k_alpha, {{"label", "Joan's \"MES\""},
                                                 {"priority", "7"},
                                                 {"limits.memory_max", "64 MiB"},
                                                 {"stop_wait", "3 s"},
                                                 {"restart.rule", "never"},
                                                 {"command", "[\"/bin/cat\", \"-u\"]"},
                                                 {"enabled", "false"},
                                                 {"environment.LEVEL", "3"}});
    REQUIRE(text.has_value());
    REQUIRE(create_account_file(home.home(), k_alpha, *text).has_value());
    const auto settings = read_account(home.home(), k_alpha);
    REQUIRE(settings.has_value());
    CHECK(settings->label == "Joan's \"MES\"");
    CHECK(settings->priority == 7);
    CHECK(settings->limits.memory_max == 64ULL << 20);
    CHECK(settings->restart == RestartRule::never);
    CHECK(settings->command == std::vector<std::string>{"/bin/cat", "-u"});
    CHECK_FALSE(settings->enabled);
    CHECK(settings->environment.at("LEVEL") == "3");
    CHECK(mode_of(home.home().account(k_alpha).roster_file) == 0640);
    CHECK(new_account_text(k_alpha, {{"command", "/bin/cat"}}).value().find("[\"/bin/cat\"]") !=
          std::string::npos);
}

TEST_CASE("a new account with mistakes is refused with all of them") {
    const auto text = new_account_text(
        k_alpha, {{"priorty", "7"}, {"stop_wait", "3"}, {"password", "x"}, {"enabled", "maybe"}});
    REQUIRE_FALSE(text.has_value());
    const std::string message = text.error().context();
    CHECK(message.find("did you mean priority?") != std::string::npos);
    CHECK(message.find("stop_wait") != std::string::npos);
    CHECK(message.find("secrets do not belong") != std::string::npos);
    CHECK(message.find("enabled: must be true or false") != std::string::npos);
    CHECK_FALSE(new_account_text(k_alpha, {{"a = 1\nb", "7"}}).has_value());
    CHECK_FALSE(new_account_text(k_alpha, {{"priority", "1\nlabel = 'x'"}}).has_value());
}

TEST_CASE("an account's file is never made over another, nor with a mistake in it") {
    const test::TemporaryHome home;
    REQUIRE(create_account_file(home.home(), k_alpha, "priority = 1\n").has_value());
    const auto again = create_account_file(home.home(), k_alpha, "priority = 2\n");
    REQUIRE_FALSE(again.has_value());
    CHECK(again.error().code().value() == EEXIST);
    CHECK_FALSE(create_account_file(home.home(), test::account_id("beta"), "x = 1\n").has_value());
    CHECK_FALSE(replace_account_file(home.home(), k_alpha, "x = 1\n").has_value());
    CHECK(read_account_text(home.home(), k_alpha).value() == "priority = 1\n");
    CHECK(replace_account_file(home.home(), test::account_id("beta"), "").error().code().value() ==
          ENOENT);
    // Nothing is left beside it.
    CHECK(check_home(home.home()).empty());
    CHECK(::access((home.home().roster() + "/.alpha.new." + std::to_string(::getpid())).c_str(),
                   F_OK) != 0);
}

TEST_CASE("disabling and enabling an account changes one word of its file") {
    const test::TemporaryHome home;
    const std::string original =
        "# Joan's\nlabel = \"MES\"   # hers\nenabled   = true # on\n\n"
        "[limits]   # small\nnice = 3\n";
    home.account(k_alpha, original);
    ::chmod(home.home().account(k_alpha).roster_file.c_str(), 0600);
    const auto disabled = set_enabled(read_account_text(home.home(), k_alpha).value(), false);
    REQUIRE(disabled.has_value());
    REQUIRE(replace_account_file(home.home(), k_alpha, *disabled).has_value());
    CHECK_FALSE(read_account(home.home(), k_alpha).value().enabled);
    CHECK(mode_of(home.home().account(k_alpha).roster_file) == 0600);
    CHECK(set_enabled(*disabled, true).value() == original);
    CHECK(set_enabled(original, true).value() == original);
}

TEST_CASE("a renamed account's file names its new account, if it named the old one") {
    CHECK(set_account("account = 'alpha' # id\n", test::account_id("beta")).value() ==
          "account = \"beta\" # id\n");
    CHECK(set_account("label = \"x\"\n", test::account_id("beta")).value() == "label = \"x\"\n");
    CHECK_FALSE(set_account("account = \n", test::account_id("beta")).has_value());
}
