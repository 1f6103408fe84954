// What is written about the control tool names all that it has.
#include <doctest/doctest.h>

#include <algorithm>

#include "common/config/keys.hpp"
#include "ctl/arguments.hpp"
#include "ctl/control_commands.hpp"
#include "ctl/index.hpp"
#include "ctl/local_commands.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::ctl;

namespace {

std::string document(const std::string& path) {
    const auto text = test::read_text(test::source_directory() + "/" + path);
    REQUIRE_MESSAGE(!text.empty(), path);
    return text;
}

bool names(const std::string& text, const std::string& word) {
    return text.find(word) != std::string::npos;
}

// As roff writes a hyphen.
std::string roff(std::string_view text) {
    std::string out;
    for (const char c : text)
        out += c == '-' ? std::string("\\-") : std::string(1, c);
    return out;
}

// What stands between backquotes is printed bold.
std::string bold(const std::string& text) {
    std::string out;
    bool open = false;
    for (const char c : text)
        out += c == '`' ? std::string((open = !open) ? "\\fB" : "\\fR") : std::string(1, c);
    return out;
}

}  // namespace

TEST_CASE("manual, page and completions name every command and shared option") {
    const auto manual = document("docs/bullpenctl.md");
    const auto page = document("etc/man/bullpenctl.1");
    const auto bash = document("etc/completions/bullpenctl.bash");
    const auto zsh = document("etc/completions/_bullpenctl");
    for (const auto& entry : index()) {
        const std::string name(entry.name);
        CHECK_MESSAGE(names(manual, "### " + name + "\n"), name);
        CHECK_MESSAGE(names(page, ".SS " + roff(name) + "\n"), name);
        CHECK_MESSAGE(names(bash, name), name);
        CHECK_MESSAGE(names(zsh, name + ":"), name);
    }
    for (const auto& option : global_options()) {
        CHECK_MESSAGE(names(manual, "--" + std::string(option.name)), option.name);
        CHECK_MESSAGE(names(page, "\\-\\-" + std::string(option.name)), option.name);
        CHECK_MESSAGE(names(bash, "--" + std::string(option.name)), option.name);
        CHECK_MESSAGE(names(zsh, "--" + std::string(option.name)), option.name);
    }
}

TEST_CASE("the completions offer every option of every command") {
    const auto bash = document("etc/completions/bullpenctl.bash");
    const auto zsh = document("etc/completions/_bullpenctl");
    // Where a command's options are listed: the first line that has one of them behind its name.
    const auto offered = [](const std::string& text, const Command& command, const Option& option) {
        for (auto at = text.find(command.name); at != std::string::npos;
             at = text.find(command.name, at + 1)) {
            const auto entry = text.substr(at, text.find(";;", at) - at);
            if (names(entry, "--" + std::string(option.name)))
                return true;
        }
        return false;
    };
    for (const auto commands : {local_commands(), control_commands()}) {
        for (const auto* command : commands) {
            for (const auto& option : command->options) {
                CHECK_MESSAGE(offered(bash, *command, option), command->name, option.name);
                CHECK_MESSAGE(offered(zsh, *command, option), command->name, option.name);
            }
        }
    }
}

TEST_CASE("the manual says of each command what its help says") {
    const auto manual = document("docs/bullpenctl.md");
    for (const auto commands : {local_commands(), control_commands()}) {
        for (const auto* command : commands) {
            CHECK_MESSAGE(names(manual, std::string(command->examples)), command->name);
            CHECK_MESSAGE(names(manual, std::string(command->exit_codes)), command->name);
            std::string_view text = command->text;
            while (!text.empty()) {
                const auto line = text.substr(0, text.find('\n'));
                CHECK_MESSAGE(names(manual, std::string(line)), command->name);
                text.remove_prefix(std::min(text.size(), line.size() + 1));
            }
            for (const auto& option : command->options)
                CHECK_MESSAGE(names(manual, std::string(option.help)), command->name);
        }
    }
}

TEST_CASE("the page of bullpen.toml says of every key what the code says of it") {
    const auto page = document("etc/man/bullpen.toml.5");
    const auto accounts = page.find(".SH KEYS OF AN ACCOUNT");
    REQUIRE(accounts != std::string::npos);
    for (const auto scope : {config::Scope::daemon, config::Scope::account}) {
        const auto keys =
            scope == config::Scope::daemon ? page.substr(0, accounts) : page.substr(accounts);
        for (const auto& key : config::key_facts(scope)) {
            CAPTURE(key.name);
            const auto at = keys.find("\n\\fB" + roff(key.name) + "\\fR");
            REQUIRE(at != std::string::npos);
            const auto entry = keys.substr(at, keys.find("\n.", at) - at);
            CHECK(names(entry, "\n" + bold(roff(key.description)) + "\n"));
            CHECK(names(entry, "\nAllowed: " + bold(roff(key.bounds)) + ". "));
            CHECK(names(entry, " needs: nothing.") == (key.effect == config::Effect::at_once));
        }
    }
}

TEST_CASE("the JSON document names every key of status") {
    const auto text = document("docs/json.md");
    for (const auto* key :
         {"daemon", "accounts", "account", "group", "state", "reason", "mode", "pid", "uptime_s",
          "restarts", "beat_age_s", "bar_age_s", "fence", "rss_bytes", "version", "notice"})
        CHECK_MESSAGE(names(text, key), key);
}

TEST_CASE("the index has each command once, and this program's are found in it") {
    for (const auto& entry : index())
        CHECK(find_in_index(entry.name) == &entry);
    for (const auto* command : local_commands()) {
        const auto* entry = find_in_index(command->name);
        REQUIRE(entry != nullptr);
        CHECK(entry->program == Program::bullpenctl);
    }
    for (const auto* command : control_commands()) {
        const auto* entry = find_in_index(command->name);
        REQUIRE(entry != nullptr);
        CHECK(entry->program == Program::control);
    }
    const auto local = std::count_if(index().begin(), index().end(), [](const auto& entry) {
        return entry.program == Program::bullpenctl;
    });
    CHECK(static_cast<std::size_t>(local) == local_commands().size());
}
