// The rows of a view that the words of a command mean.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "ctl/command.hpp"
#include "ctl/fleet_view.hpp"
#include "ctl/selection.hpp"
#include "ctl/status_code.hpp"

namespace bullpen::ctl {

inline constexpr std::string_view k_no_accounts =
    "No accounts yet: bullpenctl add NAME writes the first.";

// The fleet of the home that the command works on, here or on another host. `now` becomes the time
// there, which all ages are of.
Result<FleetView> look(const Context& context, Instant* now);

struct Targets {
    std::vector<ChosenRow> rows;
    std::vector<Unmatched> unmatched;
};

// A service is meant only by its own name, which begins as no account's does: `all`, groups and
// globs mean accounts.
Targets choose(const FleetView& view, std::span<const std::string_view> words);

// All services too, behind the accounts.
void add_services(const FleetView& view, Targets& targets);

// A line on stderr for each word that matched nothing.
void report_unmatched(Context& context, const Targets& targets);

}  // namespace bullpen::ctl
