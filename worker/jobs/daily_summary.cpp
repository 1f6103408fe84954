// daily_summary: what an account's day came to, as a file in its reports/. A file of the same day
// is replaced, so a run that is begun again leaves one.
#include <nlohmann/json.hpp>

#include "common/documents/json_text.hpp"
#include "common/storage/atomic_file.hpp"
#include "worker/jobs/registry.hpp"
#include "worker/jobs/share_day.hpp"
#include "worker/jobs/share_ledger.hpp"

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
        if (auto counted = count_shares(); !counted)
            return Finished{false, RunReason::records_unusable, counted.error().message()};
        const auto path = role_.paths.reports + "/summary_" + facts.trading_day + ".json";
        if (role_.dry_run)
            return Finished{true, RunReason::done, "would write " + path + ": " + line()};
        const auto written = storage::replace_file(role_.files, path, text(now.utc));
        if (!written)
            return not_written(written.error());
        return Finished{true, RunReason::done, line()};
    }

  private:
    // Of an account of shares: what its jobs did on the day.
    Result<void> count_shares() {
        if (role_.ledger == nullptr || role_.shares == nullptr)
            return {};
        BULLPEN_CHECK(role_.ledger->load());
        const auto& seen = role_.ledger->seen();
        counters_ = share_counters(role_.ledger->records(), seen ? &seen->world : nullptr,
                                   role_.facts.trading_day);
        return {};
    }

    // "ordered 3, filled 2, skipped 1 held, stops raised 4, exits 1"
    [[nodiscard]] std::string shares_line() const {
        constexpr std::string_view k_skipped = "skipped_";
        std::string text;
        std::string skipped;
        for (const auto& [name, value] : counters_) {
            const auto number = " " + std::to_string(value);
            if (name == "orders_sent")
                text += "; ordered" + number;
            else if (name == "orders_filled")
                text += ", filled" + number;
            else if (name == "stops_raised")
                text += skipped + ", stops raised" + number;
            else if (name == "exits")
                text += ", exits" + number;
            else if (name.starts_with(k_skipped))
                skipped += (skipped.empty() ? ", skipped" : " and") + number + " " +
                           name.substr(k_skipped.size());
        }
        return text;
    }

    [[nodiscard]] std::string line() const {
        const auto& facts = role_.facts;
        std::string text = facts.trading_day + ": " + facts.position;
        if (!facts.day_pnl.empty())
            text += ", day P&L " + facts.day_pnl + " " + facts.currency;
        return text + shares_line();
    }

    [[nodiscard]] std::string text(UtcTime now) const {
        const auto& facts = role_.facts;
        json counters = json::object();
        for (const auto& [name, value] : facts.counters)
            counters[name] = value;
        for (const auto& [name, value] : counters_)
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
    ShareCounters counters_;
};

}  // namespace

std::unique_ptr<Job> make_daily_summary(const StateRole& role) {
    return std::make_unique<DailySummary>(role);
}

}  // namespace bullpen::jobs
