// How a key is declared and bound to its field; inside this library only. One row a key, in
// account_keys.cpp and daemon_keys.cpp.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "common/config/document.hpp"
#include "common/config/keys.hpp"
#include "common/config/settings.hpp"
#include "common/config/words.hpp"

namespace bullpen::config {

// Durations in nanoseconds and sizes in bytes are integers here, words are text.
using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;

// Whether a text is one the key takes. The sentence of what it takes is the row's `shape`.
using TextRule = bool (*)(std::string_view);

struct Row {
    std::string_view name;
    KeyType type = KeyType::text;
    Effect effect = Effect::at_once;
    bool inheritable = true;
    // Of a whole number, a duration, a size, a percentage.
    std::int64_t min = 0;
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
    // Of a number.
    double number_min = 0;
    double number_max = 0;
    // When not empty, 0 is allowed besides the bounds and means this.
    std::string_view zero = {};
    // Of text, and of each text of a list.
    std::size_t length_max = 256;
    TextRule fits = nullptr;
    bool may_be_empty = true;
    bool secret_free = false;     // each text is searched for what gives a secret away
    std::string_view shape = {};  // "printable text"
    std::string_view empty = {};  // what an empty text or list means
    std::string_view description = {};
    std::span<const std::string_view> words = {};
};

template <class Settings>
struct Key {
    Row row;
    Value (*get)(const Settings&) = nullptr;
    void (*set)(Settings&, const Value&) = nullptr;
};

// All keys, in the order of the reference. The only key of type table is "environment".
template <class Settings>
std::span<const Key<Settings>> keys();
template <>
std::span<const Key<AccountSettings>> keys<AccountSettings>();
template <>
std::span<const Key<DaemonSettings>> keys<DaemonSettings>();

inline constexpr std::string_view k_environment = "environment";
// `restart = "never"` may be written for `[restart] rule = "never"`.
inline constexpr std::string_view k_restart = "restart";
inline constexpr std::string_view k_restart_rule = "restart.rule";
// `account = "alpha"` may stand in accounts.d/alpha.toml, and must fit its name.
inline constexpr std::string_view k_account = "account";
inline constexpr std::size_t k_environment_value_max = 4096;  // bytes
inline constexpr std::size_t k_texts_max = 128;               // strings in a list

// "1 s to 60 s", "always, unexpected or never", "printable text".
std::string bounds_text(const Row& row);
// The value as TOML writes it.
std::string print(const Row& row, const Value& value);
// What the file says as a value of the row, or a sentence of why not.
Result<Value> accept(const Row& row, const Leaf& leaf);
// The rule for one name and value of `environment`.
Result<void> accept_environment(std::string_view name, const Leaf& leaf);

namespace detail {

template <class Part, class Member>
auto& step(Part& part, Member member) {
    return part.*member;
}
template <class Part, class Member>
auto& step(Shared<Part>& part, Member member) {
    return part.edit().*member;
}
template <class Part, class Member>
auto& step(const Shared<Part>& part, Member member) {
    return (*part).*member;
}

template <auto first, auto... rest, class Settings>
auto& field(Settings& settings) {
    auto& found = step(settings, first);
    if constexpr (sizeof...(rest) == 0)
        return found;
    else
        return field<rest...>(found);
}

template <class Settings, auto... path>
Value get(const Settings& settings) {
    const auto& value = field<path...>(settings);
    using Field = std::remove_cvref_t<decltype(value)>;
    if constexpr (std::is_same_v<Field, Nanos>)
        return value.count();
    else if constexpr (std::is_enum_v<Field>)
        return std::string(word(value));
    else if constexpr (std::is_integral_v<Field> && !std::is_same_v<Field, bool>)
        return static_cast<std::int64_t>(value);
    else
        return value;
}

template <class Settings, auto... path>
void set(Settings& settings, const Value& value) {
    // What is shared stays so.
    if (get<Settings, path...>(settings) == value)
        return;
    auto& target = field<path...>(settings);
    using Field = std::remove_cvref_t<decltype(target)>;
    if constexpr (std::is_same_v<Field, Nanos>)
        target = Nanos(std::get<std::int64_t>(value));
    else if constexpr (std::is_enum_v<Field>)
        target = from_word<Field>(std::get<std::string>(value)).value();
    else if constexpr (std::is_integral_v<Field> && !std::is_same_v<Field, bool>)
        target = static_cast<Field>(std::get<std::int64_t>(value));
    else
        target = std::get<Field>(value);
}

}  // namespace detail

// Binds a row to the field at a path of members: key<S, &S::limits, &LimitSettings::nice>({...}).
template <class Settings, auto... path>
Key<Settings> key(Row row) {
    using Field = std::remove_cvref_t<decltype(detail::field<path...>(std::declval<Settings&>()))>;
    if constexpr (std::is_enum_v<Field>)
        row.words = Words<Field>::k_all;
    return {row, &detail::get<Settings, path...>, &detail::set<Settings, path...>};
}

}  // namespace bullpen::config
