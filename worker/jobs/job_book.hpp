// JobBook: what is known of all jobs of one account: the part of its state file and of its journal
// that is about them. One thread.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "common/config/job_settings.hpp"
#include "worker/jobs/job_state.hpp"

namespace bullpen::jobs {

class JobBook {
  public:
    [[nodiscard]] const JobState& of(config::JobKind kind) const {
        return states_[static_cast<std::size_t>(kind)];
    }
    void apply(config::JobKind kind, const JobEvent& event) {
        jobs::apply(states_[static_cast<std::size_t>(kind)], event);
    }
    // A record of the journal. One of a job that this program does not have changes nothing.
    Result<void> replay(std::string_view record);

    // JSON of an object; empty when nothing has happened yet.
    [[nodiscard]] std::string save() const;
    Result<void> restore(std::string_view saved);

  private:
    std::array<JobState, config::k_jobs> states_;
};

}  // namespace bullpen::jobs
