// The settings of [alerts] in bullpen.toml and in an account's file, part of settings.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/alerts/catalogue.hpp"
#include "common/base/clock.hpp"
#include "common/base/result.hpp"

namespace bullpen::config {

struct SmtpSettings {
    std::string server;  // "smtp://mail.example.org:587"; empty: no mail
    std::string login;   // empty: none is asked for
    std::string from;
    std::vector<std::string> to;
    friend bool operator==(const SmtpSettings&, const SmtpSettings&) = default;
};

// Of the home.
struct HomeAlertSettings {
    std::vector<std::string> command;  // a program and its arguments; empty: none
    std::string webhook;               // empty: none
    SmtpSettings smtp;
    std::string ca_file;  // empty: the system's certificates
    alerts::Severity least = alerts::Severity::info;
    std::vector<std::string> off;        // names of alerts
    std::vector<std::string> cooldowns;  // "crashed: 30 min"
    int hourly_max = 30;
    int daily_max = 200;
    int outbox_max = 500;  // deliveries
    Nanos send_deadline = std::chrono::seconds(20);
    Nanos give_up_after = std::chrono::hours(24);
    std::string recap_at = "16:45";  // empty: no recap
    std::string recap_zone = "America/New_York";

    // Whether anybody is to be told of anything.
    [[nodiscard]] bool wanted() const {
        return !command.empty() || !webhook.empty() || !smtp.server.empty();
    }
    friend bool operator==(const HomeAlertSettings&, const HomeAlertSettings&) = default;
};

// Of an account.
struct AlertSettings {
    std::vector<std::string> recipients;  // of mail, beside the home's
    alerts::Severity least = alerts::Severity::info;
    std::vector<std::string> off;
    Nanos position_open_max = std::chrono::hours(2);  // 0: however long
    int loss_warning_percent = 80;                    // 0: never
    friend bool operator==(const AlertSettings&, const AlertSettings&) = default;
};

// One line of alerts.cooldowns.
struct AlertCooldown {
    static constexpr Nanos k_max = std::chrono::hours(24 * 7);

    alerts::Kind kind{};
    Nanos cooldown{};
};
Result<AlertCooldown> parse_alert_cooldown(std::string_view text);
bool is_alert_cooldown(std::string_view text);
bool is_alert_name(std::string_view text);

// "anna@example.org", or "sms:5551234567@gateway.example.org" for one that gets the short form.
bool is_recipient(std::string_view text);
inline constexpr std::string_view k_short_form = "sms:";

// The rules between the keys of the home's: which of them is not kept, and a sentence. Empty when
// all are.
struct AlertTrouble {
    std::string_view key;
    std::string sentence;
};
std::vector<AlertTrouble> alerts_trouble(const HomeAlertSettings& settings);

}  // namespace bullpen::config
