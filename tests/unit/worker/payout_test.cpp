#include "worker/payout.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"

using namespace bullpen;
using namespace bullpen::worker;

TEST_CASE("a payout is read as it was written, and nothing else is taken for one") {
    const PaidOut paid{{1'250'500'000, model::k_usd}, parse_utc("2026-11-20T15:00:00Z").value()};
    CHECK(decode_payout(encode(paid)) == paid);
    for (const char* text :
         {"", "{}", "[]", R"({"amount":"0","currency":"USD","at":"2026-11-20T15:00:00Z"})",
          R"({"amount":"-5","currency":"USD","at":"2026-11-20T15:00:00Z"})",
          R"({"amount":"5","currency":"dollars","at":"2026-11-20T15:00:00Z"})",
          R"({"amount":5,"currency":"USD","at":"2026-11-20T15:00:00Z"})",
          R"({"amount":"5","currency":"USD","at":"noon"})"}) {
        CAPTURE(text);
        CHECK(decode_payout(text).error().code() == Errc::corrupt);
    }
}

TEST_CASE("an amount that cannot have been paid out is none") {
    CHECK(payout_from_text("500", model::k_usd) == model::Money{500'000'000, model::k_usd});
    CHECK(payout_from_text("0.5", model::k_inr) == model::Money{500'000, model::k_inr});
    for (const char* text : {"", "0", "-500", "5e3", "1000000001", "five"}) {
        CAPTURE(text);
        CHECK(payout_from_text(text, model::k_usd).error().code() == Errc::invalid);
    }
}
