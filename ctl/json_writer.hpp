// JsonWriter: appends one JSON text to a buffer, commas and escapes included. Small, so that the
// commands an operator waits for need no JSON library. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"

namespace bullpen::ctl {

class JsonWriter {
  public:
    // Deeper nesting is a programmer's error.
    static constexpr std::size_t k_depth_max = 16;

    explicit JsonWriter(std::string& out) : out_(out) {}

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }
    JsonWriter& key(std::string_view name);

    // Broken UTF-8 becomes U+FFFD, so that the text is always valid.
    JsonWriter& string(std::string_view text);
    JsonWriter& number(std::int64_t value);
    JsonWriter& unsigned_number(std::uint64_t value);
    JsonWriter& boolean(bool value);
    JsonWriter& null();
    // A number of seconds with millisecond resolution: 12.345.
    JsonWriter& seconds(Nanos duration);
    // `json` is a whole JSON value already.
    JsonWriter& raw(std::string_view json);

    JsonWriter& text_or_null(std::string_view text) { return text.empty() ? null() : string(text); }
    JsonWriter& seconds_or_null(const std::optional<Nanos>& value) {
        return value ? seconds(*value) : null();
    }
    JsonWriter& utc_or_null(const std::optional<UtcTime>& value) {
        return value ? string(format_utc(*value)) : null();
    }

  private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    void separate();

    std::string& out_;
    std::size_t depth_ = 0;
    bool filled_[k_depth_max + 1] = {};
    bool after_key_ = false;
};

}  // namespace bullpen::ctl
