// Every state, mode and reason that an operator can meet has its page, and no page is left behind
// by one that is gone.
#include <doctest/doctest.h>

#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "common/model/reason.hpp"
#include "common/model/states.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::model {
namespace {

std::string pages_directory(const std::string& kind) {
    return test::source_directory() + "/docs/operations/" + kind;
}

std::string page(const std::string& kind, std::string_view code) {
    return test::read_text(pages_directory(kind) + "/" + std::string(code) + ".md");
}

std::set<std::string> pages(const std::string& kind) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(pages_directory(kind))) {
        if (entry.path().extension() == ".md" && entry.path().stem() != "README")
            names.insert(entry.path().stem());
    }
    return names;
}

template <class Enum>
std::set<std::string> codes(std::size_t count) {
    std::set<std::string> result;
    for (std::size_t i = 0; i < count; ++i)
        result.emplace(code(static_cast<Enum>(i)));
    return result;
}

TEST_CASE("every reason has a page that quotes what bullpenctl says of it") {
    for (const auto& entry : reasons()) {
        CAPTURE(entry.code);
        const auto text = page("reasons", entry.code);
        CHECK(text.starts_with("# " + std::string(entry.code) + "\n"));
        for (const auto said : {entry.sentence, entry.next, entry.advice})
            CHECK_MESSAGE(text.find(said) != std::string::npos, said);
        for (const char* heading : {"## What it means", "## What happens next", "## What to do"})
            CHECK_MESSAGE(text.find(heading) != std::string::npos, heading);
    }
}

TEST_CASE("the page of a reason that nothing gives says so, and no other page does") {
    std::string sources;
    for (const char* folder : {"/common/vault", "/common/watch", "/supervisor", "/worker"}) {
        for (const auto& entry :
             std::filesystem::recursive_directory_iterator(test::source_directory() + folder)) {
            // The order in which modes are told names reasons that nothing gives.
            if (entry.path().extension() != ".md" && entry.path().stem() != "mode_gate")
                sources += test::read_text(entry.path());
        }
    }
    for (const auto& entry : reasons()) {
        CAPTURE(entry.code);
        const std::regex given("Reason::" + std::string(entry.code) + "\\b");
        const bool said =
            page("reasons", entry.code).find("gives this reason to nobody") != std::string::npos;
        if (entry.code != code(Reason::none))
            CHECK(said != std::regex_search(sources, given));
    }
}

TEST_CASE("every state and every mode has a page with the same headings") {
    const std::vector<std::pair<std::string, std::set<std::string>>> kinds = {
        {"states", codes<WorkerState>(k_worker_states)},
        {"sessions", codes<SessionState>(k_session_states)},
        {"modes", codes<TradingMode>(k_trading_modes)},
    };
    for (const auto& kind : kinds) {
        for (const auto& name : kind.second) {
            CAPTURE(kind.first + "/" + name);
            const auto text = page(kind.first, name);
            CHECK(text.starts_with("# "));
            for (const char* heading :
                 {"## What it means", "## What happens next", "## What to do"})
                CHECK_MESSAGE(text.find(heading) != std::string::npos, heading);
        }
    }
}

TEST_CASE("every event that is logged is in the page of the logs") {
    const auto page = test::read_text(test::source_directory() + "/docs/logs.md");
    const std::regex logged(R"re((?:log_?(?:\(\))?|performance\(\)|audit\(\)|audit_)(?:\.|->))re"
                            R"re((?:debug|info|warn|error|append)\(\s*"([a-z_]+)")re");
    std::size_t found = 0;
    for (const char* folder : {"/common/vault", "/common/watch", "/supervisor", "/worker"}) {
        for (const auto& entry :
             std::filesystem::recursive_directory_iterator(test::source_directory() + folder)) {
            if (entry.path().extension() != ".cpp")
                continue;
            const auto text = test::read_text(entry.path());
            for (std::sregex_iterator at(text.begin(), text.end(), logged), end; at != end; ++at) {
                ++found;
                CHECK_MESSAGE(page.find("`" + (*at)[1].str() + "`") != std::string::npos,
                              entry.path().string() << ": " << (*at)[1].str());
            }
        }
    }
    CHECK(found > 50);
}

TEST_CASE("no page describes what is gone") {
    std::set<std::string> known;
    for (const auto& entry : reasons())
        known.emplace(entry.code);
    CHECK(pages("reasons") == known);
    auto states = codes<WorkerState>(k_worker_states);
    states.insert("unknown");  // shown by bullpenctl alone, when nothing proves a state
    CHECK(pages("states") == states);
    CHECK(pages("sessions") == codes<SessionState>(k_session_states));
    CHECK(pages("modes") == codes<TradingMode>(k_trading_modes));
}

TEST_CASE("the operations index leads to every page") {
    const auto index = test::read_text(test::source_directory() + "/docs/operations/README.md");
    for (const char* kind : {"reasons", "states", "sessions", "modes"}) {
        for (const auto& name : pages(kind))
            CHECK_MESSAGE(index.find(std::string(kind) + "/" + name + ".md") != std::string::npos,
                          name);
    }
}

TEST_CASE("the operations index says of each reason what Bullpen says of it") {
    const auto index = test::read_text(test::source_directory() + "/docs/operations/README.md");
    for (const auto& entry : reasons()) {
        const std::string code(entry.code);
        const auto row =
            "| [" + code + "](reasons/" + code + ".md) | " + std::string(entry.sentence) + " |";
        if (entry.reason != Reason::none)
            CHECK_MESSAGE(index.find(row) != std::string::npos, row);
    }
}

// Lines of tables that have no header above them: they are shown as they stand, as text.
std::vector<std::string> rows_of_no_table(const std::string& page) {
    std::vector<std::string> lines;
    std::istringstream in(page);
    for (std::string line; std::getline(in, line);)
        lines.push_back(std::move(line));
    const std::regex rule("[|][-:| ]+[|]?");
    std::vector<std::string> lost;
    bool in_code = false;
    bool in_table = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        in_code = in_code != lines[i].starts_with("```");
        const bool row = !in_code && lines[i].starts_with("|");
        if (row && !in_table && (i + 1 == lines.size() || !std::regex_match(lines[i + 1], rule)))
            lost.push_back(lines[i]);
        in_table = row;
    }
    return lost;
}

TEST_CASE("every row of a table is below a header") {
    CHECK(rows_of_no_table("| a | b |\n|---|:--|\n| 1 | 2 |\n").empty());
    CHECK(rows_of_no_table("```\n| a |\n```\n").empty());
    CHECK(rows_of_no_table("| a |\n|---|\n| 1 |\n\n| 2 |\n").size() == 1);
    std::size_t pages = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(test::source_directory() + "/docs")) {
        if (entry.path().extension() != ".md")
            continue;
        ++pages;
        for (const auto& row : rows_of_no_table(test::read_text(entry.path())))
            CHECK_MESSAGE(false, entry.path().string(), ": ", row);
    }
    CHECK(pages > 50);
    CHECK(rows_of_no_table(test::read_text(test::source_directory() + "/README.md")).empty());
}

}  // namespace
}  // namespace bullpen::model
