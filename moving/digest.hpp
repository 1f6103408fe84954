// The two digests that moving in needs: SHA-256 for what is copied and kept (as sha256sum prints
// it), and the first digits of MD5 by which the old bots named their users. Pure.
#pragma once

#include <string>
#include <string_view>

namespace bullpen::moving {

// 64 lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);

// What the old futures bot called a user: the first twelve hexadecimal digits of the MD5 of the
// broker's user name. Only to attribute records of that time; nothing new is named so. Empty for
// an empty name, which every user without one shared.
std::string old_user_id(std::string_view broker_user);

}  // namespace bullpen::moving
