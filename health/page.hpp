// What each path answers. Pure: the fleet and the time are arguments.
//
//   /health         all accounts and services
//   /health/WORD    one account, group or glob, as the words of bullpenctl health
//
// 200 while the judgement is OK or WARNING, 503 when it is CRITICAL or UNKNOWN: who asks for the
// status alone hears of what needs a person now. The body is that of `bullpenctl --json health`.
#pragma once

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "ctl/fleet_view.hpp"
#include "health/http.hpp"

namespace bullpen::health {

// `fleet`: the home as it is now, or why it cannot be looked at.
Answer answer(const Request& request, const Result<ctl::FleetView>& fleet, Instant now);

// To what is no request.
Answer bad_request();

}  // namespace bullpen::health
