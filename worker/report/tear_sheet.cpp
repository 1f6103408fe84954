#include "worker/report/tear_sheet.hpp"

#include <algorithm>

#include "worker/report/exit_texts.hpp"
#include "worker/report/formats.hpp"
#include "worker/report/page.hpp"
#include "worker/report/svg.hpp"

namespace bullpen::report {

namespace {

double units(model::Money money) {
    return static_cast<double>(money.millionths) / 1e6;
}

std::string header(const RunRecord& run) {
    std::string out = "<header>\n<h1>" + escaped(run.title) + "</h1>\n";
    if (run.shadow)
        out += "<p class=\"shadow\">Shadow: nothing of this was sent to a broker.</p>\n";
    if (run.first && run.last) {
        out += "<p>" + escaped(time_text(*run.first)) + " to " + escaped(time_text(*run.last)) +
               " UTC</p>\n";
    }
    for (const auto& [name, value] : run.facts)
        out += "<p>" + escaped(name) + ": " + escaped(value) + "</p>\n";
    if (run.open_contracts != 0)
        out += "<p>still open at the end: " + open_text(run) + "</p>\n";
    return out + "</header>\n";
}

std::string statistics_table(const RunRecord& run) {
    std::string out = "<table class=\"statistics\">\n";
    for (const auto& line : statistic_lines(run.statistics())) {
        out += "<tr><td class=\"l\">" + escaped(line.name) + "</td><td>" + escaped(line.value) +
               "</td><td class=\"d\">" + escaped(line.definition) + "</td></tr>\n";
    }
    return out + "</table>\n";
}

// Equity after each trade.
std::vector<LinePoint> equity_points(const RunRecord& run) {
    std::vector<LinePoint> points;
    auto equity = run.start;
    if (run.first)
        points.push_back({*run.first, units(equity)});
    for (const auto& trade : run.trades) {
        equity = equity + trade.net();
        points.push_back({trade.closed, units(equity)});
    }
    if (run.last && !points.empty())
        points.push_back({std::max(*run.last, points.back().at), units(equity)});
    return points;
}

std::vector<LinePoint> drawdown_points(std::vector<LinePoint> points) {
    double high = points.empty() ? 0 : points.front().value;
    for (auto& point : points) {
        high = std::max(high, point.value);
        point.value -= high;
    }
    return points;
}

std::string plots(const RunRecord& run) {
    const auto currency = std::string(run.start.currency.code());
    const auto equity = equity_points(run);
    std::string out = section("Equity", "After each trade, " + currency + ".",
                              line_svg({"Equity over time", "equity", equity, false, true}));
    out +=
        section("Drawdown", "Below the highest equity of a trade's end so far, " + currency + ".",
                line_svg({"Drawdown over time", "drawdown", drawdown_points(equity), true, true}));
    BarPlot trades{"Net of each trade", {}, false};
    for (const auto& trade : run.trades) {
        trades.bars.push_back({"",
                               std::to_string(trade.number) + "  " + time_text(trade.closed) +
                                   "  " + std::string(direction(trade)) + "  " +
                                   money_text(trade.net()) + "  " + exit_reason(trade),
                               units(trade.net())});
    }
    out += section("Trades", "Net of each, in their order, " + currency + ".", bar_svg(trades));
    const auto grouped = [&](const std::string& title, const std::vector<Group>& groups) {
        BarPlot plot{title, {}, true};
        for (const auto& group : groups) {
            plot.bars.push_back({group.name,
                                 group.name + ": " + count_text(group.trades, "trade") + ", " +
                                     std::to_string(group.wins) + " won, " + money_text(group.net),
                                 units(group.net)});
        }
        return bar_svg(plot);
    };
    out += section("By hour",
                   "Net by the hour of the entry on the market's wall clock (" +
                       run.calendar->zone().name() + "), " + currency + ".",
                   grouped("Net by hour", by_hour(run)));
    const auto exits = by_exit(run);
    std::string table =
        "<table><tr><th class=\"l\">exit</th><th>trades</th><th>won</th><th>net</th>"
        "<th class=\"l\">closed because</th></tr>\n";
    for (const auto& group : exits) {
        table += "<tr><td class=\"l\">" + escaped(group.name) + "</td><td>" +
                 std::to_string(group.trades) + "</td><td>" + std::to_string(group.wins) +
                 "</td><td>" + escaped(money_text(group.net)) + "</td><td class=\"l\">" +
                 escaped(exit_sentence(group.name)) + "</td></tr>\n";
    }
    return out + section("By exit", "Net by what closed the trade, " + currency + ".",
                         grouped("Net by exit", exits) + table + "</table>\n");
}

std::string trades_table(const RunRecord& run) {
    const std::size_t from = run.trades.size() - std::min(run.trades.size(), k_sheet_trades_max);
    std::string out =
        "<table>\n<thead><tr><th>#</th><th class=\"l\">side</th><th class=\"l\">opened (UTC)</th>"
        "<th class=\"l\">closed (UTC)</th><th>qty</th><th>entry</th><th>exit</th><th>R</th>"
        "<th class=\"l\">reason</th><th>net</th></tr></thead>\n<tbody>\n";
    for (std::size_t i = from; i < run.trades.size(); ++i) {
        const auto& trade = run.trades[i];
        const auto price = [&](std::int64_t ticks) {
            return escaped(mean_price(*run.instruments, trade.symbol, ticks, trade.quantity));
        };
        out += "<tr><td>" + std::to_string(trade.number) + "</td><td class=\"l\">" +
               std::string(direction(trade)) + " " + escaped(trade.symbol.view()) +
               "</td><td class=\"l\">" + time_text(trade.opened) + "</td><td class=\"l\">" +
               time_text(trade.closed) + "</td><td>" + std::to_string(trade.quantity) +
               "</td><td>" + price(trade.entry_ticks) + "</td><td>" + price(trade.exit_ticks) +
               "</td><td>" + ratio_text(r_multiple(trade)) + "</td><td class=\"l\">" +
               escaped(exit_reason(trade)) + "</td><td" +
               (trade.net().millionths < 0 ? " class=\"lost\"" : "") + ">" +
               model::text(trade.net()) + "</td></tr>\n";
    }
    const auto note = from > 0 ? "The last " + std::to_string(k_sheet_trades_max) + " of " +
                                     std::to_string(run.trades.size()) + "."
                               : std::string();
    return section("Every trade", note, out + "</tbody>\n</table>\n");
}

}  // namespace

std::string tear_sheet(const RunRecord& run, UtcTime made) {
    auto content = header(run) + section("Statistics", "", statistics_table(run)) + plots(run);
    if (!run.trades.empty())
        content += trades_table(run);
    return page(run.title, "", content,
                "Bullpen, " + time_text(made) + " UTC. " +
                    (run.kind == "backtest" ? "Fills of a backtest are a model." : ""));
}

}  // namespace bullpen::report
