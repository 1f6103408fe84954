// Files of daily candles, on any bytes: what is taken are days that follow each other, with prices
// that enclose each other, and what is reckoned from them is a number.
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "worker/equity/day_candles.hpp"
#include "worker/equity/pattern.hpp"
#include "worker/equity/pattern_page.hpp"
#include "worker/equity/trailing_stop.hpp"

namespace {

using namespace bullpen;

void require(bool condition, const char* sentence) {
    if (condition)
        return;
    std::fprintf(stderr, "%s\n", sentence);
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto candles = equity::read_day_candles(text, equity::k_pattern_candles);
    if (!candles)
        return 0;
    require(candles->size() <= equity::k_pattern_candles, "there are not more than were asked for");
    for (std::size_t i = 0; i < candles->size(); ++i) {
        const auto& candle = (*candles)[i];
        require(model::well_formed(candle) && candle.low.ticks > 0, "a candle is one");
        require(i == 0 || (*candles)[i - 1].start < candle.start, "days follow each other");
    }
    if (candles->empty())
        return 0;
    const auto day =
        std::chrono::ceil<std::chrono::days>(candles->back().start) + std::chrono::days(1);
    if (const auto range = equity::daily_range(*candles, day)) {
        require(std::isfinite(range->atr) && range->atr > 0 && std::isfinite(range->percent),
                "a range is a number");
        equity::TrailingStop stop;
        stop.raise(candles->back().close, range, {5});
        require(!stop.stop || *stop.stop < candles->back().close, "a stop is below the price");
    }
    const auto values = equity::day_values(*candles);
    if (const auto analysis = equity::analyse(*candles, values))
        (void)equity::pattern_section("AAA", *analysis, *candles, values);
    return 0;
}
