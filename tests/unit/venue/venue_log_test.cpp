#include "venue/venue_log.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "tests/support/temporary.hpp"

namespace bullpen::venue {

namespace {

struct Table {
    VenueLog open(const VenueLog::Limits& limits) {
        auto opened = VenueLog::open(files, path, limits);
        REQUIRE(opened);
        return std::move(*opened);
    }
    [[nodiscard]] static std::size_t lines(const std::string& text) {
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }
    test::TemporaryDirectory directory;
    std::string path = directory.path() + "/venue.jsonl";
    storage::SystemFileSystem files;
    FakeClock clock;
};

constexpr std::string_view k_step =
    R"({"v":1,"type":"step","id":0,"account":"anna","step":812,"symbol":"MES"})";

}  // namespace

TEST_CASE_FIXTURE(Table, "what only says that time goes on is logged when it is asked for") {
    for (const bool steps : {false, true}) {
        auto log = open({steps, 0});
        for (const auto* routine : {R"({"v":1,"type":"step_done","id":0,"step":7})",
                                    R"({"v":1,"type":"ping","id":0})", R"({"v":1,"type":"pong"})"})
            REQUIRE(log.message(clock.now(), "received", 1, "anna", routine));
        REQUIRE(log.message(clock.now(), "sent", 1, "anna", k_step));
        CHECK(log.lines() == (steps ? 4 : 0));
        for (const auto* told : {R"({"v":1,"type":"submit","id":2,"order":"step"})",
                                 R"({"v":1,"type":"steps","id":2})", "no JSON at all"})
            REQUIRE(log.message(clock.now(), "received", 1, "anna", told));
        CHECK(log.lines() == (steps ? 7 : 3));
    }
}

TEST_CASE_FIXTURE(Table, "two files hold no more than their limits, and the newest line is there") {
    constexpr std::uint64_t k_limit = 2000;
    {
        auto log = open({true, k_limit});
        for (int i = 0; i < 100; ++i)
            REQUIRE(log.note(clock.now(), "fault", 1, "anna", "number " + std::to_string(i)));
        CHECK(log.lines() == 100);
    }
    // What is there already counts when it is opened again.
    auto log = open({true, k_limit});
    REQUIRE(log.note(clock.now(), "fault", 1, "anna", "number 100"));
    const auto now = test::read_text(path);
    const auto before = test::read_text(path + ".1");
    CHECK(now.size() <= k_limit);
    CHECK(before.size() <= k_limit);
    CHECK(now.find("number 100\"") != std::string::npos);
    // Nothing between the two is missing.
    CHECK(lines(now) + lines(before) > 20);
    CHECK(before.find("number " + std::to_string(100 - lines(now)) + "\"") != std::string::npos);
    CHECK(std::filesystem::exists(path));
}

}  // namespace bullpen::venue
