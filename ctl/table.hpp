// Table: rows of text in aligned columns, made to fit a width. A column that does not fit is first
// shrunk, if it may be, then dropped, in the order its columns state. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/output.hpp"

namespace bullpen::ctl {

struct Column {
    std::string_view title;
    bool right_aligned = false;
    // 0: never dropped. Else the greater goes first.
    int drop_rank = 0;
    // The width the column may be shrunk to before anything is dropped; 0: not shrunk.
    std::size_t width_min = 0;
};

struct Cell {
    std::string text;
    Colour colour = Colour::none;
};

class Table {
  public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    void reserve(std::size_t rows) { rows_.reserve(rows); }
    // As many cells as columns. Text is made printable.
    void add(std::vector<Cell> row);
    [[nodiscard]] std::size_t rows() const { return rows_.size(); }

    // `width` 0: as wide as it wants to be. Lines end with '\n' and have no trailing spaces.
    [[nodiscard]] std::string render(std::size_t width, bool colour) const;

    // The titles that `width` leaves room for, for tests and for the documentation of the order.
    [[nodiscard]] std::vector<std::string_view> shown_at(std::size_t width) const;

  private:
    // The width of each column, 0 for one that is dropped.
    [[nodiscard]] std::vector<std::size_t> layout(std::size_t width) const;
    [[nodiscard]] std::vector<std::size_t> natural_widths() const;

    std::vector<Column> columns_;
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace bullpen::ctl
