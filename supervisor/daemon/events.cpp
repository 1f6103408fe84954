#include "supervisor/daemon/events.hpp"

#include <utility>

#include "common/log/json_text.hpp"

namespace bullpen::daemon {

namespace {

std::string text_of(log::Fields fields) {
    std::string out;
    log::append_json_fields(out, {fields.begin(), fields.end()});
    return out;
}

}  // namespace

Events::Events(ipc::EventPublisher publisher, const Clock& clock)
    : publisher_(std::move(publisher)), clock_(clock) {}

void Events::publish(std::string_view event, const std::optional<AccountId>& account,
                     log::Fields fields) {
    publish_text(event, account, text_of(fields));
}

void Events::publish_change(std::string_view event, const AccountId& account, log::Fields fields) {
    const auto text = text_of(fields);
    const auto last = text.substr(0, text.rfind(','));
    if (std::exchange(said_[account], last) != last)
        publish_text(event, account, text);
}

void Events::publish_text(std::string_view event, const std::optional<AccountId>& account,
                          std::string_view fields) {
    const auto utc = clock_.utc();
    std::string body = "{" + text_of({{"utc", utc}, {"event", event}});
    if (account)
        body += "," + text_of({{"account", *account}});
    body += (fields.empty() ? "" : ",") + std::string(fields) + "}";
    // A listener that misses it learns so from the numbers; nobody else is hurt.
    static_cast<void>(
        publisher_.publish(account ? ipc::account_topic(*account) : ipc::daemon_topic(), body));
    publisher_.serve();
    recent_.push_back(std::move(body));
    if (recent_.size() > k_recent_max)
        recent_.pop_front();
}

void Events::publish_time() {
    const std::string body =
        "{\"utc\":\"" + format_utc(clock_.utc()) + "\",\"event\":\"time\",\"market\":\"unknown\"}";
    static_cast<void>(publisher_.publish("time/", body));
    publisher_.serve();
}

void Events::forget(const AccountId& account) {
    said_.erase(account);
    publisher_.forget(ipc::account_topic(account));
}

}  // namespace bullpen::daemon
