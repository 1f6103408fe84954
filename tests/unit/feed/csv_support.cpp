#include "tests/unit/feed/csv_support.hpp"

#include <zlib.h>

#include "common/base/assert.hpp"

namespace bullpen::feed {

std::string Reading::starts() const {
    std::string text;
    for (const model::Bar& bar : bars)
        text += (text.empty() ? "" : " ") + format_utc(bar.start).substr(11, 5);
    return text;
}

Reading read_csv(std::string_view bytes, const ReplayOptions& options) {
    static const auto calendar = time::MarketCalendar::load(time::Market::cme_equity_index);
    BULLPEN_ASSERT(calendar.has_value(), "the system has New York's zone");
    Reading reading;
    reading.quality = Quality(1000);
    const auto instrument = model::find_instrument(options.instrument);
    BULLPEN_ASSERT(instrument.has_value(), "a test names a known instrument");
    const OpenSource open = [bytes]() -> Result<std::unique_ptr<ByteSource>> {
        return memory_source(bytes);
    };
    auto opened = CsvBars::open(open, options, **instrument, *calendar, &reading.quality);
    if (!opened) {
        reading.error = opened.error();
        return reading;
    }
    while (true) {
        auto bar = (*opened)->next();
        if (!bar) {
            reading.error = bar.error();
            return reading;
        }
        if (!*bar)
            return reading;
        reading.bars.push_back(**bar);
    }
}

std::vector<std::string> clean_rows(int count) {
    std::vector<std::string> rows{"utc,open,high,low,close,volume"};
    const UtcTime first = *parse_utc("2025-01-09T12:00:00Z");
    for (int i = 0; i < count; ++i) {
        rows.push_back(format_utc(first + std::chrono::minutes(i)).substr(0, 19) +
                       "Z,6000.25,6001.5,5999,6000.75," + std::to_string(100 + i));
    }
    return rows;
}

std::string joined(const std::vector<std::string>& rows) {
    std::string text;
    for (const std::string& row : rows)
        text += row + "\n";
    return text;
}

std::string gzipped(std::string_view bytes) {
    z_stream stream{};
    constexpr int k_gzip_window_bits = 15 + 16;
    BULLPEN_ASSERT(::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, k_gzip_window_bits, 8,
                                  Z_DEFAULT_STRATEGY) == Z_OK,
                   "zlib works");
    std::string out(::deflateBound(&stream, bytes.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    BULLPEN_ASSERT(::deflate(&stream, Z_FINISH) == Z_STREAM_END, "there is room for all of it");
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    return out;
}

}  // namespace bullpen::feed
