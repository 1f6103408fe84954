// RestartPolicy: whether and when a worker that ended is started again. Pure; one for each account,
// owned by the fleet.
//
// A run that was stable makes the next restart immediate. After that each death waits longer, up to
// a maximum, with some jitter so that a hundred accounts do not return in step. More deaths within
// the window than the budget allows end it: the account is fatal until an operator acts.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/clock.hpp"
#include "common/model/reason.hpp"
#include "supervisor/fleet/exit_status.hpp"
#include "supervisor/fleet/plan.hpp"

namespace bullpen::fleet {

// What an end means, before budget and back-off.
enum class Ending : std::uint8_t {
    retry,  // a death: try again
    wait,   // lock or lease are held elsewhere
    stop,   // it is done
    fatal,  // trying again is no use
};

struct Judgement {
    Ending ending{};
    model::Reason reason = model::Reason::none;
};

// An end that nobody asked for.
[[nodiscard]] Judgement judge(const ExitStatus& status, RestartRule rule);

class RestartPolicy {
  public:
    // Counts a death after a run of `ran_for` (zero when it never was ready). Returns how long to
    // wait before the next try, or none when the budget is spent. `chance` is uniform in [0, 1).
    std::optional<Nanos> on_death(MonoTime now, Nanos ran_for, const RestartLimits& limits,
                                  double chance);
    // An operator starts or clears the account: what was is forgotten.
    void forgive();

    [[nodiscard]] std::uint32_t budget_used(MonoTime now, const RestartLimits& limits) const;
    [[nodiscard]] std::uint32_t failures() const { return failures_; }

    // To and from plain data. Deaths keep their distance to now; those in the future of a clock
    // that was set back count as just happened.
    [[nodiscard]] std::vector<UtcTime> deaths(Instant now) const;
    void restore(Instant now, const std::vector<UtcTime>& deaths, std::uint32_t failures);

  private:
    // What was no later, and what is too much.
    void forget(MonoTime until);

    // Enough for the largest budget worth having; older deaths are forgotten first.
    static constexpr std::ptrdiff_t k_deaths_max = 1000;

    // Oldest first. No deque: most accounts have none, and an empty one takes 600 bytes.
    std::vector<MonoTime> deaths_;
    std::uint32_t failures_ = 0;  // deaths in a row without a stable run between
};

}  // namespace bullpen::fleet
