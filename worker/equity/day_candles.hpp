// Daily candles of a share, as HOME/shared/candles/SYMBOL_day.csv has them: text in, bars out.
#pragma once

#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/model/bar.hpp"

namespace bullpen::equity {

inline constexpr std::size_t k_candle_file_size_max = 4UL * 1024 * 1024;

// The first row has the names: date, open, high, low, close, and volume if there is one; others are
// passed over. A date begins with "2026-11-20"; prices are in rupees and come out in whole paise.
// The bars are in the order of their days, which begin at midnight UTC; of more than `count_max`
// the newest are kept. Errc::invalid, with the row: one that makes no sense refuses the file, as a
// stop reckoned from half a file is worse than none.
Result<std::vector<model::Bar>> read_day_candles(std::string_view text, std::size_t count_max);

}  // namespace bullpen::equity
