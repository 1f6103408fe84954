// The bodies of tests/golden/calendar, and parsing them as of a year.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "calendar/source.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"

namespace bullpen::calendar {

inline std::string golden(std::string_view name) {
    std::string text =
        test::read_text(test::source_directory() + "/tests/golden/calendar/" + std::string(name));
    REQUIRE_MESSAGE(!text.empty(), name);
    return text;
}

inline const Zones& zones() {
    static const Zones loaded = [] {
        auto found = Zones::load();
        REQUIRE(found);
        return *found;
    }();
    return loaded;
}

inline Parsed parse_as(std::string_view source, std::string_view body, int year_now) {
    Context context;
    context.zones = &zones();
    context.year_now = year_now;
    const Source* const found = find_source(source);
    REQUIRE(found != nullptr);
    return parse(*found, body, context);
}

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
        text.replace(at, from.size(), to);
        ++count;
    }
    REQUIRE_MESSAGE(count > 0, from);
    return text;
}
inline std::string replaced_once(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    REQUIRE_MESSAGE(at != std::string::npos, from);
    return text.replace(at, from.size(), to);
}

// Whether one of the reasons says it.
inline bool refused_for(const Parsed& parsed, std::string_view words) {
    for (const std::string& reason : parsed.reasons) {
        if (reason.find(words) != std::string::npos)
            return !parsed.accepted;
    }
    return false;
}

inline const events::Event* find_event(const Parsed& parsed, std::string_view id) {
    for (const events::Event& event : parsed.events) {
        if (event.id == id)
            return &event;
    }
    return nullptr;
}

}  // namespace bullpen::calendar
