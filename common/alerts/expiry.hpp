// ExpiryWatch: the end of a credential is told before it comes, once, so that a person has the time
// to get the next one. Whether an account has what it needs is the vault's matter; this only counts
// down. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"

namespace bullpen::alerts {

// How long before its end a credential is told of.
inline constexpr Nanos k_expiry_warning = std::chrono::hours(1);

// "its access_token ends at 2026-11-22T00:30:00.000Z; bullpenctl credentials set nse01
// access_token".
std::string expiry_sentence(std::string_view account, std::string_view field, UtcTime at);
// Whether it is such a sentence; others say what is missing or over already.
bool is_expiry_sentence(std::string_view sentence);

class ExpiryWatch {
  public:
    // What the account needs and ends next; no time: nothing does. The same end again is not told
    // again.
    void follow(const std::string& field, std::optional<UtcTime> at);
    // What is to be told now, if anything: that it ends soon; empty: it is over, until somebody
    // follows what comes after it.
    std::optional<std::string> take_news(std::string_view account, UtcTime now);

  private:
    std::string field_;
    std::optional<UtcTime> at_;
    bool told_ = false;
};

}  // namespace bullpen::alerts
