// What is said of a home's health, by the command and by who answers monitors: one judgement and
// one JSON. Reads nothing.
#pragma once

#include <span>
#include <string_view>

#include "common/base/clock.hpp"
#include "ctl/fleet_view.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/status_code.hpp"

namespace bullpen::ctl {

// Of the accounts that the words mean; without words, of all and of the services too. A word that
// matches nothing makes it UNKNOWN, and `text` says which.
Health judge(const FleetView& view, std::span<const std::string_view> words);

// The object that docs/json.md has. `view` is null where nothing could be read.
void append_health_json(JsonWriter& json, const Health& health, const FleetView* view, Instant now);

}  // namespace bullpen::ctl
