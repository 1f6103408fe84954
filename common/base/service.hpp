// The home's own services (the paper exchange, shared signals) are supervised as accounts are, and
// are told from them by the beginning of their names, which no account may have.
#pragma once

#include <string>
#include <string_view>

#include "common/base/home.hpp"
#include "common/base/ids.hpp"

namespace bullpen {

inline constexpr std::string_view k_service_prefix = "bullpen-";
inline constexpr std::string_view k_service_names =
    "names that begin with 'bullpen-' are those of the home's own services";

// The paper exchange.
inline constexpr std::string_view k_venue_service = "bullpen-venue";
// Alerts.
inline constexpr std::string_view k_notify_service = "bullpen-notify";
// Control from other hosts.
inline constexpr std::string_view k_remote_service = "bullpen-remote";
// Answers to monitors.
inline constexpr std::string_view k_health_service = "bullpen-health";

inline bool is_service(const AccountId& id) {
    return id.str().starts_with(k_service_prefix);
}

// What a service logs, in a directory that nobody else writes: of "bullpen-venue"
// HOME/services/bullpen-venue/logs/venue.log. Its other files are where Home::account() says.
inline std::string service_log(const Home& home, const AccountId& service) {
    return home.account(service).logs + "/" + service.str().substr(k_service_prefix.size()) +
           ".log";
}

}  // namespace bullpen
