// The daemon's own limits, on open descriptors above all. Workers get the limit the daemon was
// started with (see LaunchLimits), because a program that uses select() must not see a descriptor
// above 1023.
#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/result.hpp"

namespace bullpen::process {

struct DescriptorLimit {
    std::uint64_t original = 0;  // soft limit at the start of the process
    std::uint64_t now = 0;
};
// Raises the soft limit to the hard one; the first call remembers the original.
Result<DescriptorLimit> raise_descriptor_limit();
DescriptorLimit descriptor_limit();

// What a daemon with that many accounts may have open at once: a lease connection and a pid watch
// each, locks and logs of launches under way, and what it needs itself.
std::uint64_t descriptors_needed(std::size_t accounts);

// Raises the limit to what such a daemon needs. Errc::exhausted, with what to do, when it cannot.
Result<void> make_room_for(std::size_t accounts);

// No core file of this process from now on, which would hold whatever was in memory. Only the soft
// limit: what it starts may be allowed one.
void forbid_core_files();

}  // namespace bullpen::process
