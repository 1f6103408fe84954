// The gate before the daemon's sockets: who may connect there, and how often. The messaging library
// takes every connection that there is, and ends the process when it has no descriptor for one. So
// whoever connects is counted before the library hears of it: a session of processes has at most
// k_connections_of_one_max at one socket, and none takes the last descriptors of this process. The
// rest is closed at once, and nobody else waits for it.
//
// The library takes connections by accept4(), which programs with this in them have from here
// (docs/decisions/gate.md). That call comes from the library's own thread; the rest is for any.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "ipc/connection_table.hpp"

namespace bullpen::ipc {

// Descriptors that no connection takes: those of launches, logs and locks. At most a quarter of
// what this process may have.
inline constexpr std::uint64_t k_descriptors_kept = 256;

// From now on for what connects to the socket that is made there.
void guard_socket(const std::string& socket_path);

// Who was refused, each at most once in ConnectionTable::k_tell_interval.
std::vector<Crowd> take_crowds(MonoTime now);

}  // namespace bullpen::ipc
