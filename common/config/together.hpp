// The rules between keys: what each value may be by itself stands in the tables of keys; here is
// what two of them may not be at once. Pure, any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "common/config/settings.hpp"

namespace bullpen::config {

struct Together {
    std::string_view first;   // the key that an issue names
    std::string_view second;  // the other one
    bool (*holds)(const AccountSettings&);
    std::string (*message)(const AccountSettings&, std::string_view second);
    bool for_defaults;  // whether [defaults] must keep it without an account
};

std::span<const Together> rules_between_keys();

}  // namespace bullpen::config
