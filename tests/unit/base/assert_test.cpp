#include "common/base/assert.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "common/base/descriptor.hpp"

namespace bullpen {
namespace {

TEST_CASE("a broken assertion says where and why on stderr and aborts, in every build") {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const Descriptor reader(ends[0]);
    Descriptor writer(ends[1]);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL);  // doctest's handler would report a crashed test
        ::dup2(writer.get(), STDERR_FILENO);
        const bool possible = false;
        BULLPEN_ASSERT(possible, "this was thought impossible");
        ::_exit(0);
    }
    writer.reset();
    std::string text;
    char buffer[512];
    for (ssize_t got = 0; (got = ::read(reader.get(), buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(got));
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGABRT);
    CHECK(text.find("assert_test.cpp:") != std::string::npos);
    CHECK(text.find("possible (this was thought impossible)") != std::string::npos);
}

TEST_CASE("an assertion that holds does nothing") {
    int evaluated = 0;
    BULLPEN_ASSERT(++evaluated == 1, "evaluated once");
    CHECK(evaluated == 1);
}

}  // namespace
}  // namespace bullpen
