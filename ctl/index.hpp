// The index of all commands: what the overview lists, and which program runs each. The commands an
// operator looks with are in `bullpenctl` itself, which is linked to start in a millisecond; those
// that talk to the daemon or read settings files are in `bullpenctl-control`, beside it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace bullpen::ctl {

enum class Program : std::uint8_t { bullpenctl, control };

struct IndexEntry {
    std::string_view name;
    std::string_view section;
    std::string_view summary;
    Program program;
};

// In the order of the overview.
std::span<const IndexEntry> index();
const IndexEntry* find_in_index(std::string_view name);

}  // namespace bullpen::ctl
