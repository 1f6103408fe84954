// The advice that comes with a reason, for one account.
#pragma once

#include <string>
#include <string_view>

namespace bullpen::model {

// With the account's name where the advice says NAME.
std::string with_name(std::string_view advice, std::string_view account);

}  // namespace bullpen::model
