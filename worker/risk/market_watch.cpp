#include "worker/risk/market_watch.hpp"

namespace bullpen::risk {

void MarketWatch::on_quote(const Quote& quote) {
    const std::int64_t spread = (quote.ask - quote.bid).value;
    if (spread < 0)
        return;
    // The first quote widens nothing.
    const bool wider = s_.quote.has_value() && spread > (s_.quote->ask - s_.quote->bid).value;
    s_.widened = wider ? s_.widened + 1 : 0;
    s_.quote = quote;
    s_.quoted = true;
}

}  // namespace bullpen::risk
