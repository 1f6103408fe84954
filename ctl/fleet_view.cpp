#include "ctl/fleet_view.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "common/base/errc.hpp"
#include "common/model/reason.hpp"
#include "ctl/text.hpp"
#include "ipc/identity.hpp"

namespace bullpen::ctl {

namespace {

using model::Reason;
using model::WorkerState;

// A board may name processes of an earlier boot; a row never shows an age below zero.
std::optional<Nanos> age(MonoTime then, MonoTime now) {
    if (then == MonoTime{})
        return std::nullopt;
    return std::max(Nanos(0), now - then);
}

std::optional<Nanos> age(UtcTime then, UtcTime now) {
    if (then == UtcTime{})
        return std::nullopt;
    return std::max(Nanos(0), now - then);
}

constexpr std::string_view k_worker_program = "bullpen-worker";

bool with_process(WorkerState state) {
    return state == WorkerState::starting || state == WorkerState::running ||
           state == WorkerState::late || state == WorkerState::stopping ||
           state == WorkerState::killing;
}

std::vector<std::string> names_in(const std::string& directory, std::string_view ending) {
    std::vector<std::string> names;
    const std::unique_ptr<DIR, int (*)(DIR*)> handle(::opendir(directory.c_str()), ::closedir);
    while (const auto* entry = handle ? ::readdir(handle.get()) : nullptr) {
        const std::string_view name = entry->d_name;
        if (name.size() > ending.size() && name.ends_with(ending))
            names.emplace_back(name.substr(0, name.size() - ending.size()));
    }
    return names;
}

}  // namespace

std::string_view shown_state(const AccountRow& row) {
    return row.state ? model::shown(*row.state, row.exited) : "UNKNOWN";
}

bool is_late(const AccountRow& row) {
    return row.state == WorkerState::late;
}

bool has_process(const AccountRow& row) {
    return row.state && with_process(*row.state);
}

bool stays_down(const AccountRow& row) {
    if (row.state != WorkerState::stopped)
        return row.state == WorkerState::fatal;
    switch (model::reason_from(row.reason).value_or(Reason::none)) {
        case Reason::operator_stop:
        case Reason::not_autostarted:
        case Reason::account_disabled: return true;
        default: return row.exited;
    }
}

std::string next_alone(const AccountRow& row, DaemonState daemon) {
    if (row.by_hand)
        return "it goes on until that process ends; no daemon watches it";
    const bool hangs = daemon == DaemonState::silent;
    if (stays_down(row)) {
        // A board of a later release may have a reason that this one does not know.
        const auto reason = model::reason_from(row.reason);
        return reason ? std::string(model::text(*reason).next) : row.slot->next.str();
    }
    if (!has_process(row))
        return hangs ? "nothing, until bullpend moves again or its successor runs"
                     : "nothing, until a daemon runs";
    std::string text = "it goes on";
    if (row.foreign)
        text += " by its own rules";
    else if (row.slot->service == 0)
        text += " without new entries";
    text += hangs ? " until bullpend moves again or its successor adopts it"
                  : " until a daemon adopts it";
    return text + "; it is not watched";
}

LockEvidence lock_evidence(const std::string& lock_path) {
    LockEvidence evidence;
    const auto probe = ipc::AccountLock::probe(lock_path);
    if (!probe) {
        evidence.holder_text = "its lock cannot be looked at: " + probe.error().message();
        return evidence;
    }
    const auto facts = ipc::AccountLock::read_facts(lock_path);
    if (facts)
        evidence.ended_cleanly = facts->ended.has_value();
    evidence.lock =
        *probe == ipc::LockProbe::free ? LockEvidence::Lock::free : LockEvidence::Lock::held;
    if (evidence.lock == LockEvidence::Lock::free)
        return evidence;
    evidence.holder_text = ipc::holder_text(facts);
    if (facts) {
        evidence.holder = facts->pid;
        evidence.since = facts->utc;
        evidence.holder_alive =
            facts->pid > 0 && ipc::process_alive(facts->pid, facts->start_time, facts->boot_id);
        evidence.by_hand = ipc::is_by_hand(*facts);
        evidence.foreign = !facts->program.empty() && facts->program != k_worker_program;
    }
    return evidence;
}

AccountRow row_from_board(const ipc::BoardSlot& slot, Instant now) {
    AccountRow row;
    row.slot = &slot;
    row.state = slot.state;
    row.exited = slot.exited != 0;
    row.reason = slot.reason.empty() ? model::code(Reason::none) : slot.reason.view();
    row.reason_text = slot.reason_text.str();
    if (slot.since != UtcTime{})
        row.since = slot.since;
    const bool process = with_process(slot.state);
    row.pid = process ? slot.pid : 0;
    if (process) {
        row.uptime = age(slot.started, now.utc);
        row.beat_age = age(slot.last_beat_mono, now.mono);
        row.bar_age = age(slot.last_bar_mono, now.mono);
        row.mode_known = slot.reports != 0;
    }
    return row;
}

void note_by_hand(AccountRow& row, const LockEvidence& evidence, Instant now) {
    if (evidence.lock != LockEvidence::Lock::held || !evidence.holder_alive || !evidence.by_hand)
        return;
    row.state = WorkerState::running;
    row.exited = false;
    row.reason = model::code(Reason::lock_held);
    row.reason_text = evidence.holder_text + ", not by this daemon's worker";
    row.pid = evidence.holder;
    row.uptime = age(evidence.since.value_or(UtcTime{}), now.utc);
    row.proven_by_lock = true;
    row.by_hand = true;
    row.since = evidence.since;
}

AccountRow derive_from_lock(const ipc::BoardSlot& slot, bool on_board, LockEvidence evidence,
                            Instant now) {
    AccountRow row;
    row.slot = &slot;
    row.on_board = on_board;
    row.reason = model::code(Reason::none);
    row.reason_text = std::move(evidence.holder_text);
    row.proven_by_lock = evidence.lock != LockEvidence::Lock::not_readable;
    const bool was_running = on_board && with_process(slot.state);
    if (evidence.lock == LockEvidence::Lock::free) {
        row.state = WorkerState::stopped;
        row.exited = slot.exited != 0 && !was_running;
        if (was_running) {
            row.reason = model::code(evidence.ended_cleanly ? Reason::exited_clean
                                                            : Reason::lost_while_unsupervised);
        } else if (on_board) {
            // What needs a person, or a gate to open, needs it still; only what needs time alone
            // is stopped for want of a daemon.
            if (slot.state == WorkerState::waiting || slot.state == WorkerState::fatal)
                row.state = slot.state;
            row.reason = slot.reason.empty() ? model::code(Reason::none) : slot.reason.view();
            row.reason_text = slot.reason_text.str();
            if (row.state == slot.state && slot.since != UtcTime{})
                row.since = slot.since;
        }
        return row;
    }
    if (evidence.lock == LockEvidence::Lock::held && evidence.holder_alive) {
        row.state = WorkerState::running;
        row.reason = model::code(Reason::daemon_absent);
        row.foreign = evidence.foreign;
        row.by_hand = evidence.by_hand;
        if (row.by_hand)
            row.since = evidence.since;
        row.pid = evidence.holder;
        // The lock is taken just before the process starts; the board knows it better, if it is
        // about the same process.
        const bool same = on_board && slot.pid == evidence.holder && slot.started != UtcTime{};
        row.uptime = age(same ? slot.started : evidence.since.value_or(UtcTime{}), now.utc);
        if (same) {
            row.beat_age = age(slot.last_beat_mono, now.mono);
            row.bar_age = age(slot.last_bar_mono, now.mono);
        }
    }
    return row;
}

Result<void> look_into(const Home& home) {
    constexpr std::string_view k_advice = "; bullpenctl init makes one, --home names another";
    struct stat facts {};
    const bool found = ::stat(home.root().c_str(), &facts) == 0;
    const auto may = [](const std::string& path, int how) {
        return ::faccessat(AT_FDCWD, path.c_str(), how, AT_EACCESS) == 0 || errno != EACCES;
    };
    if (found ? !may(home.root(), R_OK | X_OK) || !may(home.run(), R_OK | X_OK) : errno == EACCES) {
        std::string text = "this user (uid " + std::to_string(::geteuid()) +
                           ") may not look into the home " + home.root();
        if (found)
            text += ", which belongs to uid " + std::to_string(facts.st_uid);
        return fail(std::make_error_code(std::errc::permission_denied), std::move(text));
    }
    if (!found || !S_ISDIR(facts.st_mode))
        return fail(Errc::not_found, "there is no home at " + home.root() + std::string(k_advice));
    const auto has = [](const std::string& path) { return ::access(path.c_str(), F_OK) == 0; };
    if (!has(home.daemon_settings()) && !has(home.roster()) && !has(home.run())) {
        return fail(Errc::not_found, home.root() +
                                         " is no home: it has neither bullpen.toml nor accounts.d" +
                                         std::string(k_advice));
    }
    return {};
}

Result<FleetView> FleetView::read(const Home& home, Instant now, const RosterSource* roster) {
    BULLPEN_CHECK(look_into(home));
    FleetView view;
    auto board = ipc::BoardReader::read(home.board());
    if (board)
        view.board_ = std::make_unique<ipc::Board>(std::move(*board));
    else if (board.error().code() != Errc::not_found)
        view.board_trouble_ = board.error().message();
    view.look_at_daemon(home, now);
    // What a daemon that hangs wrote last proves nothing: its workers may have died meanwhile.
    const bool trusted = view.daemon_.state == DaemonState::up;
    if (view.board_) {
        view.rows_.reserve(view.board_->slots.size());
        for (const auto& slot : view.board_->slots) {
            auto& rows = slot.service != 0 ? view.services_ : view.rows_;
            if (trusted)
                rows.push_back(row_from_board(slot, now));
            const bool quiet =
                slot.state == WorkerState::stopped || slot.state == WorkerState::fatal;
            if (trusted && !quiet)
                continue;
            const auto id = AccountId::parse(slot.account.view());
            if (id && trusted) {
                note_by_hand(rows.back(), lock_evidence(home.account(*id).lock), now);
            } else if (id) {
                auto found = view.evidence(home.account(*id).lock, slot);
                rows.push_back(derive_from_lock(slot, true, std::move(found), now));
            }
        }
    } else {
        view.add_accounts_without_board(home, roster);
        for (auto& row : view.rows_) {
            const auto id = AccountId::parse(row.slot->account.view());
            if (id)
                row =
                    derive_from_lock(*row.slot, false, lock_evidence(home.account(*id).lock), now);
        }
    }
    view.put_in_order();
    return view;
}

void FleetView::put_in_order() {
    // The texts of a slot end where they end: found once, not at each comparison.
    struct Key {
        std::string_view group;
        std::string_view account;
        std::size_t place;
        auto operator<=>(const Key&) const = default;
    };
    std::vector<Key> keys;
    keys.reserve(rows_.size());
    for (std::size_t i = 0; i < rows_.size(); ++i)
        keys.push_back({rows_[i].slot->group.view(), rows_[i].slot->account.view(), i});
    if (std::is_sorted(keys.begin(), keys.end()))
        return;
    std::sort(keys.begin(), keys.end());
    std::vector<AccountRow> sorted;
    sorted.reserve(rows_.size());
    for (const auto& key : keys)
        sorted.push_back(std::move(rows_[key.place]));
    rows_ = std::move(sorted);
}

FleetView FleetView::of_far_board(ipc::Board board, Instant now, std::string where) {
    FleetView view;
    view.where_ = std::move(where);
    view.board_ = std::make_unique<ipc::Board>(std::move(board));
    view.look_at_board(now);
    const bool trusted = view.daemon_.state == DaemonState::up;
    view.rows_.reserve(view.board_->slots.size());
    for (const auto& slot : view.board_->slots) {
        auto& rows = slot.service != 0 ? view.services_ : view.rows_;
        rows.push_back(trusted ? row_from_board(slot, now)
                               : derive_from_lock(slot, true, LockEvidence(), now));
    }
    view.put_in_order();
    return view;
}

bool FleetView::look_at_board(Instant now) {
    if (board_) {
        daemon_.board = &board_->daemon;
        daemon_.board_age = board_->this_boot ? age(board_->daemon.written_mono, now.mono)
                                              : age(board_->daemon.written, now.utc);
    }
    if (board_ && board_->daemon_alive) {
        const bool fresh = daemon_.board_age && *daemon_.board_age < k_daemon_silent_after;
        daemon_.state = fresh ? DaemonState::up : DaemonState::silent;
        daemon_.pid = board_->daemon.pid;
        daemon_.version = board_->daemon.version.str();
        return true;
    }
    return false;
}

LockEvidence FleetView::evidence(const std::string& lock_path, const ipc::BoardSlot& slot) const {
    auto found = lock_evidence(lock_path);
    if (found.lock != LockEvidence::Lock::free || !board_ || !with_process(slot.state) ||
        slot.start_time == 0 ||
        !ipc::process_alive(slot.pid, slot.start_time, board_->daemon.boot_id.str()))
        return found;
    found.lock = LockEvidence::Lock::held;
    found.holder_alive = true;
    found.holder = slot.pid;
    found.since = slot.started;
    found.holder_text = "its lock is held by nobody, and its process runs (pid " +
                        std::to_string(slot.pid) + "): the lock's file was removed, or closed";
    return found;
}

void FleetView::look_at_daemon(const Home& home, Instant now) {
    if (look_at_board(now))
        return;
    const auto evidence = lock_evidence(home.daemon_lock());
    // One that was killed holds its lock until the kernel has taken it apart.
    const bool ends = evidence.holder != 0 && !evidence.holder_alive;
    if (evidence.lock == LockEvidence::Lock::held && !ends) {
        daemon_.state = DaemonState::starting;
        daemon_.pid = evidence.holder;
        const auto facts = ipc::AccountLock::read_facts(home.daemon_lock());
        if (facts)
            daemon_.version = facts->version;
    }
}

void FleetView::add_accounts_without_board(const Home& home, const RosterSource* roster) {
    std::vector<KnownAccount> known;
    if (roster != nullptr) {
        known = roster->accounts(home);
    } else {
        for (const auto& name : names_in(home.roster(), ".toml")) {
            if (auto id = AccountId::parse(name))
                known.push_back({std::move(*id), {}, {}, {}});
        }
    }
    for (const auto& account : known) {
        auto& slot = made_up_.emplace_back();
        slot.account = account.account.str();
        slot.group = account.group;
        slot.label = account.label;
        slot.owner = account.owner;
        slot.enabled = account.enabled ? 1 : 0;
        AccountRow row;
        row.slot = &slot;
        rows_.push_back(std::move(row));
    }
}

std::vector<Candidate> FleetView::candidates() const {
    std::vector<Candidate> candidates;
    candidates.reserve(rows_.size());
    for (const auto& row : rows_)
        candidates.push_back({row.slot->account.view(), row.slot->group.view()});
    return candidates;
}

std::string FleetView::notice(const Home& home) const {
    std::string text;
    const auto* board = daemon_.board;
    switch (daemon_.state) {
        case DaemonState::up:
            if (board->stopping != 0)
                text = "bullpend is shutting down.";
            else if (board->disk_full != 0)
                text =
                    "The disk of the home is full: bullpend starts nothing until there is space.";
            else if (board->roster_problems != 0)
                text = "Some settings files have errors; bullpenctl reread lists them.";
            break;
        case DaemonState::silent:
            text = "bullpend (pid " + std::to_string(daemon_.pid) + ") has not moved for " +
                   duration_text(daemon_.board_age.value_or(Nanos(0)));
            text += is_far() ? "; locks are looked at on its own host alone."
                             : "; the states below are what locks prove.";
            break;
        case DaemonState::starting:
            text = "bullpend (pid " + std::to_string(daemon_.pid) +
                   ") is starting; the states below are what locks prove.";
            break;
        case DaemonState::down:
            text = "bullpend is down in " + place(home);
            if (board != nullptr && board->pid > 0) {
                text += ": pid " + std::to_string(board->pid) + " last wrote its board " +
                        spaced_utc(format_utc(board->written));
            }
            text += is_far() ? "; locks are looked at on its own host alone."
                             : "; the states below are what locks prove.";
            break;
    }
    if (!board_trouble_.empty())
        text += (text.empty() ? "" : " ") + ("The status board cannot be read: " + board_trouble_);
    return text;
}

}  // namespace bullpen::ctl
