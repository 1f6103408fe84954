// Records of an account's journal in words: one line a record, without its time. Pure.
#pragma once

#include <optional>
#include <string>

#include "common/model/instrument.hpp"
#include "worker/execution/record.hpp"

namespace bullpen::tools {

// "buy 2 MES at the market as entry", "sell 2 MES, stop 4996.00, as protective_stop"
std::string terms_text(const model::OrderTerms& terms, const model::Instrument& instrument);

// "filled 2 at 5001.25, fee 1.24"; prices by the instrument's tick.
std::string record_text(const execution::Record& record, const model::Instrument& instrument);

// The order that a record is about; empty when it is about none. Of a denied decision there is
// none.
model::ClientOrderId order_of(const execution::Record& record);
// By the clock of who wrote it; of an execution that of the broker is in its text.
std::optional<UtcTime> time_of(const execution::Record& record);

}  // namespace bullpen::tools
