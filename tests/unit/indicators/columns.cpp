#include "tests/unit/indicators/columns.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "common/feed/csv_rows.hpp"

namespace bullpen::indicators {

namespace {

[[noreturn]] void give_up(const std::string& sentence) {
    std::fprintf(stderr, "%s\n", sentence.c_str());
    std::abort();
}

}  // namespace

Columns::Columns(const std::string& path) {
    auto file = feed::open_file_source(path);
    if (!file)
        give_up(file.error().message());
    auto text = feed::unpacked(std::move(*file));
    if (!text)
        give_up(text.error().message());
    feed::LineReader lines(std::move(*text));
    feed::Fields fields;
    while (true) {
        const auto line = lines.next();
        if (!line)
            give_up(line.error().message());
        if (!*line)
            break;
        fields.split((*line)->text, ',');
        std::vector<std::string> row;
        for (std::size_t i = 0; i < fields.size(); ++i)
            row.emplace_back(fields[i]);
        if (places_.empty()) {
            for (std::size_t i = 0; i < row.size(); ++i)
                places_[row[i]] = i;
        } else {
            rows_.push_back(std::move(row));
        }
    }
}

const std::string& Columns::text(std::size_t row, const std::string& column) const {
    const auto place = places_.find(column);
    if (place == places_.end())
        give_up("there is no column " + column);
    return rows_.at(row).at(place->second);
}

std::optional<double> Columns::number(std::size_t row, const std::string& column) const {
    const std::string& value = text(row, column);
    if (value.empty())
        return std::nullopt;
    return std::strtod(value.c_str(), nullptr);
}

std::int64_t Columns::integer(std::size_t row, const std::string& column) const {
    return std::strtoll(text(row, column).c_str(), nullptr, 10);
}

model::Bar Columns::bar(std::size_t row, const model::Instrument& of) const {
    const auto price = [&](const char* column) {
        return model::price_from_text(text(row, column), of.tick, model::Rounding::exact).value();
    };
    model::Bar bar;
    bar.start = UtcTime(std::chrono::seconds(integer(row, "ts")));
    bar.open = price("open");
    bar.high = price("high");
    bar.low = price("low");
    bar.close = price("close");
    bar.volume = integer(row, "volume");
    return bar;
}

const model::Instrument& instrument(const char* symbol) {
    const auto found = model::find_instrument(symbol);
    if (!found)
        give_up(found.error().message());
    return **found;
}

double difference(std::optional<double> ours, std::optional<double> expected) {
    if (!ours && !expected)
        return 0;
    // What is no number differs from every number.
    if (!ours || !expected || std::isnan(*ours))
        return std::numeric_limits<double>::infinity();
    return std::abs(*ours - *expected);
}

}  // namespace bullpen::indicators
