#include "worker/payout.hpp"

#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"

namespace bullpen::worker {

namespace {

using nlohmann::json;

// A thousand million: beyond it somebody mistyped.
constexpr std::int64_t k_amount_max = std::int64_t{1'000'000'000} * 1'000'000;

bool plausible(model::Money amount) {
    return amount.millionths > 0 && amount.millionths <= k_amount_max;
}

}  // namespace

Result<model::Money> payout_from_text(std::string_view text, model::Currency currency) {
    const auto amount = model::money_from_text(text, currency);
    if (!amount || !plausible(*amount)) {
        return fail(Errc::invalid, "'" + std::string(text) +
                                       "' is no amount that could be paid out: give what left the "
                                       "account, as 500 or 1250.50");
    }
    return *amount;
}

std::string encode(const PaidOut& paid) {
    return documents::json_text(json{{"amount", model::text(paid.amount)},
                                     {"currency", std::string(paid.amount.currency.code())},
                                     {"at", format_utc_nanos(paid.at)}});
}

Result<PaidOut> decode_payout(std::string_view body) {
    const json object = documents::parse_json(body);
    const auto text = [&](const char* key) {
        const auto found = object.is_object() ? object.find(key) : object.end();
        return found != object.end() && found->is_string() ? found->get<std::string>()
                                                           : std::string();
    };
    const auto currency = model::Currency::parse(text("currency"));
    const auto at = parse_utc(text("at"));
    const auto amount = currency ? model::money_from_text(text("amount"), *currency)
                                 : Result<model::Money>(fail(Errc::corrupt, "no currency"));
    if (!amount || !at || !plausible(*amount))
        return fail(Errc::corrupt, "a recorded payout cannot be read");
    return PaidOut{*amount, *at};
}

}  // namespace bullpen::worker
