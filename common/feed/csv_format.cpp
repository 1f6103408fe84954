#include "common/feed/csv_format.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "common/base/errc.hpp"

namespace bullpen::feed {

namespace {

enum class Column : std::uint8_t {
    epoch,
    instant,
    date,
    clock,
    open,
    high,
    low,
    close,
    volume,
    symbol,
    none
};

struct Name {
    std::string_view name;
    Column column;
};
// Lower case; the first of a kind in this order wins where a file has several.
constexpr std::array k_names{
    Name{"ts", Column::epoch},          Name{"epoch", Column::epoch},
    Name{"unix", Column::epoch},        Name{"utc", Column::instant},
    Name{"timestamp", Column::instant}, Name{"datetime", Column::instant},
    Name{"date_time", Column::instant}, Name{"date time", Column::instant},
    Name{"ts_utc", Column::instant},    Name{"start", Column::instant},
    Name{"date", Column::date},         Name{"time", Column::clock},
    Name{"open", Column::open},         Name{"o", Column::open},
    Name{"high", Column::high},         Name{"h", Column::high},
    Name{"low", Column::low},           Name{"l", Column::low},
    Name{"close", Column::close},       Name{"c", Column::close},
    Name{"last", Column::close},        Name{"volume", Column::volume},
    Name{"vol", Column::volume},        Name{"v", Column::volume},
    Name{"contract", Column::symbol},   Name{"symbol", Column::symbol},
    Name{"ticker", Column::symbol},     Name{"instrument", Column::symbol},
};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

char find_delimiter(std::string_view line) {
    constexpr std::string_view k_delimiters = ",;\t|";
    char best = ',';
    std::ptrdiff_t most = 0;
    for (const char delimiter : k_delimiters) {
        const auto count = std::count(line.begin(), line.end(), delimiter);
        if (count > most) {
            most = count;
            best = delimiter;
        }
    }
    return best;
}

// The place of the first listed name of that kind among the fields.
std::optional<std::size_t> place_of(const std::vector<std::string>& header, Column column) {
    for (const Name& name : k_names) {
        if (name.column != column)
            continue;
        const auto found = std::find(header.begin(), header.end(), name.name);
        if (found != header.end())
            return static_cast<std::size_t>(found - header.begin());
    }
    return std::nullopt;
}

bool looks_like_data(const Fields& fields) {
    // A row of data starts with a digit and has a number in every price column; a header has names.
    return fields.size() >= 6 && !fields[0].empty() && fields[0][0] >= '0' && fields[0][0] <= '9';
}

Result<void> take_header(const Fields& fields, CsvFormat* format) {
    std::vector<std::string> header;
    for (std::size_t i = 0; i < fields.size(); ++i)
        header.push_back(lower(fields[i]));
    format->has_header = true;
    const auto date = place_of(header, Column::date);
    const auto clock = place_of(header, Column::clock);
    if (const auto epoch = place_of(header, Column::epoch)) {
        format->time = *epoch;
    } else if (const auto instant = place_of(header, Column::instant)) {
        format->time = *instant;
        format->utc_by_name = header[*instant].find("utc") != std::string::npos;
    } else if (date) {
        format->time = *date;
        format->clock = clock;
    } else if (clock) {
        format->time = *clock;
    } else {
        return fail(Errc::invalid,
                    "the header names no column for the time (ts, timestamp, utc, datetime, date "
                    "or time)");
    }
    for (const auto& [column, place, name] :
         {std::tuple{Column::open, &format->open, "open"},
          std::tuple{Column::high, &format->high, "high"},
          std::tuple{Column::low, &format->low, "low"},
          std::tuple{Column::close, &format->close, "close"},
          std::tuple{Column::volume, &format->volume, "volume"}}) {
        const auto found = place_of(header, column);
        if (!found)
            return fail(Errc::invalid, std::string("the header names no column '") + name + "'");
        *place = *found;
    }
    format->symbol = place_of(header, Column::symbol);
    return {};
}

// Without a header: time, open, high, low, close, volume; or date, time, open, ...
Result<void> take_positions(const Fields& fields, CsvFormat* format) {
    const bool two = fields[1].find(':') != std::string_view::npos;
    const std::size_t first = two ? 2 : 1;
    if (fields.size() < first + 5)
        return fail(Errc::invalid,
                    "the file has no header and too few columns for a time, open, high, low, "
                    "close and volume");
    format->time = 0;
    if (two)
        format->clock = 1;
    format->open = first;
    format->high = first + 1;
    format->low = first + 2;
    format->close = first + 3;
    format->volume = first + 4;
    return {};
}

std::string stamp_text(const Fields& fields, const CsvFormat& format) {
    std::string text(fields[format.time]);
    if (format.clock) {
        text += ' ';
        text += fields[*format.clock];
    }
    return text;
}

// The form that most rows of the sample have.
Result<void> find_time_form(const std::vector<std::string>& stamps, DateOrder order,
                            CsvFormat* format) {
    std::size_t iso = 0;
    std::size_t epoch = 0;
    std::size_t us = 0;
    std::size_t day_first = 0;
    std::size_t slashed = 0;
    for (const std::string& stamp : stamps) {
        const StampGuess guess = guess_stamp(stamp);
        iso += guess.form == TimeForm::iso ? 1 : 0;
        epoch += guess.form == TimeForm::epoch ? 1 : 0;
        slashed += guess.slashed ? 1 : 0;
        us += guess.may_be_us ? 1 : 0;
        day_first += guess.may_be_day_first ? 1 : 0;
    }
    if (iso + epoch + slashed == 0)
        return fail(Errc::invalid, "no row has a time that can be read");
    if (slashed > iso && slashed > epoch) {
        if (order != DateOrder::unstated) {
            format->form = order == DateOrder::us ? TimeForm::us : TimeForm::day_first;
            return {};
        }
        // A day above 12 disproves one order; a few damaged rows may not prove anything.
        if (us == slashed && day_first < slashed)
            format->form = TimeForm::us;
        else if (day_first == slashed && us < slashed)
            format->form = TimeForm::day_first;
        else
            return fail(Errc::invalid, us == slashed
                                           ? "dates such as 04/07/2025 may be US or day-first and "
                                             "nothing in the first rows proves which: "
                                             "state the date order, or write them year first"
                                           : "some dates are US and some day-first");
        return {};
    }
    format->form = iso >= epoch ? TimeForm::iso : TimeForm::epoch;
    return {};
}

// Finds the length of a bar and refuses a file that runs backwards.
Result<void> find_span(const std::vector<Stamp>& stamps, CsvFormat* format) {
    std::map<std::int64_t, std::size_t> distances;
    std::size_t forward = 0;
    std::size_t backward = 0;
    for (std::size_t i = 1; i < stamps.size(); ++i) {
        const std::int64_t distance = stamps[i].seconds - stamps[i - 1].seconds;
        forward += distance > 0 ? 1 : 0;
        backward += distance < 0 ? 1 : 0;
        if (distance > 0)
            ++distances[distance];
    }
    if (backward > forward)
        return fail(Errc::invalid,
                    "the file runs backwards (newest row first): sort it by time, oldest first");
    const auto most =
        std::max_element(distances.begin(), distances.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    format->span = most == distances.end() ? model::k_minute : std::chrono::seconds(most->first);
    return {};
}

Result<void> find_columns(const SampleLine& first, CsvFormat* format) {
    format->delimiter = find_delimiter(first.text);
    Fields fields;
    fields.split(first.text, format->delimiter);
    if (fields.size() > Fields::k_fields_max)
        return fail(Errc::invalid, "the first line has more than " +
                                       std::to_string(Fields::k_fields_max) + " columns");
    format->columns = fields.size();
    if (looks_like_data(fields)) {
        format->first_data_line = first.number;
        return take_positions(fields, format);
    }
    format->first_data_line = first.number + 1;
    return take_header(fields, format);
}

}  // namespace

std::optional<Stamp> stamp_of(const Fields& fields, const CsvFormat& format) {
    if (!format.clock)
        return parse_stamp(fields[format.time], format.form);
    return parse_stamp(stamp_text(fields, format), format.form);
}

Result<CsvFormat> detect_format(const std::vector<SampleLine>& sample,
                                const ReplayOptions& options) {
    const auto first = std::find_if(sample.begin(), sample.end(),
                                    [](const SampleLine& line) { return !line.text.empty(); });
    if (first == sample.end())
        return fail(Errc::invalid, "the file is empty");
    CsvFormat format;
    BULLPEN_CHECK(find_columns(*first, &format));

    std::vector<std::string> texts;
    std::size_t crlf = 0;
    Fields fields;
    for (const SampleLine& line : sample) {
        crlf += line.crlf ? 1 : 0;
        if (line.number < format.first_data_line)
            continue;
        fields.split(line.text, format.delimiter);
        if (fields.size() == format.columns)
            texts.push_back(stamp_text(fields, format));
    }
    format.crlf = crlf * 2 > sample.size();
    if (texts.empty())
        return fail(Errc::invalid,
                    "the file has no row of data with the columns of its first line");
    BULLPEN_CHECK(find_time_form(texts, options.date_order, &format));

    std::vector<Stamp> stamps;
    std::size_t naive = 0;
    for (const std::string& text : texts) {
        if (const auto stamp = parse_stamp(text, format.form)) {
            stamps.push_back(*stamp);
            naive += stamp->has_zone ? 0 : 1;
        }
    }
    format.naive = naive * 2 > stamps.size();
    if (format.naive && options.time_zone.empty() && !format.utc_by_name)
        return fail(Errc::invalid,
                    "its times carry no zone: state the time zone of the file (--zone, or "
                    "feed.time_zone of an account), for example UTC or America/New_York");
    BULLPEN_CHECK(find_span(stamps, &format));
    return format;
}

}  // namespace bullpen::feed
