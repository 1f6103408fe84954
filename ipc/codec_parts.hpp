// What the parts of the codec share; inside this library only.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "ipc/json_reader.hpp"
#include "ipc/json_writer.hpp"
#include "ipc/message.hpp"

namespace bullpen::ipc {

inline constexpr std::int64_t k_whole_max = std::numeric_limits<std::int64_t>::max();
inline constexpr std::size_t k_code_max = 48;
inline constexpr std::size_t k_name_max = 32;

template <class Enum>
void read_word(Fields& fields, std::string_view name, std::optional<Enum> (*from)(std::string_view),
               Enum* out) {
    std::string word;
    fields.code(name, &word, k_code_max, Need::required);
    if (!fields.ok())
        return;
    const auto value = from(word);
    if (!value)
        return fields.fail_field(name, "has a value that is not known here");
    *out = *value;
}

// beat_codec.cpp
void write(JsonWriter& json, const Heartbeat& beat);
Result<Message> read_heartbeat(const JsonDocument& document, Fields& fields);

}  // namespace bullpen::ipc
