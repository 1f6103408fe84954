// holidays.toml: holidays, early closes and special sessions as a data file. docs/sessions.md
// describes it.
#pragma once

#include <string>
#include <string_view>

#include "common/base/home.hpp"
#include "common/tables/table_file.hpp"
#include "common/time/holidays.hpp"

namespace bullpen::tables {

// HOME/shared/holidays.toml.
std::string holidays_path(const Home& home);

// What the text says. A market that it does not name is not covered. Errc::invalid names file, line
// and key of everything that is wrong.
Result<time::HolidayTable> parse_holidays(const std::string& file, std::string_view text);

// The home's table, or the built-in one where the home has none; everything that is wrong besides.
Reading<time::HolidayTable> read_holidays(const Home& home);
// The same for those who cannot go on without it.
Result<time::HolidayTable> load_holidays(const Home& home);

}  // namespace bullpen::tables
