// The files of the system that a confined process may still read: one list for all that confine
// themselves or others. Nothing in it is of a home. Any thread.
//
// Sources: what a program needs of a Debian system to run at all, to find names and to check
// certificates.
#pragma once

#include <span>
#include <vector>

#include "common/sandbox/landlock.hpp"

namespace bullpen::sandbox {

// Programs and their libraries, certificates and time zones: /usr and what older systems have
// beside it. To be executed from.
std::span<const char* const> system_programs();
// What resolving a name, checking a certificate and telling a local time load late.
std::span<const char* const> late_libraries();
// How names are resolved, certificates, the local time, chance.
std::span<const char* const> name_files();
// What programs ask of the machine: its users, its processors, /proc. What /proc shows of another
// process's memory, environment and descriptors Landlock keeps by itself.
std::span<const char* const> machine_files();
// Those that are read and written: /dev/null and its like.
std::span<const char* const> devices();

// For a process whose program runs already: it reads names, certificates and late libraries, and
// uses the devices.
void add_names(std::vector<Reach>& reach);

}  // namespace bullpen::sandbox
