// daily_summary: what an account's day came to, as a file in its reports/. A file of the same day
// is replaced, so a run that is begun again leaves one.
#include <nlohmann/json.hpp>

#include "common/documents/json_text.hpp"
#include "common/storage/atomic_file.hpp"
#include "worker/jobs/registry.hpp"

namespace bullpen::jobs {

namespace {

using nlohmann::json;

class DailySummary final : public Job {
  public:
    explicit DailySummary(const StateRole& role) : role_(role) {}

    Progress step(Instant now) override {
        const auto& facts = role_.facts;
        if (facts.trading_day.empty())
            return Finished{false, RunReason::no_trading_day, "its market has no trading day yet"};
        const auto path = role_.paths.reports + "/summary_" + facts.trading_day + ".json";
        if (role_.dry_run)
            return Finished{true, RunReason::done, "would write " + path + ": " + line()};
        const auto written = storage::replace_file(role_.files, path, text(now.utc));
        if (!written)
            return not_written(written.error());
        return Finished{true, RunReason::done, line()};
    }

  private:
    [[nodiscard]] std::string line() const {
        const auto& facts = role_.facts;
        std::string text = facts.trading_day + ": " + facts.position;
        if (!facts.day_pnl.empty())
            text += ", day P&L " + facts.day_pnl + " " + facts.currency;
        return text;
    }

    [[nodiscard]] std::string text(UtcTime now) const {
        const auto& facts = role_.facts;
        json counters = json::object();
        for (const auto& [name, value] : facts.counters)
            counters[name] = value;
        json summary = {{"account", facts.account},
                        {"label", facts.label},
                        {"trading_day", facts.trading_day},
                        {"market_time", format_utc(facts.market_time)},
                        {"written", format_utc(now)},
                        {"position", facts.position},
                        {"quantity", facts.quantity ? json(*facts.quantity) : json(nullptr)},
                        {"day_pnl", facts.day_pnl.empty() ? json(nullptr) : json(facts.day_pnl)},
                        {"currency", facts.currency},
                        {"mode", facts.mode},
                        {"mode_reason", facts.mode_reason},
                        {"counters", std::move(counters)},
                        {"last_error", facts.last_error}};
        return documents::json_text(summary, 2) + "\n";
    }

    StateRole role_;
};

}  // namespace

std::unique_ptr<Job> make_daily_summary(const StateRole& role) {
    return std::make_unique<DailySummary>(role);
}

}  // namespace bullpen::jobs
