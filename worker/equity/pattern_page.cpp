#include "worker/equity/pattern_page.hpp"

#include <algorithm>
#include <cstdio>

#include "worker/report/page.hpp"
#include "worker/report/svg.hpp"

namespace bullpen::equity {

namespace {

using report::escaped;
using report::LinePlot;

constexpr std::string_view k_style =
    ".close{stroke:#1d2733}.sma20{stroke:#27567d}.ema21{stroke:#3b7d5c}.ema50{stroke:#8a6d1f}\n"
    ".band{stroke:#b8c0cc;stroke-dasharray:4 3}.stop{stroke:#a3382c}.slope{stroke:#27567d}\n"
    ".key span{margin-right:14px}.key svg{width:22px;height:8px;display:inline-block}\n"
    "section{break-inside:avoid}a{color:#27567d}\n";

std::string number(double value) {
    std::array<char, 64> text;
    std::snprintf(text.data(), text.size(), "%.2f", value);
    return text.data();
}
std::string number(const std::optional<double>& value) {
    return value ? number(*value) : "\u2013";
}

std::string row(std::string_view name, const std::string& value, std::string_view what) {
    return "<tr><td class=\"l\">" + escaped(name) + "</td><td>" + escaped(value) +
           "</td><td class=\"d\">" + escaped(what) + "</td></tr>\n";
}

std::string facts(const Analysis& a) {
    const auto& v = a.values;
    const auto& c = a.counts;
    std::string out = "<table>\n";
    out += row("pattern", std::string(code(a.pattern)),
               std::to_string(c.above_upper) + " closes above the upper band, " +
                   std::to_string(c.above_sma) + " above SMA20, " + std::to_string(c.crossings) +
                   " crossings, " + std::to_string(c.below_lower) + " below the lower band, of 40");
    out += row("trend", std::string(code(a.trend)),
               "slope of SMA20 over 8 days, % a day: " + number(v.slope));
    out += row("close", number(a.close), format_utc(a.day).substr(0, 10));
    out += row("SMA20 / EMA21 / EMA50",
               number(v.sma20) + " / " + number(v.ema21) + " / " + number(v.ema50), "");
    out += row("ATR14", number(v.atr14), "after Wilder");
    out += row("bands", number(v.lower) + " / " + number(v.upper), "SMA20 less and plus 2 ATR14");
    out += row(
        "suggested stop", number(a.stop),
        a.stop ? (a.pattern == Pattern::break_and_base ? "the last swing low" : "the upper band")
               : "none that is below the close");
    const auto& s = a.similar;
    if (s.days == 0)
        return out + row("similar slopes", "none", "within 30 %, with 20 days after them") +
               "</table>\n";
    out += row("similar slopes", std::to_string(s.days) + " days", "within 30 % of today's");
    out += row("20 days later", number(s.mean_percent) + " % / " + number(s.median_percent) + " %",
               "mean and median; " + number(s.rose_percent) + " % of them rose");
    out += row("on the way", number(s.worst_percent) + " % / " + number(s.best_percent) + " %",
               "the deepest low and the highest high");
    return out + "</table>\n";
}

using Member = std::optional<double> DayValues::*;

LinePlot line_of(std::string style, std::span<const model::Bar> candles,
                 std::span<const DayValues> values, Member member) {
    LinePlot plot;
    plot.style = std::move(style);
    const std::size_t first = candles.size() - std::min(candles.size(), k_pictured_days);
    for (std::size_t i = first; i < candles.size(); ++i) {
        if (const auto& value = values[i].*member)
            plot.points.push_back({candles[i].start, *value});
    }
    return plot;
}

std::string key() {
    constexpr std::array<std::pair<const char*, const char*>, 6> k_lines = {
        {{"close", "close"},
         {"sma20", "SMA20"},
         {"ema21", "EMA21"},
         {"ema50", "EMA50"},
         {"band", "bands"},
         {"stop", "suggested stop"}}};
    std::string out = "<p class=\"key\">";
    for (const auto& [style, name] : k_lines) {
        out += "<span><svg viewBox=\"0 0 22 8\" aria-hidden=\"true\"><path class=\"line " +
               std::string(style) + "\" d=\"M0 4H22\"/></svg> " + name + "</span>";
    }
    return out + "</p>\n";
}

std::string summary(const std::vector<PageEntry>& entries) {
    std::string out =
        "<table>\n<thead><tr><th class=\"l\">share</th><th class=\"l\">pattern</th>"
        "<th class=\"l\">trend</th><th>slope</th><th>close</th><th>stop</th><th>20 days after "
        "similar slopes</th></tr></thead>\n<tbody>\n";
    for (const auto& [symbol, a, text] : entries) {
        out += "<tr><td class=\"l\"><a href=\"#" + escaped(symbol) + "\">" + escaped(symbol) +
               "</a></td><td class=\"l\">" + std::string(code(a.pattern)) +
               "</td><td class=\"l\">" + std::string(code(a.trend)) + "</td><td>" +
               number(a.values.slope) + "</td><td>" + number(a.close) + "</td><td>" +
               number(a.stop) + "</td><td>" +
               (a.similar.days > 0 ? number(a.similar.mean_percent) + " %" : "\u2013") +
               "</td></tr>\n";
    }
    return out + "</tbody>\n</table>\n";
}

}  // namespace

std::string pattern_section(const std::string& symbol, const Analysis& analysis,
                            std::span<const model::Bar> candles,
                            std::span<const DayValues> values) {
    LinePlot closes{{}, "close", {}, false, false};
    const std::size_t first = candles.size() - std::min(candles.size(), k_pictured_days);
    for (const auto& bar : candles.subspan(first))
        closes.points.push_back({bar.start, static_cast<double>(bar.close.ticks) / 100});
    std::vector<LinePlot> lines = {line_of("band", candles, values, &DayValues::upper),
                                   line_of("band", candles, values, &DayValues::lower),
                                   line_of("ema50", candles, values, &DayValues::ema50),
                                   line_of("ema21", candles, values, &DayValues::ema21),
                                   line_of("sma20", candles, values, &DayValues::sma20),
                                   std::move(closes)};
    if (analysis.stop) {
        LinePlot stop{{}, "stop", {}, false, false};
        stop.points = {{lines.back().points.front().at, *analysis.stop},
                       {lines.back().points.back().at, *analysis.stop}};
        lines.push_back(std::move(stop));
    }
    auto slope = line_of("slope", candles, values, &DayValues::slope);
    slope.label = "Slope of SMA20 of " + symbol + ", percent a day";
    return "<section id=\"" + escaped(symbol) + "\">\n<h2>" + escaped(symbol) + "</h2>\n" +
           facts(analysis) + key() +
           report::lines_svg("Closes, averages and bands of " + symbol, lines) +
           "<p>Slope of SMA20, percent a day.</p>\n" + report::line_svg(slope) + "</section>\n";
}

std::string pattern_page(const PageHead& head, const std::vector<PageEntry>& entries) {
    const auto title = "Patterns of " + head.day + ", " + head.account;
    std::string content = "<header>\n<h1>" + escaped(title) + "</h1>\n<p>" +
                          std::to_string(entries.size()) +
                          " shares, from daily candles. Nothing is ordered by it.</p>\n";
    for (const auto& one : head.left_out)
        content += "<p class=\"shadow\">Left out: " + escaped(one) + "</p>\n";
    for (const auto& one : head.stale)
        content += "<p class=\"shadow\">STALE: " + escaped(one) + "</p>\n";
    content += "</header>\n" + report::section("Summary", "", summary(entries));
    for (const auto& entry : entries)
        content += entry.section;
    return report::page(title, k_style, content, "Bullpen, by the candles of " + head.day + ".");
}

}  // namespace bullpen::equity
