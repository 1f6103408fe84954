// Events: what the daemon tells whoever listens, and the last of it for who asks later. The same
// JSON goes to both: {"utc":..,"event":..,"account":..,fields...}. A hint only.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/log/logger.hpp"
#include "ipc/publisher.hpp"

namespace bullpen::daemon {

class Events {
  public:
    static constexpr std::size_t k_recent_max = 500;

    Events(ipc::EventPublisher publisher, const Clock& clock);

    void publish(std::string_view event, const std::optional<AccountId>& account,
                 log::Fields fields);
    // Not kept: time is of no interest later.
    void publish_time();
    void forget(const AccountId& account);

    [[nodiscard]] int fd() const { return publisher_.fd(); }
    void serve() { publisher_.serve(); }
    void close() { publisher_.close(); }
    [[nodiscard]] const std::deque<std::string>& recent() const { return recent_; }

  private:
    ipc::EventPublisher publisher_;
    const Clock& clock_;
    std::deque<std::string> recent_;
};

}  // namespace bullpen::daemon
