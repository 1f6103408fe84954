#include "worker/jobs/share_watch.hpp"

#include "worker/jobs/share_job.hpp"

namespace bullpen::jobs {

namespace {

class Look final : public ShareJob {
  public:
    explicit Look(const StateRole& role) : ShareJob(role, *role.shares) {}

  private:
    Result<void> begin(Instant) override { return {}; }
    std::optional<Progress> decide(Instant) override { return Finished{}; }
};

}  // namespace

std::unique_ptr<Job> make_look(const StateRole& role) {
    return std::make_unique<Look>(role);
}

}  // namespace bullpen::jobs
