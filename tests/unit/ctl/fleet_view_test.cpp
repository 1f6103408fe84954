#include "ctl/fleet_view.hpp"

#include <doctest/doctest.h>

#include "common/model/reason.hpp"

using namespace bullpen;
using namespace bullpen::ctl;
using namespace std::chrono_literals;
using model::Reason;
using model::WorkerState;
using Lock = LockEvidence::Lock;

namespace {

const Instant k_now{utc_from_nanos(1'800'000'000'000'000'000), MonoTime(Nanos(1h))};

ipc::BoardSlot slot_in(WorkerState state, Reason reason = Reason::none) {
    ipc::BoardSlot slot;
    slot.account = "mes01";
    slot.state = state;
    slot.reason = model::code(reason);
    slot.pid = 4711;
    slot.started = k_now.utc - 90s;
    slot.last_beat_mono = k_now.mono - 1500ms;
    slot.last_bar_mono = k_now.mono - 30s;
    slot.reports = 1;
    slot.mode = model::TradingMode::active;
    return slot;
}

LockEvidence held_by(pid_t pid, bool alive) {
    LockEvidence evidence;
    evidence.lock = Lock::held;
    evidence.holder = pid;
    evidence.holder_alive = alive;
    evidence.holder_text = "held by pid " + std::to_string(pid);
    evidence.since = k_now.utc - 100s;
    return evidence;
}

LockEvidence free_lock(bool clean = false) {
    LockEvidence evidence;
    evidence.lock = Lock::free;
    evidence.ended_cleanly = clean;
    return evidence;
}

}  // namespace

TEST_CASE("a living daemon's board is taken at its word") {
    const auto slot = slot_in(WorkerState::late, Reason::beats_missed);
    const auto row = row_from_board(slot, k_now);
    CHECK(shown_state(row) == "RUNNING");
    CHECK(is_late(row));
    CHECK(row.reason == "beats_missed");
    CHECK(row.pid == 4711);
    CHECK(row.uptime == Nanos(90s));
    CHECK(row.beat_age == Nanos(1500ms));
    CHECK(row.bar_age == Nanos(30s));
    CHECK(row.mode_known);
}

TEST_CASE("an account without a process shows none of the last one's figures") {
    for (const auto state :
         {WorkerState::stopped, WorkerState::waiting, WorkerState::backoff, WorkerState::fatal}) {
        const auto slot = slot_in(state);
        const auto row = row_from_board(slot, k_now);
        CHECK(row.pid == 0);
        CHECK_FALSE(row.uptime);
        CHECK_FALSE(row.beat_age);
        CHECK_FALSE(row.mode_known);
    }
}

TEST_CASE("ages never are below zero, and a time never told is no age") {
    auto slot = slot_in(WorkerState::running);
    slot.started = k_now.utc + 5s;
    slot.last_beat_mono = k_now.mono + 5s;
    slot.last_bar_mono = MonoTime{};
    const auto row = row_from_board(slot, k_now);
    CHECK(row.uptime == Nanos(0));
    CHECK(row.beat_age == Nanos(0));
    CHECK_FALSE(row.bar_age);
}

TEST_CASE("of another host's daemon that hangs nothing is proven") {
    ipc::Board board;
    board.daemon_alive = true;
    board.daemon.pid = 12;
    board.slots = {slot_in(WorkerState::running)};
    for (const auto silent : {0s, 9s}) {
        board.daemon.written_mono = k_now.mono - silent;
        const auto view = FleetView::of_far_board(board, k_now, "alpha:/home");
        CHECK(shown_state(view.rows()[0]) == (silent == 0s ? "RUNNING" : "UNKNOWN"));
        CHECK((view.rows()[0].pid == 0) == (silent != 0s));
    }
}

TEST_CASE("without a daemon the lock decides the state") {
    struct Row {
        WorkerState last;
        Reason last_reason;
        LockEvidence evidence;
        std::string state;
        std::string reason;
    };
    const std::vector<Row> table = {
        {WorkerState::running, Reason::none, held_by(4711, true), "RUNNING", "daemon_absent"},
        {WorkerState::starting, Reason::none, held_by(4711, true), "RUNNING", "daemon_absent"},
        {WorkerState::stopped, Reason::operator_stop, held_by(99, true), "RUNNING",
         "daemon_absent"},
        {WorkerState::running, Reason::none, held_by(4711, false), "UNKNOWN", "none"},
        {WorkerState::running, Reason::none, free_lock(), "STOPPED", "lost_while_unsupervised"},
        {WorkerState::late, Reason::beats_missed, free_lock(), "STOPPED",
         "lost_while_unsupervised"},
        {WorkerState::stopping, Reason::operator_stop, free_lock(true), "STOPPED", "exited_clean"},
        {WorkerState::stopped, Reason::operator_stop, free_lock(), "STOPPED", "operator_stop"},
        {WorkerState::stopped, Reason::daemon_shutdown, free_lock(), "STOPPED", "daemon_shutdown"},
        {WorkerState::backoff, Reason::crashed, free_lock(), "STOPPED", "crashed"},
        {WorkerState::fatal, Reason::restart_budget_spent, free_lock(), "FATAL",
         "restart_budget_spent"},
        {WorkerState::waiting, Reason::vault_locked, free_lock(), "WAITING", "vault_locked"},
        {WorkerState::waiting, Reason::lock_held, held_by(99, true), "RUNNING", "daemon_absent"},
        {WorkerState::running, Reason::none, LockEvidence{}, "UNKNOWN", "none"}};
    for (const auto& row : table) {
        const auto slot = slot_in(row.last, row.last_reason);
        const auto derived = derive_from_lock(slot, true, row.evidence, k_now);
        CHECK(shown_state(derived) == row.state);
        CHECK(derived.reason == row.reason);
        CHECK_FALSE(derived.mode_known);
    }
}

TEST_CASE("a worker proven by its lock shows the figures of its own process only") {
    const auto slot = slot_in(WorkerState::running);
    const auto same = derive_from_lock(slot, true, held_by(4711, true), k_now);
    CHECK(same.pid == 4711);
    CHECK(same.uptime == Nanos(90s));
    CHECK(same.beat_age == Nanos(1500ms));
    const auto other = derive_from_lock(slot, true, held_by(99, true), k_now);
    CHECK(other.pid == 99);
    CHECK(other.uptime == Nanos(100s));
    CHECK_FALSE(other.beat_age);
}

TEST_CASE("an account known from its file alone is stopped when its lock is free") {
    ipc::BoardSlot slot;
    slot.account = "mes01";
    const auto row = derive_from_lock(slot, false, free_lock(), k_now);
    CHECK(shown_state(row) == "STOPPED");
    CHECK(row.reason == "none");
}

TEST_CASE("an account that ended by itself still reads EXITED without a daemon") {
    auto slot = slot_in(WorkerState::stopped, Reason::exited_clean);
    slot.exited = 1;
    CHECK(shown_state(derive_from_lock(slot, true, free_lock(true), k_now)) == "EXITED");
}
