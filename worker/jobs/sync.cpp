// sync: the account's records of what it holds follow its broker's. It orders nothing.
#include <utility>

#include "worker/jobs/registry.hpp"
#include "worker/jobs/share_job.hpp"
#include "worker/jobs/share_sync.hpp"

namespace bullpen::jobs {

namespace {

std::string listed(std::string_view what, const std::vector<std::string>& symbols) {
    if (symbols.empty())
        return "";
    std::string text = "; " + std::string(what) + ":";
    for (const auto& symbol : symbols)
        text += " " + symbol;
    return text;
}

class Sync final : public ShareJob {
  public:
    explicit Sync(const StateRole& role) : ShareJob(role, *role.shares), role_(role) {}

  private:
    Result<void> begin(Instant) override { return {}; }

    std::optional<Progress> decide(Instant) override {
        const auto before = records();
        const auto news = sync_positions(records(), world(), role_.settings.ghost_after);
        // What fills while the broker is asked is in what is held and not yet in the orders. So
        // what nobody seems to have ordered is looked at twice before it is said.
        if (!news.not_ours.empty() && !std::exchange(looked_twice_, true)) {
            records() = before;
            return std::nullopt;
        }
        if (!role_.dry_run) {
            if (auto kept = keep(); !kept)
                return not_written(kept.error());
            if (role_.ledger != nullptr)
                role_.ledger->tell(news.not_ours);
        }
        return Finished{
            true, RunReason::done,
            std::to_string(records().positions.size()) + " positions" +
                listed("added", news.added) + listed("changed", news.changed) +
                listed("by hand", news.manual) + listed("denied by the broker", news.ghosts) +
                listed("removed", news.removed) + listed("WITHOUT A STOP", news.unprotected)};
    }

    StateRole role_;
    bool looked_twice_ = false;
};

}  // namespace

std::unique_ptr<Job> make_sync(const StateRole& role) {
    return std::make_unique<Sync>(role);
}

}  // namespace bullpen::jobs
