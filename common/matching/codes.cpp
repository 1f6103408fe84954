#include <algorithm>
#include <array>

#include "common/matching/types.hpp"

namespace bullpen::matching {

namespace {

constexpr std::array<std::string_view, 6> k_statuses{"pending",   "working",  "filled",
                                                     "cancelled", "rejected", "expired"};
constexpr std::array<std::string_view, 7> k_kinds{"accepted",  "rejected", "released", "filled",
                                                  "cancelled", "replaced", "expired"};

struct Words {
    std::string_view code;
    std::string_view sentence;
};
constexpr std::array<Words, 11> k_refusals{{
    {"none", ""},
    {"duplicate_id", "the client order id is in use already"},
    {"bad_quantity", "the quantity is not one that an order can have"},
    {"bad_price", "the price does not fit the type of the order"},
    {"stop_passed", "the market has passed the stop price already"},
    {"trading_forbidden", "the account may not trade"},
    {"too_many_orders", "the account has too many working orders"},
    {"unknown_order", "there is no such order of this account"},
    {"too_late", "the order has come to its end already"},
    {"nothing_held", "there is no position that the order could reduce"},
    {"by_rule", "the exchange has a rule against it"},
}};

}  // namespace

Costs expected_costs(const model::Instrument& instrument) {
    Costs costs;
    costs.slippage = model::expected_slippage(instrument);
    costs.commission = instrument.commission;
    return costs;
}

std::string_view code(Status status) {
    return k_statuses.at(static_cast<std::size_t>(status));
}
std::optional<Status> status_from(std::string_view code) {
    const auto found = std::find(k_statuses.begin(), k_statuses.end(), code);
    if (found == k_statuses.end())
        return std::nullopt;
    return static_cast<Status>(found - k_statuses.begin());
}
std::string_view code(EventKind kind) {
    return k_kinds.at(static_cast<std::size_t>(kind));
}
std::string_view code(Refusal refusal) {
    return k_refusals.at(static_cast<std::size_t>(refusal)).code;
}
std::string_view sentence(Refusal refusal) {
    return k_refusals.at(static_cast<std::size_t>(refusal)).sentence;
}

}  // namespace bullpen::matching
