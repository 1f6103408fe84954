#include "worker/indicators/saved.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <ostream>

#include "common/base/errc.hpp"

namespace bullpen::indicators {
namespace {

TEST_CASE("words of any bits are written as text and read back") {
    WordWriter writer;
    writer(std::uint64_t{0});
    writer(std::int64_t{-1});
    writer(0.1);
    writer(-0.0);
    writer(std::numeric_limits<double>::denorm_min());
    const std::string text = words_to_text(writer.words());
    CHECK(text.substr(0, 33) == "0000000000000000.ffffffffffffffff");
    auto words = words_from_text(text, 5);
    REQUIRE(words.has_value());
    CHECK(*words == writer.words());
    WordReader reader(std::move(*words));
    std::uint64_t first = 7;
    std::int64_t second = 0;
    double third = 0;
    double fourth = 0;
    reader(first);
    reader(second);
    reader(third);
    reader(fourth);
    CHECK(first == 0);
    CHECK(second == -1);
    CHECK(third == 0.1);
    CHECK(std::signbit(fourth));
    CHECK_FALSE(reader.complete());
    reader(fourth);
    CHECK(fourth == std::numeric_limits<double>::denorm_min());
    CHECK(reader.complete());
    reader(first);
    CHECK_FALSE(reader.complete());
}

TEST_CASE("text that is no row of words is refused") {
    CHECK(words_from_text("", 0)->empty());
    for (const char* text : {"1", "0000000000000000.", ".0000000000000000", "000000000000000g",
                             "0000000000000000,0000000000000000", "-000000000000000",
                             "00000000000000000", "0000000000000000.1"}) {
        CAPTURE(text);
        const auto words = words_from_text(text, 10);
        REQUIRE_FALSE(words.has_value());
        CHECK(words.error().code() == Errc::corrupt);
    }
    CHECK(words_from_text("0000000000000000.0000000000000000", 1).error().code() ==
          Errc::too_large);
}

TEST_CASE("the running hash tells values, their order and their last bit apart") {
    const auto hash = [](std::initializer_list<double> values) {
        RunHash run;
        for (const double value : values)
            run.add(value);
        return run.hex();
    };
    CHECK(hash({1.0, 2.0}) == hash({1.0, 2.0}));
    CHECK(hash({1.0, 2.0}) != hash({2.0, 1.0}));
    CHECK(hash({1.0}) != hash({std::nextafter(1.0, 2.0)}));
    CHECK(hash({0.0}) != hash({-0.0}));
    CHECK(hash({}) != hash({0.0}));
    RunHash whole;
    whole.add(std::uint64_t{5});
    RunHash resumed(whole.value());
    whole.add(std::int64_t{-6});
    resumed.add(std::int64_t{-6});
    CHECK(whole.value() == resumed.value());
    // Kept for ever: state files carry it.
    CHECK(hash({1.0, 2.0}) == "d5b45203cc6978f1");
}

}  // namespace
}  // namespace bullpen::indicators
