// Numbers: which Unix user each account of a home was given, counted from the first of the range
// that the home's user has, so that a home can move to another host. Given once and never to
// another account, also when the account is gone. HOME/numbers, a file of text:
//
//     next 3
//     alpha 1
//     beta 2
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/home.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/users/number_range.hpp"

namespace bullpen::users {

// Of the file's content. Pure.
class Numbers {
  public:
    static Result<Numbers> parse(std::string_view text);
    [[nodiscard]] std::string text() const;

    [[nodiscard]] std::optional<std::uint32_t> of(const AccountId& account) const;
    // A number above all that were given, and above `taken`.
    std::uint32_t give(const AccountId& account, std::uint32_t taken);
    // What `from` has is `to`'s from now on.
    void move(const AccountId& from, const AccountId& to);
    void drop(const AccountId& account) { given_.erase(account); }

    friend bool operator==(const Numbers&, const Numbers&) = default;

  private:
    std::map<AccountId, std::uint32_t> given_;
    std::uint32_t next_ = 1;
};

// Whether accounts of this home were ever given numbers.
bool has_numbers(const Home& home);
// They will be: whoever looks at the home's files knows from now on that some are other users'.
Result<void> begin_numbers(const Home& home);
// The account's user, which is given to it here when it has none: on disk when this returns. An
// error when the range is spent, or the file is damaged or being changed by somebody else.
// Any thread; waits for the disk when it gives.
Result<uid_t> user_of(const Home& home, const AccountId& account, const NumberRange& range);
// For bullpenctl: nothing where the home has no numbers. Both wait for who else changes the file.
Result<void> move_number(const Home& home, const AccountId& from, const AccountId& to);
Result<void> drop_number(const Home& home, const AccountId& account);

}  // namespace bullpen::users
