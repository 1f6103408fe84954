// The one line a bench prints: {"bench":"start","n":500,...}. Numbers keep three digits.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bullpen::bench {

class JsonLine {
  public:
    explicit JsonLine(std::string_view bench);
    JsonLine& add(std::string_view name, double value);
    JsonLine& add(std::string_view name, std::string_view text);
    void print() const;

  private:
    std::string text_;
};

// The value below which `part` (0 to 1) of the values lie; the values need not be sorted.
double quantile(std::vector<double> values, double part);
inline double median(std::vector<double> values) {
    return quantile(std::move(values), 0.5);
}

}  // namespace bullpen::bench
