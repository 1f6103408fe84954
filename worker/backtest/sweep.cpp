#include "worker/backtest/sweep.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "common/base/errc.hpp"
#include "common/model/decimal.hpp"

namespace bullpen::backtest {

namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(Measure::count_)> k_measures = {
    "net", "expectancy", "profit_factor", "sharpe", "sortino", "calmar", "drawdown"};

// A plain number in millionths.
std::optional<std::int64_t> millionths(std::string_view text) {
    const auto money = model::money_from_text(text, model::k_usd);
    return money ? std::optional(money->millionths) : std::nullopt;
}

// As it is written by hand: "7", "2.5".
std::string plain(std::int64_t value) {
    auto text = model::text(model::Money{value, model::k_usd});
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.'))
        text.pop_back();
    return text;
}

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    for (;;) {
        const auto end = text.find(at);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return parts;
        text.remove_prefix(end + 1);
    }
}

Result<std::vector<std::string>> range(std::string_view key, std::int64_t from, std::int64_t to,
                                       std::int64_t step) {
    const std::string name(key);
    if (step <= 0)
        return fail(Errc::invalid, "the step of " + name + " must be above zero");
    if (to < from)
        return fail(Errc::invalid, name + " ends before it begins");
    if (static_cast<std::uint64_t>(to - from) / static_cast<std::uint64_t>(step) >=
        k_combinations_max) {
        return fail(Errc::too_large,
                    name + " has more than " + std::to_string(k_combinations_max) + " values");
    }
    std::vector<std::string> values;
    for (auto value = from; value <= to; value += step)
        values.push_back(plain(value));
    return values;
}

double units(model::Money money) {
    return static_cast<double>(money.millionths) / 1e6;
}

}  // namespace

Result<Axis> parse_axis(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string_view::npos || equals + 1 == text.size()) {
        return fail(Errc::invalid,
                    "--sweep is KEY=FROM:TO:STEP or KEY=A,B,C, not '" + std::string(text) + "'");
    }
    Axis axis{std::string(text.substr(0, equals)), {}};
    const auto values = text.substr(equals + 1);
    const auto parts = split(values, ':');
    constexpr std::size_t k_range_parts = 3;
    // Times of day have colons too, and a list of them has commas.
    if (parts.size() == k_range_parts && values.find(',') == std::string_view::npos) {
        const auto from = millionths(parts[0]);
        const auto to = millionths(parts[1]);
        const auto step = millionths(parts[2]);
        if (!from || !to || !step) {
            return fail(Errc::invalid, "'" + std::string(values) + "' of " + axis.key +
                                           " is not FROM:TO:STEP in numbers");
        }
        BULLPEN_TRY(axis.values, range(axis.key, *from, *to, *step));
        return axis;
    }
    for (const auto value : split(values, ',')) {
        if (value.empty())
            return fail(Errc::invalid, axis.key + " has an empty value");
        axis.values.emplace_back(value);
    }
    if (axis.values.size() > k_combinations_max)
        return fail(Errc::too_large, axis.key + " has too many values");
    return axis;
}

Result<std::vector<std::vector<std::string>>> combinations(std::span<const Axis> axes) {
    if (axes.size() > k_axes_max) {
        return fail(Errc::too_large,
                    "at most " + std::to_string(k_axes_max) + " keys are swept at once");
    }
    std::size_t count = 1;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (axes[i].key == axes[j].key)
                return fail(Errc::invalid, axes[i].key + " is swept twice");
        }
        count *= axes[i].values.size();
        if (count > k_combinations_max) {
            return fail(Errc::too_large, "these are more than " +
                                             std::to_string(k_combinations_max) + " combinations");
        }
    }
    std::vector<std::vector<std::string>> all;
    for (std::size_t i = 0; i < count; ++i) {
        std::vector<std::string> one(axes.size());
        std::size_t rest = i;
        for (std::size_t axis = axes.size(); axis-- > 0;) {
            one[axis] = axes[axis].values[rest % axes[axis].values.size()];
            rest /= axes[axis].values.size();
        }
        all.push_back(std::move(one));
    }
    return all;
}

std::string_view code(Measure measure) {
    return k_measures.at(static_cast<std::size_t>(measure));
}

std::optional<Measure> measure_from(std::string_view code) {
    const auto found = std::ranges::find(k_measures, code);
    if (found == k_measures.end())
        return std::nullopt;
    return static_cast<Measure>(found - k_measures.begin());
}

std::optional<double> value_of(Measure measure, const report::Statistics& statistics) {
    switch (measure) {
        case Measure::net: return units(statistics.net);
        case Measure::expectancy: return statistics.expectancy;
        case Measure::profit_factor: return statistics.profit_factor;
        case Measure::sharpe: return statistics.sharpe;
        case Measure::sortino: return statistics.sortino;
        case Measure::calmar: return statistics.calmar;
        // Who does not trade has no drawdown, and is not the best for it.
        case Measure::drawdown:
            return statistics.trades > 0 ? std::optional(-units(statistics.max_drawdown))
                                         : std::nullopt;
        case Measure::count_: break;
    }
    return std::nullopt;
}

void in_parallel(std::size_t count, unsigned threads,
                 const std::function<void(std::size_t)>& work) {
    if (threads == 0)
        threads = std::max(1U, std::thread::hardware_concurrency());
    threads = static_cast<unsigned>(
        std::min<std::size_t>({threads, k_threads_max, std::max<std::size_t>(count, 1)}));
    std::atomic<std::size_t> next{0};
    const auto loop = [&] {
        for (auto i = next++; i < count; i = next++)
            work(i);
    };
    // This thread is one of them.
    std::vector<std::thread> others;
    for (unsigned i = 1; i < threads; ++i)
        others.emplace_back(loop);
    loop();
    for (auto& other : others)
        other.join();
}

Result<std::vector<SweepRow>> sweep(std::span<const BacktestSettings> settings,
                                    std::span<const model::Bar> bars, unsigned threads,
                                    const Clock& clock, const SweepProgress& progress) {
    std::vector<SweepRow> rows(settings.size());
    std::vector<std::optional<Error>> errors(settings.size());
    std::atomic<std::size_t> done{0};
    in_parallel(settings.size(), threads, [&](std::size_t i) {
        const auto result = run(settings[i], bars, clock);
        if (result) {
            const Nanos span = result->first ? *result->last - *result->first : Nanos{0};
            rows[i] = {i,
                       report::statistics(result->trades, result->days, result->start_cash, span,
                                          result->nominal),
                       result->trades_hash};
        } else {
            errors[i] = result.error();
        }
        const auto count = ++done;
        if (progress)
            progress(count);
    });
    for (const auto& error : errors) {
        if (error)
            return fail(*error);
    }
    return rows;
}

void rank(std::vector<SweepRow>& rows, Measure measure) {
    std::ranges::stable_sort(rows, [&](const SweepRow& a, const SweepRow& b) {
        const auto left = value_of(measure, a.statistics);
        const auto right = value_of(measure, b.statistics);
        if (left.has_value() != right.has_value())
            return left.has_value();
        return left.has_value() && *left > *right;
    });
}

}  // namespace bullpen::backtest
