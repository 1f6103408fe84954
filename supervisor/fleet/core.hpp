// The inside of Fleet: what is known of one account, and the steps that its inputs share. Included
// by the fleet's own sources only.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ipc/liveness.hpp"
#include "supervisor/fleet/fleet.hpp"
#include "supervisor/fleet/planted.hpp"
#include "supervisor/fleet/restart_policy.hpp"
#include "supervisor/fleet/storm_limit.hpp"
#include "supervisor/fleet/worker_machine.hpp"

namespace bullpen::fleet {

using model::Reason;
using model::WorkerState;

struct Account;
// Recoveries first, then by priority, then who has not run yet, by name, before who runs again, the
// longest ago first: what dies at once again and again keeps nobody from starting.
using QueueKey = std::tuple<bool, int, std::uint64_t, std::string_view, Account*>;

struct Account {
    Account(AccountPlan account_plan, std::uint64_t account_index)
        : plan(std::move(account_plan)), index(account_index) {}

    AccountPlan plan;
    std::uint64_t index;  // in the order of creation: makes every run repeat

    // Observed.
    WorkerState state = WorkerState::stopped;
    Reason reason = Reason::none;
    Instant since;
    // Where it was last with a reason that lasts, under an earlier daemon too: it may be there
    // again after a try that came to nothing, and has then been so since that time.
    struct Stay {
        WorkerState state;
        Reason reason;
        Instant since;
    };
    std::optional<Stay> stay;
    std::string detail;
    bool exited = false;
    bool killed = false;     // the last launch that ended did so only by SIGKILL
    bool process = false;    // a launch was asked for and has not ended
    bool leftovers = false;  // it ended, and its tree is not proven gone
    std::optional<bool> flat;
    bool at_rest = false;       // a restart would interrupt nothing
    std::vector<Death> deaths;  // oldest first

    // Wanted.
    bool operator_wants = true;
    Reason wish_reason = Reason::operator_stop;  // why not, if the operator does not
    bool removed = false;

    // What the last try to start met, if it is what it waits for.
    Reason held = Reason::none;
    std::uint32_t held_tries = 0;

    // The launch.
    LaunchNumber launch;
    Fence fence;
    pid_t pid = 0;
    UtcTime started{};
    std::uint64_t fingerprint = 0;
    std::optional<MonoTime> running_since;
    std::optional<UtcTime> ready_at;  // of an adopted one, as the earlier daemon saw it
    ipc::Liveness liveness{{}, MonoTime{}};
    Reason condemned = Reason::none;
    LaunchNumber settled;      // an earlier daemon had told this one to end, or seen its end
    bool interrupted = false;  // and it is the one that was found

    // Trying again.
    RestartPolicy policy;
    std::optional<std::pair<MonoTime, Reason>> put_off;  // the back-off that a shutdown met
    std::uint64_t restarts = 0;
    bool is_restart = false;  // the next launch follows a death or a restart
    Reason fatal_reason = Reason::none;
    bool recovery_wanted = false;  // fatal with an open position: one launch more
    bool recovery_done = false;
    bool recovery = false;  // this launch is that one
    // An operator asked for a launch that makes it flat; it is wanted for that and no longer.
    bool errand = false;

    // The next thing that happens by itself: of the state, of the sweep; the nearer is in timers.
    std::optional<MonoTime> state_due;
    std::optional<MonoTime> sweep_due;
    std::optional<MonoTime> timer;

    std::optional<QueueKey> place;  // in the start queue
    bool change_pending = false;
    bool save_pending = false;
    bool sweep_alarmed = false;

    [[nodiscard]] const AccountId& id() const { return plan.account; }
};

struct Fleet::Core {
    Core(FleetSettings fleet_settings, lease::FenceAllocator fences, LaunchNumber last,
         std::uint64_t seed)
        : settings(fleet_settings),
          leases(fences),
          last_launch(last),
          random(seed),
          storm(settings.storm_deaths_max, settings.storm_window) {}

    // Start-up and roster (roster.cpp).
    Account& create(Instant now, const AccountPlan& plan);
    void take_saved(Instant now, Account& a);
    void take_fatal(Account& a, Reason reason);
    void recall_storm(Instant now, const std::vector<AccountPlan>& plans);
    void update_plan(Instant now, Account& a, const AccountPlan& plan);
    // Restarts it when its last launch had other settings.
    void follow_settings(Instant now, Account& a);
    void adopt(Instant now, Account& a, const FoundWorker& found);
    void begin(Instant now);

    // One account (life.cpp).
    Account* find(const AccountId& account);
    Account* current(const AccountId& account, LaunchNumber launch);
    // Does this with the account, if `launch` is the process that it has, and what follows from it.
    template <class Act>
    void of(Instant now, const AccountId& account, LaunchNumber launch, Act act) {
        Account* a = current(account, launch);
        if (a == nullptr)
            return;
        act(*a);
        finish(now);
    }
    // What follows from a command that was taken.
    Verdict accept(Instant now) {
        finish(now);
        return Verdict::accepted;
    }
    // Whether it is to run, and whether it is to have a process at all.
    [[nodiscard]] static bool wished(const Account& a) {
        return a.operator_wants && a.plan.enabled && !a.exited;
    }
    [[nodiscard]] bool wanted(const Account& a) const;
    // It runs with other settings than it is to have, but would not start again while the vault is
    // locked: it is restarted when the vault is not.
    [[nodiscard]] bool kept_by_vault(const Account& a) const;
    void step(Instant now, Account& a, Event event, Reason reason, std::string detail = {});
    void set_reason(Instant now, Account& a, Reason reason, std::string detail = {});
    void settle_since(Account& a);
    void reconsider(Instant now, Account& a);
    [[nodiscard]] Reason stop_reason(const Account& a) const;
    void want(Instant now, Account& a);
    void pardon(Account& a);
    void drain(Instant now, Account& a, Reason reason);
    void condemn(Instant now, Account& a, Reason reason, Nanos grace, std::string detail);
    void running(Instant now, Account& a);
    void up_after(Instant now, Account& a, Nanos wait);
    void heard(Instant now, Account& a);
    void ended(Instant now, Account& a, const ExitStatus& status);
    void ended_by_itself(Instant now, Account& a, const ExitStatus& status, Nanos ran_for);
    void died(Instant now, Account& a, Reason reason, const ExitStatus& status, Nanos ran_for);
    void fatal(Instant now, Account& a, Reason reason, std::string detail);
    void hold(Instant now, Account& a, Event event, Reason reason, std::string detail);
    void not_launched(Instant now, Account& a, LaunchFailure failure, std::string detail);
    void swept(Instant now, Account& a);
    void fire(Instant now, Account& a);
    void check_silence(Instant now, Account& a);
    void put_off_the_heard(Instant now);
    void set_due(Account& a, std::optional<MonoTime> state_due);
    void rearm(Account& a);
    void record(Account& a, Instant now, Reason reason, const ExitStatus& status, Nanos ran_for);

    // The home (home.cpp).
    void finish(Instant now);
    void refresh(Instant now, Account& a);
    void refresh_all(Instant now);
    [[nodiscard]] Reason shut_gate(const Account& a) const;
    [[nodiscard]] bool in_storm(Instant now) const {
        return storm.shut_until(now.mono).has_value();
    }
    void dequeue(Account& a);
    void pump(Instant now);
    bool start(Instant now, Account& a);
    void ask_for_fences(Instant now);
    void shut_down(Instant now);
    void shutdown_step(Instant now);
    void roll_step(Instant now);
    bool roll_current(Instant now);
    void roll_next(Instant now);
    void end_roll(Reason reason, std::string sentence);
    void rolled(const AccountId& account, Rolled rolled, std::string sentence);
    void tick(Instant now);
    [[nodiscard]] std::optional<MonoTime> next_deadline() const;

    // Actions.
    Action& push(ActionKind kind, const Account& a, Reason reason = Reason::none,
                 std::string sentence = {});
    Action& push(ActionKind kind);
    void alarm(const Account* a, Reason reason, std::string sentence);
    void changed(Account& a);
    void save(Account& a);

    FleetSettings settings;
    lease::LeaseTable leases;
    LaunchNumber last_launch;
    SeededRandom random;
    StormLimit storm;
    bool storm_shown = false;
    std::set<Reason> home_gates;
    std::uint64_t next_index = 0;
    bool begun = false;
    bool shutting = false;
    bool keep_workers = false;
    bool all_stopped_said = false;
    MonoTime listening_since{};
    MonoTime next_start{};
    bool staggered = false;  // the queue waits for next_start
    std::size_t starting = 0;
    std::optional<MonoTime> fences_asked;  // when to ask again

    std::unordered_map<AccountId, std::unique_ptr<Account>> accounts;
    std::unordered_map<AccountId, SavedAccount> saved;
    std::unordered_map<AccountId, std::map<Reason, std::string>> gates;  // those that are shut
    std::set<std::tuple<MonoTime, std::uint64_t, Account*>> timers;
    std::set<QueueKey> queue;  // those that every gate of their own lets through
    std::map<int, std::map<std::uint64_t, Account*>> busy;  // by priority, while shutting down
    std::vector<AccountId> leaving;

    struct Roll {
        std::deque<std::pair<AccountId, LaunchNumber>> left;
        std::optional<std::pair<AccountId, LaunchNumber>> current;
        bool dirty = true;               // something changed that it waits for
        std::optional<MonoTime> proven;  // when `current` has stayed up for long enough
    };
    std::optional<Roll> roll;

    std::deque<Action> actions;
};

// How far ahead accounts that were heard are looked at together.
inline constexpr Millis k_put_off{200};
// How long an account that was rolled stays up, or for stable_after where that is shorter, before
// the next one is.
inline constexpr Nanos k_roll_stay = std::chrono::seconds(5);

// The gates are reasons next to each other in their enumeration.
inline constexpr auto k_first_gate = Reason::lock_held;
inline constexpr auto k_last_gate = Reason::daemon_stopping;

}  // namespace bullpen::fleet
