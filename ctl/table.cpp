#include "ctl/table.hpp"

#include <algorithm>

#include "common/base/assert.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::size_t k_gap = 2;  // columns between columns

std::size_t total(const std::vector<std::size_t>& widths) {
    std::size_t sum = 0;
    for (const auto width : widths)
        sum += width == 0 ? 0 : width + k_gap;
    return sum == 0 ? 0 : sum - k_gap;
}

// How a cell stands in its column.
struct Placing {
    std::size_t width;
    bool right = false;
    bool last = false;  // the padding of a left-aligned text is left away
};

void append_cell(std::string& out, std::string_view text, std::size_t text_width,
                 const Placing& placing, std::string_view colour) {
    std::string cut;
    if (text_width > placing.width) {
        cut = shortened(text, placing.width);
        text = cut;
        text_width = display_width(text);
    }
    const auto padding = placing.width - text_width;
    if (placing.right)
        out.append(padding, ' ');
    if (colour.empty())
        out.append(text);
    else
        out.append(colour).append(text).append(k_colour_end);
    if (!placing.last)
        out.append((placing.right ? 0 : padding) + k_gap, ' ');
}

bool is_plain(std::string_view text) {
    for (const char c : text) {
        if (c < 0x20 || c >= 0x7f)
            return false;
    }
    return true;
}

}  // namespace

void Table::reserve(std::size_t rows) {
    constexpr std::size_t cell_size_guess = 8;  // bytes
    cells_.reserve(rows * columns_.size());
    text_.reserve(rows * columns_.size() * cell_size_guess);
}

void Table::add(std::initializer_list<Cell> row) {
    BULLPEN_ASSERT(row.size() == columns_.size(), "a row has one cell for each column");
    for (const auto& cell : row) {
        const auto place = text_.size();
        const auto text = cell.text.empty() ? std::string_view("-") : cell.text;
        const bool plain = is_plain(text);
        if (plain)
            text_ += text;
        else
            append_printable(text_, text);
        const auto kept = std::string_view(text_).substr(place);
        const auto width = plain ? kept.size() : display_width(kept);
        cells_.push_back({static_cast<std::uint32_t>(place),
                          static_cast<std::uint32_t>(kept.size()),
                          static_cast<std::uint32_t>(width), cell.colour});
    }
}

std::vector<std::size_t> Table::natural_widths() const {
    std::vector<std::size_t> widths;
    widths.reserve(columns_.size());
    for (const auto& column : columns_)
        widths.push_back(column.title.size());
    for (std::size_t i = 0, column = 0; i < cells_.size(); ++i) {
        widths[column] = std::max<std::size_t>(widths[column], cells_[i].width);
        column = column + 1 == columns_.size() ? 0 : column + 1;
    }
    return widths;
}

std::vector<std::size_t> Table::layout(std::size_t width) const {
    auto widths = natural_widths();
    while (width != 0 && total(widths) > width) {
        const auto excess = total(widths) - width;
        // The shrinkable column that would go first gives way first.
        std::size_t next = columns_.size();
        bool shrink = false;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (widths[i] == 0 || columns_[i].drop_rank == 0)
                continue;
            const bool can = columns_[i].width_min != 0 && widths[i] > columns_[i].width_min;
            const bool better =
                next == columns_.size() || columns_[i].drop_rank > columns_[next].drop_rank;
            if ((can && !shrink) || (can == shrink && better)) {
                next = i;
                shrink = shrink || can;
            }
        }
        if (next == columns_.size())
            break;
        widths[next] = shrink ? std::max(columns_[next].width_min,
                                         widths[next] - std::min(widths[next], excess))
                              : 0;
    }
    return widths;
}

std::vector<std::string_view> Table::shown_at(std::size_t width) const {
    const auto widths = layout(width);
    std::vector<std::string_view> titles;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        if (widths[i] != 0)
            titles.push_back(columns_[i].title);
    }
    return titles;
}

std::string Table::render(std::size_t width, bool colour) const {
    std::string out;
    append_to(out, width, colour);
    return out;
}

void Table::append_to(std::string& out, std::size_t width, bool colour) const {
    const auto widths = layout(width);
    std::size_t last = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        if (widths[i] != 0)
            last = i;
    }
    const auto placing = [&](std::size_t i) {
        return Placing{widths[i], columns_[i].right_aligned, i == last};
    };
    out.reserve(out.size() + (rows() + 1) * (total(widths) + 1));
    for (std::size_t i = 0; i < widths.size(); ++i) {
        const auto title = columns_[i].title;
        if (widths[i] != 0)
            append_cell(out, title, title.size(), placing(i), colour ? sequence(Colour::bold) : "");
    }
    out += '\n';
    const std::string_view text = text_;
    for (std::size_t row = 0; row < rows(); ++row) {
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const auto& cell = cells_[row * columns_.size() + i];
            if (widths[i] != 0)
                append_cell(out, text.substr(cell.place, cell.size), cell.width, placing(i),
                            colour ? sequence(cell.colour) : "");
        }
        out += '\n';
    }
}

}  // namespace bullpen::ctl
