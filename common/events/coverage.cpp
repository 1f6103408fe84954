#include "common/events/coverage.hpp"

#include <algorithm>

namespace bullpen::events {

std::optional<Day> covered_to(const std::vector<SeriesCoverage>& table, std::string_view series,
                              Day from) {
    std::optional<Day> reached;
    // Each round takes the statement that leads furthest; a table has a few dozen rows.
    for (bool further = true; further;) {
        further = false;
        const Day next = reached ? *reached + std::chrono::days(1) : from;
        for (const SeriesCoverage& row : table) {
            if (!row.official || row.series != series || row.from > next || row.to < next)
                continue;
            if (!reached || row.to > *reached) {
                reached = row.to;
                further = true;
            }
        }
    }
    return reached;
}

std::optional<Day> covered_again(const std::vector<SeriesCoverage>& table, std::string_view series,
                                 Day after) {
    std::optional<Day> first;
    for (const SeriesCoverage& row : table) {
        if (row.official && row.series == series && row.from > after)
            first = std::min(first.value_or(row.from), row.from);
    }
    return first;
}

bool covers(const std::vector<SeriesCoverage>& table, std::string_view series, Day from, Day to) {
    if (to < from)
        return true;
    const auto reached = covered_to(table, series, from);
    return reached && *reached >= to;
}

}  // namespace bullpen::events
