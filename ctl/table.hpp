// Table: rows of text in aligned columns, made to fit a width. A column that does not fit is first
// shrunk, if it may be, then dropped, in the order its columns state. Pure.
//
// All text is kept in one buffer: a table of five hundred accounts is built and written in a
// fraction of the time that its program takes to start.
#pragma once

#include <cstdint>
#include <initializer_list>
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
    std::string_view text;  // made printable; empty reads "-"
    Colour colour = Colour::none;
};

class Table {
  public:
    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    void reserve(std::size_t rows);
    // As many cells as columns.
    void add(std::initializer_list<Cell> row);
    [[nodiscard]] std::size_t rows() const { return cells_.size() / columns_.size(); }

    // `width` 0: as wide as it wants to be. Lines end with '\n' and have no trailing spaces.
    [[nodiscard]] std::string render(std::size_t width, bool colour) const;
    // The same, at the end of `out`.
    void append_to(std::string& out, std::size_t width, bool colour) const;

    // The titles that `width` leaves room for, for tests and for the documentation of the order.
    [[nodiscard]] std::vector<std::string_view> shown_at(std::size_t width) const;

  private:
    struct Kept {
        std::uint32_t place = 0;  // in text_
        std::uint32_t size = 0;   // bytes
        std::uint32_t width = 0;  // columns
        Colour colour = Colour::none;
    };

    // The width of each column, 0 for one that is dropped.
    [[nodiscard]] std::vector<std::size_t> layout(std::size_t width) const;
    [[nodiscard]] std::vector<std::size_t> natural_widths() const;

    std::vector<Column> columns_;
    std::string text_;
    std::vector<Kept> cells_;  // row after row
};

}  // namespace bullpen::ctl
