// BeatNews: whether the newest beat still says what is so. What people act on (state, mode, reason,
// position) is told when it changes and not at the next beat only, at most every k_apart: a
// simulated market may change many times a second. Pure: times come in with every call.
#pragma once

#include <cstdint>
#include <optional>

#include "common/base/clock.hpp"
#include "common/model/reason.hpp"
#include "common/model/states.hpp"

namespace bullpen::worker {

class BeatNews {
  public:
    static constexpr Nanos k_apart = Millis(250);

    struct State {
        model::SessionState session{};
        model::TradingMode mode{};
        model::Reason reason{};
        std::optional<std::int64_t> quantity;  // held; none: not known

        friend bool operator==(const State&, const State&) = default;
    };

    // What a beat would say now.
    void follow(const State& state) { state_ = state; }
    // Somebody waits for the next beat, which says what became of an order: it is due at once, for
    // a moment later something else may be so.
    void answer() { answers_ = true; }
    [[nodiscard]] bool beat_due(MonoTime now) const {
        return answers_ || (untold() && now >= sent_ + k_apart);
    }
    void on_beat_sent(MonoTime now);
    // None when everything is told.
    [[nodiscard]] std::optional<MonoTime> next_deadline() const;

  private:
    [[nodiscard]] bool untold() const { return told_ != state_; }

    State state_;
    std::optional<State> told_;
    bool answers_ = false;
    MonoTime sent_{};
};

}  // namespace bullpen::worker
