#include "worker/equity/day_candles.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "common/base/errc.hpp"

namespace bullpen::equity {

namespace {

constexpr std::size_t k_columns_max = 32;
constexpr std::size_t k_date_size = 10;
constexpr model::TickSize k_paisa{model::k_billion / 100};
enum Column : std::size_t { date, open, high, low, close, volume, count_ };
constexpr std::array<std::string_view, Column::count_> k_names = {"date", "open",  "high",
                                                                  "low",  "close", "volume"};

std::string_view take_line(std::string_view& text) {
    const auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    return line;
}

std::vector<std::string_view> cells_of(std::string_view line) {
    std::vector<std::string_view> cells;
    while (cells.size() < k_columns_max) {
        const auto end = line.find(',');
        cells.push_back(line.substr(0, end));
        if (end == std::string_view::npos)
            break;
        line.remove_prefix(end + 1);
    }
    return cells;
}

using Places = std::array<std::optional<std::size_t>, Column::count_>;

// "Date" as well as "date", and with blanks around it.
bool is_called(std::string_view cell, std::string_view name) {
    const auto begin = std::min(cell.find_first_not_of(' '), cell.size());
    cell = cell.substr(begin, cell.find_last_not_of(' ') + 1 - begin);
    return std::equal(cell.begin(), cell.end(), name.begin(), name.end(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    });
}

Result<Places> places_of(std::string_view head) {
    // What spreadsheets put before a text.
    constexpr std::string_view k_mark = "\xEF\xBB\xBF";
    if (head.starts_with(k_mark))
        head.remove_prefix(k_mark.size());
    Places places;
    const auto cells = cells_of(head);
    for (std::size_t i = 0; i < cells.size(); ++i) {
        for (std::size_t name = 0; name < k_names.size(); ++name) {
            if (is_called(cells[i], k_names.at(name)))
                places.at(name) = i;
        }
    }
    for (std::size_t name = 0; name < Column::volume; ++name) {
        if (!places.at(name))
            return fail(Errc::invalid, "no column '" + std::string(k_names.at(name)) + "'");
    }
    return places;
}

class Row {
  public:
    Row(std::string_view line, const Places& places) : cells_(cells_of(line)), places_(places) {}

    [[nodiscard]] std::string_view cell(Column column) const {
        const auto place = places_.at(column);
        return place && *place < cells_.size() ? cells_[*place] : std::string_view();
    }
    [[nodiscard]] Result<model::Price> price(Column column) const {
        auto price = model::price_from_text(cell(column), k_paisa, model::Rounding::nearest);
        if (price && price->ticks > 0)
            return *price;
        return fail(Errc::invalid, std::string(k_names.at(column)) + " '" +
                                       std::string(cell(column)) + "' is no price");
    }

  private:
    std::vector<std::string_view> cells_;
    const Places& places_;
};

Result<model::Bar> bar_of(const Row& row) {
    const auto day = row.cell(Column::date).substr(0, k_date_size);
    const auto start = parse_utc(std::string(day) + "T00:00:00Z");
    if (!start)
        return fail(Errc::invalid, "'" + std::string(day) + "' is no date as 2026-11-20");
    model::Bar bar;
    bar.start = *start;
    bar.span = std::chrono::days(1);
    BULLPEN_TRY(bar.open, row.price(Column::open));
    BULLPEN_TRY(bar.high, row.price(Column::high));
    BULLPEN_TRY(bar.low, row.price(Column::low));
    BULLPEN_TRY(bar.close, row.price(Column::close));
    // Indices have none, and nothing here is reckoned from it.
    const auto shares = model::price_from_text(row.cell(Column::volume), {model::k_billion},
                                               model::Rounding::nearest);
    bar.volume = shares ? shares->ticks : 0;
    if (!model::well_formed(bar))
        return fail(Errc::invalid, "high and low do not enclose open and close");
    return bar;
}

}  // namespace

Result<std::vector<model::Bar>> read_day_candles(std::string_view text, std::size_t count_max) {
    BULLPEN_TRY(const auto places, places_of(take_line(text)));
    std::vector<model::Bar> bars;
    for (std::size_t number = 2; !text.empty(); ++number) {
        const auto line = take_line(text);
        if (line.empty())
            continue;
        auto bar = bar_of({line, places});
        if (bar && !bars.empty() && bar->start <= bars.back().start)
            bar = fail(Errc::invalid, "its date is not after that of the row before");
        if (!bar)
            return fail(std::move(bar).error().wrap("row " + std::to_string(number)));
        bars.push_back(*bar);
    }
    if (bars.size() > count_max)
        bars.erase(bars.begin(), bars.end() - static_cast<std::ptrdiff_t>(count_max));
    return bars;
}

}  // namespace bullpen::equity
