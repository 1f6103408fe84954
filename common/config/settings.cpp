#include "common/config/settings.hpp"

#include "common/config/words.hpp"

namespace bullpen::config {

std::string_view code(HeartbeatKind kind) {
    return word(kind);
}
std::string_view code(RestartRule rule) {
    return word(rule);
}
std::string_view code(RecoveryPolicy policy) {
    return word(policy);
}
std::string_view code(Opposite opposite) {
    return word(opposite);
}
std::string_view code(FeedKind kind) {
    return word(kind);
}
std::string_view code(BarLabel label) {
    return word(label);
}
std::string_view code(DateOrder order) {
    return word(order);
}
std::string_view code(LogLevel level) {
    return word(level);
}
std::string_view code(SignalsKind kind) {
    return word(kind);
}
std::string_view code(TradingKind kind) {
    return word(kind);
}
std::string_view code(AtStop at_stop) {
    return word(at_stop);
}
std::string_view code(OnUnexpected unexpected) {
    return word(unexpected);
}
std::string_view code(StopKind kind) {
    return word(kind);
}
std::string_view code(ApproachMode mode) {
    return word(mode);
}
std::string_view code(DrawdownModel model) {
    return word(model);
}

std::optional<BrokerIdentity> broker_identity(const AccountSettings& settings) {
    if (settings.broker_account.empty())
        return std::nullopt;
    return BrokerIdentity{settings.broker, settings.login, settings.broker_account};
}

std::string account_at_broker(const AccountSettings& settings) {
    return settings.broker_account.empty() ? settings.id.str() : settings.broker_account;
}

bool asks_before_entry(const AccountSettings& settings) {
    return settings.opposite != Opposite::allow && settings.trading == TradingKind::on &&
           settings.command.empty();
}

bool trades_on_paper(const AccountSettings& settings) {
    return settings.command.empty() && settings.broker == "paper" &&
           (settings.trading == TradingKind::on || settings.trading == TradingKind::shares);
}

}  // namespace bullpen::config
