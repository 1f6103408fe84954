#include "ctl/status_code.hpp"

#include <doctest/doctest.h>

#include <deque>

#include "common/model/reason.hpp"

using namespace bullpen;
using namespace bullpen::ctl;
using model::Reason;
using model::WorkerState;

namespace {

class Fleet {
  public:
    Fleet& add(std::optional<WorkerState> state, bool named = false, Reason reason = Reason::none) {
        auto& slot = slots_.emplace_back();
        slot.account = "acct" + std::to_string(slots_.size());
        auto& row = rows_.emplace_back();
        row.slot = &slot;
        row.state = state;
        row.reason = model::code(reason);
        chosen_.push_back({&row, named});
        return *this;
    }
    // Of the account added last.
    Fleet& mode_reason(Reason reason) {
        slots_.back().mode_reason = model::code(reason);
        rows_.back().mode_known = true;
        return *this;
    }
    [[nodiscard]] int code(DaemonState daemon = DaemonState::up) const {
        return static_cast<int>(status_code(chosen_, daemon));
    }
    [[nodiscard]] Health health_with(const DaemonView& daemon) const {
        return health(chosen_, daemon);
    }

  private:
    std::deque<ipc::BoardSlot> slots_;
    std::deque<AccountRow> rows_;
    std::vector<ChosenRow> chosen_;
};

}  // namespace

TEST_CASE("one account's state gives its LSB code") {
    struct Row {
        std::optional<WorkerState> state;
        int code;
    };
    const std::vector<Row> table = {{WorkerState::running, 0},  {WorkerState::late, 0},
                                    {WorkerState::stopped, 3},  {WorkerState::waiting, 3},
                                    {WorkerState::starting, 3}, {WorkerState::stopping, 3},
                                    {WorkerState::killing, 3},  {WorkerState::backoff, 1},
                                    {WorkerState::fatal, 1},    {std::nullopt, 4}};
    for (const auto& row : table) {
        CHECK(Fleet().add(row.state).code() == row.code);
        CHECK(Fleet().add(row.state, true).code() == row.code);
    }
}

TEST_CASE("an account stopped on purpose counts only when it was named") {
    CHECK(Fleet().add(WorkerState::running).add(WorkerState::stopped).code() == 0);
    CHECK(Fleet().add(WorkerState::running).add(WorkerState::stopped, true).code() == 3);
    CHECK(Fleet().add(WorkerState::stopped).add(WorkerState::stopped).code() == 3);
}

TEST_CASE("an account lost while no daemon ran is dead, not stopped") {
    CHECK(Fleet()
              .add(WorkerState::running)
              .add(WorkerState::stopped, false, Reason::lost_while_unsupervised)
              .code(DaemonState::down) == 1);
}

TEST_CASE("an account that had died when the daemon was last seen is dead without it") {
    for (const auto last : {WorkerState::backoff, WorkerState::fatal, WorkerState::stopped}) {
        ipc::BoardSlot slot;
        slot.account = "mes01";
        slot.state = last;
        slot.reason = model::code(Reason::crashed);
        LockEvidence evidence;
        evidence.lock = LockEvidence::Lock::free;
        const auto row = derive_from_lock(slot, true, evidence, Instant{});
        const ChosenRow chosen{&row, false};
        const auto code = status_code({&chosen, 1}, DaemonState::down);
        CHECK(code == (last == WorkerState::stopped ? StatusCode::not_running : StatusCode::dead));
    }
}

TEST_CASE("an account that waited when the daemon was last seen is wanted and does not run") {
    ipc::BoardSlot slot;
    slot.account = "mes01";
    slot.state = WorkerState::waiting;
    slot.reason = model::code(Reason::vault_locked);
    LockEvidence evidence;
    evidence.lock = LockEvidence::Lock::free;
    const auto waits = derive_from_lock(slot, true, evidence, Instant{});
    AccountRow runs;
    ipc::BoardSlot other;
    runs.slot = &other;
    runs.state = WorkerState::running;
    const std::vector<ChosenRow> rows = {{&runs, false}, {&waits, false}};
    CHECK(status_code(rows, DaemonState::down) == StatusCode::not_running);
}

TEST_CASE("the worst of several counts") {
    CHECK(Fleet().add(WorkerState::running).add(WorkerState::waiting).code() == 3);
    CHECK(Fleet().add(WorkerState::waiting).add(WorkerState::fatal).code() == 1);
    CHECK(Fleet().add(WorkerState::fatal).add(std::nullopt).code() == 4);
}

TEST_CASE("without accounts the daemon decides") {
    CHECK(Fleet().code(DaemonState::up) == 0);
    CHECK(Fleet().code(DaemonState::down) == 3);
}

TEST_CASE("health takes the worst of daemon and accounts") {
    ipc::BoardDaemon board;
    const auto in_state = [&](DaemonState state) {
        DaemonView daemon;
        daemon.state = state;
        daemon.board = &board;
        return daemon;
    };
    const auto up = in_state(DaemonState::up);
    const auto down = in_state(DaemonState::down);
    const auto silent = in_state(DaemonState::silent);
    const auto starting = in_state(DaemonState::starting);
    CHECK(Fleet().add(WorkerState::running).health_with(up).code == HealthCode::ok);
    CHECK(Fleet().add(WorkerState::stopped).health_with(up).code == HealthCode::ok);
    CHECK(Fleet().add(WorkerState::starting).health_with(up).code == HealthCode::ok);
    CHECK(Fleet().add(WorkerState::late).health_with(up).code == HealthCode::warning);
    CHECK(Fleet().add(WorkerState::backoff).health_with(up).code == HealthCode::warning);
    CHECK(Fleet().add(WorkerState::fatal).health_with(up).code == HealthCode::critical);
    CHECK(Fleet().add(std::nullopt).health_with(up).code == HealthCode::unknown);
    CHECK(Fleet().add(std::nullopt).add(WorkerState::fatal).health_with(up).code ==
          HealthCode::critical);
    CHECK(Fleet().add(WorkerState::running).health_with(down).code == HealthCode::critical);
    CHECK(Fleet().add(WorkerState::running).health_with(silent).code == HealthCode::critical);
    CHECK(Fleet().add(WorkerState::running).health_with(starting).code == HealthCode::warning);
    board.disk_full = 1;
    CHECK(Fleet().add(WorkerState::running).health_with(up).code == HealthCode::warning);
}

TEST_CASE("a worker that runs and may not trade is a warning, unless that is meant") {
    DaemonView up;
    const ipc::BoardDaemon board;
    up.state = DaemonState::up;
    up.board = &board;
    const auto hindered_by = [&](Reason reason) {
        return Fleet().add(WorkerState::running).mode_reason(reason).health_with(up);
    };
    CHECK(hindered_by(Reason::feed_stale).code == HealthCode::warning);
    CHECK(hindered_by(Reason::feed_stale).text.find("acct1 RUNNING feed_stale") !=
          std::string::npos);
    CHECK(hindered_by(Reason::clock_skew).code == HealthCode::warning);
    for (const auto reason :
         {Reason::broker_unreachable, Reason::order_trouble, Reason::position_unexpected,
          Reason::instrument_mismatch, Reason::calendar_unknown})
        CHECK(hindered_by(reason).code == HealthCode::warning);
    CHECK(hindered_by(Reason::warm_up).code == HealthCode::ok);
    CHECK(hindered_by(Reason::session_closed).code == HealthCode::ok);
    CHECK(hindered_by(Reason::operator_halt).code == HealthCode::ok);
}

TEST_CASE("the line of health names the account for which it is critical, wherever it stands") {
    ipc::BoardDaemon board;
    Fleet fleet;
    for (int i = 0; i < 7; ++i)
        fleet.add(WorkerState::backoff, false, Reason::crashed);
    fleet.add(WorkerState::fatal, false, Reason::program_missing);
    DaemonView up;
    up.state = DaemonState::up;
    up.board = &board;
    const auto health = fleet.health_with(up);
    CHECK(health.code == HealthCode::critical);
    CHECK_MESSAGE(health.text.find("FATAL program_missing") != std::string::npos, health.text);
}

TEST_CASE("the line of health names the first that are bad and counts the rest") {
    ipc::BoardDaemon board;
    Fleet fleet;
    fleet.add(WorkerState::running);
    for (int i = 0; i < 7; ++i)
        fleet.add(WorkerState::backoff, false, Reason::crashed);
    DaemonView daemon;
    daemon.state = DaemonState::up;
    daemon.board = &board;
    const auto text = fleet.health_with(daemon).text;
    CHECK(text ==
          "8 accounts, 1 running; acct2 BACKOFF crashed; acct3 BACKOFF crashed; acct4 BACKOFF "
          "crashed; acct5 BACKOFF crashed; acct6 BACKOFF crashed; and 2 more");
}
