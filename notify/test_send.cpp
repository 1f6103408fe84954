#include "notify/test_send.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/base/exit_code.hpp"
#include "common/config/roster.hpp"
#include "common/documents/json_text.hpp"
#include "notify/message.hpp"
#include "notify/post.hpp"
#include "notify/rules.hpp"
#include "notify/service.hpp"

namespace bullpen::notify {

namespace {

constexpr Nanos k_wait = std::chrono::milliseconds(200);

Result<InForce> settings_now(const Home& home, const std::string& account) {
    BULLPEN_TRY(const auto daemon, config::read_daemon(home));
    InForce read{daemon.alerts, daemon.name.empty() ? home.root() : daemon.name, {}};
    if (account.empty())
        return read;
    BULLPEN_TRY(const auto id, AccountId::parse(account));
    BULLPEN_TRY(auto settings, config::read_account(home, id));
    read.accounts.emplace(id, std::move(settings));
    return read;
}

std::vector<Delivery> deliveries_of(const InForce& in_force, const TestWish& wish, UtcTime now) {
    const auto alert = test_alert(wish.account, now);
    auto all = deliveries(alert, in_force.alerts, in_force.accounts);
    std::erase_if(all, [&](const Delivery& one) {
        const bool named =
            std::find(wish.targets.begin(), wish.targets.end(), one.target) != wish.targets.end();
        return (!wish.targets.empty() && !named) ||
               (!wish.to.empty() && one.target == Target::smtp);
    });
    const bool mail = wish.targets.empty() || std::find(wish.targets.begin(), wish.targets.end(),
                                                        Target::smtp) != wish.targets.end();
    if (!wish.to.empty() && mail && is_target(in_force.alerts, Target::smtp)) {
        Delivery delivery;
        delivery.alert = alert;
        delivery.target = Target::smtp;
        delivery.form = wish.to.starts_with(config::k_short_form) ? Form::brief : Form::full;
        delivery.recipients = {wish.to};
        all.push_back(std::move(delivery));
    }
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i].number = i + 1;
    return all;
}

void print(const Delivery& delivery, const Outcome& outcome, bool as_json) {
    const auto to = delivery.recipients.empty() ? std::string() : delivery.recipients.front();
    if (as_json) {
        using nlohmann::ordered_json;
        const ordered_json line = {{"target", code(delivery.target)},
                                   {"to", to.empty() ? ordered_json(nullptr) : ordered_json(to)},
                                   {"delivered", outcome.delivered},
                                   {"said", outcome.said}};
        std::printf("%s\n", documents::json_text(line).c_str());
        return;
    }
    std::printf("%s%s: %s: %s\n", std::string(code(delivery.target)).c_str(),
                to.empty() ? "" : (" to " + to).c_str(),
                outcome.delivered ? "delivered" : "not delivered", outcome.said.c_str());
}

int complain(ExitCode code, const std::string& sentence) {
    std::fprintf(stderr, "bullpen-notify: %s\n", sentence.c_str());
    return value(code);
}

}  // namespace

int send_test(const Home& home, const TestWish& wish, const Clock& clock) {
    if (!wish.to.empty() && !config::is_recipient(wish.to))
        return complain(ExitCode::usage, "--to takes a mail address, not '" + wish.to + "'");
    const auto in_force = settings_now(home, wish.account);
    if (!in_force)
        return complain(ExitCode::config, in_force.error().message());
    const auto all = deliveries_of(*in_force, wish, clock.utc());
    if (all.empty())
        return complain(ExitCode::config,
                        "there is nobody to send to: see [alerts] in " + home.daemon_settings() +
                            " (alerts.command, alerts.webhook, alerts.smtp.server and .to)");
    Post post(clock);
    post.set(post_settings(*in_force, home));
    bool well = true;
    // One after the other, so that a slow one is seen to be slow; each ends by its deadline.
    for (const auto& delivery : all) {
        post.start(delivery);
        while (!post.idle()) {
            for (const auto& outcome : post.take()) {
                print(delivery, outcome, wish.json);
                well = well && outcome.delivered;
            }
            if (!post.idle())
                post.wait({}, k_wait);
        }
    }
    return value(well ? ExitCode::done : ExitCode::failed);
}

}  // namespace bullpen::notify
