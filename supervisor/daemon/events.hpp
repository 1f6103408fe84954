// Events: what the daemon tells whoever listens, and the last of it for who asks later. The same
// JSON goes to both: {"utc":..,"event":..,"account":..,fields...}. A hint only.
#pragma once

#include <deque>
#include <map>
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
    // The same, unless it would repeat what was last said of this account in this way. The last
    // field counts tries, and makes no difference by itself.
    void publish_change(std::string_view event, const AccountId& account, log::Fields fields);
    // Not kept: time is of no interest later.
    void publish_time();
    void forget(const AccountId& account);

    [[nodiscard]] int fd() const { return publisher_.fd(); }
    Result<void> listen_again(const std::string& path) { return publisher_.listen_again(path); }
    void serve() { publisher_.serve(); }
    void close() { publisher_.close(); }
    [[nodiscard]] const std::deque<std::string>& recent() const { return recent_; }

  private:
    ipc::EventPublisher publisher_;
    void publish_text(std::string_view event, const std::optional<AccountId>& account,
                      std::string_view fields);

    const Clock& clock_;
    std::deque<std::string> recent_;
    std::map<AccountId, std::string> said_;  // by publish_change
};

}  // namespace bullpen::daemon
