// instruments.toml: the instruments as a data file. docs/instruments.md describes it.
#pragma once

#include <string>
#include <string_view>

#include "common/base/home.hpp"
#include "common/model/instrument.hpp"
#include "common/tables/table_file.hpp"

namespace bullpen::tables {

// HOME/shared/instruments.toml.
std::string instruments_path(const Home& home);

// What the text says, consistent in itself. Errc::invalid names file, line and key of everything
// that is wrong.
Result<model::Instruments> parse_instruments(const std::string& file, std::string_view text);

// A table of its own of the built-in ones.
model::Instruments built_in_instruments();

// The home's table, or the built-in one where the home has none; everything that is wrong besides.
Reading<model::Instruments> read_instruments(const Home& home);
// The same for those who cannot go on without it.
Result<model::Instruments> load_instruments(const Home& home);

}  // namespace bullpen::tables
