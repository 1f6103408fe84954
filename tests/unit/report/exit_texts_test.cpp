#include "worker/report/exit_texts.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "common/model/order.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "worker/execution/close_reason.hpp"

using namespace bullpen;
using namespace bullpen::report;

TEST_CASE("every code that closes a trade has one text, and the manual's table has it") {
    const auto manual = test::read_text(test::source_directory() + "/docs/orders.md");
    std::set<std::string_view> seen;
    for (const auto& [code, sentence] : exit_texts()) {
        CAPTURE(code);
        CHECK(seen.insert(code).second);
        CHECK(!sentence.empty());
        CHECK(code.size() < execution::Label::k_size_max);
        const auto row = "| `" + std::string(code) + "` | " + std::string(sentence) + " |";
        CHECK(manual.find(row) != std::string::npos);
    }
    // A trade whose closing says nothing is told by what its order was for.
    for (const auto purpose :
         {model::Purpose::protective_stop, model::Purpose::target, model::Purpose::exit,
          model::Purpose::partial_exit, model::Purpose::flatten})
        CHECK_MESSAGE(!exit_sentence(model::code(purpose)).empty(), model::code(purpose));
    CHECK(exit_sentence("because").empty());
}
