// Which month a release is about. Agencies name the series and the day, not the month, so it is
// derived: from the month of the release, and from its neighbours where releases were late. Pure.
#pragma once

#include <vector>

#include "common/events/event.hpp"

namespace bullpen::calendar {

struct Reference {
    int month = 0;           // index, as text.hpp counts months
    bool uncertain = false;  // its neighbours leave a gap, or made it step back
};

// For releases in ascending order, one reference each: `lag` months before the release. A release
// much later in its month than its fellows, after a month without one, is about that month. When
// two would be about the same month, the earlier ones step back as far as there is room.
// `late` is how many days after its fellows' usual day that is.
std::vector<Reference> reference_months(const std::vector<events::Day>& releases, int lag,
                                        unsigned late = 10);

}  // namespace bullpen::calendar
