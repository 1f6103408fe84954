// Control groups (version 2): each account's process in a group of its own, below a directory that
// was delegated to the daemon's user, where the kernel keeps limits that nothing else can: of
// memory and of processes for the whole tree, however it divides, and of processor time.
//
// Source: the kernel's Documentation/admin-guide/cgroup-v2.rst. The daemon's loop: a few small
// files of the kernel's own, which wait for nothing.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/descriptor.hpp"
#include "common/base/result.hpp"
#include "common/config/settings.hpp"

namespace bullpen::launch {

// Makes the directory ready to have groups below it; an error says what it lacks. Groups of
// accounts that have no process are removed: each launch makes its own, and an account may be gone
// for good.
Result<void> prepare_cgroups(const std::string& root);

// Makes the account's group if it is missing and sets its limits. Returns its cgroup.procs, into
// which the process writes "0" to be in it. Called when no worker of the account is left: what its
// last one started and left behind is killed, wherever it has hidden since.
Result<Descriptor> open_cgroup(const std::string& root, const AccountId& account,
                               const config::LimitSettings& limits);

// How many processes the kernel has ended in the account's group because it had no more memory; 0
// where that cannot be told. It counts for as long as the group is there, which may be longer than
// one launch.
std::uint64_t ended_for_memory(const std::string& root, const AccountId& account);

}  // namespace bullpen::launch
