// Mutes: what an operator does not want to be sent for a while. `bullpenctl alerts mute` writes
// them to HOME/alerts/mutes.json, bullpen-notify reads them. What is muted is counted and in the
// history. Pure, but for the one file. Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/alerts/catalogue.hpp"
#include "common/base/clock.hpp"
#include "common/base/result.hpp"

namespace bullpen::alerts {

inline constexpr std::size_t k_mutes_max = 256;
inline constexpr std::size_t k_mutes_size_max = 256 * 1024;  // bytes of the file
inline constexpr std::size_t k_reason_max = 200;             // bytes
inline constexpr Nanos k_mute_max = std::chrono::hours(24 * 30);

struct Mute {
    std::optional<Kind> kind;  // none: every kind
    std::string account;       // empty: every account, and the home's own alerts
    UtcTime since{};
    UtcTime until{};
    std::string reason;
    friend bool operator==(const Mute&, const Mute&) = default;
};

bool covers(const Mute& mute, Kind kind, std::string_view account, UtcTime now);
bool is_muted(const std::vector<Mute>& mutes, Kind kind, std::string_view account, UtcTime now);
// Those that are not over, in the order of their ends.
std::vector<Mute> current(std::vector<Mute> mutes, UtcTime now);
// The same kind and account again replaces what was said before.
void add(std::vector<Mute>& mutes, Mute mute);
// How many were taken away.
std::size_t remove(std::vector<Mute>& mutes, std::optional<Kind> kind, std::string_view account);

std::string to_text(const std::vector<Mute>& mutes);
Result<std::vector<Mute>> parse_mutes(std::string_view text);

}  // namespace bullpen::alerts
