#include "common/vault/broker_fields.hpp"

#include <array>

namespace bullpen::vault {

namespace {

using enum Lifetime;

constexpr std::array k_alpaca{
    FieldRule{"key_id", true, lasting, "the key's id, as the broker's site shows it"},
    FieldRule{"secret_key", true, lasting, "the secret that goes with the key's id"}};
constexpr std::array k_binance{
    FieldRule{"api_key", true, lasting, "the key, as the broker's site shows it"},
    FieldRule{"api_secret", true, lasting, "what requests are signed with"}};
constexpr std::array k_fix{FieldRule{"password", true, lasting, "of the logon message (554)"},
                           FieldRule{"username", true, lasting, "of the logon message (553)"}};
constexpr std::array k_kite{
    FieldRule{"access_token", true, until_six_ist,
              "of today's login; it ends at 06:00 in India, or with the next login"},
    FieldRule{"api_key", true, lasting, "of the app, from the developer's console"},
    FieldRule{"api_secret", true, lasting, "of the app; a login's request token is sealed by it"}};
constexpr std::array k_paper{
    FieldRule{"access_token", false, until_six_ist,
              "none is needed; one that is set ends, and is missed, like a real broker's"}};
constexpr std::array k_projectx{
    FieldRule{"api_key", true, lasting, "from the settings of the firm's platform"},
    FieldRule{"user_name", true, lasting, "of the login that the key belongs to"}};

constexpr std::array k_rules{BrokerRule{"alpaca", k_alpaca}, BrokerRule{"binance", k_binance},
                             BrokerRule{"fix", k_fix},       BrokerRule{"kite", k_kite},
                             BrokerRule{"paper", k_paper},   BrokerRule{"projectx", k_projectx}};

}  // namespace

std::span<const BrokerRule> broker_rules() {
    return k_rules;
}

const BrokerRule* find_broker(std::string_view broker) {
    for (const auto& rule : k_rules) {
        if (rule.broker == broker)
            return &rule;
    }
    return nullptr;
}

const FieldRule* find_field(const BrokerRule& rule, std::string_view name) {
    for (const auto& field : rule.fields) {
        if (field.name == name)
            return &field;
    }
    return nullptr;
}

std::optional<UtcTime> default_expiry(Lifetime lifetime, UtcTime now) {
    if (lifetime == lasting)
        return std::nullopt;
    // India keeps one offset all year: 06:00 there is 00:30 UTC.
    constexpr auto k_in_the_day = std::chrono::minutes(30);
    auto at = std::chrono::floor<std::chrono::days>(now) + k_in_the_day;
    if (at <= now)
        at += std::chrono::days(1);
    return UtcTime(at);
}

std::optional<UtcTime> usual_expiry(std::string_view broker, std::string_view field, UtcTime now) {
    const auto* rule = find_broker(broker);
    const auto* known = rule != nullptr ? find_field(*rule, field) : nullptr;
    return known != nullptr ? default_expiry(known->lifetime, now) : std::nullopt;
}

}  // namespace bullpen::vault
