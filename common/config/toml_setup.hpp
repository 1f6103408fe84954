// How toml++ is compiled: to be included in front of it, the same in every file that does.
//
// Version 3.3 answers some malformed files ("[[[") with a failed assertion of its own. Somebody's
// typing error must never end the daemon, so its assertions throw, and document.cpp makes a syntax
// error of that.
#pragma once

// Otherwise the library would turn its assertions into promises to the optimizer.
#undef NDEBUG

namespace bullpen::config {

struct LibraryGaveUp {};

[[noreturn]] inline void library_gives_up() {
    throw LibraryGaveUp{};
}

}  // namespace bullpen::config

#define TOML_HEADER_ONLY 0
#define TOML_EXCEPTIONS 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ASSERT(condition) \
    ((condition) ? static_cast<void>(0) : ::bullpen::config::library_gives_up())
