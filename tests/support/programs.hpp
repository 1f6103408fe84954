// Where the built programs and the tree are, and how a test runs one of them to its end.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bullpen::test {

// The folder of the built programs: $BULLPEN_BIN_DIR, else where this test program itself lies.
std::string bin_directory();
// The root of the source tree: $BULLPEN_SOURCE_DIR, else where the tests were built from.
std::string source_directory();
// The path of a built program; empty when it has not been built.
std::string program(std::string_view name);

// Says on stderr why a test cannot run here and marks the whole program as skipped, unless one of
// its cases fails. The case returns after it.
void skip(std::string_view sentence);
bool skipped();

struct Outcome {
    bool exited = false;  // false: a signal or the deadline ended it
    int code = -1;        // the exit code, or the signal's number
    bool timed_out = false;
    std::string out;
    std::string err;
};

struct Command {
    std::vector<std::string> argv;                   // argv[0] is the path of the program
    std::map<std::string, std::string> environment;  // all of it; nothing is inherited but PATH
    std::string directory;                           // empty: the test's own
    std::chrono::milliseconds deadline{30'000};      // then SIGKILL
};

// Runs a program to its end with /dev/null as its input. What it prints is kept up to 16 MiB.
Outcome run(const Command& command);
// The same with nothing but arguments.
Outcome run(std::vector<std::string> argv);

}  // namespace bullpen::test
