// FleetView: what can be known about every account without asking anybody: the status board while
// the daemon that writes it turns; otherwise each account's kernel lock, the facts in its file and
// what the board said last. Reads files, never a socket. One process, one view.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/base/result.hpp"
#include "common/model/states.hpp"
#include "ctl/arguments.hpp"
#include "ctl/selection.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/status_board.hpp"

namespace bullpen::ctl {

// A daemon says at least once a second that it is well; silent for this long, it hangs.
inline constexpr Nanos k_daemon_silent_after = std::chrono::seconds(5);

enum class DaemonState {
    up,
    silent,    // its process lives, its loop does not turn
    starting,  // it holds its lock and has not written the board yet
    down,
};

struct DaemonView {
    DaemonState state = DaemonState::down;
    pid_t pid = 0;        // 0: not known
    std::string version;  // empty: not known
    // What the board says of it, also of one that is gone; null without a board.
    const ipc::BoardDaemon* board = nullptr;
    std::optional<Nanos> board_age;
};

// One account. `state` empty reads UNKNOWN.
struct AccountRow {
    const ipc::BoardSlot* slot = nullptr;
    std::optional<model::WorkerState> state;
    bool exited = false;
    bool on_board = true;     // false: known from its file alone
    std::string_view reason;  // a reason's code
    std::string reason_text;  // particulars
    pid_t pid = 0;            // 0: no process
    std::optional<Nanos> uptime;
    std::optional<Nanos> beat_age;
    std::optional<Nanos> bar_age;
    bool mode_known = false;  // slot->mode, mode_reason and session are of now
    bool proven_by_lock = false;
    bool foreign = false;          // its process is a program of its own, with rules of its own
    bool by_hand = false;          // its process is a worker that no daemon launched
    std::optional<UtcTime> since;  // of the state, for this reason
};

// "RUNNING", ..., "UNKNOWN".
std::string_view shown_state(const AccountRow& row);
bool is_late(const AccountRow& row);
// Has a process, as far as is known.
bool has_process(const AccountRow& row);
// What comes next of an account whose state its lock proves, without a daemon that turns, or of
// one whose worker somebody started by hand.
std::string next_alone(const AccountRow& row, DaemonState daemon);
// Whether it stays as it is when a daemon starts, too: somebody stopped it, or has to act.
bool stays_down(const AccountRow& row);

// The unit of a limit that is a countdown: of what the account proves itself with.
inline constexpr std::string_view k_unit_seconds = "seconds";

// What the account's lock proves.
struct LockEvidence {
    enum class Lock { free, held, not_readable } lock = Lock::not_readable;
    bool holder_alive = false;  // the very process of the facts lives
    pid_t holder = 0;
    std::string holder_text;
    bool by_hand = false;        // a worker that no daemon launched
    bool foreign = false;        // a program that its settings name, not the built-in worker
    bool ended_cleanly = false;  // the facts carry the mark of a clean end
    std::optional<UtcTime> since;
};
LockEvidence lock_evidence(const std::string& lock_path);

// The state of an account without a daemon that turns. Pure.
AccountRow derive_from_lock(const ipc::BoardSlot& slot, bool on_board, LockEvidence evidence,
                            Instant now);
// The state as a daemon that turns wrote it. Pure.
AccountRow row_from_board(const ipc::BoardSlot& slot, Instant now);
// Whether somebody has started a worker of an account that the daemon leaves alone: then it runs,
// whatever the board says. Pure.
void note_by_hand(AccountRow& row, const LockEvidence& evidence, Instant now);

// Where names and groups come from when there is no board yet.
struct KnownAccount {
    AccountId account;
    std::string group;
    std::string label;
    std::string owner;
    bool enabled = true;
};
// Takes the values of an account's credentials out of a line that is shown.
using Mask = std::function<std::string(std::string_view)>;
class FleetView;
class RosterSource {
  public:
    RosterSource() = default;
    RosterSource(const RosterSource&) = delete;
    RosterSource& operator=(const RosterSource&) = delete;
    virtual ~RosterSource() = default;
    [[nodiscard]] virtual std::vector<KnownAccount> accounts(const Home& home) const = 0;
    // The values in force and those before them, also of what is set while lines are shown. An
    // error when they cannot be known, as of a vault that is locked. `credentials_directory`: as a
    // Context has it.
    [[nodiscard]] virtual Result<Mask> mask(const Home& home, const AccountId& account,
                                            std::string_view credentials_directory) const = 0;
    // Of the home that --host names. `now` becomes the time there, which all ages are of.
    [[nodiscard]] virtual Result<FleetView> far_view(const Globals& globals,
                                                     Instant* now) const = 0;
};

// Whether there is a home that this user may look into; the error says what is the matter. Nobody
// is told that a daemon is down because he may not see it.
Result<void> look_into(const Home& home);

class FleetView {
  public:
    // Errc::not_found when the directory of the home does not exist. `roster` may be null: then
    // names without a board come from the files in accounts.d, and their groups are not known.
    static Result<FleetView> read(const Home& home, Instant now, const RosterSource* roster);

    // Of a board of another host, whose locks cannot be looked at: without a daemon that turns
    // every state is UNKNOWN. `where` is the place for people.
    static FleetView of_far_board(ipc::Board board, Instant now, std::string where);

    FleetView(FleetView&&) = default;
    FleetView& operator=(FleetView&&) = default;
    FleetView(const FleetView&) = delete;
    FleetView& operator=(const FleetView&) = delete;
    ~FleetView() = default;

    [[nodiscard]] const DaemonView& daemon() const { return daemon_; }
    [[nodiscard]] bool has_board() const { return board_ != nullptr; }
    // Why there is a board that cannot be read; empty otherwise.
    [[nodiscard]] const std::string& board_trouble() const { return board_trouble_; }
    [[nodiscard]] std::size_t torn() const { return board_ ? board_->torn : 0; }
    // In the order of groups, then names.
    [[nodiscard]] const std::vector<AccountRow>& rows() const { return rows_; }
    // The home's own services that the board knows, by name.
    [[nodiscard]] const std::vector<AccountRow>& services() const { return services_; }
    [[nodiscard]] std::vector<Candidate> candidates() const;

    // One line about a daemon that is not as it should be, with a full stop; empty when all is
    // well.
    [[nodiscard]] std::string notice(const Home& home) const;
    // The home's directory, or where it is.
    [[nodiscard]] const std::string& place(const Home& home) const {
        return where_.empty() ? home.root() : where_;
    }
    [[nodiscard]] bool is_far() const { return !where_.empty(); }
    // What is known of an account's process: by its lock, and where that is free by the board's
    // pid and start time. A lock whose file was removed, or that a program let go of, proves no
    // death.
    [[nodiscard]] LockEvidence evidence(const std::string& lock_path,
                                        const ipc::BoardSlot& slot) const;

  private:
    FleetView() = default;
    void put_in_order();
    // False when what it says is not of a living daemon.
    bool look_at_board(Instant now);
    void look_at_daemon(const Home& home, Instant now);
    void add_accounts_without_board(const Home& home, const RosterSource* roster);

    std::unique_ptr<ipc::Board> board_;
    std::deque<ipc::BoardSlot> made_up_;  // for accounts that are on no board
    DaemonView daemon_;
    std::string board_trouble_;
    std::string where_;  // of a home on another host; empty: on this one
    std::vector<AccountRow> rows_;
    std::vector<AccountRow> services_;
};

}  // namespace bullpen::ctl
