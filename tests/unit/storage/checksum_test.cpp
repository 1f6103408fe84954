#include "common/storage/checksum.hpp"

#include <doctest/doctest.h>

namespace bullpen::storage {

TEST_CASE("the checksum is CRC-32C as others compute it") {
    // RFC 3720, B.4.
    CHECK(crc32c(std::string(32, '\0')) == 0x8A9136AAU);
    CHECK(crc32c(std::string(32, '\xFF')) == 0x62A8AB43U);
    CHECK(crc32c("123456789") == 0xE3069283U);
    CHECK(crc32c("") == 0U);
}

TEST_CASE("a checksum can be continued") {
    CHECK(crc32c("6789", crc32c("12345")) == crc32c("123456789"));
}

TEST_CASE("the text of a checksum has eight digits") {
    CHECK(checksum_text(0) == "00000000");
    CHECK(checksum_text(0xE3069283U) == "e3069283");
}

}  // namespace bullpen::storage
