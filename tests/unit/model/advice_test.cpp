#include "common/model/advice.hpp"

#include <doctest/doctest.h>

namespace bullpen::model {
namespace {

TEST_CASE("an advice names the account wherever it says NAME") {
    CHECK(with_name("tail NAME, start NAME", "mes01") == "tail mes01, start mes01");
    CHECK(with_name("start NAME", "xNAMEx") == "start xNAMEx");
    CHECK(with_name("nothing to do", "mes01") == "nothing to do");
}

}  // namespace
}  // namespace bullpen::model
