#include "supervisor/daemon/saved_account.hpp"

#include <doctest/doctest.h>

namespace bullpen::daemon {
namespace {

using namespace std::chrono_literals;

fleet::SavedAccount everything() {
    fleet::SavedAccount saved;
    saved.wanted = false;
    saved.exited = true;
    saved.killed = true;
    saved.fatal = true;
    saved.recovery_done = true;
    saved.settled = LaunchNumber{41};
    saved.reason = model::Reason::restart_budget_spent;
    saved.restarts = 12;
    saved.failures = 3;
    saved.restart_due = true;
    saved.fingerprint = 0xfedc'ba98'7654'3211;  // more than a double can hold
    saved.deaths = {UtcTime(1000h), UtcTime(1001h)};
    saved.recent = {
        {UtcTime(1000h), model::Reason::crashed, fleet::ExitStatus::exited(3), LaunchNumber{39},
         5s},
        {UtcTime(1001h), model::Reason::killed_by_signal, fleet::ExitStatus::signaled(9),
         LaunchNumber{40}, 0s},
        {UtcTime(1002h), model::Reason::lost_while_unsupervised, fleet::ExitStatus::lost(),
         LaunchNumber{41}, 1ms},
    };
    saved.retry_at = UtcTime(1003h);
    saved.flat = false;
    saved.state = model::WorkerState::fatal;
    saved.since = UtcTime(1002h);
    saved.launch = LaunchNumber{41};
    saved.detail = "exit code 3";
    saved.last_error = "it printed last: no token @2026-11-20T23:14:05Z";
    saved.holding = {"long 2 MESZ6 @ 6012.25", 2, UtcTime(1002h)};
    return saved;
}

}  // namespace

TEST_CASE("what is saved of an account is read back whole") {
    const auto saved = everything();
    const auto read = saved_account_from(to_text(saved));
    REQUIRE(read);
    CHECK(read->wanted == saved.wanted);
    CHECK(read->exited == saved.exited);
    CHECK(read->killed == saved.killed);
    CHECK(read->fatal == saved.fatal);
    CHECK(read->recovery_done == saved.recovery_done);
    CHECK(read->settled == saved.settled);
    CHECK(read->reason == saved.reason);
    CHECK(read->restarts == saved.restarts);
    CHECK(read->failures == saved.failures);
    CHECK(read->restart_due == saved.restart_due);
    CHECK(read->fingerprint == saved.fingerprint);
    CHECK(read->deaths == saved.deaths);
    CHECK(read->recent == saved.recent);
    CHECK(read->retry_at == saved.retry_at);
    CHECK(read->flat == saved.flat);
    CHECK(read->state == saved.state);
    CHECK(read->since == saved.since);
    CHECK(read->launch == saved.launch);
    CHECK(read->detail == saved.detail);
    CHECK(read->last_error == saved.last_error);
    CHECK(read->holding.position == saved.holding.position);
    CHECK(read->holding.quantity == saved.holding.quantity);
    CHECK(read->holding.at == saved.holding.at);
}

TEST_CASE("words that are too long are cut when they are saved, and the time of an error is not") {
    auto saved = everything();
    saved.detail = std::string(5000, 'd');
    saved.holding.position = std::string(5000, 'p');
    const std::string at = " @2026-11-20T23:14:05Z";
    saved.last_error = std::string(5000, 'e') + at;
    const auto read = saved_account_from(to_text(saved));
    REQUIRE(read);
    CHECK(read->detail.size() == 128);
    CHECK(read->holding.position.size() == 48);
    CHECK(read->last_error.size() == 512);
    CHECK(read->last_error.ends_with(at));
}

TEST_CASE("what another version of the daemon saved is read as far as it goes") {
    const auto older = saved_account_from(R"({"wanted":true,"fatal":true,"restarts":4})");
    REQUIRE(older);
    CHECK(older->fatal);
    CHECK(older->restarts == 4);
    CHECK(older->fingerprint == 0);
    CHECK(older->recent.empty());
    CHECK_FALSE(older->restart_due);
    CHECK_FALSE(older->since);
    const auto newer =
        saved_account_from(R"({"novel":[1],"state":"napping","since":1,)"
                           R"("recent":[{"utc":1,"reason":"a_reason_of_tomorrow","more":2}]})");
    REQUIRE(newer);
    CHECK(newer->recent.at(0).reason == model::Reason::none);
    CHECK_FALSE(newer->since);
    for (const char* broken : {"", "{", R"({"deaths":["x"]})", R"({"recent":[{}]})"})
        CHECK_FALSE(saved_account_from(broken));
}

}  // namespace bullpen::daemon
