// Reading: which lines of the home's logs are alerts. The daemon and the workers know nothing of
// it: they write what they write anyway, so that an alert costs what trades nothing.
//
// It remembers a little of what came before (whose order a fill is of, how a worker ended),
// bounded. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "notify/alert.hpp"
#include "notify/line.hpp"

namespace bullpen::notify {

enum class Source : std::uint8_t {
    daemon,  // bullpend.log
    worker,  // an account's worker.log
    audit,   // an account's audit.log
};
std::string_view code(Source source);

class Reading {
  public:
    static constexpr std::size_t k_orders_max = 64;  // of an account

    // `account` is empty for the daemon's log. The alert has no id yet.
    std::optional<Alert> read(Source source, const std::string& account, const LogLine& line);
    // Only remembers: for lines that were read before.
    void remember(Source source, const std::string& account, const LogLine& line);
    void forget(const std::string& account) { accounts_.erase(account); }

  private:
    struct Order {
        std::string id;
        std::string purpose;
        std::string side;
    };
    struct Known {
        std::vector<Order> orders;  // the newest last
        std::string how;            // its worker ended
        std::string held;           // why it enters nothing, when that was told
        std::string ends;           // what was told of the end of a credential
    };

    std::optional<Alert> of_daemon(const LogLine& line);
    std::optional<Alert> of_worker(const std::string& account, const LogLine& line);
    std::optional<Alert> of_audit(const std::string& account, const LogLine& line);
    std::optional<Alert> of_mode(const std::string& account, const LogLine& line);
    std::optional<Alert> of_fill(const std::string& account, const LogLine& line);

    std::map<std::string, Known, std::less<>> accounts_;
};

}  // namespace bullpen::notify
