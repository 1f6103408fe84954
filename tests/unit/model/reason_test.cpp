#include "common/model/reason.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string_view>

namespace bullpen::model {
namespace {

TEST_CASE("every reason has a code of its own, which is read back as the reason") {
    std::set<std::string_view> seen;
    CHECK(reasons().size() == k_reasons);
    for (std::size_t i = 0; i < k_reasons; ++i) {
        const auto reason = static_cast<Reason>(i);
        CHECK(reason_from(code(reason)) == reason);
        CHECK(seen.insert(code(reason)).second);
        CHECK(code(reason).find_first_not_of("abcdefghijklmnopqrstuvwxyz_") ==
              std::string_view::npos);
    }
    CHECK_FALSE(reason_from("").has_value());
    CHECK_FALSE(reason_from("no_such_reason").has_value());
}

TEST_CASE("every reason says what it means, what happens next and what to do") {
    for (const auto& entry : reasons()) {
        CAPTURE(entry.code);
        CHECK_FALSE(entry.sentence.empty());
        CHECK_FALSE(entry.next.empty());
        CHECK_FALSE(entry.advice.empty());
        // They are put together into one line: a sentence does not end itself.
        CHECK(entry.sentence.back() != '.');
        CHECK(entry.next.back() != '.');
    }
}

}  // namespace
}  // namespace bullpen::model
