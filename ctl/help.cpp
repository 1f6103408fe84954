#include "ctl/help.hpp"

#include <algorithm>

#include "ctl/index.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::size_t k_summary_column = 18;
constexpr std::size_t k_option_column = 24;

constexpr std::string_view k_shared_exit_codes =
    "  0   done\n"
    "  1   not done for at least one account; the verdicts say which and why\n"
    "  64  wrong arguments\n"
    "  70  something inside failed\n"
    "  75  the daemon does not run or does not answer\n"
    "  78  the settings have errors\n";

void append_padded(std::string& out, std::string text, std::size_t column) {
    out += "  ";
    text.resize(std::max(text.size() + 2, column), ' ');
    out += text;
}

void append_options(std::string& out, std::span<const Option> options) {
    for (const auto& option : options) {
        std::string left =
            option.letter != '\0' ? std::string{'-', option.letter, ',', ' '} : "    ";
        left += "--";
        left += option.name;
        if (!option.value_name.empty())
            left.append(" ").append(option.value_name);
        append_padded(out, left, k_option_column);
        out += option.help;
        out += '\n';
    }
}

}  // namespace

std::string version_line() {
    return "bullpenctl " BULLPEN_VERSION "\n";
}

std::string overview() {
    std::string out =
        "bullpenctl looks after the trading accounts of one Bullpen home.\n\n"
        "Usage: bullpenctl [--home DIR] [--json] [--timeout TIME] COMMAND [...]\n";
    std::string_view section;
    for (const auto& entry : index()) {
        if (entry.section != section) {
            section = entry.section;
            out.append("\n").append(section).append("\n");
        }
        append_padded(out, std::string(entry.name), k_summary_column);
        out += entry.summary;
        out += '\n';
    }
    out +=
        "\nAccounts are named by NAME, by GROUP or GROUP:*, by a glob such as 'mes-*', or by all.\n"
        "`bullpenctl help COMMAND` says more, with examples; `man bullpenctl` says all.\n";
    return out;
}

std::string usage_line(const Command& command) {
    std::string out = "Usage: bullpenctl ";
    out += command.name;
    out += " [options]";
    if (!command.synopsis.empty())
        out.append(" ").append(command.synopsis);
    return out + "\n";
}

std::string command_help(const Command& command) {
    std::string out = usage_line(command);
    if (const auto* entry = find_in_index(command.name))
        out.append("\n").append(command.name).append(": ").append(entry->summary).append("\n");
    out.append("\n").append(command.text);
    if (!command.options.empty()) {
        out += "\nOptions:\n";
        append_options(out, command.options);
    }
    out += "\nOptions of every command:\n";
    append_options(out, global_options());
    out += "\nExit codes:\n";
    out += command.exit_codes.empty() ? k_shared_exit_codes : command.exit_codes;
    out += "\nExamples:\n";
    out += command.examples;
    return out;
}

}  // namespace bullpen::ctl
