// What a program tells the service manager: the protocol of sd_notify(3), without its library,
// which would bring six others into the process (docs/decisions/told-to-systemd.md). Each call does
// nothing where none listens, and waits for none that does not read. May be called from any thread.
#pragma once

#include <optional>
#include <string>

#include "common/base/clock.hpp"

namespace bullpen::loop::notify {

void ready(const std::string& status);
void reloading();
// `longest`: it may take so long until the process ends, whatever the unit's TimeoutStopSec says.
void stopping(const std::string& status, Nanos longest);
void status(const std::string& text);
// One line to standard error, which a service manager keeps. Dropped, rather than waited for, where
// nobody reads it.
void complain(const std::string& sentence);
// To be called from the loop's progress, at least twice an interval.
void watchdog();
// How long the manager waits for a watchdog() before it acts; none when it does not watch.
std::optional<Nanos> watchdog_interval();

}  // namespace bullpen::loop::notify
