#include "common/base/hex.hpp"

#include <doctest/doctest.h>

namespace bullpen {

TEST_CASE("bytes are written as digits and read back") {
    std::string bytes;
    for (int i = 0; i < 256; ++i)
        bytes.push_back(static_cast<char>(i));
    CHECK(hex(bytes).size() == 512);
    CHECK(hex(std::string("\x00\xff\x1a", 3)) == "00ff1a");
    CHECK(bytes_from_hex(hex(bytes)) == bytes);
    CHECK(bytes_from_hex("") == "");
}

TEST_CASE("what is not written by us is no hexadecimal text") {
    for (const char* text : {"0", "0g", "0G", "AB", " 1", "0x12"})
        CHECK_FALSE(bytes_from_hex(text));
}

}  // namespace bullpen
