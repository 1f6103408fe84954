#include "common/config/alert_keys.hpp"

#include <algorithm>

#include "common/base/errc.hpp"
#include "common/base/trimmed.hpp"
#include "common/config/rules.hpp"
#include "common/config/units.hpp"

namespace bullpen::config {

namespace {

using A = AccountSettings;
using D = DaemonSettings;
using H = HomeAlertSettings;
using S = AlertSettings;
using M = SmtpSettings;

constexpr std::int64_t k_second = 1'000'000'000;
constexpr std::int64_t k_minute = 60 * k_second;
constexpr std::int64_t k_hour = 60 * k_minute;
constexpr std::size_t k_address_max = 254;  // of a mail address, RFC 5321
constexpr std::size_t k_url_max = 512;
constexpr std::string_view k_names_are = "names of alerts: `bullpenctl alerts list` has them";

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

// What may stand between the angle brackets of SMTP and in a header, without any quoting.
bool is_mail_address(std::string_view text) {
    const auto at = text.find('@');
    return text.size() <= k_address_max && at != std::string_view::npos && at > 0 &&
           at + 1 < text.size() && text.find('@', at + 1) == std::string_view::npos &&
           is_plain(text) && text.find_first_of("<>()[],;:\\\"") == std::string_view::npos;
}

bool is_loopback(std::string_view rest) {
    return rest.starts_with("127.0.0.1:") || rest.starts_with("localhost:");
}

bool is_webhook(std::string_view text) {
    constexpr std::string_view k_http = "http://";
    const bool safe = text.starts_with("https://") ||
                      (text.starts_with(k_http) && is_loopback(text.substr(k_http.size())));
    return safe && is_plain(text) && !holds_credentials(text);
}

bool is_mail_server(std::string_view text) {
    constexpr std::string_view k_plain = "smtp://";
    constexpr std::string_view k_sealed = "smtps://";
    const auto rest = text.starts_with(k_plain)    ? text.substr(k_plain.size())
                      : text.starts_with(k_sealed) ? text.substr(k_sealed.size())
                                                   : std::string_view();
    return !rest.empty() && is_plain(text) && rest.find_first_of("/@?#") == std::string_view::npos;
}

bool is_program_word(std::string_view text) {
    return !text.empty() && is_argument(text) && is_printable(text);
}

bool is_recap_time(std::string_view text) {
    return text.empty() || is_time_of_day(text);
}

void add_targets(std::vector<Key<D>>& all) {
    all.push_back(key<D, &D::alerts, &H::command>(
        {.name = "alerts.command",
         .type = KeyType::texts,
         .length_max = 1024,
         .fits = is_program_word,
         .secret_free = true,
         .shape = "a program with its whole path, and its arguments",
         .empty = "no program is run",
         .description = "A program that is run for each alert, which it gets as JSON on its "
                        "standard input. Exit code 0 means that it was told."}));
    all.push_back(key<D, &D::alerts, &H::webhook>(
        {.name = "alerts.webhook",
         .length_max = k_url_max,
         .fits = is_webhook,
         .shape = "an address with https://",
         .empty = "nothing is posted",
         .description = "Where each alert is posted as JSON. A token that `bullpenctl alerts "
                        "secret webhook` was given goes along as `Authorization: Bearer`."}));
    all.push_back(key<D, &D::alerts, &H::smtp, &M::server>(
        {.name = "alerts.smtp.server",
         .length_max = k_url_max,
         .fits = is_mail_server,
         .shape = "\"smtp://HOST:587\" or \"smtps://HOST:465\"",
         .empty = "no mail is sent",
         .description = "The mail server. It must speak TLS, from the start or with STARTTLS, "
                        "unless it is on this machine."}));
    all.push_back(key<D, &D::alerts, &H::smtp, &M::login>(
        {.name = "alerts.smtp.login",
         .length_max = k_address_max,
         .fits = is_trimmed,
         .shape = "printable text without blanks at its ends",
         .empty = "the server is asked for no login",
         .description = "Who logs in at the mail server. The password is what `bullpenctl alerts "
                        "secret smtp` was given."}));
    all.push_back(key<D, &D::alerts, &H::smtp, &M::from>(
        {.name = "alerts.smtp.from",
         .length_max = k_address_max,
         .fits = is_mail_address,
         .shape = "a mail address",
         .empty = "mail cannot be sent",
         .description = "The address that mail comes from."}));
    all.push_back(key<D, &D::alerts, &H::smtp, &M::to>(
        {.name = "alerts.smtp.to",
         .type = KeyType::texts,
         .length_max = k_address_max,
         .fits = is_recipient,
         .shape = "mail addresses; with `sms:` in front those that get a short text",
         .empty = "only the recipients that accounts name",
         .description = "Who gets every alert by mail. For a carrier's gateway from mail to text "
                        "messages put `sms:` in front of the address."}));
    all.push_back(key<D, &D::alerts, &H::ca_file>(
        {.name = "alerts.ca_file",
         .type = KeyType::path,
         .length_max = 1024,
         .fits = is_absolute_path,
         .shape = "an absolute path",
         .empty = "the system's",
         .description = "The certificates by which the mail server and the webhook are known."}));
}

void add_choice(std::vector<Key<D>>& all) {
    all.push_back(
        key<D, &D::alerts, &H::least>({.name = "alerts.least",
                                       .type = KeyType::word,
                                       .description = "What is less severe is not sent."}));
    all.push_back(key<D, &D::alerts, &H::off>({.name = "alerts.off",
                                               .type = KeyType::texts,
                                               .length_max = 32,
                                               .fits = is_alert_name,
                                               .shape = k_names_are,
                                               .empty = "every alert is sent",
                                               .description = "Alerts that are not sent."}));
    all.push_back(key<D, &D::alerts, &H::cooldowns>(
        {.name = "alerts.cooldowns",
         .type = KeyType::texts,
         .length_max = 64,
         .fits = is_alert_cooldown,
         .shape = "\"NAME: TIME\", as in \"crashed: 30 min\"",
         .empty = "those of the catalogue",
         .description = "For how long after an alert its like is only counted; `0 s` sends each. "
                        "docs/alerts.md has the catalogue with the defaults."}));
    all.push_back(key<D, &D::alerts, &H::recap_at>(
        {.name = "alerts.recap_at",
         .length_max = 5,
         .fits = is_recap_time,
         .shape = "a time of day, as in \"16:45\"",
         .empty = "no recap is sent",
         .description = "When the day of all accounts is summed up, on the clock of "
                        "`alerts.recap_zone`, from Monday to Friday."}));
    all.push_back(key<D, &D::alerts, &H::recap_zone>({.name = "alerts.recap_zone",
                                                      .length_max = 64,
                                                      .fits = is_time_zone,
                                                      .may_be_empty = false,
                                                      .shape = "an IANA time zone",
                                                      .description = "The zone of "
                                                                     "`alerts.recap_at`."}));
}

void add_limits(std::vector<Key<D>>& all) {
    all.push_back(key<D, &D::alerts, &H::hourly_max>(
        {.name = "alerts.hourly_max",
         .type = KeyType::integer,
         .min = 1,
         .max = 10'000,
         .description = "The most alerts within an hour, half of them at most of severity info; "
                        "what is more is counted, and the count sent. What is critical may go "
                        "beyond it by as much again, and no info counts against it."}));
    all.push_back(key<D, &D::alerts, &H::daily_max>(
        {.name = "alerts.daily_max",
         .type = KeyType::integer,
         .min = 1,
         .max = 10'000,
         .description = "The most alerts within 24 hours, likewise."}));
    all.push_back(key<D, &D::alerts, &H::outbox_max>(
        {.name = "alerts.outbox_max",
         .type = KeyType::integer,
         .min = 10,
         .max = 2'000,
         .description = "How many deliveries wait at most for their target. When there are more, "
                        "the oldest of the least severe are given up, and counted."}));
    all.push_back(
        key<D, &D::alerts, &H::send_deadline>({.name = "alerts.send_deadline",
                                               .type = KeyType::duration,
                                               .min = k_second,
                                               .max = 5 * k_minute,
                                               .description = "How long one attempt may take."}));
    all.push_back(key<D, &D::alerts, &H::give_up_after>(
        {.name = "alerts.give_up_after",
         .type = KeyType::duration,
         .min = k_minute,
         .max = 7 * 24 * k_hour,
         .description =
             "For how long a delivery that fails is tried again, less and less often."}));
}

}  // namespace

Result<AlertCooldown> parse_alert_cooldown(std::string_view text) {
    const auto colon = text.find(':');
    const auto name = trimmed(text.substr(0, colon));
    const auto kind = alerts::kind_from(name);
    if (!kind || colon == std::string_view::npos)
        return fail(Errc::invalid, "'" + std::string(name) + "' is the name of no alert");
    BULLPEN_TRY(const auto cooldown, parse_duration(trimmed(text.substr(colon + 1))));
    if (cooldown < Nanos{0} || cooldown > AlertCooldown::k_max)
        return fail(Errc::invalid, "a cooldown lasts at most seven days");
    return AlertCooldown{*kind, cooldown};
}

bool is_alert_cooldown(std::string_view text) {
    return parse_alert_cooldown(text).has_value();
}

bool is_alert_name(std::string_view text) {
    return alerts::kind_from(text).has_value();
}

bool is_recipient(std::string_view text) {
    if (text.starts_with(k_short_form))
        text.remove_prefix(k_short_form.size());
    return is_mail_address(text);
}

std::vector<AlertTrouble> alerts_trouble(const HomeAlertSettings& settings) {
    std::vector<AlertTrouble> all;
    if (!settings.smtp.server.empty() && settings.smtp.from.empty())
        all.push_back({"alerts.smtp.server", "is given, and `alerts.smtp.from` is not"});
    if (!settings.command.empty() && !is_absolute_path(settings.command.front()))
        all.push_back({"alerts.command", "begins with no absolute path of a program"});
    return all;
}

void add_home_alert_keys(std::vector<Key<D>>& all) {
    add_targets(all);
    add_choice(all);
    add_limits(all);
}

void add_alert_keys(std::vector<Key<A>>& all) {
    all.push_back(key<A, &A::alerts, &S::recipients>(
        {.name = "alerts.recipients",
         .type = KeyType::texts,
         .length_max = k_address_max,
         .fits = is_recipient,
         .shape = "mail addresses; with `sms:` in front those that get a short text",
         .empty = "only those of `alerts.smtp.to` in bullpen.toml",
         .description = "Who gets this account's alerts by mail, and no other's."}));
    all.push_back(key<A, &A::alerts, &S::least>(
        {.name = "alerts.least",
         .type = KeyType::word,
         .description = "What is less severe is not sent of this account."}));
    all.push_back(
        key<A, &A::alerts, &S::off>({.name = "alerts.off",
                                     .type = KeyType::texts,
                                     .length_max = 32,
                                     .fits = is_alert_name,
                                     .shape = k_names_are,
                                     .empty = "every alert is sent",
                                     .description = "Alerts that are not sent of this account."}));
    all.push_back(key<A, &A::alerts, &S::position_open_max>(
        {.name = "alerts.position_open_max",
         .type = KeyType::duration,
         .min = k_minute,
         .max = 30 * 24 * k_hour,
         .zero = "however long",
         .description = "A position that is open for longer is an alert."}));
    all.push_back(key<A, &A::alerts, &S::loss_warning_percent>(
        {.name = "alerts.loss_warning",
         .type = KeyType::percent,
         .min = 1,
         .max = 100,
         .zero = "no warning",
         .description = "How much of a loss limit is used up when a warning is sent."}));
}

}  // namespace bullpen::config
