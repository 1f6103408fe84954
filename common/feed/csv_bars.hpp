// CsvBars: the clean bars of one CSV text, from first to last. Reads as it goes; its memory does
// not depend on the length of the text.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/feed/bar_filter.hpp"
#include "common/feed/byte_source.hpp"
#include "common/feed/csv_format.hpp"

namespace bullpen::feed {

class CsvBars {
  public:
    // Looks at the first rows and starts over. `calendar` and `quality` outlive it.
    static Result<std::unique_ptr<CsvBars>> open(const OpenSource& open_source,
                                                 const ReplayOptions& options,
                                                 const model::Instrument& instrument,
                                                 const time::MarketCalendar& calendar,
                                                 Quality* quality);

    // The next bar; nullopt at the end.
    Result<std::optional<model::Bar>> next();
    [[nodiscard]] std::chrono::seconds span() const { return span_; }
    [[nodiscard]] const CsvFormat& format() const { return format_; }
    // Of the bar with this start, which next() gave lately; empty without such a column.
    [[nodiscard]] std::string_view contract(UtcTime start) const;

  private:
    CsvBars(const ReplayOptions& options, const model::Instrument& instrument,
            const time::MarketCalendar& calendar, CsvFormat format, std::chrono::seconds span,
            time::Zone zone, std::unique_ptr<ByteSource> source, Quality* quality);

    void take_line(const Line& line);
    void note_contract(UtcTime start);
    std::optional<Defect> read_row(std::string_view text, model::Bar* bar);
    std::optional<Defect> read_time(model::Bar* bar);
    std::optional<Defect> read_price(std::string_view text, model::Price* price) const;
    std::optional<Defect> read_volume(std::string_view text, std::int64_t* volume) const;

    ReplayOptions options_;
    const model::Instrument* instrument_;
    CsvFormat format_;
    std::chrono::seconds span_;
    WallClock wall_clock_;
    LineReader lines_;
    BarFilter filter_;
    Quality* quality_;
    Fields fields_;
    // Where the text of the contract's column changes: the first bar with it. The last ones only.
    std::deque<std::pair<UtcTime, std::string>> contracts_;
    bool start_read_ = false;  // whether the row being read got as far as its time
    bool finished_ = false;
};

}  // namespace bullpen::feed
