// Members of a JSON object that a file of the home holds, which a person may have changed: one that
// is missing or of another type is empty, false or 0. Any thread.
#pragma once

#include <cstdint>
#include <string>

namespace bullpen::ctl {

template <class Json>
std::string text_of(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->template get<std::string>()
                                                       : std::string();
}

template <class Json>
bool flag_of(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_boolean() && found->template get<bool>();
}

template <class Json>
std::uint64_t count_of(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_number_unsigned()
               ? found->template get<std::uint64_t>()
               : 0;
}

}  // namespace bullpen::ctl
