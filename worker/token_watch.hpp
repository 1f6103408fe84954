// TokenWatch: how long what the account proves itself with is good for, as it was handed to this
// process: which field ends first, the countdown to it, and when to come to rest before it. Pure.
#pragma once

#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/vault/credentials.hpp"
#include "ipc/message.hpp"

namespace bullpen::worker {

class TokenWatch {
  public:
    // So long before the end orders that open are cancelled and what has no stop gets one; after it
    // the broker takes nothing any more.
    static constexpr Nanos k_rest = std::chrono::seconds(5);

    // `now`: when the countdown begins.
    TokenWatch(const vault::Credentials& credentials, UtcTime now);

    // None: nothing ends by itself.
    [[nodiscard]] const std::optional<UtcTime>& ends() const { return ends_; }
    [[nodiscard]] const std::string& field() const { return field_; }
    [[nodiscard]] bool is_to_rest(UtcTime now) const { return ends_ && now >= *ends_ - k_rest; }
    [[nodiscard]] bool is_over(UtcTime now) const { return ends_ && now >= *ends_; }
    // As a limit of the account, in seconds since this process began.
    [[nodiscard]] std::optional<ipc::LimitUse> use(UtcTime now) const;

  private:
    std::string field_;
    std::optional<UtcTime> ends_;
    UtcTime began_;
};

}  // namespace bullpen::worker
