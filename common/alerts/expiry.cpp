#include "common/alerts/expiry.hpp"

namespace bullpen::alerts {

namespace {

constexpr std::string_view k_ends = " ends at ";

}  // namespace

std::string expiry_sentence(std::string_view account, std::string_view field, UtcTime at) {
    return "its " + std::string(field) + std::string(k_ends) + format_utc(at) +
           "; bullpenctl credentials set " + std::string(account) + " " + std::string(field);
}

bool is_expiry_sentence(std::string_view sentence) {
    return sentence.starts_with("its ") && sentence.find(k_ends) != std::string_view::npos;
}

void ExpiryWatch::follow(const std::string& field, std::optional<UtcTime> at) {
    told_ = told_ && field == field_ && at == at_;
    field_ = field;
    at_ = at;
}

std::optional<std::string> ExpiryWatch::take_news(std::string_view account, UtcTime now) {
    if (at_ && *at_ <= now)
        return std::string();
    if (!at_ || told_ || now < *at_ - k_expiry_warning)
        return std::nullopt;
    told_ = true;
    return expiry_sentence(account, field_, *at_);
}

}  // namespace bullpen::alerts
