// `backtest --sweep` and `--walk-forward`: many runs over the same bars.
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "worker/report/formats.hpp"
#include "worker/tools/backtest.hpp"
#include "worker/tools/backtest_print.hpp"
#include "worker/tools/progress.hpp"

namespace bullpen::tools {

namespace {

using backtest::Axis;
using nlohmann::ordered_json;

// Everything that a run of many needs, made before a bar is run.
struct Prepared {
    std::vector<std::vector<std::string>> values;  // of each combination
    std::vector<backtest::BacktestSettings> settings;
    time::MarketCalendar calendar;
    Bars data;
};

std::string named(const std::vector<Axis>& axes, const std::vector<std::string>& values) {
    std::string text;
    for (std::size_t i = 0; i < axes.size(); ++i)
        text += (text.empty() ? "" : ", ") + axes[i].key + " = " + values[i];
    return text;
}

Result<Prepared> prepare(const BacktestOptions& options, const MarketTables& tables,
                         Progress& progress) {
    BULLPEN_TRY(auto values, backtest::combinations(options.sweep));
    std::vector<backtest::BacktestSettings> settings;
    for (const auto& one : values) {
        Overrides overrides;
        auto chosen = options;
        for (std::size_t i = 0; i < one.size(); ++i) {
            if (options.sweep[i].key == "strategy.name")
                chosen.strategy = one[i];
            else
                overrides.insert_or_assign(options.sweep[i].key, one[i]);
        }
        auto made = backtest_settings(chosen, overrides, tables);
        if (!made)
            return fail(made.error().wrap("with " + named(options.sweep, one)));
        settings.push_back(std::move(*made));
    }
    BULLPEN_TRY(auto calendar, calendar_of(*settings.front().instrument, tables.holidays));
    BULLPEN_TRY(auto data,
                read_bars(options.bars, tables.instruments, [&](double share, std::uint64_t bars) {
                    progress.show(share, "read " + std::to_string(bars) + " bars");
                }));
    return Prepared{std::move(values), std::move(settings), std::move(calendar), std::move(data)};
}

ordered_json number_or_null(const std::optional<double>& value) {
    return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json values_object(const std::vector<Axis>& axes, const std::vector<std::string>& values) {
    auto out = ordered_json::object();
    for (std::size_t i = 0; i < axes.size(); ++i)
        out[axes[i].key] = values[i];
    return out;
}

ordered_json figures(const report::Statistics& s) {
    return {{"trades", s.trades},
            {"net_pnl", model::text(s.net)},
            {"profit_factor", number_or_null(s.profit_factor)},
            {"max_drawdown", model::text(s.max_drawdown)},
            {"sharpe", number_or_null(s.sharpe)},
            {"sortino", number_or_null(s.sortino)},
            {"calmar", number_or_null(s.calmar)},
            {"expectancy", number_or_null(s.expectancy)}};
}

std::vector<std::string> figure_cells(const report::Statistics& s) {
    return {std::to_string(s.trades),
            model::text(s.net),
            report::ratio_text(s.profit_factor),
            model::text(s.max_drawdown),
            report::ratio_text(s.sharpe),
            report::ratio_text(s.sortino),
            report::ratio_text(s.calmar),
            report::ratio_text(s.expectancy)};
}

// Columns as wide as their widest cell, all at the right.
std::string table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    }
    std::string out;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            out += (i > 0 ? "  " : "") + std::string(widths[i] - row[i].size(), ' ') + row[i];
        out += "\n";
    }
    return out;
}

std::string sweep_text(const BacktestOptions& options, const MarketTables& tables,
                       const Prepared& prepared, const std::vector<backtest::SweepRow>& rows) {
    std::vector<std::vector<std::string>> lines(1);
    for (const auto& axis : options.sweep)
        lines.front().push_back(axis.key);
    for (const auto* name :
         {"trades", "net", "PF", "max DD", "Sharpe", "Sortino", "Calmar", "expectancy"})
        lines.front().emplace_back(name);
    const auto shown =
        options.lines_max == 0 ? rows.size() : std::min(rows.size(), options.lines_max);
    for (std::size_t i = 0; i < shown; ++i) {
        auto line = prepared.values[rows[i].index];
        const auto cells = figure_cells(rows[i].statistics);
        line.insert(line.end(), cells.begin(), cells.end());
        lines.push_back(std::move(line));
    }
    auto out = data_text(prepared.data, tables, options.bars.instrument) + "\n" + table(lines);
    if (shown < rows.size())
        out += std::to_string(rows.size() - shown) + " more rows; --lines 0 prints them\n";
    return out + std::to_string(rows.size()) + " runs of " +
           std::to_string(prepared.data.bars.size()) + " bars, best " +
           std::string(backtest::code(options.measure)) + " first\n";
}

std::string sweep_json(const BacktestOptions& options, const Prepared& prepared,
                       const std::vector<backtest::SweepRow>& rows, double seconds) {
    ordered_json out;
    out["strategy"] = options.strategy;
    out["instrument"] = options.bars.instrument;
    out["data"] = documents::parse_ordered_json(data_json(prepared.data));
    out["bars"] = prepared.data.bars.size();
    out["measure"] = std::string(backtest::code(options.measure));
    auto& all = out["runs"] = ordered_json::array();
    for (const auto& row : rows) {
        ordered_json one{{"settings", values_object(options.sweep, prepared.values[row.index])}};
        one.update(figures(row.statistics));
        one["trades_hash"] = row.trades_hash;
        all.push_back(std::move(one));
    }
    out["seconds"] = seconds;
    return documents::json_text(out) + "\n";
}

std::string day_range(const backtest::WalkResult& walk, std::size_t first, std::size_t count) {
    return report::day_text(walk.days[first].day) + " to " +
           report::day_text(walk.days[first + count - 1].day);
}

std::string walk_text(const BacktestOptions& options, const MarketTables& tables,
                      const Prepared& prepared, const backtest::WalkResult& walk,
                      const report::RunRecord& joined) {
    std::vector<std::vector<std::string>> lines(1);
    for (const auto* name : {"train", "test", "chosen", "train trades", "train net", "trades",
                             "net", "PF", "max DD", "Sharpe", "Sortino", "Calmar", "expectancy"})
        lines.front().emplace_back(name);
    for (const auto& one : walk.windows) {
        const auto& w = one.window;
        const auto cells = figure_cells(one.test);
        std::vector<std::string> line = {
            day_range(walk, w.first, w.train), day_range(walk, w.first + w.train, w.test),
            one.chosen ? named(options.sweep, prepared.values[*one.chosen]) : "none traded",
            std::to_string(one.train.trades), model::text(one.train.net)};
        line.insert(line.end(), cells.begin(), cells.end());
        lines.push_back(std::move(line));
    }
    return data_text(prepared.data, tables, options.bars.instrument) + "\n" + table(lines) +
           "\nOut of sample, joined: " + report::summary_text(joined);
}

std::string walk_json(const BacktestOptions& options, const Prepared& prepared,
                      const backtest::WalkResult& walk, const report::RunRecord& joined,
                      double seconds) {
    ordered_json out;
    out["strategy"] = options.strategy;
    out["instrument"] = options.bars.instrument;
    out["data"] = documents::parse_ordered_json(data_json(prepared.data));
    out["bars"] = prepared.data.bars.size();
    out["measure"] = std::string(backtest::code(options.measure));
    auto& all = out["windows"] = ordered_json::array();
    for (const auto& one : walk.windows) {
        const auto& w = one.window;
        const auto test = w.first + w.train;
        all.push_back(
            {{"train_from", report::day_text(walk.days[w.first].day)},
             {"train_to", report::day_text(walk.days[test - 1].day)},
             {"test_from", report::day_text(walk.days[test].day)},
             {"test_to", report::day_text(walk.days[test + w.test - 1].day)},
             {"settings", one.chosen ? values_object(options.sweep, prepared.values[*one.chosen])
                                     : ordered_json(nullptr)},
             {"train", figures(one.train)},
             {"test", figures(one.test)}});
    }
    out["joined"] = documents::parse_ordered_json(report::summary_json(joined));
    out["trades_hash"] = walk.trades_hash;
    out["seconds"] = seconds;
    return documents::json_text(out) + "\n";
}

backtest::SweepProgress shown(Progress& progress, std::size_t runs) {
    return [&progress, runs](std::size_t done) {
        progress.show(static_cast<double>(done) / static_cast<double>(runs),
                      std::to_string(done) + " of " + std::to_string(runs) + " runs");
    };
}

double since(MonoTime begin, const Clock& clock) {
    return std::chrono::duration<double>(clock.mono() - begin).count();
}

}  // namespace

Result<std::string> run_sweep(const BacktestOptions& options, const MarketTables& tables,
                              const Clock& clock) {
    const auto begin = clock.mono();
    Progress progress(!options.json);
    BULLPEN_TRY(const auto prepared, prepare(options, tables, progress));
    BULLPEN_TRY(auto rows, backtest::sweep(prepared.settings, prepared.data.bars, options.jobs,
                                           clock, shown(progress, prepared.settings.size())));
    backtest::rank(rows, options.measure);
    return options.json ? sweep_json(options, prepared, rows, since(begin, clock))
                        : sweep_text(options, tables, prepared, rows);
}

Result<std::string> run_walk(const BacktestOptions& options, const MarketTables& tables,
                             const Clock& clock) {
    const auto begin = clock.mono();
    Progress progress(!options.json);
    BULLPEN_TRY(const auto prepared, prepare(options, tables, progress));
    const auto days = backtest::days_of(prepared.data.bars, prepared.calendar).size();
    const auto runs =
        backtest::windows(days, *options.walk).size() * (prepared.settings.size() + 1);
    BULLPEN_TRY(auto walk,
                backtest::walk_forward(prepared.settings, prepared.data.bars, *options.walk,
                                       prepared.calendar, options.measure, options.jobs, clock,
                                       shown(progress, std::max<std::size_t>(runs, 1))));
    auto joined = run_record(options, tables, prepared.calendar);
    joined.title += ", walk-forward";
    std::string keys;
    for (const auto& axis : options.sweep)
        keys += (keys.empty() ? "" : ", ") + axis.key;
    joined.facts.emplace_back("chosen anew",
                              keys + ", every " + std::to_string(options.walk->test_days) +
                                  " days from the " + std::to_string(options.walk->train_days) +
                                  " before, by " + std::string(backtest::code(options.measure)));
    joined.facts.emplace_back("trades hash", walk.trades_hash);
    joined.start = walk.start;
    joined.nominal = walk.nominal;
    joined.trades = walk.trades;
    joined.days = walk.equity;
    joined.first = walk.first;
    joined.last = walk.last;
    BULLPEN_CHECK(write_records(options, joined, clock.utc()));
    return options.json ? walk_json(options, prepared, walk, joined, since(begin, clock))
                        : walk_text(options, tables, prepared, walk, joined);
}

}  // namespace bullpen::tools
