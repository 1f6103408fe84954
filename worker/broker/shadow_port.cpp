#include "worker/broker/shadow_port.hpp"

namespace bullpen::broker {

namespace {

ExchangePortSettings shadow_settings(const std::string& account, model::Money cash,
                                     std::string_view life) {
    ExchangePortSettings settings;
    settings.account = std::string(k_shadow_account_prefix) + account;
    settings.cash = cash;
    const auto prefix = "SHADOW" + std::string(life);
    settings.order_prefix = prefix + "-O";
    settings.execution_prefix = prefix + "-E";
    settings.text = k_shadow_text;
    return settings;
}

}  // namespace

ShadowPort::ShadowPort(const std::string& account, model::Money cash, std::string_view life)
    : simulated_(shadow_settings(account, cash, life)) {}

void ShadowPort::keep(const WouldBe& command) {
    if (would_be_.size() >= k_would_be_max) {
        ++dropped_;
        return;
    }
    would_be_.push_back(command);
}

void ShadowPort::submit(const risk::Approved<model::OrderTerms>& terms, Instant now) {
    keep({OrderCommand::submit, now.utc, terms->id, *terms, terms->quantity, {}});
    simulated_.submit(terms, now);
}

void ShadowPort::cancel(const model::ClientOrderId& order, Instant now) {
    keep({OrderCommand::cancel, now.utc, order, {}, 0, {}});
    simulated_.cancel(order, now);
}

void ShadowPort::replace(const model::ClientOrderId& order, std::int64_t quantity,
                         model::Price price, Instant now) {
    keep({OrderCommand::replace, now.utc, order, {}, quantity, price});
    simulated_.replace(order, quantity, price, now);
}

}  // namespace bullpen::broker
