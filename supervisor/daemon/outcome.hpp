// What became of an operator's command for one account. Pure.
#pragma once

#include <optional>
#include <string>

#include "common/base/ids.hpp"
#include "supervisor/fleet/fleet.hpp"
#include "supervisor/fleet/view.hpp"

namespace bullpen::daemon {

enum class Goal { running, stopped, restarted };

struct Outcome {
    bool ok = true;
    std::string code;     // "started", "stopped", "restarted", or why not
    std::string message;  // for people
};

// The outcome when the account has got where the command wanted it, or will not; none while it is
// on its way. `before` is the launch that a restart is to replace.
std::optional<Outcome> judge(Goal goal, const fleet::AccountView& view, LaunchNumber before);

// What the fleet's answer to the command itself already settles; none when the account has to get
// there first.
std::optional<Outcome> judge(Goal goal, fleet::Verdict verdict);

// What a rolling restart came to.
Outcome judge(fleet::Rolled rolled, const std::string& sentence);

// The deadline passed on the way.
Outcome too_late(const fleet::AccountView& view);

}  // namespace bullpen::daemon
