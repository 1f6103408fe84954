// docs/strategy.md has every rule: each setting with its default, each gate, each reason.
#include <doctest/doctest.h>

#include <string>

#include "common/config/keys.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "worker/strategy/decisions.hpp"
#include "worker/strategy/gates.hpp"
#include "worker/strategy/recent_market.hpp"
#include "worker/strategy/registry.hpp"

namespace bullpen::strategy {
namespace {

std::string page() {
    return ::bullpen::test::read_text(::bullpen::test::source_directory() + "/docs/strategy.md");
}

// The default as the page writes it: without quotes, a whole number without its point.
std::string written(std::string_view text) {
    std::string out(text);
    if (out == "true")
        return "on";
    if (out == "false")
        return "off";
    if (out.size() > 1 && out.front() == '"' && out.find(' ') != std::string::npos)
        out = out.substr(1, out.size() - 2);
    return out;
}

TEST_CASE("the page names every setting, and its default beside it") {
    const std::string text = page();
    for (const config::KeyFacts& key : config::key_facts(config::Scope::account)) {
        const std::string name(key.name);
        if (!name.starts_with("strategy.") || name == "strategy.name")
            continue;
        CAPTURE(name);
        bool named = false;
        bool with_default = false;
        // The default is on the line of the name or, in a sentence, on the next one.
        for (auto at = text.find("`" + name); at != std::string::npos;
             at = text.find("`" + name, at + 1)) {
            const char after = text[at + 1 + name.size()];
            if (after != '`' && after != ' ')
                continue;
            named = true;
            const auto line = text.rfind('\n', at);
            auto end = text.find('\n', at);
            end = text.find('\n', end + 1);
            std::string standard = written(key.default_text);
            std::string near = text.substr(line, end - line);
            if (near.find(standard) == std::string::npos && standard.ends_with(".0"))
                standard.resize(standard.size() - 2);
            with_default = with_default || near.find(standard) != std::string::npos;
        }
        CHECK(named);
        CHECK_MESSAGE(with_default, key.default_text);
    }
}

TEST_CASE("the page names every strategy, gate, reason and regime") {
    const std::string text = page();
    const auto named = [&](std::string_view code) {
        CAPTURE(code);
        CHECK(text.find("`" + std::string(code) + "`") != std::string::npos);
    };
    for (std::size_t i = 0; i < k_gates; ++i)
        named(code(static_cast<Gate>(i)));
    for (std::size_t i = 0; i < k_exit_reasons; ++i)
        named(code(static_cast<ExitReason>(i)));
    for (std::size_t i = 0; i < k_move_reasons; ++i)
        named(code(static_cast<MoveReason>(i)));
    for (std::size_t i = 0; i < k_regimes; ++i)
        named(code(static_cast<Regime>(i)));
    for (const Registered& registered : strategies())
        CHECK(text.find("## " + std::string(registered.name) + "\n") != std::string::npos);
}

}  // namespace
}  // namespace bullpen::strategy
