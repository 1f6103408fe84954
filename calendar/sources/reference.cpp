#include "calendar/sources/reference.hpp"

#include <algorithm>

#include "calendar/text.hpp"

namespace bullpen::calendar {

namespace {

unsigned day_of_month(events::Day day) {
    return static_cast<unsigned>(calendar_of(day).day());
}

unsigned usual_day(const std::vector<events::Day>& releases) {
    std::vector<unsigned> days;
    days.reserve(releases.size());
    for (const events::Day release : releases)
        days.push_back(day_of_month(release));
    const auto middle = days.begin() + static_cast<std::ptrdiff_t>((days.size() - 1) / 2);
    std::nth_element(days.begin(), middle, days.end());
    return *middle;
}

// Makes the references before `last` strictly lower than it, as far as they must give way.
void step_back(std::vector<Reference>& references) {
    for (std::size_t i = references.size() - 1; i > 0; --i) {
        if (references[i - 1].month < references[i].month)
            return;
        references[i - 1] = {references[i].month - 1, true};
    }
}

}  // namespace

std::vector<Reference> reference_months(const std::vector<events::Day>& releases, int lag,
                                        unsigned late) {
    std::vector<Reference> references;
    if (releases.empty())
        return references;
    const unsigned usual = usual_day(releases);
    for (const events::Day release : releases) {
        Reference next{month_index(release) - lag, false};
        if (!references.empty() && references.back().month < next.month - 1) {
            next.uncertain = true;
            if (day_of_month(release) > usual + late)
                next.month = references.back().month + 1;
        }
        references.push_back(next);
        step_back(references);
    }
    return references;
}

}  // namespace bullpen::calendar
