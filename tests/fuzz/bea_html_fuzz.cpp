// The parser of bea-html.
#include "tests/fuzz/calendar_source.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return bullpen::calendar::fuzz_source("bea-html", data, size);
}
