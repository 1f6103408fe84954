// What the HTML pages have in common: style, head and foot. Self-contained: no script, and nothing
// is loaded. Light, and made to be printed. Pure.
#pragma once

#include <string>
#include <string_view>

namespace bullpen::report {

// `content` is HTML; title, note and foot are texts. `more_style` comes after the common style.
std::string page(std::string_view title, std::string_view more_style, const std::string& content,
                 std::string_view foot);
// An empty note is none.
std::string section(std::string_view title, std::string_view note, const std::string& content);

}  // namespace bullpen::report
