// Every alert has its section, which says what the catalogue says of it, and no section is left
// behind by one that is gone.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "common/alerts/catalogue.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::alerts {
namespace {

std::string page() {
    return test::read_text(test::source_directory() + "/docs/alerts.md");
}

std::string section(const std::string& text, std::string_view name) {
    const auto at = text.find("\n### " + std::string(name) + "\n");
    if (at == std::string::npos)
        return {};
    return text.substr(at, text.find("\n### ", at + 1) - at);
}

std::string cooldown_text(Nanos cooldown) {
    if (cooldown == Nanos{0})
        return "Cooldown: none";
    const auto minutes = std::chrono::floor<std::chrono::minutes>(cooldown).count();
    return "Cooldown: " + (minutes % 60 == 0 ? std::to_string(minutes / 60) + " h"
                                             : std::to_string(minutes) + " min");
}

TEST_CASE("every alert has a section that says what the catalogue says of it") {
    const auto text = page();
    for (const auto& known : catalogue()) {
        CAPTURE(known.name);
        const auto found = section(text, known.name);
        REQUIRE_FALSE(found.empty());
        CHECK(found.find(known.sentence.substr(1)) != std::string::npos);
        CHECK(found.find("What to do: " + std::string(known.advice) + ".") != std::string::npos);
        CHECK(found.find("Severity: " + std::string(code(known.severity)) + ".") !=
              std::string::npos);
        CHECK(found.find(cooldown_text(known.cooldown)) != std::string::npos);
        CHECK(found.find("Comes from: ") != std::string::npos);
    }
}

TEST_CASE("no section is of an alert that there is not") {
    const auto text = page();
    std::set<std::string> seen;
    for (auto at = text.find("\n### "); at != std::string::npos; at = text.find("\n### ", at + 1)) {
        const auto begin = at + 5;
        seen.insert(text.substr(begin, text.find('\n', begin) - begin));
    }
    std::set<std::string> known;
    for (const auto& one : catalogue())
        known.emplace(one.name);
    CHECK(seen == known);
}

}  // namespace
}  // namespace bullpen::alerts
