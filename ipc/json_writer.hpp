// Writes the JSON of frames, field by field in one pass; used by codec, control, the lock file
// and the launch record.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"

namespace bullpen::ipc {

// Appends `text` with quotes and escapes, cut to `size_max` bytes at a character's border. Bytes
// that are not UTF-8 become '?'.
void append_json_text(std::string* out, std::string_view text,
                      std::size_t size_max = std::string_view::npos);

class JsonWriter {
  public:
    JsonWriter() { out_.reserve(768); }

    void open_object() { open('{'); }
    void open_object(std::string_view name) {
        key(name);
        open('{');
    }
    void close_object() { close('}'); }
    void open_array(std::string_view name) {
        key(name);
        open('[');
    }
    void close_array() { close(']'); }

    void text(std::string_view name, std::string_view value,
              std::size_t size_max = std::string_view::npos);
    void element(std::string_view value);
    void element(std::int64_t value);
    void integer(std::string_view name, std::int64_t value);
    // As text, because a reader of JSON may take numbers of 64 bits for doubles: Fields::number_of.
    void number(std::string_view name, std::uint64_t value);
    void boolean(std::string_view name, bool value);
    void utc(std::string_view name, UtcTime value);
    void utc(std::string_view name, const std::optional<UtcTime>& value) {
        if (value)
            utc(name, *value);
    }
    void millis(std::string_view name, Nanos value) {
        integer(name, std::chrono::floor<Millis>(value).count());
    }
    // `value` is JSON already.
    void raw(std::string_view name, std::string_view value);
    // Left out when empty.
    void text_if(std::string_view name, std::string_view value,
                 std::size_t size_max = std::string_view::npos) {
        if (!value.empty())
            text(name, value, size_max);
    }

    [[nodiscard]] std::string take() { return std::move(out_); }

  private:
    void open(char bracket);
    void close(char bracket);
    void key(std::string_view name);
    void comma();

    std::string out_;
    bool first_ = true;
};

// One line of a record that is written and read by programs: an object with an "event", and the
// account it is of, if it is of one.
class JsonLine {
  public:
    explicit JsonLine(std::string_view event);
    JsonLine(std::string_view event, const AccountId& account);
    JsonLine& word(std::string_view name, std::string_view value) {
        json_.text(name, value);
        return *this;
    }
    JsonLine& number(std::string_view name, std::uint64_t value) {
        json_.number(name, value);
        return *this;
    }
    // With its newline.
    std::string end();

  private:
    JsonWriter json_;
};

}  // namespace bullpen::ipc
