// What a CSV file looks like, found out from its first rows: delimiter, header, which column holds
// what, how times are written, how long a bar is. Detection is a pure function of those rows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/feed/csv_rows.hpp"
#include "common/feed/csv_time.hpp"
#include "common/feed/feed.hpp"

namespace bullpen::feed {

struct CsvFormat {
    char delimiter = ',';
    bool has_header = false;
    std::uint64_t first_data_line = 1;
    std::size_t columns = 0;
    std::size_t time = 0;
    std::optional<std::size_t> clock;  // the time of day, where it has its own column
    std::size_t open = 0;
    std::size_t high = 0;
    std::size_t low = 0;
    std::size_t close = 0;
    std::size_t volume = 0;
    std::optional<std::size_t> symbol;
    TimeForm form = TimeForm::iso;
    bool naive = false;            // most stamps carry no zone
    bool utc_by_name = false;      // the time column says UTC
    bool crlf = false;             // most lines end in CR LF
    std::chrono::seconds span{0};  // the most frequent distance of rows
};

// At most this many rows are looked at.
inline constexpr std::size_t k_sample_lines_max = 512;
inline constexpr std::size_t k_sample_bytes_max = 64 * 1024;

struct SampleLine {
    std::string text;
    std::uint64_t number = 0;
    bool crlf = false;
};

// Errc::invalid with a sentence that says what to state or what is wrong with the file.
Result<CsvFormat> detect_format(const std::vector<SampleLine>& sample,
                                const ReplayOptions& options);

// The stamp of a row: of one column, or of a date and a time column together.
std::optional<Stamp> stamp_of(const Fields& fields, const CsvFormat& format);

}  // namespace bullpen::feed
