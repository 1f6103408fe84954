// pattern_daily: daily candles are analysed into one page in the account's reports/. It reads files
// and writes a file: its context has no broker, so there is nothing that it could order.
#include <algorithm>
#include <deque>

#include "common/storage/atomic_file.hpp"
#include "worker/equity/day_candles.hpp"
#include "worker/equity/pattern_page.hpp"
#include "worker/jobs/registry.hpp"

namespace bullpen::jobs {

namespace {

constexpr std::size_t k_shares_max = 500;
constexpr std::string_view k_ending = "_day.csv";
constexpr std::size_t k_day_size = 10;  // "2026-11-20"

class PatternDaily final : public Job {
  public:
    explicit PatternDaily(const SignalsRole& role) : role_(role) {}

    // A share is one step.
    Progress step(Instant now) override {
        if (role_.facts.trading_day.empty())
            return Finished{false, RunReason::no_trading_day, "its market has no trading day yet"};
        if (!begun_) {
            begun_ = true;
            if (auto listed = list(); !listed)
                return Finished{false, RunReason::no_candles,
                                "there are no daily candles, which somebody puts there as "
                                "SYMBOL_day.csv: " +
                                    listed.error().message()};
            return Later{now.mono};
        }
        if (symbols_.empty())
            return finished();
        const auto symbol = std::move(symbols_.front());
        symbols_.pop_front();
        if (auto done = look_at(symbol); !done)
            fault(symbol + ": " + done.error().message());
        return Later{now.mono};
    }

  private:
    Result<void> list() {
        head_.account = role_.facts.account;
        head_.day = role_.facts.trading_day;
        const auto& named = role_.settings.pattern_tickers;
        if (!named.empty()) {
            name(named);
            return {};
        }
        BULLPEN_TRY(const auto names, role_.files.list(role_.candles));
        for (const auto& file : names) {
            if (file.size() > k_ending.size() && file.ends_with(k_ending))
                symbols_.push_back(file.substr(0, file.size() - k_ending.size()));
        }
        std::sort(symbols_.begin(), symbols_.end());
        limit();
        return {};
    }

    void name(std::string_view tickers) {
        while (!tickers.empty()) {
            const auto end = std::min(tickers.find(','), tickers.size());
            std::string symbol;
            for (const char c : tickers.substr(0, end)) {
                if (c != ' ')
                    symbol.push_back(c);
            }
            tickers.remove_prefix(std::min(end + 1, tickers.size()));
            if (ipc::is_share_symbol(symbol))
                symbols_.push_back(symbol);
            else if (!symbol.empty())
                fault("'" + symbol + "' is no symbol");
        }
        limit();
    }

    void limit() {
        if (symbols_.size() <= k_shares_max)
            return;
        fault(std::to_string(symbols_.size() - k_shares_max) + " shares after the first " +
              std::to_string(k_shares_max));
        symbols_.resize(k_shares_max);
    }

    Result<void> look_at(const std::string& symbol) {
        BULLPEN_TRY(const auto text,
                    role_.files.read(role_.candles + "/" + symbol + std::string(k_ending),
                                     equity::k_candle_file_size_max));
        BULLPEN_TRY(auto candles, equity::read_day_candles(text, equity::k_pattern_candles));
        // A day that has not come is no history.
        std::erase_if(candles, [&](const model::Bar& bar) {
            return format_utc(bar.start).substr(0, role_.facts.trading_day.size()) >
                   role_.facts.trading_day;
        });
        const auto values = equity::day_values(candles);
        const auto analysis = equity::analyse(candles, values);
        // A share that is listed since lately: another attempt would mend nothing.
        if (!analysis) {
            head_.left_out.push_back(symbol + ": " + std::to_string(candles.size()) +
                                     " candles are too few: it takes 60");
            return {};
        }
        const auto last = format_utc(candles.back().start).substr(0, k_day_size);
        if (!role_.facts.candles_from.empty() && last < role_.facts.candles_from)
            head_.stale.push_back(symbol + ": its last candle is of " + last);
        entries_.push_back(
            {symbol, *analysis, equity::pattern_section(symbol, *analysis, candles, values)});
        return {};
    }

    Progress finished() {
        std::array<int, equity::k_patterns> counts{};
        for (const auto& entry : entries_)
            ++counts.at(static_cast<std::size_t>(entry.analysis.pattern));
        std::string text = std::to_string(entries_.size()) + " shares";
        for (std::size_t i = 0; i < counts.size(); ++i) {
            if (counts.at(i) > 0)
                text += ", " + std::to_string(counts.at(i)) + " " +
                        std::string(code(static_cast<equity::Pattern>(i)));
        }
        for (const auto& one : head_.left_out)
            text += "; left out: " + one;
        for (const auto& one : head_.stale)
            text += "; STALE: " + one;
        const auto path = role_.paths.reports + "/patterns_" + head_.day + ".html";
        if (entries_.empty())
            return Finished{false, RunReason::no_candles,
                            text + "; there are no candles in " + role_.candles};
        if (role_.dry_run)
            return Finished{true, RunReason::done, "would write " + path + ": " + text};
        const auto written =
            storage::replace_file(role_.files, path, equity::pattern_page(head_, entries_));
        if (!written)
            return not_written(written.error());
        // A page of the past alone says nothing of this day.
        const bool all_stale = head_.stale.size() == entries_.size();
        auto reason = RunReason::done;
        if (faulty_)
            reason = RunReason::candles_unusable;
        else if (!head_.stale.empty())
            reason = RunReason::candles_stale;
        return Finished{!faulty_ && !all_stale, reason, text};
    }

    // It is left out, and somebody has to do something.
    void fault(std::string text) {
        head_.left_out.push_back(std::move(text));
        faulty_ = true;
    }

    SignalsRole role_;
    equity::PageHead head_;
    std::deque<std::string> symbols_;
    std::vector<equity::PageEntry> entries_;
    bool begun_ = false;
    bool faulty_ = false;
};

}  // namespace

std::unique_ptr<Job> make_pattern_daily(const SignalsRole& role) {
    return std::make_unique<PatternDaily>(role);
}

}  // namespace bullpen::jobs
