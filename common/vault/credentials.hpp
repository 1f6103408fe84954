// Credentials: what one account proves itself with at its broker, in the clear: for as long as it
// takes to hand them to the process that needs them. Not copyable; the values wipe themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/base/secret.hpp"

namespace bullpen::vault {

inline constexpr std::size_t k_fields_max = 16;
inline constexpr std::size_t k_field_name_max = 32;                 // characters
inline constexpr std::size_t k_value_max = 4096;                    // bytes of one field
inline constexpr std::size_t k_values_max = std::size_t{16} << 10;  // bytes of all of them

// [a-z][a-z0-9_]{0,31}
bool is_field_name(std::string_view text);
// Whether a value can be one: not empty, not too long, UTF-8 without control characters but for tab
// and the ends of lines, which keys in several lines have. The error names the field, not the
// value.
Result<void> check_value(std::string_view field, const Secret& value);

struct Field {
    std::string name;
    Secret value;
    UtcTime set{};                   // milliseconds
    std::optional<UtcTime> expires;  // likewise; none: it is good until it is replaced
};

class Credentials {
  public:
    explicit Credentials(AccountId account) : account_(std::move(account)) {}
    Credentials(Credentials&&) noexcept = default;
    Credentials& operator=(Credentials&&) noexcept = default;
    Credentials(const Credentials&) = delete;
    Credentials& operator=(const Credentials&) = delete;
    ~Credentials() = default;

    [[nodiscard]] const AccountId& account() const { return account_; }
    // By name, in order.
    [[nodiscard]] const std::vector<Field>& fields() const { return fields_; }
    // Null when there is none of that name.
    [[nodiscard]] const Field* find(std::string_view name) const;
    // How often they were changed; counts the versions of an account's file.
    [[nodiscard]] std::uint64_t generation() const { return generation_; }
    void set_generation(std::uint64_t generation) { generation_ = generation; }

    // Adds it, or puts it in the place of the one of its name. Times are cut to milliseconds.
    // Errc::invalid for what a field cannot be, Errc::exhausted for too much in all.
    Result<void> put(Field field);
    // False when there is none of that name.
    bool remove(std::string_view name);
    // Names the same credentials for another account, as when an account is renamed.
    void give_to(AccountId account) { account_ = std::move(account); }

  private:
    AccountId account_;
    std::uint64_t generation_ = 0;
    std::vector<Field> fields_;
};

}  // namespace bullpen::vault
