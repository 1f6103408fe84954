// The numbers of Unix users that are set aside for accounts. Pure. Any thread.
//
// Sources: subuid(5); user_namespaces(7), on uid_map.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bullpen::users {

struct NumberRange {
    uid_t first = 0;
    std::uint32_t count = 0;

    [[nodiscard]] bool has(uid_t user) const { return user >= first && user - first < count; }
    friend bool operator==(const NumberRange&, const NumberRange&) = default;
};

// More than a home has accounts, ever.
inline constexpr std::uint32_t k_numbers_max = 65'536;
// Fewer are of no use.
inline constexpr std::uint32_t k_numbers_min = 2;

// The first usable range that /etc/subuid has for the user, whose lines begin with its name or its
// number; cut to k_numbers_max. None when there is none.
std::optional<NumberRange> range_in_subuid(std::string_view subuid, std::string_view name,
                                           uid_t user);
// The name of the user in /etc/passwd; empty when it has none.
std::string name_in_passwd(std::string_view passwd, uid_t user);

// What /proc/self/uid_map says of the namespace that a daemon of `user` made for itself: the user
// has its own number in it, and so have those of the range. None of any other namespace.
std::optional<NumberRange> range_in_map(std::string_view uid_map, uid_t user);
// Such a map. The range's first number is user 0 of the namespace, whom the kernel makes the owner
// of what it hides of a process, and is no account's.
std::string map_of(uid_t user, const NumberRange& range);

}  // namespace bullpen::users
