#include "notify/run.hpp"

#include <doctest/doctest.h>
#include <poll.h>

#include "tests/support/temporary.hpp"
#include "tests/support/wait.hpp"

namespace bullpen::notify {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

RunEnd end_of(Run& run, const Clock& clock) {
    RunEnd end;
    while (!run.look(clock.mono(), &end)) {
        pollfd watched[2] = {{run.output(), POLLIN, 0}, {run.process(), POLLIN, 0}};
        (void)::poll(watched, 2, 100);
    }
    return end;
}

RunEnd run(const std::string& script, Nanos time = seconds(60), const std::string& input = "in\n") {
    const SystemClock clock;
    auto made = Run::start({"/bin/sh", "-c", script}, input, "/h", clock.mono() + time);
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().message()));
    return end_of(*made, clock);
}

TEST_CASE(
    "a program has the alert on its standard input, and its exit code says whether it took it") {
    const auto well = run("read -r line && echo \"got $line of $BULLPEN_HOME\"");
    CHECK(well.well);
    CHECK(well.answered);
    CHECK(well.said.starts_with("exit code 0: got in of /h"));
    const auto badly = run("echo no >&2; exit 3");
    CHECK_FALSE(badly.well);
    CHECK(badly.answered);
    CHECK(badly.said.starts_with("exit code 3: no"));
    CHECK(run("kill -9 $$").said.starts_with("signal 9"));
}

TEST_CASE("one that takes too long is killed with all that it started") {
    const test::TemporaryDirectory directory;
    const auto file = directory.file("pid");
    const auto end = run("sleep 1000 & echo $! > " + file + "; wait", milliseconds(1500));
    CHECK_FALSE(end.well);
    CHECK_FALSE(end.answered);
    CHECK(end.said == "it took too long and was killed");
    const auto child = test::read_text(file);
    if (child.empty())
        return;  // a machine so slow that the shell had not come so far
    CHECK(test::wait_for_exit(std::stoi(child)));
}

TEST_CASE("what it prints is kept to its beginning, and never in its way") {
    const auto end = run("head -c 1000000 /dev/zero | tr '\\0' x");
    CHECK(end.well);
    CHECK(end.said.size() < Run::k_output_max + 50);
}

TEST_CASE("it gets no descriptor and no variable but what it is to have") {
    CHECK(run("ls /proc/$$/fd | tr '\\n' ' '").said.find("0 1 2") != std::string::npos);
    const auto variables = run("env | cut -d= -f1 | sort | tr '\\n' ' '").said;
    CHECK(variables.find("BULLPEN_HOME LANG PATH PWD") != std::string::npos);
}

TEST_CASE("a program that is not there is an error, not an end") {
    const SystemClock clock;
    const auto none = Run::start({"/no/such/program"}, "", "/h", clock.mono() + seconds(1));
    REQUIRE_FALSE(none.has_value());
    CHECK(none.error().message().find("/no/such/program") != std::string::npos);
}

}  // namespace
}  // namespace bullpen::notify
