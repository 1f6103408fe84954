// The FOMC's decision days as the Federal Reserve published them before this program was built, so
// that a first start without a network knows them. Below every official source.
#include <array>

#include "calendar/collector.hpp"
#include "calendar/sources/fomc_meeting.hpp"
#include "calendar/sources/parsers.hpp"
#include "calendar/text.hpp"

namespace bullpen::calendar {

namespace {

struct Decision {
    int year;
    unsigned month;
    unsigned day;  // the second of the meeting's two days
    bool projections;
};

constexpr std::array k_decisions{
    Decision{2026, 1, 28, false},  Decision{2026, 3, 18, true},  Decision{2026, 4, 29, false},
    Decision{2026, 6, 17, true},   Decision{2026, 7, 29, false}, Decision{2026, 9, 16, true},
    Decision{2026, 10, 28, false}, Decision{2026, 12, 9, true},  Decision{2027, 1, 27, false},
    Decision{2027, 3, 17, true},   Decision{2027, 4, 28, false}, Decision{2027, 6, 9, true},
    Decision{2027, 7, 28, false},  Decision{2027, 9, 15, true},  Decision{2027, 10, 27, false},
    Decision{2027, 12, 8, true},   Decision{2028, 1, 26, false},
};

}  // namespace

Parsed fomc_table(std::string_view /*body*/, const Context& context) {
    Collector collector("fomc-table", context);
    for (const Decision& decision : k_decisions) {
        const auto day = day_of(decision.year, decision.month, decision.day);
        if (!day)
            continue;
        add_by_custom(collector, {*day - std::chrono::days(1), *day, decision.projections, false,
                                  false, "decision of " + events::format_day(*day)});
    }
    const auto from = day_of(k_decisions.front().year, 1, 1);
    const auto to = day_of(k_decisions.back().year, k_decisions.back().month, 31);
    for (const std::string_view series : {k_statement, k_presser}) {
        if (from && to)
            collector.cover(series, *from, *to);
    }
    return collector.finish();
}

}  // namespace bullpen::calendar
