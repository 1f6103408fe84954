// Field: one named value of a log line, made where the line is logged and read before the call
// returns; it owns nothing. Text that is not UTF-8 is made so; what is no number becomes null.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"

namespace bullpen::log {

class Field {
  public:
    using Value =
        std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool, UtcTime>;

    Field(std::string_view key, std::string_view value) : key_(key), value_(value) {}
    Field(std::string_view key, const char* value) : key_(key), value_(std::string_view(value)) {}
    Field(std::string_view key, const std::string& value)
        : key_(key), value_(std::string_view(value)) {}
    Field(std::string_view key, bool value) : key_(key), value_(value) {}
    Field(std::string_view key, double value) : key_(key), value_(value) {}
    Field(std::string_view key, UtcTime value) : key_(key), value_(value) {}
    Field(std::string_view key, const AccountId& value)
        : key_(key), value_(std::string_view(value.str())) {}
    template <std::signed_integral T>
    Field(std::string_view key, T value) : key_(key), value_(static_cast<std::int64_t>(value)) {}
    template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>) Field(std::string_view key, T value)
        : key_(key), value_(static_cast<std::uint64_t>(value)) {}

    [[nodiscard]] std::string_view key() const { return key_; }
    [[nodiscard]] const Value& value() const { return value_; }

  private:
    std::string_view key_;
    Value value_;
};

}  // namespace bullpen::log
