#include "bench/support/json_line.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace bullpen::bench {

JsonLine::JsonLine(std::string_view bench) : text_("{\"bench\":\"" + std::string(bench) + "\"") {}

JsonLine& JsonLine::add(std::string_view name, double value) {
    char number[64];
    std::snprintf(number, sizeof number, "%.3f", value);
    text_ += ",\"" + std::string(name) + "\":" + number;
    return *this;
}

JsonLine& JsonLine::add(std::string_view name, std::string_view text) {
    text_ += ",\"" + std::string(name) + "\":\"" + std::string(text) + "\"";
    return *this;
}

void JsonLine::print() const {
    std::printf("%s}\n", text_.c_str());
    std::fflush(stdout);
}

double quantile(std::vector<double> values, double part) {
    if (values.empty())
        return std::nan("");
    std::sort(values.begin(), values.end());
    const auto last = static_cast<double>(values.size() - 1);
    return values[static_cast<std::size_t>(std::lround(part * last))];
}

}  // namespace bullpen::bench
