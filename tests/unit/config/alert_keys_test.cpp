#include <doctest/doctest.h>

#include "common/config/alert_settings.hpp"
#include "common/config/keys.hpp"
#include "common/config/roster.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::config {
namespace {

DaemonSettings daemon_of(const std::string& toml) {
    const test::TemporaryHome home;
    home.settings(toml);
    const auto roster = RosterReader(home.home()).read(SystemClock().utc());
    for (const auto& problem : roster.problems)
        MESSAGE(text(problem));
    REQUIRE(roster.usable);
    return roster.daemon;
}

std::vector<Issue> issues_of(const std::string& toml, const std::string& account = "") {
    const test::TemporaryHome home;
    home.settings(toml);
    home.account(test::account_id("alpha"), account);
    return check_home(home.home());
}

TEST_CASE("nobody is told of anything until a target is set") {
    CHECK_FALSE(HomeAlertSettings().wanted());
    CHECK_FALSE(daemon_of("[alerts]\nleast = \"critical\"\n").alerts.wanted());
    CHECK(daemon_of("[alerts]\nwebhook = \"https://example.org/hook\"\n").alerts.wanted());
    CHECK(daemon_of("[alerts]\ncommand = [\"/bin/true\"]\n").alerts.wanted());
    const auto mail = daemon_of(
        "[alerts.smtp]\nserver = \"smtps://mail.example.org:465\"\n"
        "from = \"bullpen@example.org\"\nto = [\"anna@example.org\"]\n");
    CHECK(mail.alerts.wanted());
    CHECK(mail.alerts.smtp.to == std::vector<std::string>{"anna@example.org"});
}

TEST_CASE("what cannot be a target is refused, with its key") {
    const std::vector<std::pair<std::string, std::string>> wrong = {
        {"alerts.webhook", "[alerts]\nwebhook = \"http://example.org/hook\"\n"},
        {"alerts.webhook", "[alerts]\nwebhook = \"https://user:word@example.org/\"\n"},
        {"alerts.webhook", "[alerts]\nwebhook = \"ftp://example.org/\"\n"},
        {"alerts.smtp.server", "[alerts.smtp]\nserver = \"mail.example.org\"\n"},
        {"alerts.smtp.server", "[alerts.smtp]\nserver = \"smtp://me:word@example.org\"\n"},
        {"alerts.smtp.from", "[alerts.smtp]\nfrom = \"nobody\"\n"},
        {"alerts.smtp.from", "[alerts.smtp]\nfrom = \"a@example.org>\\r\\nBcc: b@c.d\"\n"},
        {"alerts.smtp.to", "[alerts.smtp]\nto = [\"anna\"]\n"},
        {"alerts.smtp.to", "[alerts.smtp]\nto = [\"a@b.c, d@e.f\"]\n"},
        {"alerts.command", "[alerts]\ncommand = [\"/bin/x\", \"--token=abc\"]\n"},
        {"alerts.off", "[alerts]\noff = [\"entrance\"]\n"},
        {"alerts.cooldowns", "[alerts]\ncooldowns = [\"entry\"]\n"},
        {"alerts.cooldowns", "[alerts]\ncooldowns = [\"entry: 9 days\"]\n"},
        {"alerts.least", "[alerts]\nleast = \"loud\"\n"},
        {"alerts.recap_at", "[alerts]\nrecap_at = \"25:00\"\n"},
        {"alerts.recap_zone", "[alerts]\nrecap_zone = \"Mars/Olympus\"\n"},
        {"alerts.outbox_max", "[alerts]\noutbox_max = 0\n"},
        {"alerts.send_deadline", "[alerts]\nsend_deadline = \"0 s\"\n"},
        {"alerts.hourly_max", "[alerts]\nhourly_max = 0\n"}};
    for (const auto& [key, text] : wrong) {
        const auto& toml = text;
        CAPTURE(toml);
        const auto found = issues_of(toml);
        REQUIRE_FALSE(found.empty());
        CHECK(found.front().key == key);
        CHECK(found.front().severity == Severity::error);
    }
}

TEST_CASE("settings that would send nothing are noted, and the accounts run") {
    const auto mail = issues_of("[alerts.smtp]\nserver = \"smtp://mail.example.org:587\"\n");
    REQUIRE(mail.size() == 1);
    CHECK(mail.front().severity == Severity::note);
    CHECK(mail.front().key == "alerts.smtp.server");
    CHECK(mail.front().line == 2);
    const auto program = issues_of("[alerts]\ncommand = [\"page\"]\n");
    REQUIRE(program.size() == 1);
    CHECK(program.front().key == "alerts.command");
}

TEST_CASE("an account says who gets its alerts, which, and when") {
    const test::TemporaryHome home;
    home.settings("[defaults.alerts]\nloss_warning = \"70 %\"\n");
    const auto id = test::account_id("alpha");
    home.account(id,
                 "[alerts]\nrecipients = [\"anna@example.org\", \"sms:555@gw.example.org\"]\n"
                 "least = \"warning\"\noff = [\"slippage\"]\nposition_open_max = \"0 s\"\n");
    const auto read = read_account(home.home(), id);
    REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().message()));
    CHECK(read->alerts->recipients.size() == 2);
    CHECK(read->alerts->least == alerts::Severity::warning);
    CHECK(read->alerts->off == std::vector<std::string>{"slippage"});
    CHECK(read->alerts->position_open_max == Nanos{0});
    CHECK(read->alerts->loss_warning_percent == 70);
    // None of it is the worker's: it is not started anew for it.
    AccountSettings plain(id);
    CHECK(fingerprint(plain) == fingerprint(*read));
    CHECK_FALSE(issues_of("", "[alerts]\nrecipients = [\"anna\"]\n").empty());
}

TEST_CASE("a cooldown is a name and a time") {
    const auto one = parse_alert_cooldown("crashed: 30 min");
    REQUIRE(one.has_value());
    CHECK(one->kind == alerts::Kind::crashed);
    CHECK(one->cooldown == std::chrono::minutes(30));
    CHECK(is_alert_cooldown("entry: 0 s"));
    for (const auto* wrong : {"", ":", "crashed", "crashed:", "crashed: soon", "nothing: 1 h"})
        CHECK_FALSE(is_alert_cooldown(wrong));
}

}  // namespace
}  // namespace bullpen::config
