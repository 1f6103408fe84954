// How the state of a strategy becomes 64-bit words, in the manner of worker/indicators/saved.hpp:
// one visit function for each struct, used for writing, reading and hashing alike.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "common/base/clock.hpp"
#include "common/model/price.hpp"

namespace bullpen::strategy {

template <class T>
std::int64_t to_word(const T& value) {
    if constexpr (std::is_same_v<T, UtcTime>)
        return unix_nanos(value);
    else if constexpr (std::is_same_v<T, model::Price>)
        return value.ticks;
    else if constexpr (std::is_same_v<T, std::chrono::sys_days>)
        return value.time_since_epoch().count();
    else if constexpr (std::is_same_v<T, std::chrono::seconds>)
        return value.count();
    else
        return static_cast<std::int64_t>(value);
}

template <class T>
void from_word(std::int64_t word, T& value) {
    if constexpr (std::is_same_v<T, UtcTime>)
        value = utc_from_nanos(word);
    else if constexpr (std::is_same_v<T, model::Price>)
        value = {word};
    else if constexpr (std::is_same_v<T, std::chrono::sys_days>)
        value = std::chrono::sys_days(std::chrono::days(word));
    else if constexpr (std::is_same_v<T, std::chrono::seconds>)
        value = std::chrono::seconds(word);
    else if constexpr (std::is_same_v<T, bool>)
        value = word != 0;
    else
        value = static_cast<T>(word);
}

// A field that is no word by itself: a flag, an enumerator, a small number, a price, a time.
template <class T, class Visitor>
void visit_word(T& field, Visitor& visitor) {
    if constexpr (std::is_const_v<T>) {
        visitor(to_word<std::remove_const_t<T>>(field));
    } else {
        std::int64_t word = to_word(field);
        visitor(word);
        from_word(word, field);
    }
}

// An optional: a flag, and the words of the value, or of an empty one, so that their number is
// always the same. `each` visits the value.
template <class T, class Visitor, class Each>
void visit_optional(T& field, Visitor& visitor, Each each) {
    using Value = typename std::remove_const_t<T>::value_type;
    if constexpr (std::is_const_v<T>) {
        visitor(std::int64_t{field.has_value() ? 1 : 0});
        const Value value = field.value_or(Value{});
        each(value);
    } else {
        std::int64_t there = field.has_value() ? 1 : 0;
        visitor(there);
        Value value = field.value_or(Value{});
        each(value);
        if (there != 0)
            field = value;
        else
            field.reset();
    }
}

template <class T, class Visitor>
void visit_optional(T& field, Visitor& visitor) {
    visit_optional(field, visitor, [&visitor](auto& value) { visit_word(value, visitor); });
}

}  // namespace bullpen::strategy
