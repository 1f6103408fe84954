// The session clock's answer as a strategy is told it.
#pragma once

#include "common/time/session_clock.hpp"
#include "worker/strategy/facts.hpp"

namespace bullpen::strategy {

// `session` holds at `now`.
SessionFacts session_facts(const time::SessionFacts& session, UtcTime now);

}  // namespace bullpen::strategy
