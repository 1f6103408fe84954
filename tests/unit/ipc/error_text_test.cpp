#include "ipc/error_text.hpp"

#include <doctest/doctest.h>

namespace bullpen::ipc {
namespace {

const UtcTime k_at = *parse_utc("2026-11-20T23:14:05Z");

TEST_CASE("an error says when it was, and gives back what it was made of") {
    const auto error = stamped("the market is mute", k_at);
    CHECK(error == "the market is mute @2026-11-20T23:14:05Z");
    CHECK(unstamped(error).text == "the market is mute");
    CHECK(unstamped(error).at == k_at);
}

TEST_CASE("an error that does not fit loses the end of its text, never its time") {
    const auto error = stamped(std::string(200, 'x'), k_at, 96);
    CHECK(error.size() == 96);
    CHECK(unstamped(error).text == std::string(71, 'x') + "\u2026");
    CHECK(unstamped(error).at == k_at);
    // A character of two bytes is not cut in half.
    CHECK(unstamped(stamped("123\xC3\xB6", k_at, 26)).text == "1\u2026");
    CHECK(unstamped(stamped("1\xC3\xB6\xC3\xB6", k_at, 26)).text == "1\u2026");
    CHECK(unstamped(stamped("123\xC3\xB6", k_at, 27)).text == "123\xC3\xB6");
    CHECK(unstamped(stamped("text", k_at, 5)).text == "\u2026");
}

TEST_CASE("what somebody else wrote without a time is all text") {
    for (const std::string_view error :
         {"", "order 17 refused", "mail to ops @2026-11-20T23:14:05+", " @2026-13-40T23:14:05Z"}) {
        CHECK(unstamped(error).text == error);
        CHECK_FALSE(unstamped(error).at);
    }
}

TEST_CASE("the board has the whole of an error, and its beginning for those who know no more") {
    const auto at = *parse_utc("2026-11-20T23:14:05Z");
    const std::string text = "cannot execute: " + std::string(300, 'p') + " (No such file)";
    BoardSlot slot;
    put_error(slot, stamped(text, at));
    CHECK(unstamped(error_of(slot)).text == text);
    CHECK(unstamped(error_of(slot)).at == at);
    CHECK(unstamped(slot.last_error.view()).text.starts_with("cannot execute: ppp"));
    CHECK(unstamped(slot.last_error.view()).at == at);
    // An older daemon.
    slot.whole_error = "";
    CHECK(error_of(slot) == slot.last_error.view());
    put_error(slot, "");
    CHECK(error_of(slot).empty());
    // More than there is room for.
    put_error(slot, stamped(std::string(5000, 'x'), at));
    CHECK(unstamped(error_of(slot)).text.size() > 400);
    CHECK(unstamped(error_of(slot)).at == at);
}

}  // namespace
}  // namespace bullpen::ipc
