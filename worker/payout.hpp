// A payout as it stands in an account's journal: money that was taken out of the account, as an
// operator told it. Plain values; pure.
#pragma once

#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "common/model/money.hpp"

namespace bullpen::worker {

struct PaidOut {
    model::Money amount;  // above zero
    UtcTime at{};         // when it was told
    friend bool operator==(const PaidOut&, const PaidOut&) = default;
};

// "500", "1250.50": Errc::invalid for an amount that is not above zero, or of no account's size.
Result<model::Money> payout_from_text(std::string_view text, model::Currency currency);

std::string encode(const PaidOut& paid);
// Errc::corrupt when it is not what encode() writes.
Result<PaidOut> decode_payout(std::string_view body);

}  // namespace bullpen::worker
