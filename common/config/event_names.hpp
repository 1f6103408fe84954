// The names that windows of [events] may have.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/event_settings.hpp"

namespace bullpen::config {

// What an account may mean by the name of a window: the importances, the classes, and the series
// that Bullpen knows. Other series are those of sources and operators.
std::span<const std::string_view> event_names();
// What is wrong with the names of windows, each of which has been read: one that is not known and
// near to one that is, a word that is none, or one name twice. Empty when nothing is.
std::string windows_trouble(const std::vector<std::string>& windows);

// What an account is always told `unknown` about, because none of the sources that could state it
// is in `calendar.sources`: a sentence each, to stand behind the key that it is about.
struct Unstatable {
    std::string_view key;  // events.windows or events.currencies
    std::string sentence;
    friend bool operator==(const Unstatable&, const Unstatable&) = default;
};
std::vector<Unstatable> unstatable(const EventSettings& events, const CalendarSettings& calendar);

}  // namespace bullpen::config
