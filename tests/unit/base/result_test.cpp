#include "common/base/result.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <set>
#include <string>

#include "common/base/errc.hpp"
#include "common/base/exit_code.hpp"

namespace bullpen {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0)
        return fail(Errc::invalid, std::to_string(number) + " is odd");
    return number / 2;
}

Result<int> quarter(int number) {
    BULLPEN_TRY(const int once, half(number));
    BULLPEN_TRY(const int twice, half(once));
    return twice;
}

Result<void> must_be_even(int number) {
    BULLPEN_CHECK(half(number));
    return {};
}

TEST_CASE("BULLPEN_TRY takes the value or hands the error on") {
    CHECK(quarter(8).value() == 2);
    CHECK(quarter(6).error().message() == "3 is odd");
    CHECK(must_be_even(2).has_value());
    CHECK_FALSE(must_be_even(3).has_value());
}

TEST_CASE("an error tells its story from the outside in and keeps its code") {
    const Error inner = Error::from_errno(ENOENT, "cannot open x");
    const Error outer = inner.wrap("reading the roster");
    CHECK(outer.message() == "reading the roster: cannot open x: No such file or directory");
    CHECK(outer.code() == std::errc::no_such_file_or_directory);
    CHECK(Error(make_error_code(Errc::locked)).message() == "held by somebody else");
    CHECK(Error(make_error_code(Errc::locked)).wrap("starting").context() == "starting");
}

TEST_CASE("errno is taken before anything else can change it") {
    errno = EACCES;
    CHECK(Error::from_errno("x").code() == std::errc::permission_denied);
}

TEST_CASE("every error code has a sentence of its own") {
    std::set<std::string> seen;
    for (int code = 1; code <= static_cast<int>(Errc::exhausted); ++code) {
        const auto message = make_error_code(static_cast<Errc>(code)).message();
        CHECK(message != "unknown error");
        CHECK(seen.insert(message).second);
    }
    CHECK(make_error_code(static_cast<Errc>(999)).message() == "unknown error");
    CHECK(std::string(make_error_code(Errc::invalid).category().name()) == "bullpen");
}

TEST_CASE("exit codes are the ones operators and init systems know") {
    CHECK(value(ExitCode::done) == 0);
    CHECK(value(ExitCode::usage) == 64);
    CHECK(value(ExitCode::software) == 70);
    CHECK(value(ExitCode::temporary) == 75);
    CHECK(value(ExitCode::held_elsewhere) == 77);
    CHECK(value(ExitCode::config) == 78);
}

}  // namespace
}  // namespace bullpen
