// A table of text with named columns, plain or gzip: golden files and reference data.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/model/bar.hpp"
#include "common/model/instrument.hpp"

namespace bullpen::indicators {

class Columns {
  public:
    // Ends the test program when the file cannot be read.
    explicit Columns(const std::string& path);

    [[nodiscard]] std::size_t rows() const { return rows_.size(); }
    [[nodiscard]] const std::string& text(std::size_t row, const std::string& column) const;
    // nullopt for an empty field.
    [[nodiscard]] std::optional<double> number(std::size_t row, const std::string& column) const;
    [[nodiscard]] std::int64_t integer(std::size_t row, const std::string& column) const;
    // The bar of the columns ts, open, high, low, close and volume.
    [[nodiscard]] model::Bar bar(std::size_t row, const model::Instrument& instrument) const;

  private:
    std::map<std::string, std::size_t> places_;
    std::vector<std::vector<std::string>> rows_;
};

const model::Instrument& instrument(const char* symbol);

// The greatest difference between two values that must both be there or both be absent; infinity
// when only one is.
double difference(std::optional<double> ours, std::optional<double> expected);

}  // namespace bullpen::indicators
