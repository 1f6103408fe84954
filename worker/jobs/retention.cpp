// retention: removes files from the account's orders/ and reports/ that are older than it is to
// keep them. The newest file of each stays, because something may read it; directories and what
// cannot be looked at are left alone.
#include <algorithm>
#include <deque>

#include "common/storage/file_system.hpp"
#include "worker/jobs/registry.hpp"

namespace bullpen::jobs {

namespace {

// Files of one step: each is a call of the disk or two.
constexpr std::size_t k_step = 32;

class Retention final : public Job {
  public:
    explicit Retention(const StateRole& role)
        : role_(role), directories_{role.paths.orders, role.paths.reports} {}

    Progress step(Instant now) override {
        const auto oldest = now.utc - std::chrono::days(role_.settings.retention_days);
        for (std::size_t i = 0; i < k_step; ++i) {
            if (names_.empty()) {
                if (directories_.empty())
                    return finished();
                open_next();
                continue;
            }
            judge(names_.front(), oldest);
            names_.pop_front();
        }
        return Later{now.mono};
    }

  private:
    struct Aged {
        std::string path;
        UtcTime modified{};
    };

    void open_next() {
        newest_.reset();
        directory_ = directories_.front();
        directories_.pop_front();
        auto listed = role_.files.list(directory_);
        if (listed)
            names_.assign(listed->begin(), listed->end());
        else
            trouble_ = listed.error().message();
    }

    void judge(const std::string& name, UtcTime oldest) {
        const auto path = directory_ + "/" + name;
        const auto status = role_.files.status(path);
        if (!status || status->is_directory)
            return;
        // What is the newest so far waits for what comes.
        Aged aged{path, status->modified};
        if (!newest_ || newest_->modified <= aged.modified) {
            if (newest_)
                remove(*newest_, oldest);
            newest_ = std::move(aged);
            return;
        }
        remove(aged, oldest);
    }

    void remove(const Aged& file, UtcTime oldest) {
        if (file.modified >= oldest)
            return;
        if (!role_.dry_run) {
            if (auto removed = role_.files.remove(file.path); !removed) {
                trouble_ = removed.error().message();
                return;
            }
        }
        ++removed_;
    }

    Progress finished() {
        if (!trouble_.empty())
            return Finished{false, RunReason::not_removed,
                            std::to_string(removed_) + " files removed; " + trouble_};
        const std::string days = std::to_string(role_.settings.retention_days);
        return Finished{true, RunReason::done,
                        (role_.dry_run ? "would remove " : "removed ") + std::to_string(removed_) +
                            " files older than " + days + " days"};
    }

    StateRole role_;
    std::deque<std::string> directories_;
    std::string directory_;
    std::deque<std::string> names_;
    std::optional<Aged> newest_;
    std::size_t removed_ = 0;
    std::string trouble_;
};

}  // namespace

std::unique_ptr<Job> make_retention(const StateRole& role) {
    return std::make_unique<Retention>(role);
}

}  // namespace bullpen::jobs
