// Action: what the fleet wants done. Whoever owns the fleet takes them in order and does them; an
// action that has an answer says which input carries it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/model/reason.hpp"
#include "supervisor/fleet/plan.hpp"

namespace bullpen::fleet {

enum class ActionKind : std::uint8_t {
    launch,  // take the lock, start the process; answer launched or launch_failed
    drain,   // send the lease message `drain` with `reason` and `deadline`; comes before terminate
    terminate,  // SIGTERM to the launch's process group; answer (in time) exited
    kill,       // SIGKILL to the launch's whole tree; answer exited
    sweep,      // kill what is left of the launch's tree, prove the lock free; answer tree_gone
    bundle,     // make a crash bundle of the launch, without delaying what follows
    alarm,      // tell the operator: `reason` and `sentence`; account is empty for the home
    changed,    // the account's view changed: board and events
    save,       // keep saved(account) so that it outlives the daemon (not the kernel)
    forget,     // the account has left: drop its saved data, its slot on the board
    reserve_fences,  // make the reservation up to `fence` durable; answer fences_reserved
    rolled,          // a rolling restart is done with this account: `rolled` and `sentence`
    roll_ended,      // a rolling restart is over or, with a reason, was given up
    all_stopped,     // a shutdown is complete: the daemon may end
};

// What a rolling restart came to for one account.
enum class Rolled : std::uint8_t {
    restarted,    // it runs again
    unchanged,    // there was nothing to restart
    left_out,     // it does not say whether it is flat
    not_back,     // it did not come back; the rest is given up
    not_reached,  // given up before its turn
};

struct Action {
    ActionKind kind{};
    std::optional<AccountId> account{};
    LaunchNumber launch{};
    Fence fence{};
    model::Reason reason = model::Reason::none;
    RecoveryPolicy recovery = RecoveryPolicy::none;  // of a launch: what it is to make safe
    MonoTime deadline{};                             // of a drain: when SIGKILL follows
    Rolled rolled{};
    std::string sentence{};  // of an alarm, a bundle, and what was rolled
    std::string advice{};    // of an alarm, where it is another one than the reason's
};

std::string_view code(ActionKind kind);

}  // namespace bullpen::fleet
