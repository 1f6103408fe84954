// The parser of nse-holidays.
#include "tests/fuzz/calendar_source.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return bullpen::calendar::fuzz_source("nse-holidays", data, size);
}
