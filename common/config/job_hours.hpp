// Whether jobs that trade begin at times at which their market lets them, as far as the settings
// tell. Pure; inside this library only.
//
// The market is that of Indian shares, on its ordinary days: a session of an evening or a Saturday
// of its own is no reason for a schedule.
#pragma once

#include <string>

#include "common/config/settings.hpp"

namespace bullpen::config {

// Why a job can do nothing at any time of its schedule, by whatever hours there were; empty when it
// can at one, trades nothing, or has no times of its own.
std::string hours_trouble(const AccountSettings& settings, JobKind kind);

// Why it can do nothing at one of them by the hours of now, where that is no trouble: there are
// other times, or the market is a simulated one in the past. Empty as above.
std::string hours_note(const AccountSettings& settings, JobKind kind);

}  // namespace bullpen::config
