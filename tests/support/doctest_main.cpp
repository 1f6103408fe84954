// The one main of every doctest program. Beyond doctest's own it knows two things: a run whose
// filters match no case has failed (a renamed file must not turn a test green), and a program whose
// cases all said test::skip() exits with 77, which CTest reports as skipped.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <cstdlib>

#include "tests/support/programs.hpp"

namespace {

constexpr int k_exit_skipped = 77;
unsigned cases_run = 0;  // doctest builds its listeners itself; there is no object to keep it in

struct CaseCounter : doctest::IReporter {
    explicit CaseCounter(const doctest::ContextOptions&) {}
    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_run_end(const doctest::TestRunStats& stats) override {
        cases_run = stats.numTestCasesPassingFilters;
    }
    void test_case_start(const doctest::TestCaseData&) override {}
    void test_case_reenter(const doctest::TestCaseData&) override {}
    void test_case_end(const doctest::CurrentTestCaseStats&) override {}
    void test_case_exception(const doctest::TestCaseException&) override {}
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData&) override {}
    void log_message(const doctest::MessageData&) override {}
    void test_case_skipped(const doctest::TestCaseData&) override {}
};
REGISTER_LISTENER("case_counter", 1, CaseCounter);

}  // namespace

int main(int argc, char** argv) {
    doctest::Context context(argc, argv);
    const int outcome = context.run();
    if (context.shouldExit() || outcome != 0)
        return outcome;
    if (cases_run == 0 && std::getenv("BULLPEN_TEST_MAY_BE_EMPTY") == nullptr) {
        std::fputs("no test case matches these filters\n", stderr);
        return EXIT_FAILURE;
    }
    return bullpen::test::skipped() ? k_exit_skipped : EXIT_SUCCESS;
}
