#include "worker/recorded_settings.hpp"

#include <doctest/doctest.h>

#include "common/base/errc.hpp"
#include "tests/support/worker_home.hpp"

namespace bullpen::worker {

TEST_CASE("what is recorded of settings gives them back, without what is private") {
    auto settings = test::synthetic_account("alpha", 7);
    settings.login = "somebody";
    settings.environment = {{"TOKEN", "tell-nobody"}};
    settings.risk.edit().daily_loss_max += 500;
    const auto body = encode({"0.9.0", 12, recordable(settings)});
    CHECK(body.find("somebody") == std::string::npos);
    CHECK(body.find("tell-nobody") == std::string::npos);
    const auto read = decode_settings(body).value();
    CHECK(read.program == "0.9.0");
    CHECK(read.recovered_from == 12);
    auto today = test::synthetic_account("alpha", 8);
    today.login = "another";
    std::vector<std::string> left_out;
    const auto then = as_recorded(today, read.texts, left_out);
    CHECK(left_out.empty());
    CHECK(then.feed.seed == 7);
    CHECK(then.risk->daily_loss_max == settings.risk->daily_loss_max);
    CHECK(then.login == "another");
    CHECK(recordable(then) == recordable(settings));
}

TEST_CASE("a key that this program does not take as it was recorded is named") {
    const auto settings = test::synthetic_account("alpha", 7);
    auto texts = recordable(settings);
    texts["risk.of_old"] = "3";
    texts["feed.seed"] = "\"seven\"";
    texts["login"] = "\"somebody\"";
    std::vector<std::string> left_out;
    const auto then = as_recorded(settings, texts, left_out);
    CHECK(left_out == std::vector<std::string>{"feed.seed", "login", "risk.of_old"});
    CHECK(then.feed.seed == 7);
    CHECK(then.login == settings.login);
}

TEST_CASE("a value as long as no setting that decides is left out of the record") {
    auto settings = test::synthetic_account("alpha", 7);
    settings.command.assign(100, std::string(200, 'x'));
    CHECK_FALSE(recordable(settings).contains("command"));
    CHECK(recordable(settings).contains("feed.seed"));
}

TEST_CASE("what is no record of settings is refused") {
    for (const auto* body : {"", "[]", "{}", R"({"settings":[]})", R"({"settings":{"a":1}})"}) {
        const auto read = decode_settings(body);
        REQUIRE_FALSE_MESSAGE(read, body);
        CHECK(read.error().code() == make_error_code(Errc::corrupt));
    }
}

}  // namespace bullpen::worker
