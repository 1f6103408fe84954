// Signal files: what a scanner left in the account's inbox. CSV, JSON or the first sheet of an
// .xlsx workbook; the columns are found by their names, in any order and case. Prices are in
// rupees, as spreadsheets show them, and come out in whole paise. Read only; a row that makes no
// sense is told with its place, and leaves the others alone.
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

// Cells of a table as texts; the first row has the names.
using Cells = std::vector<std::vector<std::string>>;

struct SignalSheet {
    std::vector<Signal> signals;
    std::vector<std::string> bad_rows;  // "row 3: Stop_Loss '12,5' is no price"
};

// By the ending of `name`. Errc::invalid: it is no such file, or lacks a column.
Result<SignalSheet> read_signals(std::string_view name, std::string_view content);

Result<Cells> cells_of_csv(std::string_view text);
Result<Cells> cells_of_json(std::string_view text);
Result<Cells> cells_of_xlsx(std::string_view bytes);
Result<SignalSheet> signals_of(const Cells& cells);
// It is a CSV whose last line does not end, as of a file that somebody still writes: where the line
// has all its columns, its last price may lack digits.
bool is_cut_short(std::string_view name, std::string_view content);

// Whether a file of `modified` is one of today: not older than `age_max`, or written after the
// trading day before had closed. `day_before_closed` is nought where that is not known.
bool is_fresh(UtcTime modified, UtcTime now, Nanos age_max, UtcTime day_before_closed);

// The newest file of the inbox whose name begins so and ends in .csv, .json or .xlsx.
struct InboxFile {
    std::string name;
    UtcTime modified{};
};
Result<std::optional<InboxFile>> newest_signal_file(const Inbox& inbox, std::string_view prefix);

}  // namespace bullpen::jobs
