// ModeGate: which of the reasons not to trade counts. Each reason holds the gate by itself, with a
// mode, a since and perhaps an until; the strictest mode wins, within it the most telling reason.
// When the last hold is lifted the account is active. Pure: times come in with every call.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/model/reason.hpp"
#include "common/model/states.hpp"

namespace bullpen::worker {

struct Mode {
    model::TradingMode mode = model::TradingMode::active;
    model::Reason reason = model::Reason::none;
    UtcTime since{};
    std::optional<UtcTime> until;
    std::string text;  // particulars for people; may be empty

    friend bool operator==(const Mode&, const Mode&) = default;
};

class ModeGate {
  public:
    explicit ModeGate(UtcTime now);

    // Holds the gate. A reason that already holds keeps its since; mode, until and text are
    // replaced.
    void hold(model::Reason reason, model::TradingMode mode, UtcTime now,
              std::optional<UtcTime> until = std::nullopt, std::string text = {});
    // As hold(), where another text is another cause of the same kind: its since is its own.
    void hold_each(model::Reason reason, model::TradingMode mode, UtcTime now,
                   std::optional<UtcTime> until, std::string text);
    void lift(model::Reason reason, UtcTime now);
    // Lifts what ended by `now`.
    void advance(UtcTime now);

    [[nodiscard]] bool holds(model::Reason reason) const;
    [[nodiscard]] const Mode& current() const;
    // When advance() has something to do; none when no hold has an end.
    [[nodiscard]] std::optional<UtcTime> next_end() const;

  private:
    std::vector<Mode> holds_;
    Mode active_;
};

}  // namespace bullpen::worker
