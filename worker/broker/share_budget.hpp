// ShareBudget: how many orders an account may send to its broker in a second, a minute and a day. A
// fifth of each is kept for what protects and closes. Nothing waits for it: what has no room is not
// sent. The numbers are those of Zerodha, of a broker account and not of a program
// (outside-facts D.7). One thread; no clock.
#pragma once

#include <algorithm>
#include <array>
#include <deque>

#include "common/base/clock.hpp"

namespace bullpen::broker {

class ShareBudget {
  public:
    enum class Lane : std::uint8_t { exit, entry };
    struct Window {
        Nanos length;
        std::size_t orders;
    };
    static constexpr std::array<Window, 3> k_windows{{{std::chrono::seconds(1), 10},
                                                      {std::chrono::minutes(1), 400},
                                                      {std::chrono::hours(24), 5000}}};
    static constexpr std::size_t k_entry_percent = 80;

    // Whether there is room; then it is used.
    bool take(Lane lane, MonoTime now) {
        while (!sent_.empty() && now - sent_.front() >= k_windows.back().length)
            sent_.pop_front();
        for (const auto& window : k_windows) {
            const auto first = std::upper_bound(sent_.begin(), sent_.end(), now - window.length);
            const auto used = static_cast<std::size_t>(sent_.end() - first);
            const auto room =
                lane == Lane::exit ? window.orders : window.orders * k_entry_percent / 100;
            if (used >= room)
                return false;
        }
        sent_.push_back(now);
        return true;
    }

  private:
    std::deque<MonoTime> sent_;  // oldest first; at most the day's orders
};

}  // namespace bullpen::broker
