#include "common/config/nearest.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace bullpen::config;

TEST_CASE("the distance counts letters to insert, delete, replace or swap") {
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("abc", "") == 3);
    CHECK(edit_distance("priority", "priority") == 0);
    CHECK(edit_distance("priorty", "priority") == 1);
    CHECK(edit_distance("prioirty", "priority") == 1);
    CHECK(edit_distance("enable", "enabled") == 1);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance(std::string(500, 'a'), std::string(500, 'b')) == 64);
}

TEST_CASE("the nearest known key is offered, and none when nothing is near") {
    const std::vector<std::string_view> known = {"enabled",    "priority",          "stop_wait",
                                                 "start_wait", "limits.memory_max", "log.size_max"};
    struct Row {
        const char* word;
        const char* wanted;
    };
    const std::vector<Row> rows = {{"priorty", "priority"},
                                   {"Priority", "priority"},
                                   {"enable", "enabled"},
                                   {"stopwait", "stop_wait"},
                                   {"strat_wait", "start_wait"},
                                   {"memory_max", "limits.memory_max"},
                                   {"limit.memory_max", "limits.memory_max"},
                                   {"memry_max", "limits.memory_max"},
                                   {"feed.size_max", "log.size_max"},
                                   {"x", ""},
                                   {"", ""},
                                   {"completely_different", ""}};
    for (const Row& row : rows) {
        CAPTURE(row.word);
        CHECK(nearest(row.word, known) == row.wanted);
    }
}

TEST_CASE("one slip in the whole key is nearer than the same name in another table") {
    const std::array<std::string_view, 2> known{"enabled", "events.enabled"};
    CHECK(nearest("vents.enabled", known) == "events.enabled");
    CHECK(nearest("other.enabled", known) == "enabled");
}
