// Plots as inline SVG: lines over time, and bars. Pure; no script, no font and no file from
// elsewhere. Texts are escaped here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"

namespace bullpen::report {

// & < > " ' as entities; what is no text of XML 1.0, such as control characters, as a space.
std::string escaped(std::string_view text);

struct LinePoint {
    UtcTime at{};
    double value = 0;
};
struct LinePlot {
    std::string label;  // what it shows, for those who cannot see it
    std::string style;  // class of the line, and "fill-" of the area below it
    std::vector<LinePoint> points;
    bool area = false;   // filled between the line and zero
    bool steps = false;  // the value holds until the next point
};
// A sentence in its place when there are fewer than two points.
std::string line_svg(const LinePlot& plot);
// Several lines in one picture; those that are too short are left out.
std::string lines_svg(const std::string& label, const std::vector<LinePlot>& plots);

struct Bar {
    std::string name;     // below the bar, when `named`
    std::string tooltip;  // shown by a browser under the pointer
    double value = 0;
};
struct BarPlot {
    std::string label;
    std::vector<Bar> bars;
    bool named = false;
};
std::string bar_svg(const BarPlot& plot);

// Where an axis that shows `low` to `high` has its lines: 1, 2 or 5 times a power of ten apart, at
// most `count_max`, from at or below `low` to at or above `high`.
std::vector<double> axis(double low, double high, int count_max);

}  // namespace bullpen::report
