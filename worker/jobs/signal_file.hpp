// Signal files: what a scanner left in the account's inbox. CSV (UTF-8, or UTF-16 with its mark),
// JSON or an .xlsx workbook; the columns are found by their names, in any order and case, in the
// first row that has them all, of the first sheet that has such a row. Prices are in rupees, as
// spreadsheets show them, and come out in whole paise. Read only; a row that makes no sense is told
// with its place, and leaves the others alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "worker/jobs/inbox.hpp"
#include "worker/jobs/order_plan.hpp"

namespace bullpen::jobs {

inline constexpr std::size_t k_signal_file_size_max = 16UL * 1024 * 1024;
inline constexpr std::size_t k_signal_rows_max = 10'000;

// Above the names of the columns there may be so many other rows.
inline constexpr std::size_t k_rows_above_max = 50;

// Cells of a table as texts, row by row, empty rows too.
using Cells = std::vector<std::vector<std::string>>;
struct Sheet {
    std::string name;
    Cells cells;
};

struct SignalSheet {
    std::vector<Signal> signals;
    std::vector<std::string> bad_rows;  // "row 3: Stop_Loss '12,5' is no price"
};

// By the ending of `name`. Errc::invalid: it is no such file, or lacks a column.
Result<SignalSheet> read_signals(std::string_view name, std::string_view content);

Result<Cells> cells_of_csv(std::string_view text);
Result<Cells> cells_of_json(std::string_view text);
// All sheets of a workbook that have cells, in its order.
Result<std::vector<Sheet>> sheets_of_xlsx(std::string_view bytes);
Result<SignalSheet> signals_of(const Cells& cells);
// Of the first sheet that has the columns; where the workbook's first has not, it must be the only
// one.
Result<SignalSheet> signals_of(const std::vector<Sheet>& sheets);
// Text of UTF-16 that begins with its mark as UTF-8; any other text as it is, without a mark.
// Errc::invalid: half a character.
Result<std::string> utf8_of(std::string_view text);
// It is a CSV whose last line does not end, as of a file that somebody still writes: where the line
// has all its columns, its last price may lack digits.
bool is_cut_short(std::string_view name, std::string_view content);

// Whether a file of `modified` is one of today: not of the future, and not older than `age_max` or
// written after the trading day before had closed. `day_before_closed` is nought where that is not
// known.
bool is_fresh(UtcTime modified, UtcTime now, Nanos age_max, UtcTime day_before_closed);

// Written later than this after `now`: by a machine whose clock is wrong, or unpacked so.
inline constexpr Nanos k_file_clock_slack = std::chrono::minutes(5);
bool is_of_future(UtcTime modified, UtcTime now);

// The newest file of the inbox whose name begins so and ends in .csv, .json or .xlsx. One of the
// future would hide every other until its time has come: it counts only where there is no other.
struct InboxFile {
    std::string name;
    UtcTime modified{};
    std::vector<std::string> of_future;  // names of those that were passed over
};
Result<std::optional<InboxFile>> newest_signal_file(const Inbox& inbox, std::string_view prefix,
                                                    UtcTime now);

}  // namespace bullpen::jobs
