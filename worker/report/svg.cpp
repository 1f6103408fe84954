#include "worker/report/svg.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

namespace bullpen::report {

namespace {

// The picture, in its own units; a page scales it.
constexpr double k_width = 860;
constexpr double k_height = 220;
constexpr double k_left = 72;
constexpr double k_right = 12;
constexpr double k_top = 10;
constexpr double k_bottom = 26;
// More than can be told apart in a picture of that width.
constexpr std::size_t k_points_max = 2000;
constexpr int k_lines_max = 6;

std::string number(double value) {
    std::array<char, 64> text;
    std::snprintf(text.data(), text.size(), "%.2f", value);
    return text.data();
}

// "12,500", "0.25": as many digits as the distance of the lines needs.
std::string axis_text(double value, double distance) {
    std::array<char, 64> text;
    std::snprintf(text.data(), text.size(), "%.*f", distance < 1 ? 2 : 0, value);
    std::string made(text.data());
    const std::size_t first = made.starts_with('-') ? 1 : 0;
    const auto point = std::min(made.find('.'), made.size());
    for (auto at = point; at > first + 3; at -= 3)
        made.insert(at - 3, ",");
    return made == "-0" ? "0" : made;
}

struct Frame {
    double low = 0;
    double high = 1;
    std::vector<double> lines;

    Frame(double least, double greatest) {
        lines = axis(least, greatest, k_lines_max);
        low = lines.front();
        high = lines.back();
    }
    [[nodiscard]] double y(double value) const {
        return k_top + (high - value) / (high - low) * (k_height - k_top - k_bottom);
    }
};

std::string open_svg(const std::string& label) {
    return "<svg viewBox=\"0 0 " + number(k_width) + " " + number(k_height) +
           "\" role=\"img\" aria-label=\"" + escaped(label) + "\">\n";
}

std::string grid(const Frame& frame) {
    std::string out;
    const double distance = frame.lines.size() > 1 ? frame.lines[1] - frame.lines[0] : 1;
    for (const double line : frame.lines) {
        const auto y = number(frame.y(line));
        const char* style = std::abs(line) < distance / 1000 ? "zero" : "grid";
        out += "<line class=\"" + std::string(style) + "\" x1=\"" + number(k_left) + "\" x2=\"" +
               number(k_width - k_right) + "\" y1=\"" + y + "\" y2=\"" + y + "\"/>";
        out += "<text class=\"tick\" text-anchor=\"end\" dominant-baseline=\"middle\" x=\"" +
               number(k_left - 6) + "\" y=\"" + y + "\">" + axis_text(line, distance) + "</text>\n";
    }
    return out;
}

// The least and the greatest of each stretch, so that no peak is lost.
std::vector<LinePoint> thinned(const std::vector<LinePoint>& points) {
    if (points.size() <= k_points_max)
        return points;
    std::vector<LinePoint> kept = {points.front()};
    const std::size_t stretches = k_points_max / 2;
    for (std::size_t i = 0; i < stretches; ++i) {
        const auto begin =
            points.begin() + static_cast<std::ptrdiff_t>(i * points.size() / stretches);
        const auto end =
            points.begin() + static_cast<std::ptrdiff_t>((i + 1) * points.size() / stretches);
        auto [least, greatest] = std::minmax_element(
            begin, end, [](const auto& a, const auto& b) { return a.value < b.value; });
        if (greatest < least)
            std::swap(least, greatest);
        kept.push_back(*least);
        kept.push_back(*greatest);
    }
    kept.push_back(points.back());
    return kept;
}

std::string time_axis(UtcTime first, UtcTime last) {
    constexpr int k_dates = 6;
    std::string out;
    for (int i = 0; i < k_dates; ++i) {
        const double share = static_cast<double>(i) / (k_dates - 1);
        const auto at =
            first + Nanos(std::llround(static_cast<double>((last - first).count()) * share));
        const double x = k_left + share * (k_width - k_left - k_right);
        const char* anchor = i == 0 ? "start" : i + 1 == k_dates ? "end" : "middle";
        out += "<text class=\"tick\" text-anchor=\"" + std::string(anchor) + "\" x=\"" + number(x) +
               "\" y=\"" + number(k_height - 8) + "\">" + format_utc(at).substr(0, 10) + "</text>";
    }
    return out + "\n";
}

// As much of a name as `wide` has room for; the picture's tooltip has all of it.
std::string fitting(const std::string& name, double wide) {
    constexpr double k_character = 6.2;
    const auto room = static_cast<std::size_t>(std::max(wide / k_character, 2.0));
    return name.size() <= room ? name : name.substr(0, room - 1) + "\u2026";
}

struct Line {
    const LinePlot* plot = nullptr;
    std::vector<LinePoint> points;
};

// What a picture of some lines shows, of time and of values.
struct Span {
    UtcTime first = UtcTime::max();
    UtcTime last = UtcTime::min();
    double least = std::numeric_limits<double>::infinity();
    double greatest = -std::numeric_limits<double>::infinity();

    explicit Span(const std::vector<Line>& lines) {
        for (const auto& line : lines) {
            first = std::min(first, line.points.front().at);
            last = std::max(last, line.points.back().at);
            if (line.plot->area) {
                least = std::min(least, 0.0);
                greatest = std::max(greatest, 0.0);
            }
            for (const auto& point : line.points) {
                least = std::min(least, point.value);
                greatest = std::max(greatest, point.value);
            }
        }
    }
    [[nodiscard]] double x(UtcTime at) const {
        const auto share =
            static_cast<double>((at - first).count()) / static_cast<double>((last - first).count());
        return k_left + share * (k_width - k_left - k_right);
    }
};

std::string drawn(const Line& line, const Span& span, const Frame& frame) {
    std::string path;
    for (std::size_t i = 0; i < line.points.size(); ++i) {
        const auto x = number(span.x(line.points[i].at));
        const auto y = number(frame.y(line.points[i].value));
        if (i == 0)
            path += "M" + x + " " + y;
        else if (line.plot->steps)
            path += "H" + x + "V" + y;
        else
            path += "L" + x + " " + y;
    }
    std::string out;
    if (line.plot->area) {
        out += "<path class=\"fill-" + line.plot->style + "\" d=\"" + path + "V" +
               number(frame.y(0)) + "H" + number(k_left) + "Z\"/>\n";
    }
    return out + "<path class=\"line " + line.plot->style + "\" d=\"" + path + "\"/>\n";
}

std::string nothing(const std::string& label) {
    return "<p class=\"nothing\">" + escaped(label) + ": not enough to draw.</p>\n";
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\'': out += "&#39;"; break;
            default: out += byte < 0x20 || byte == 0x7F ? ' ' : c;
        }
    }
    return out;
}

std::vector<double> axis(double low, double high, int count_max) {
    if (!(high > low)) {
        const double pad = low == 0 ? 1 : std::abs(low) * 0.05;
        high = low + pad;
        low -= pad;
    }
    double distance = std::pow(10, std::floor(std::log10((high - low) / count_max)));
    const auto lines = [&](double apart) {
        return static_cast<int>(std::ceil(high / apart) - std::floor(low / apart)) + 1;
    };
    constexpr std::array k_steps = {1.0, 2.0, 5.0, 10.0, 20.0, 50.0};
    for (const double step : k_steps) {
        if (lines(distance * step) <= count_max || step == k_steps.back()) {
            distance *= step;
            break;
        }
    }
    std::vector<double> made;
    const double first = std::floor(low / distance);
    for (int i = 0; i < lines(distance); ++i)
        made.push_back((first + i) * distance);
    return made;
}

std::string line_svg(const LinePlot& plot) {
    return lines_svg(plot.label, {plot});
}

std::string lines_svg(const std::string& label, const std::vector<LinePlot>& plots) {
    std::vector<Line> lines;
    for (const auto& plot : plots) {
        if (plot.points.size() >= 2 && plot.points.back().at > plot.points.front().at)
            lines.push_back({&plot, thinned(plot.points)});
    }
    if (lines.empty())
        return nothing(label);
    const Span span(lines);
    const Frame frame(span.least, span.greatest);
    auto out = open_svg(label) + grid(frame) + time_axis(span.first, span.last);
    for (const auto& line : lines)
        out += drawn(line, span, frame);
    return out + "</svg>\n";
}

std::string bar_svg(const BarPlot& plot) {
    if (plot.bars.empty())
        return nothing(plot.label);
    const std::size_t from = plot.bars.size() > k_points_max ? plot.bars.size() - k_points_max : 0;
    double least = 0;
    double greatest = 0;
    for (std::size_t i = from; i < plot.bars.size(); ++i) {
        least = std::min(least, plot.bars[i].value);
        greatest = std::max(greatest, plot.bars[i].value);
    }
    const Frame frame(least, greatest);
    const double slot = (k_width - k_left - k_right) / static_cast<double>(plot.bars.size() - from);
    const double wide = std::min(std::max(slot * 0.8, 0.6), 60.0);
    auto out = open_svg(plot.label) + grid(frame);
    for (std::size_t i = from; i < plot.bars.size(); ++i) {
        const auto& bar = plot.bars[i];
        const double middle = k_left + (static_cast<double>(i - from) + 0.5) * slot;
        const double top = frame.y(std::max(bar.value, 0.0));
        const double height = frame.y(std::min(bar.value, 0.0)) - top;
        out += "<rect class=\"" + std::string(bar.value < 0 ? "loss" : "win") + "\" x=\"" +
               number(middle - wide / 2) + "\" y=\"" + number(top) + "\" width=\"" + number(wide) +
               "\" height=\"" + number(height) + "\"><title>" + escaped(bar.tooltip) +
               "</title></rect>";
        if (plot.named) {
            out += "<text class=\"tick\" text-anchor=\"middle\" x=\"" + number(middle) + "\" y=\"" +
                   number(k_height - 8) + "\">" + escaped(fitting(bar.name, slot)) + "</text>";
        }
        out += "\n";
    }
    return out + "</svg>\n";
}

}  // namespace bullpen::report
