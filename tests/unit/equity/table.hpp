// Tables of a test as text, as a trader would write them: a line of names, then lines of words.
#pragma once

#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "common/model/price.hpp"

namespace bullpen::equity::test_table {

using Row = std::map<std::string, std::string>;

inline std::vector<Row> rows_of(const std::string& text, char between = ' ') {
    std::vector<Row> rows;
    std::vector<std::string> names;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        std::vector<std::string> words;
        std::istringstream cells(line);
        for (std::string word; std::getline(cells, word, between);) {
            if (between != ' ' || !word.empty())
                words.push_back(word);
        }
        if (words.empty())
            continue;
        if (names.empty()) {
            names = words;
            continue;
        }
        words.resize(names.size());
        Row row;
        for (std::size_t i = 0; i < names.size(); ++i)
            row[names[i]] = words[i];
        rows.push_back(std::move(row));
    }
    return rows;
}

// "1004.05" is 100405 paise; "-" is none.
inline std::optional<model::Price> price(const std::string& text) {
    if (text == "-")
        return std::nullopt;
    return model::Price{std::llround(std::strtod(text.c_str(), nullptr) * 100)};
}

inline std::optional<double> number(const std::string& text) {
    if (text.empty())
        return std::nullopt;
    return std::strtod(text.c_str(), nullptr);
}

}  // namespace bullpen::equity::test_table
