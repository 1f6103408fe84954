// A path as settings give it: whole, or from the home's root. Pure.
#pragma once

#include <string>

#include "common/base/home.hpp"

namespace bullpen {

inline std::string home_file(const Home& home, const std::string& path) {
    return path.starts_with('/') ? path : home.root() + "/" + path;
}

}  // namespace bullpen
