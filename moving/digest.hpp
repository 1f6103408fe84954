// The two digests that moving in needs: SHA-256 for what is copied and kept (as sha256sum prints
// it), and the first digits of MD5 by which the old bots named their users. Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace bullpen::moving {

// 64 lower-case hexadecimal digits.
std::string sha256(std::string_view bytes);

// The same of what comes in pieces.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void add(std::string_view bytes);
    // Ends it: nothing can be added any more.
    std::string digits();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// What the old futures bot called a user: the first twelve hexadecimal digits of the MD5 of the
// broker's user name. Only to attribute records of that time; nothing new is named so. Empty for
// an empty name, which every user without one shared.
std::string old_user_id(std::string_view broker_user);

}  // namespace bullpen::moving
