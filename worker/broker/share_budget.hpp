// ShareBudget: how many orders an account may send to its broker in a second, a minute and a day. A
// fifth of each is kept for what protects and closes. Nothing waits for it: what has no room is not
// sent. The numbers are those of Zerodha, of a broker account and not of a program
// (outside-facts D.7): so what was sent counts on when the process is another one.
//
// A day is the market's trading day; seconds and minutes are the broker's, so the wall's. Pure; one
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"

namespace bullpen::broker {

class ShareBudget {
  public:
    enum class Lane : std::uint8_t { exit, entry };
    enum class Limit : std::uint8_t { second, minute, day };
    static constexpr std::size_t k_limits = 3;
    static constexpr std::array<std::size_t, k_limits> k_orders{10, 400, 5000};
    static constexpr std::size_t k_entry_percent = 80;
    // Of each refusal for want of room.
    static constexpr std::string_view k_reason = "order_rate";

    // What outlives the process.
    struct Kept {
        std::chrono::sys_days day{};
        std::size_t sent = 0;                         // on that day
        std::array<std::size_t, k_limits> refused{};  // on that day, for want of room
        std::vector<UtcTime> recent;                  // sent in the last minute, oldest first
        friend bool operator==(const Kept&, const Kept&) = default;
    };

    // Goes on where another process was. A clock that was put back makes nothing older.
    void resume(const Kept& kept, Instant now);
    // None: there is room, and it is used. Else the limit that leaves none.
    std::optional<Limit> take(Lane lane, std::chrono::sys_days day, Instant now);
    [[nodiscard]] Kept kept() const;

  private:
    [[nodiscard]] std::size_t used(Limit limit, MonoTime now) const;

    Kept today_;                // but for `recent`
    std::deque<Instant> sent_;  // within a minute, oldest first
};

std::string_view code(ShareBudget::Limit limit);
// "order_rate: 10 orders a second are taken, and a fifth of them is kept for exits".
std::string text_of(ShareBudget::Limit limit);

}  // namespace bullpen::broker
