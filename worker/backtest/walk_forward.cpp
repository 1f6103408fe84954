#include "worker/backtest/walk_forward.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>

#include "common/base/errc.hpp"

namespace bullpen::backtest {

namespace {

constexpr std::size_t k_days_max = 10'000;

std::optional<std::size_t> day_count(std::string_view text) {
    if (text.ends_with('d'))
        text.remove_suffix(1);
    std::size_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole && count >= 1 && count <= k_days_max ? std::optional(count) : std::nullopt;
}

// Days [first, first + count) traded, those before for warming up.
struct Stretch {
    std::span<const model::Bar> bars;
    UtcTime from{};
    UtcTime to{};

    Stretch(std::span<const model::Bar> all, std::span<const DaySpan> days, std::size_t first,
            std::size_t count)
        : from(all[days[first].begin].start), to(all[days[first + count - 1].end - 1].end()) {
        const std::size_t warm = first - std::min(first, k_warm_days);
        bars = all.subspan(days[warm].begin, days[first + count - 1].end - days[warm].begin);
    }
};

Result<BacktestResult> run_over(const Stretch& stretch, BacktestSettings settings,
                                const Clock& clock) {
    settings.trade_from = stretch.from;
    return run(settings, stretch.bars, clock);
}

report::Statistics judged(const BacktestResult& result, const Stretch& stretch) {
    return report::statistics(result.trades, result.days, result.start_cash,
                              stretch.to - stretch.from, result.nominal);
}

class Walk {
  public:
    Walk(std::span<const BacktestSettings> all, std::span<const model::Bar> bars, Measure measure,
         unsigned threads, const Clock& clock, const SweepProgress& progress, WalkResult& made)
        : all_(all),
          bars_(bars),
          measure_(measure),
          threads_(threads),
          clock_(clock),
          progress_(progress),
          made_(made) {}

    Result<void> window(const Window& window) {
        WindowResult result;
        result.window = window;
        BULLPEN_CHECK(choose(result));
        BULLPEN_CHECK(trade(result));
        made_.windows.push_back(result);
        return {};
    }

  private:
    Result<void> choose(WindowResult& result) {
        const Stretch stretch(bars_, made_.days, result.window.first, result.window.train);
        std::vector<SweepRow> rows(all_.size());
        std::vector<std::optional<Error>> errors(all_.size());
        in_parallel(all_.size(), threads_, [&](std::size_t i) {
            const auto run = run_over(stretch, all_[i], clock_);
            if (run)
                rows[i] = {i, judged(*run, stretch), {}};
            else
                errors[i] = run.error();
            count();
        });
        for (const auto& error : errors) {
            if (error)
                return fail(*error);
        }
        rank(rows, measure_);
        if (rows.front().statistics.trades > 0 && value_of(measure_, rows.front().statistics)) {
            result.chosen = rows.front().index;
            result.train = rows.front().statistics;
        }
        return {};
    }

    Result<void> trade(WindowResult& result) {
        const Stretch stretch(bars_, made_.days, result.window.first + result.window.train,
                              result.window.test);
        const auto equity = made_.equity.empty() ? made_.start : made_.equity.back().equity;
        if (!made_.first)
            made_.first = stretch.from;
        made_.last = stretch.to;
        if (!result.chosen) {
            stand_aside(result.window, equity);
            count();
            return {};
        }
        auto settings = all_[*result.chosen];
        settings.cash = equity;
        BULLPEN_TRY(auto run, run_over(stretch, settings, clock_));
        result.test = judged(run, stretch);
        made_.nominal = run.nominal;
        for (auto& trade : run.trades) {
            trade.number = made_.trades.size() + 1;
            made_.trades.push_back(trade);
        }
        made_.equity.insert(made_.equity.end(), run.days.begin(), run.days.end());
        count();
        return {};
    }

    void stand_aside(const Window& window, model::Money equity) {
        const auto from = window.first + window.train;
        for (std::size_t i = from; i < from + window.test; ++i)
            made_.equity.push_back({made_.days[i].day, equity});
    }
    void count() {
        const auto done = ++done_;
        if (progress_)
            progress_(done);
    }

    std::span<const BacktestSettings> all_;
    std::span<const model::Bar> bars_;
    Measure measure_;
    unsigned threads_;
    const Clock& clock_;
    const SweepProgress& progress_;
    WalkResult& made_;
    std::atomic<std::size_t> done_{0};
};

}  // namespace

Result<WalkPlan> parse_walk(std::string_view text) {
    WalkPlan plan;
    const auto wrong = [&] {
        return fail(Errc::invalid, "--walk-forward is train=DAYS,test=DAYS, from 1 to " +
                                       std::to_string(k_days_max) + " trading days each, not '" +
                                       std::string(text) + "'");
    };
    for (auto rest = text; !rest.empty();) {
        const auto part = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), part.size() + 1));
        std::size_t* days = part.starts_with("train=")  ? &plan.train_days
                            : part.starts_with("test=") ? &plan.test_days
                                                        : nullptr;
        const auto count = day_count(part.substr(std::min(part.find('=') + 1, part.size())));
        if (days == nullptr || *days != 0 || !count)
            return wrong();
        *days = *count;
    }
    if (plan.train_days == 0 || plan.test_days == 0)
        return wrong();
    return plan;
}

std::vector<DaySpan> days_of(std::span<const model::Bar> bars,
                             const time::MarketCalendar& calendar) {
    std::vector<DaySpan> days;
    time::MarketSpan span;
    for (std::size_t i = 0; i < bars.size(); ++i) {
        if (!span.holds(bars[i].start))
            span = calendar.span(bars[i].start);
        if (days.empty() || days.back().day != span.day)
            days.push_back({span.day, i, i});
        days.back().end = i + 1;
    }
    return days;
}

std::vector<Window> windows(std::size_t days, const WalkPlan& plan) {
    std::vector<Window> all;
    for (std::size_t first = 0; first + plan.train_days < days; first += plan.test_days) {
        all.push_back(
            {first, plan.train_days, std::min(plan.test_days, days - first - plan.train_days)});
    }
    return all;
}

Result<WalkResult> walk_forward(std::span<const BacktestSettings> combinations,
                                std::span<const model::Bar> bars, const WalkPlan& plan,
                                const time::MarketCalendar& calendar, Measure measure,
                                unsigned threads, const Clock& clock,
                                const SweepProgress& progress) {
    WalkResult made;
    made.days = days_of(bars, calendar);
    made.start = combinations.front().cash;
    const auto all = windows(made.days.size(), plan);
    if (all.empty()) {
        return fail(Errc::invalid, "the bars are of " + std::to_string(made.days.size()) +
                                       " trading days; a window needs more than " +
                                       std::to_string(plan.train_days));
    }
    Walk walk(combinations, bars, measure, threads, clock, progress, made);
    for (const auto& window : all)
        BULLPEN_CHECK(walk.window(window));
    made.trades_hash = hash_of(made.trades);
    return made;
}

}  // namespace bullpen::backtest
