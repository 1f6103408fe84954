// The configuration reference, docs/configuration.md, as text made from the declarations in
// keys.cpp; a test holds the file against it.
#pragma once

#include <string>

namespace bullpen::config {

std::string configuration_reference();

}  // namespace bullpen::config
