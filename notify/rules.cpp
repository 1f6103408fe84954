#include "notify/rules.hpp"

#include <set>

namespace bullpen::notify {

namespace {

std::set<Kind> kinds_of(const std::vector<std::string>& names) {
    std::set<Kind> kinds;
    for (const auto& name : names) {
        if (const auto kind = alerts::kind_from(name))
            kinds.insert(*kind);
    }
    return kinds;
}

// "16:45", which the settings' rules have let pass.
Nanos time_of_day(const std::string& text) {
    return std::chrono::hours(std::stoi(text.substr(0, 2))) +
           std::chrono::minutes(std::stoi(text.substr(3, 2)));
}

const config::AccountSettings* find(const Accounts& accounts, const std::string& name) {
    const auto id = AccountId::parse(name);
    if (!id)
        return nullptr;
    const auto found = accounts.find(*id);
    return found == accounts.end() ? nullptr : &found->second;
}

}  // namespace

GateRules gate_rules(const config::HomeAlertSettings& home, const Accounts& accounts) {
    GateRules rules;
    rules.home = {home.least, kinds_of(home.off)};
    for (const auto& [id, settings] : accounts)
        rules.accounts.emplace(id.str(),
                               Wish{settings.alerts->least, kinds_of(settings.alerts->off)});
    for (const auto& text : home.cooldowns) {
        if (const auto cooldown = config::parse_alert_cooldown(text))
            rules.cooldowns.at(static_cast<std::size_t>(cooldown->kind)) = cooldown->cooldown;
    }
    rules.hourly_max = home.hourly_max;
    rules.daily_max = home.daily_max;
    return rules;
}

BoardRules board_rules(const config::HomeAlertSettings& home, const Accounts& accounts) {
    BoardRules rules;
    for (const auto& [id, settings] : accounts) {
        // Shares for delivery are held for weeks.
        const bool shares = settings.trading == config::TradingKind::shares;
        rules.accounts.emplace(id.str(),
                               Thresholds{shares ? Nanos{0} : settings.alerts->position_open_max,
                                          settings.alerts->loss_warning_percent});
    }
    if (home.recap_at.empty())
        return rules;
    if (auto zone = time::Zone::load(home.recap_zone))
        rules.recap = RecapTime{time_of_day(home.recap_at), std::move(*zone)};
    return rules;
}

OutboxLimits outbox_limits(const config::HomeAlertSettings& home) {
    return {static_cast<std::size_t>(home.outbox_max), home.give_up_after};
}

bool is_target(const config::HomeAlertSettings& home, Target target) {
    switch (target) {
        case Target::command: return !home.command.empty();
        case Target::webhook: return !home.webhook.empty();
        case Target::smtp: return !home.smtp.server.empty();
    }
    return false;
}

std::vector<Delivery> deliveries(const Alert& alert, const config::HomeAlertSettings& home,
                                 const Accounts& accounts) {
    std::vector<Delivery> all;
    const auto add = [&](Target target, const std::string& recipient) {
        Delivery delivery;
        delivery.alert = alert;
        delivery.target = target;
        if (recipient.starts_with(config::k_short_form))
            delivery.form = Form::brief;
        if (!recipient.empty())
            delivery.recipients = {recipient};
        all.push_back(std::move(delivery));
    };
    if (is_target(home, Target::command))
        add(Target::command, {});
    if (is_target(home, Target::webhook))
        add(Target::webhook, {});
    if (!is_target(home, Target::smtp))
        return all;
    std::set<std::string> told;
    const auto tell = [&](const std::vector<std::string>& recipients) {
        for (const auto& one : recipients) {
            if (told.insert(one).second)
                add(Target::smtp, one);
        }
    };
    tell(home.smtp.to);
    if (const auto* account = find(accounts, alert.account))
        tell(account->alerts->recipients);
    return all;
}

}  // namespace bullpen::notify
