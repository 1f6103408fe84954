// The parser of fed-json.
#include "tests/fuzz/calendar_source.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return bullpen::calendar::fuzz_source("fed-json", data, size);
}
