#include "worker/trading/instrument_check.hpp"

#include "common/base/errc.hpp"

namespace bullpen::trading {

void InstrumentCheck::begin(Instant now) {
    agreed_ = false;
    due_ = now.mono;
}

void InstrumentCheck::end() {
    agreed_ = false;
    due_.reset();
}

void InstrumentCheck::ask(broker::Port& port, Instant now) {
    (void)port.query_instrument(symbol_, now);
    due_ = now.mono + answer_wait_;
}

// An answer that comes late, or twice, says no less: what one contract is does not change within a
// session.
void InstrumentCheck::take(const broker::InstrumentAnswer& answer, Instant now) {
    if (answer.symbol != symbol_ || !due_)
        return;
    const auto verdict = model::verify(*instrument_, answer.said);
    agreed_ = verdict.has_value();
    trouble_ = agreed_ ? "" : verdict.error().context();
    due_.reset();
    // Who said nothing may say it later; who said something else has said it.
    if (!agreed_ && verdict.error().code() == make_error_code(Errc::unavailable))
        due_ = now.mono + k_ask_again;
}

}  // namespace bullpen::trading
