// The one place where toml++ itself is compiled; see CMakeLists.txt for why it is not the shared
// library.
#define TOML_IMPLEMENTATION
#include "common/config/toml_plusplus.inc"
