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

// Appends `text` in `width` columns; `last` leaves the padding of a left-aligned text away.
void append_cell(std::string& out, std::string_view text, std::size_t width, bool right, bool last,
                 std::string_view colour) {
    const auto cut = display_width(text) > width ? shortened(text, width) : std::string();
    const auto shown = cut.empty() ? text : std::string_view(cut);
    const auto padding = width - std::min(width, display_width(shown));
    if (right)
        out.append(padding, ' ');
    out += colour;
    out += shown;
    if (!colour.empty())
        out += k_colour_end;
    if (!right && !last)
        out.append(padding, ' ');
}

}  // namespace

void Table::add(std::vector<Cell> row) {
    BULLPEN_ASSERT(row.size() == columns_.size(), "a row has one cell for each column");
    for (auto& cell : row) {
        const bool plain = std::all_of(cell.text.begin(), cell.text.end(),
                                       [](char c) { return c >= 0x20 && c < 0x7f; });
        if (!plain)
            cell.text = printable(cell.text);
        if (cell.text.empty())
            cell.text = "-";
    }
    rows_.push_back(std::move(row));
}

std::vector<std::size_t> Table::natural_widths() const {
    std::vector<std::size_t> widths;
    widths.reserve(columns_.size());
    for (const auto& column : columns_)
        widths.push_back(column.title.size());
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], display_width(row[i].text));
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
    const auto widths = layout(width);
    std::size_t last = 0;
    for (std::size_t i = 0; i < widths.size(); ++i) {
        if (widths[i] != 0)
            last = i;
    }
    std::string out;
    out.reserve((rows_.size() + 1) * (total(widths) + 1));
    for (std::size_t i = 0; i < widths.size(); ++i) {
        if (widths[i] == 0)
            continue;
        append_cell(out, columns_[i].title, widths[i], columns_[i].right_aligned, i == last,
                    colour ? sequence(Colour::bold) : "");
        if (i != last)
            out.append(k_gap, ' ');
    }
    out += '\n';
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < widths.size(); ++i) {
            if (widths[i] == 0)
                continue;
            append_cell(out, row[i].text, widths[i], columns_[i].right_aligned, i == last,
                        colour ? sequence(row[i].colour) : "");
            if (i != last)
                out.append(k_gap, ' ');
        }
        out += '\n';
    }
    return out;
}

}  // namespace bullpen::ctl
