#include <doctest/doctest.h>

#include <string>

#include "common/feed/quality.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::feed {
namespace {

TEST_CASE("the page about feeds states the rule for every defect, word for word") {
    const std::string page = test::read_text(test::source_directory() + "/docs/feeds.md");
    for (const DefectRule& rule : defect_rules()) {
        const std::string row = "| `" + std::string(rule.code) + "` | " + std::string(rule.rule) +
                                " | " + (rule.row_is_used ? "yes" : "no") + " |";
        CAPTURE(row);
        CHECK(page.find(row) != std::string::npos);
    }
}

}  // namespace
}  // namespace bullpen::feed
