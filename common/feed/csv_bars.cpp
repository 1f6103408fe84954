#include "common/feed/csv_bars.hpp"

#include <algorithm>

#include "common/base/errc.hpp"
#include "common/model/decimal.hpp"

namespace bullpen::feed {

namespace {

// A bar is at least a minute and at most a day.
constexpr std::chrono::seconds k_span_min{60};
constexpr std::chrono::seconds k_span_max{86400};
// Bars start on multiples of their length, longer ones at least on a quarter of an hour: an hour of
// the Indian market starts at a quarter to.
constexpr std::chrono::seconds k_grid_max{900};
// Changes of the contract that are remembered: bars come out a few rows after they went in.
constexpr std::size_t k_contracts_max = 1024;

Result<std::vector<SampleLine>> read_sample(LineReader* lines) {
    std::vector<SampleLine> sample;
    std::size_t bytes = 0;
    while (sample.size() < k_sample_lines_max && bytes < k_sample_bytes_max) {
        BULLPEN_TRY(const auto line, lines->next());
        if (!line)
            break;
        bytes += line->text.size();
        sample.push_back({std::string(line->text), line->number, line->crlf});
    }
    return sample;
}

Result<time::Zone> zone_of(const ReplayOptions& options) {
    if (options.time_zone.empty())
        return time::Zone::utc();
    return time::Zone::load(options.time_zone);
}

}  // namespace

Result<std::unique_ptr<CsvBars>> CsvBars::open(const OpenSource& open_source,
                                               const ReplayOptions& options,
                                               const model::Instrument& instrument,
                                               const time::MarketCalendar& calendar,
                                               Quality* quality) {
    BULLPEN_TRY(auto looked_at, open_source());
    BULLPEN_TRY(auto text, unpacked(std::move(looked_at)));
    std::vector<SampleLine> sample;
    {
        LineReader lines(std::move(text));
        BULLPEN_TRY(sample, read_sample(&lines));
        if (sample.empty() && !lines.damage().empty())
            return fail(Errc::corrupt, std::string(lines.damage()) + ", nothing can be read");
    }
    BULLPEN_TRY(CsvFormat format, detect_format(sample, options));
    const std::chrono::seconds span = options.span.count() > 0 ? options.span : format.span;
    if (span < k_span_min || span > k_span_max || span.count() % k_span_min.count() != 0)
        return fail(Errc::invalid, "its rows are " + std::to_string(span.count()) +
                                       " seconds apart; bars of whole minutes up to a day are "
                                       "read");
    BULLPEN_TRY(time::Zone zone, zone_of(options));
    BULLPEN_TRY(auto source, open_source());
    BULLPEN_TRY(auto again, unpacked(std::move(source)));
    return std::unique_ptr<CsvBars>(new CsvBars(options, instrument, calendar, format, span,
                                                std::move(zone), std::move(again), quality));
}

CsvBars::CsvBars(const ReplayOptions& options, const model::Instrument& instrument,
                 const time::MarketCalendar& calendar, CsvFormat format, std::chrono::seconds span,
                 time::Zone zone, std::unique_ptr<ByteSource> source, Quality* quality)
    : options_(options),
      instrument_(&instrument),
      format_(format),
      span_(span),
      wall_clock_(std::move(zone)),
      lines_(std::move(source)),
      filter_(calendar, span, quality),
      quality_(quality) {}

Result<std::optional<model::Bar>> CsvBars::next() {
    while (true) {
        if (const auto bar = filter_.take()) {
            quality_->bars_used();
            return bar;
        }
        if (finished_)
            return std::nullopt;
        BULLPEN_TRY(const auto line, lines_.next());
        if (line) {
            take_line(*line);
            continue;
        }
        finished_ = true;
        if (!lines_.damage().empty())
            quality_->report(Defect::truncated, 0);
        filter_.finish();
    }
}

void CsvBars::take_line(const Line& line) {
    if (line.number < format_.first_data_line)
        return;
    if (line.too_long) {
        quality_->rows_read();
        quality_->report(Defect::line_too_long, line.number);
        return;
    }
    if (line.crlf && !format_.crlf)
        quality_->report(Defect::crlf_line, line.number);
    if (line.text.find_first_not_of(" \t") == std::string_view::npos) {
        quality_->report(Defect::blank_line, line.number);
        return;
    }
    quality_->rows_read();
    model::Bar bar;
    bar.span = span_;
    start_read_ = false;
    if (const auto defect = read_row(line.text, &bar)) {
        quality_->report(*defect, line.number,
                         start_read_ ? std::optional(bar.start) : std::nullopt);
        return;
    }
    note_contract(bar.start);
    filter_.add(bar, line.number);
}

void CsvBars::note_contract(UtcTime start) {
    if (!format_.symbol)
        return;
    const auto text = fields_[*format_.symbol];
    if (!contracts_.empty() && contracts_.back().second == text)
        return;
    contracts_.emplace_back(start, text);
    if (contracts_.size() > k_contracts_max)
        contracts_.pop_front();
}

std::string_view CsvBars::contract(UtcTime start) const {
    for (auto change = contracts_.rbegin(); change != contracts_.rend(); ++change) {
        if (change->first <= start)
            return change->second;
    }
    return {};
}

std::optional<Defect> CsvBars::read_row(std::string_view text, model::Bar* bar) {
    fields_.split(text, format_.delimiter);
    if (fields_.size() != format_.columns)
        return Defect::wrong_columns;
    if (!options_.only_symbol.empty() && format_.symbol &&
        fields_[*format_.symbol] != options_.only_symbol)
        return Defect::other_symbol;
    if (const auto defect = read_time(bar))
        return defect;
    for (const auto& [place, price] :
         {std::pair{format_.open, &bar->open}, std::pair{format_.high, &bar->high},
          std::pair{format_.low, &bar->low}, std::pair{format_.close, &bar->close}}) {
        if (const auto defect = read_price(fields_[place], price))
            return defect;
    }
    if (const auto defect = read_volume(fields_[format_.volume], &bar->volume))
        return defect;
    if (!model::well_formed(*bar))
        return Defect::broken_range;
    return std::nullopt;
}

std::optional<Defect> CsvBars::read_time(model::Bar* bar) {
    const auto stamp = stamp_of(fields_, format_);
    if (!stamp)
        return Defect::bad_time;
    UtcTime at{std::chrono::seconds(stamp->seconds)};
    if (!stamp->has_zone) {
        if (!format_.naive)
            return Defect::bad_time;
        const auto instant = wall_clock_.instant(stamp->seconds);
        if (!instant)
            return Defect::bad_time;
        at = *instant;
    }
    if (options_.labels == BarLabels::end)
        at -= span_;
    bar->start = at;
    start_read_ = true;
    const std::chrono::seconds grid = std::min(span_, k_grid_max);
    if (unix_nanos(at) % Nanos(grid).count() != 0)
        return Defect::off_grid_time;
    if (at > options_.not_after)
        return Defect::future_time;
    return std::nullopt;
}

std::optional<Defect> CsvBars::read_price(std::string_view text, model::Price* price) const {
    if (text.empty())
        return Defect::empty_field;
    const auto read = model::price_from_text(text, instrument_->tick, model::Rounding::exact);
    if (read) {
        *price = *read;
        const bool possible = price->ticks > 0 || instrument_->admits_negative;
        return possible ? std::nullopt : std::optional(Defect::bad_price);
    }
    if (read.error().code() == Errc::too_large)
        return Defect::bad_price;
    return model::parse_decimal(text) ? Defect::off_tick : Defect::not_a_number;
}

std::optional<Defect> CsvBars::read_volume(std::string_view text, std::int64_t* volume) const {
    if (text.empty())
        return Defect::empty_field;
    const auto number = model::parse_decimal(text);
    if (!number)
        return number.error().code() == Errc::too_large ? Defect::bad_volume : Defect::not_a_number;
    const bool whole = number->billionths == 0 && !number->more;
    if (number->negative || !whole || number->whole > model::k_volume_max)
        return Defect::bad_volume;
    *volume = number->whole;
    if (*volume == 0 && !options_.zero_volume_is_used)
        return Defect::zero_volume;
    return std::nullopt;
}

}  // namespace bullpen::feed
