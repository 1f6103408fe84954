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
