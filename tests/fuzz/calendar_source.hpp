// What every parser of a calendar source must keep whatever it is given: it ends in a verdict; what
// it accepts is in order, unique, well-formed, and reads back from its line; what it refuses covers
// nothing and says why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

#include "calendar/parse_report.hpp"
#include "calendar/source.hpp"
#include "common/base/assert.hpp"

namespace bullpen::calendar {

inline const Zones& fuzz_zones() {
    static const Zones zones = *Zones::load();
    return zones;
}

inline void check_line(const events::Event& event) {
    BULLPEN_ASSERT(events::check(event).has_value(), "an event keeps the rules of events");
    const std::string line = events::encode(event);
    const auto back = events::decode_event(line);
    BULLPEN_ASSERT(back.has_value(), "an event's line can be read back");
    BULLPEN_ASSERT(events::encode(*back) == line, "and says the same");
}

inline int fuzz_source(std::string_view source, const std::uint8_t* data, std::size_t size) {
    constexpr int k_year = 2026;
    Context context;
    context.zones = &fuzz_zones();
    context.year_now = k_year;
    const Parsed parsed = parse(
        *find_source(source), std::string_view(reinterpret_cast<const char*>(data), size), context);
    BULLPEN_ASSERT(parsed.accepted == parsed.reasons.empty(), "a refusal has a reason");
    BULLPEN_ASSERT(parsed.accepted || parsed.coverage.empty(), "what is refused covers nothing");
    BULLPEN_ASSERT(parsed.accepted || !parsed.covered_to, "what is refused covers nothing");
    std::set<std::string_view> ids;
    for (std::size_t i = 0; i < parsed.events.size(); ++i) {
        BULLPEN_ASSERT(ids.insert(parsed.events[i].id).second, "an id is there once");
        BULLPEN_ASSERT(i == 0 || !events::before(parsed.events[i], parsed.events[i - 1]),
                       "events are in order");
        check_line(parsed.events[i]);
    }
    for (const auto& coverage : parsed.coverage)
        BULLPEN_ASSERT(coverage.from <= coverage.to, "a coverage begins before it ends");
    BULLPEN_ASSERT(!json_report(parsed).empty(), "a report can be made of anything");
    return 0;
}

}  // namespace bullpen::calendar
