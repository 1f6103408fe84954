#include "ctl/explanation.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "common/model/reason.hpp"

using namespace bullpen;
using namespace bullpen::ctl;
using namespace std::chrono_literals;
using model::Reason;
using model::WorkerState;

namespace {

const Instant k_now{utc_from_nanos(1'800'000'000'000'000'000), MonoTime(Nanos(1h))};

class Account {
  public:
    Account(WorkerState state, Reason reason) {
        slot_.account = "mes01";
        slot_.state = state;
        slot_.reason = model::code(reason);
        slot_.since = k_now.utc - 65s;
        facts_.daemon = DaemonState::up;
    }
    ipc::BoardSlot& slot() { return slot_; }
    ExplainFacts& facts() { return facts_; }
    [[nodiscard]] Explanation explained() {
        row_ = row_from_board(slot_, k_now);
        facts_.row = &row_;
        return explain(facts_, k_now);
    }

  private:
    ipc::BoardSlot slot_;
    AccountRow row_;
    ExplainFacts facts_;
};

std::string fact(const Explanation& explanation, const std::string& what) {
    for (const auto& fact : explanation.facts) {
        if (fact.what == what)
            return fact.text;
    }
    return "(none)";
}

}  // namespace

TEST_CASE("a token that ends is counted down while a process has it") {
    Account account(WorkerState::running, Reason::none);
    account.slot().pid = 4711;
    const auto count_down = [](ipc::BoardSlot& slot) {
        auto& limit = slot.limits[0];
        limit.name = "access_token";
        limit.unit = "seconds";
        limit.used = 60;
        limit.limit = 3660;
    };
    count_down(account.slot());
    CHECK(fact(account.explained(), "Token") == "access_token ends in 1h00m");
    account.slot().limits[0].used = 4000;
    CHECK(fact(account.explained(), "Token") == "access_token ends in 0s");
    Account waiting(WorkerState::waiting, Reason::token_missing);
    count_down(waiting.slot());
    CHECK(fact(waiting.explained(), "Token") == "(none)");
}

TEST_CASE("every reason is explained with what happens next and what to do") {
    for (const auto& text : model::reasons()) {
        if (text.reason == Reason::none)
            continue;
        const auto told = Account(WorkerState::waiting, text.reason).explained();
        CHECK(told.headline.find(text.sentence) != std::string::npos);
        CHECK(fact(told, "Next") == text.next);
        CHECK((fact(told, "Do") == "(none)") == (text.advice == "nothing to do"));
        CHECK(fact(told, "Do").find("NAME") == std::string::npos);
    }
}

TEST_CASE("what runs and does not trade is explained by its mode: what happens next, what to do") {
    for (const auto& text : model::reasons()) {
        if (text.reason == Reason::none)
            continue;
        Account account(WorkerState::running, Reason::none);
        account.slot().pid = 12;
        account.slot().reports = 1;
        account.slot().mode = model::TradingMode::idle;
        account.slot().mode_reason = model::code(text.reason);
        account.slot().next = "it goes on";
        account.facts().detail = DaemonDetail{};
        account.facts().detail->mode_text = "daily_loss of 500.00";
        const auto told = account.explained();
        CHECK(fact(told, "Mode") == "idle for " + std::string(text.code) + ": " +
                                        std::string(text.sentence) + " (daily_loss of 500.00)");
        CHECK(fact(told, "Next") == text.next);
        CHECK((fact(told, "Do") == "(none)") == (text.advice == "nothing to do"));
        CHECK(fact(told, "Do").find("NAME") == std::string::npos);
        // A state with a reason of its own comes first: it is why nothing trades.
        account.slot().state = WorkerState::stopping;
        account.slot().reason = model::code(Reason::operator_stop);
        CHECK(fact(account.explained(), "Next") == "it goes on");
    }
}

TEST_CASE("what kept a signal from its order stands beside why the newest bar is no entry") {
    Account account(WorkerState::running, Reason::none);
    auto& slot = account.slot();
    slot.pid = 12;
    slot.reports = 1;
    slot.mode = model::TradingMode::active;
    slot.mode_reason = "none";
    slot.refusal = "not_granted: another account of its owner stands against it";
    slot.refused_at = k_now.utc - 5min;
    account.facts().detail = DaemonDetail{};
    auto& detail = *account.facts().detail;
    detail.mode_text = "no_touch: the bar before did not reach the entry band";
    detail.counters = {{"signals", 30}, {"entries", 14}, {"refused_not_granted", 16}};
    const auto told = account.explained();
    CHECK(fact(told, "Mode") == "active");
    CHECK(fact(told, "No entry") == detail.mode_text);
    CHECK(fact(told, "Last refusal").starts_with("not_granted: another account"));
    CHECK(fact(told, "Last refusal").find(", at 2027-01-15 07:55:00") != std::string::npos);
    CHECK(fact(told, "Refused") == "not_granted 16");
    // Nothing was refused yet: what keeps the newest bar is said once.
    slot.refusal = "no_touch: the bar before did not reach";
    CHECK(fact(account.explained(), "Last refusal") == "(none)");
}

TEST_CASE("since and until are told as times and as distances") {
    Account account(WorkerState::backoff, Reason::crashed);
    account.slot().until = k_now.utc + 30s;
    account.slot().reason_text = "exit code 70";
    const auto told = account.explained();
    CHECK(told.headline ==
          "mes01 is BACKOFF since 2027-01-15 07:58:55Z (1m05s ago): it ended with an error code "
          "(exit code 70).");
    CHECK(fact(told, "Until") == "2027-01-15 08:00:30Z (in 30s)");
    account.slot().until = k_now.utc - 1s;
    CHECK(fact(account.explained(), "Until") == "2027-01-15 07:59:59Z (due now)");
}

TEST_CASE("the daemon's own next step goes before the reason's") {
    Account account(WorkerState::waiting, Reason::lock_held);
    account.slot().next = "tries again in 4 s";
    CHECK(fact(account.explained(), "Next") == "tries again in 4 s");
}

TEST_CASE("the restart budget is told when the daemon told it") {
    Account account(WorkerState::running, Reason::none);
    account.slot().restarts = 3;
    CHECK(fact(account.explained(), "Restarts") == "3 so far");
    account.facts().detail = DaemonDetail{};
    account.facts().detail->budget = 10;
    account.facts().detail->budget_used = 2;
    CHECK(fact(account.explained(), "Restarts") ==
          "3 so far; 2 of the 10 that its budget allows are used");
    account.facts().detail->budget = 0;
    CHECK(fact(account.explained(), "Restarts") == "3 so far; no limit");
}

TEST_CASE("a reason of a newer worker is shown as its code") {
    Account account(WorkerState::running, Reason::none);
    account.slot().pid = 12;
    account.slot().reports = 1;
    account.slot().mode = model::TradingMode::idle;
    account.slot().mode_reason = "solar_eclipse";
    CHECK(fact(account.explained(), "Mode") == "idle for solar_eclipse");
}

TEST_CASE("the lock is told when the daemon waits for it") {
    Account account(WorkerState::waiting, Reason::lock_held);
    account.facts().lock = LockEvidence{};
    account.facts().lock->lock = LockEvidence::Lock::held;
    account.facts().lock->holder_text = "held by pid 99";
    CHECK(fact(account.explained(), "Lock") == "held by pid 99");
}

TEST_CASE("a program that says the lock is held, which it is not, is told from one that waits") {
    Account account(WorkerState::waiting, Reason::lock_held);
    account.slot().reason_text = "exit code 77";
    account.facts().lock = LockEvidence{};
    account.facts().lock->lock = LockEvidence::Lock::free;
    CHECK(fact(account.explained(), "Next") == "it is started again");
    CHECK(fact(account.explained(), "Do").find("the program itself ends with 77") !=
          std::string::npos);
}

TEST_CASE("rows of the source that are no bars are told") {
    Account account(WorkerState::running, Reason::none);
    CHECK(fact(account.explained(), "Data") == "(none)");
    account.facts().detail = DaemonDetail{};
    account.facts().detail->counters = {{"rows_refused", 2}, {"refused_margin", 1}};
    CHECK(fact(account.explained(), "Data").starts_with("2 rows of its source are no bars"));
    account.facts().detail->counters = {{"rows_refused", 1}};
    CHECK(fact(account.explained(), "Data").starts_with("1 row of its source is no bar"));
}

TEST_CASE("without a daemon a running worker is said not to be watched") {
    ipc::BoardSlot slot;
    slot.account = "mes01";
    LockEvidence evidence;
    evidence.lock = LockEvidence::Lock::held;
    evidence.holder_alive = true;
    evidence.holder = 99;
    evidence.holder_text = "held by pid 99";
    const auto row = derive_from_lock(slot, true, evidence, k_now);
    ExplainFacts facts;
    facts.row = &row;
    facts.daemon = DaemonState::down;
    facts.lock = evidence;
    const auto told = explain(facts, k_now);
    CHECK(told.headline ==
          "mes01 is RUNNING: no daemon answers; it goes on without new entries (held by pid 99).");
    CHECK(fact(told, "Next").find("not watched") != std::string::npos);
    CHECK(fact(told, "Do") == "start bullpend");
    CHECK(fact(told, "Lock") == "(none)");
}

TEST_CASE("what becomes of a running account while no daemon turns is its own program's affair") {
    struct Row {
        bool foreign;
        DaemonState daemon;
        std::string headline;
        std::string next;
    };
    const std::string plain =
        "mes01 is RUNNING: no daemon answers; it goes on without new entries.";
    const std::string own = "mes01 is RUNNING: no daemon answers; it goes on by its own rules.";
    const std::vector<Row> table = {
        {false, DaemonState::down, plain,
         "it goes on without new entries until a daemon adopts it; it is not watched"},
        {true, DaemonState::down, own,
         "it goes on by its own rules until a daemon adopts it; it is not watched"},
        {false, DaemonState::silent, plain,
         "it goes on without new entries until bullpend moves again or its successor adopts it; it "
         "is not watched"},
        {true, DaemonState::silent, own,
         "it goes on by its own rules until bullpend moves again or its successor adopts it; it is "
         "not watched"}};
    for (const auto& row : table) {
        ipc::BoardSlot slot;
        slot.account = "mes01";
        LockEvidence evidence;
        evidence.lock = LockEvidence::Lock::held;
        evidence.holder_alive = true;
        evidence.holder = 99;
        evidence.foreign = row.foreign;
        const auto derived = derive_from_lock(slot, true, evidence, k_now);
        ExplainFacts facts;
        facts.row = &derived;
        facts.daemon = row.daemon;
        const auto told = explain(facts, k_now);
        CHECK(told.headline == row.headline);
        CHECK(fact(told, "Next") == row.next);
    }
}

TEST_CASE("nothing is promised of a dead worker whose daemon hangs") {
    ipc::BoardSlot slot;
    slot.account = "mes01";
    slot.state = WorkerState::running;
    LockEvidence evidence;
    evidence.lock = LockEvidence::Lock::free;
    const auto row = derive_from_lock(slot, true, evidence, k_now);
    ExplainFacts facts;
    facts.row = &row;
    facts.daemon = DaemonState::silent;
    CHECK(fact(explain(facts, k_now), "Next") ==
          "nothing, until bullpend moves again or its successor runs");
}

TEST_CASE("without a daemon nothing is promised of what a daemon would leave as it is") {
    struct Row {
        WorkerState state;
        Reason reason;
        bool exited;
        std::string next;
        std::string advice;
    };
    const std::vector<Row> table = {
        {WorkerState::stopped, Reason::operator_stop, false, "it stays stopped",
         "start bullpend, then: bullpenctl start mes01"},
        {WorkerState::stopped, Reason::not_autostarted, false, "it stays stopped",
         "start bullpend, then: bullpenctl start mes01"},
        {WorkerState::stopped, Reason::account_disabled, false, "it stays stopped",
         "start bullpend, then: bullpenctl enable mes01"},
        {WorkerState::stopped, Reason::exited_clean, true, "it stays stopped",
         "start bullpend, then: bullpenctl start mes01"},
        {WorkerState::fatal, Reason::restart_budget_spent, false, "nothing until an operator acts",
         "start bullpend, then: mend the cause, then bullpenctl start mes01"},
        {WorkerState::stopped, Reason::daemon_shutdown, false, "nothing, until a daemon runs",
         "start bullpend"},
        {WorkerState::backoff, Reason::crashed, false, "nothing, until a daemon runs",
         "start bullpend"}};
    for (const auto& row : table) {
        ipc::BoardSlot slot;
        slot.account = "mes01";
        slot.state = row.state;
        slot.reason = model::code(row.reason);
        slot.exited = row.exited ? 1 : 0;
        slot.since = k_now.utc - 65s;
        LockEvidence evidence;
        evidence.lock = LockEvidence::Lock::free;
        const auto derived = derive_from_lock(slot, true, evidence, k_now);
        ExplainFacts facts;
        facts.row = &derived;
        const auto told = explain(facts, k_now);
        CHECK(fact(told, "Next") == row.next);
        CHECK(fact(told, "Do") == row.advice);
        // It is so since the daemon saw it, unless it is another state by now.
        CHECK(derived.since.has_value() == (row.state != WorkerState::backoff));
    }
}

TEST_CASE("a worker that was started by hand is explained with its pid and what ends it") {
    ipc::BoardSlot slot;
    slot.account = "mes01";
    slot.reason = model::code(Reason::operator_stop);
    LockEvidence evidence;
    evidence.lock = LockEvidence::Lock::held;
    evidence.holder_alive = true;
    evidence.by_hand = true;
    evidence.holder = 99;
    evidence.holder_text = "held by pid 99";
    evidence.since = k_now.utc - 65s;
    for (const auto daemon : {DaemonState::up, DaemonState::down, DaemonState::silent}) {
        auto row = row_from_board(slot, k_now);
        if (daemon == DaemonState::up)
            note_by_hand(row, evidence, k_now);
        else
            row = derive_from_lock(slot, true, evidence, k_now);
        ExplainFacts facts;
        facts.row = &row;
        facts.daemon = daemon;
        facts.lock = evidence;
        const auto told = explain(facts, k_now);
        CHECK(told.headline.starts_with("mes01 is RUNNING since 2027-01-15 07:58:55Z"));
        CHECK(fact(told, "Next") == "it goes on until that process ends; no daemon watches it");
        CHECK(fact(told, "Do") == "kill 99 ends that process, if it should not run");
    }
    // One that the daemon waits for.
    Account waiting(WorkerState::waiting, Reason::lock_held);
    waiting.facts().lock = evidence;
    CHECK(fact(waiting.explained(), "Next") == model::text(Reason::lock_held).next);
    CHECK(fact(waiting.explained(), "Do") == "kill 99 ends that process, if it should not run");
}

TEST_CASE("a reason of a later release is told in that release's words, also without a daemon") {
    Account account(WorkerState::fatal, Reason::none);
    account.slot().reason = "of_a_later_release";
    account.slot().next = "an operator looks at it";
    account.facts().daemon = DaemonState::down;
    CHECK(fact(account.explained(), "Next") == "an operator looks at it");
}

TEST_CASE("what an account without a worker holds is told with its time") {
    Account account(WorkerState::stopped, Reason::operator_stop);
    account.slot().position = "long 2 MES";
    account.slot().position_at = k_now.utc - 65s;
    CHECK(fact(account.explained(), "Position") ==
          "long 2 MES, as told last at 2027-01-15 07:58:55Z (1m05s ago)");
    account.slot().state = WorkerState::running;
    account.slot().reports = 1;
    CHECK(fact(account.explained(), "Position") == "long 2 MES");
}

TEST_CASE("facts stand in a column behind their names") {
    const Explanation explanation{"head.", {{"A", "one"}, {"Long", "two"}}};
    CHECK(text(explanation) == "head.\n  A     one\n  Long  two\n");
}
