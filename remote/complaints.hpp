// Complaints: lines of a log that somebody else can bring about at will. So many a minute are
// written, the others counted and told with the next one. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/clock.hpp"

namespace bullpen::remote {

class Complaints {
  public:
    static constexpr std::uint32_t k_lines_max = 20;  // in k_window
    static constexpr Nanos k_window = std::chrono::minutes(1);

    // How many were left out before this one, which is to be written; nothing: it is left out, too.
    std::optional<std::uint64_t> take(MonoTime now) {
        ++all_;
        if (!begun_ || now - *begun_ >= k_window) {
            begun_ = now;
            written_ = 0;
        }
        if (written_ == k_lines_max) {
            ++left_out_;
            return std::nullopt;
        }
        ++written_;
        const auto before = left_out_;
        left_out_ = 0;
        return before;
    }
    [[nodiscard]] std::uint64_t all() const { return all_; }

  private:
    std::optional<MonoTime> begun_;
    std::uint32_t written_ = 0;
    std::uint64_t left_out_ = 0;
    std::uint64_t all_ = 0;
};

}  // namespace bullpen::remote
