// Fleet: decides what happens to every worker of one home. It takes events, each with an Instant,
// and queues actions; it opens nothing, starts nothing and reads no clock, so that the daemon, the
// tests and the simulation run the same code.
//
// Owned by the daemon, called from its one loop. After every input the owner takes actions with
// next_action() until there are none, doing each before it takes the next; the answers to actions
// are inputs and may be given from within. Nothing here blocks and no input costs more than the
// logarithm of the fleet, but for those that concern all accounts.
//
// The order at start-up: construct, restore() each saved account, apply() the roster, adopted() or
// lost() for each worker of an earlier daemon, begin(). Nothing is launched before begin().
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/base/random.hpp"
#include "common/model/reason.hpp"
#include "supervisor/fleet/action.hpp"
#include "supervisor/fleet/exit_status.hpp"
#include "supervisor/fleet/plan.hpp"
#include "supervisor/fleet/view.hpp"
#include "supervisor/lease/lease_table.hpp"

namespace bullpen::fleet {

// What an operator's command met. The command's effect is then seen in the account's view.
enum class Verdict : std::uint8_t {
    accepted,
    already,  // it is so already
    unknown_account,
    disabled,       // its file says enabled = false
    shutting_down,  // the daemon starts nothing more
    not_fatal,      // clear concerns fatal accounts
};
std::string_view code(Verdict verdict);

enum class LaunchFailure : std::uint8_t {
    lock_held,
    broker_account_held,
    missing_program,
    transient,  // the system refused: tried again after the back-off
    disk_full,
};

class Fleet {
  public:
    // `last_launch` is the greatest launch number ever given; `seed` makes the jitter.
    Fleet(FleetSettings settings, lease::FenceAllocator fences, LaunchNumber last_launch,
          std::uint64_t seed);
    ~Fleet();
    Fleet(const Fleet&) = delete;
    Fleet& operator=(const Fleet&) = delete;

    // Start-up.
    void restore(Instant now, const AccountId& account, const SavedAccount& saved);
    void adopted(Instant now, const AccountId& account, const FoundWorker& found);
    void lost(Instant now, const AccountId& account, const FoundWorker& found, ExitStatus status);
    void begin(Instant now);

    // The roster. `plans` is the whole of it; an account that is missing is stopped and leaves.
    // A fleet that shuts down takes no new one.
    void apply(Instant now, const std::vector<AccountPlan>& plans);
    void change_settings(Instant now, const FleetSettings& settings);

    // The operator.
    Verdict start(Instant now, const AccountId& account);
    Verdict stop(Instant now, const AccountId& account);
    Verdict restart(Instant now, const AccountId& account);
    Verdict clear(Instant now, const AccountId& account);
    // Of one that has no worker: a launch that closes what it holds and ends, whatever its settings
    // say of recovery; then it is stopped, or fatal, as before. `already` when a worker of it is
    // there, or comes, to be told, and when it is known to be flat.
    Verdict flatten(Instant now, const AccountId& account);
    // One at a time, only when reported at rest; given up when one does not come back.
    Verdict rolling_restart(Instant now, const std::vector<AccountId>& accounts);
    // Stops all, those that started last first. With keep_workers nothing is stopped or started.
    void shutdown(Instant now, bool keep_workers);

    // Gates. A shut gate keeps accounts from starting and touches none that runs. It may be shut
    // before the account is in the roster.
    void gate(Instant now, const AccountId& account, model::Reason reason, bool shut,
              std::string detail = {});
    void home_gate(Instant now, model::Reason reason, bool shut);
    // A lock this account waits for may be free: try now instead of at the next retry.
    void lock_free(Instant now, const AccountId& account);

    // Answers to actions.
    void launched(Instant now, const AccountId& account, LaunchNumber launch, pid_t pid);
    void launch_failed(Instant now, const AccountId& account, LaunchNumber launch,
                       LaunchFailure failure, std::string detail);
    void exited(Instant now, const AccountId& account, LaunchNumber launch, ExitStatus status);
    void tree_gone(Instant now, const AccountId& account, LaunchNumber launch);
    // `upto` as the action said, once it is durable; a failure is answered with nothing and asked
    // for again.
    void fences_reserved(Instant now, Fence upto);

    // The worker. Anything about a launch that is not the account's current one is ignored.
    void traffic(Instant now, const AccountId& account, LaunchNumber launch);
    void hello(Instant now, const AccountId& account, LaunchNumber launch, bool ready_before);
    void ready(Instant now, const AccountId& account, LaunchNumber launch);
    // `at_rest`: a restart would interrupt nothing.
    void position(Instant now, const AccountId& account, LaunchNumber launch, bool flat,
                  bool at_rest);
    void position(Instant now, const AccountId& account, LaunchNumber launch, bool flat) {
        position(now, account, launch, flat, flat);
    }
    void obligation_overdue(Instant now, const AccountId& account, LaunchNumber launch,
                            std::string_view name);
    // It takes more of the machine than it may: memory_limit, process_limit, disk_limit.
    void over_limit(Instant now, const AccountId& account, LaunchNumber launch,
                    model::Reason reason) {
        must_end(now, account, launch, reason);
    }
    void protocol_refused(Instant now, const AccountId& account, LaunchNumber launch) {
        must_end(now, account, launch, model::Reason::protocol_refused);
    }

    // Time.
    void tick(Instant now);
    // The loop was late by `gap`, or the clock jumped: nobody is condemned for silence until they
    // had a full interval to be heard. Say it before anything else that was waiting.
    void loop_gap(Instant now, Nanos gap);
    [[nodiscard]] std::optional<MonoTime> next_deadline() const;

    [[nodiscard]] std::optional<Action> next_action();

    // Views.
    [[nodiscard]] bool knows(const AccountId& account) const;
    [[nodiscard]] std::vector<AccountId> accounts() const;  // in order of priority, then name
    [[nodiscard]] std::optional<AccountView> view(Instant now, const AccountId& account) const;
    [[nodiscard]] std::optional<SavedAccount> saved(Instant now, const AccountId& account) const;
    [[nodiscard]] bool shutting_down() const;
    [[nodiscard]] bool rolling() const;
    [[nodiscard]] LaunchNumber last_launch() const;
    [[nodiscard]] const lease::LeaseTable& leases() const;

  private:
    struct Core;
    void must_end(Instant now, const AccountId& account, LaunchNumber launch, model::Reason reason);
    std::unique_ptr<Core> core_;
};

}  // namespace bullpen::fleet
