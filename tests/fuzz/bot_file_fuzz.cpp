// The parser of bot-file.
#include "tests/fuzz/calendar_source.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return bullpen::calendar::fuzz_source("bot-file", data, size);
}
