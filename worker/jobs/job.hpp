// Job: one run of something that an account does at times of its own. It is asked to go on, does a
// small piece in the worker's thread, and says when it is to be asked again; it never waits. What
// it does must bear to be done again: its process may die in the middle, and the run is begun anew.
#pragma once

#include <string>
#include <variant>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "worker/jobs/run_reason.hpp"

namespace bullpen::jobs {

struct Finished {
    bool ok = true;
    RunReason reason = RunReason::done;
    std::string text;  // what came of it, for people
};
// What it must not forget is not on disk.
inline Finished not_written(const Error& error) {
    return {false, RunReason::not_written, error.message()};
}
struct Later {
    MonoTime at{};  // at once when it has passed
};
using Progress = std::variant<Finished, Later>;

class Job {
  public:
    Job() = default;
    Job(const Job&) = delete;
    Job& operator=(const Job&) = delete;
    virtual ~Job() = default;

    // Takes a few milliseconds at most.
    virtual Progress step(Instant now) = 0;
    // Its time is over. Whether it still has something to bring to an end, for which it is given a
    // little longer: it begins nothing new, and ends soon.
    virtual bool wind_up() { return false; }
    // Whether it has waited for its turn among the account's jobs, and has it now: see ShareLedger.
    [[nodiscard]] virtual bool turn_came() const { return false; }
    // Whether it only waits for now, and is begun anew without a loss when its process ends.
    [[nodiscard]] virtual bool interruptible() const { return false; }
    // What somebody has to know before the run has ended, once; empty: nothing.
    virtual std::string take_trouble() { return {}; }
};

}  // namespace bullpen::jobs
