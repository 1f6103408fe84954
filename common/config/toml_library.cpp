// The one place where toml++ itself is compiled; see CMakeLists.txt for why it is not the shared
// library.
#include "common/config/toml_setup.hpp"

#define TOML_IMPLEMENTATION
#include <toml++/toml.h>
