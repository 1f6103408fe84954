// Command: what one word after `bullpenctl` is. Each has a file of its own in ctl/commands/, which
// defines its Command; the index in index.hpp lists all of them with the program that holds each.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/exit_code.hpp"
#include "common/base/home.hpp"
#include "common/base/result.hpp"
#include "ctl/arguments.hpp"
#include "ctl/output.hpp"

namespace bullpen::ctl {

class RosterSource;

// What a command gets to work with. Lives for the one command that a process runs.
struct Context {
    const Globals& globals;
    const Arguments& arguments;
    const Home& home;
    const Clock& clock;
    Output& out;
    Output& err;
    // Columns of the terminal that `out` writes to; 0 when it is not one.
    std::size_t width = 0;
    // Columns of the terminal that `err` writes to, for progress; 0 when it is not one.
    std::size_t err_width = 0;
    // The settings files, where the program that runs can read them; null otherwise.
    const RosterSource* roster = nullptr;
    // $CREDENTIALS_DIRECTORY, where a service manager lays down what is for this process alone;
    // empty without one.
    std::string_view credentials_directory = {};
    // The whole command line, for the command that hands over to the other program.
    std::span<char* const> argv;
};

struct Command {
    std::string_view name;
    std::string_view synopsis;    // what follows the name: "[-f] NAME [stdio|log|audit]"
    std::string_view text;        // what it does, in paragraphs
    std::string_view exit_codes;  // lines "0   done"; empty: those every command shares
    std::string_view examples;    // lines "bullpenctl ...", each with what it is for
    std::span<const Option> options;
    std::size_t operands_min = 0;
    std::size_t operands_max = 0;
    int (*run)(Context&) = nullptr;
    // Whether it is looked first if there is a home; a command that makes one, does without one or
    // has an exit code of its own for it looks itself.
    bool looks_into_home = true;
    // It makes or changes files of the home: root acts as the home's owner from the start.
    bool writes_home = false;
    // It reads as root outside the home first, and then calls take_home() itself.
    bool takes_home_itself = false;
    // It works on a home of another host, too: what it needs is the board and the daemon's word.
    bool far = false;
};

inline constexpr std::size_t k_operands_any = 4096;

// For a command that takes the home itself: from here on files of accounts that have users of their
// own are read and written as their users', and root acts as the home's owner.
Result<void> take_home(Context& context);

// Ends a command that could not do its work: the error on stderr, with --json also as
// {"error":{"code":..,"message":..}} on stdout. Returns the exit code.
int report(Context& context, const Error& error, ExitCode code);
int report(Context& context, std::string_view message, ExitCode code);

}  // namespace bullpen::ctl
