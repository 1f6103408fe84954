// The replay's way from bytes to bars, on any bytes: it must end, hold its order, and account for
// every row. The first byte chooses the options.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "common/feed/csv_bars.hpp"
#include "common/time/market_calendar.hpp"

namespace {

using namespace bullpen;

void require(bool condition, const char* sentence) {
    if (condition)
        return;
    std::fprintf(stderr, "%s\n", sentence);
    std::abort();
}

feed::ReplayOptions options_of(std::uint8_t choice) {
    feed::ReplayOptions options;
    options.instrument = (choice & 1) != 0 ? "CL" : "MES";
    options.time_zone = (choice & 2) != 0 ? "UTC" : ((choice & 4) != 0 ? "America/New_York" : "");
    options.labels = (choice & 8) != 0 ? feed::BarLabels::end : feed::BarLabels::start;
    options.date_order = (choice & 16) != 0 ? feed::DateOrder::us : feed::DateOrder::unstated;
    options.zero_volume_is_used = (choice & 32) != 0;
    if ((choice & 64) != 0)
        options.only_symbol = "ESH5";
    return options;
}

const time::MarketCalendar& calendar() {
    static const auto calendar = time::MarketCalendar::load(time::Market::cme_equity_index).value();
    return calendar;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const feed::ReplayOptions options = options_of(data[0]);
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto* instrument = model::find_instrument(options.instrument).value();
    feed::Quality quality;
    const feed::OpenSource open = [bytes]() -> Result<std::unique_ptr<feed::ByteSource>> {
        return feed::memory_source(bytes);
    };
    auto bars = feed::CsvBars::open(open, options, *instrument, calendar(), &quality);
    if (!bars)
        return 0;
    UtcTime last = UtcTime::min();
    std::uint64_t count = 0;
    while (true) {
        const auto bar = (*bars)->next();
        require(bar.has_value(), "memory can be read");
        if (!*bar)
            break;
        require(model::well_formed(**bar), "a bar is well formed");
        require((*bar)->start > last, "bars are in order");
        require((*bar)->low.ticks >= -model::k_price_ticks_max, "prices are bounded");
        last = (*bar)->start;
        ++count;
    }
    require(quality.bars() == count, "bars are counted");
    require(quality.rows() == quality.bars() + quality.refused(), "every row is accounted for");
    return 0;
}
