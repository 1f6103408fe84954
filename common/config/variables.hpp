// Keys of bullpen.toml that variables of the environment set, for the daemon alone; inside this
// library only. BULLPEN_CONFIG_LOG_LEVEL=debug stands before log.level of the file. Only keys that
// no other program of the home reads can be set so, and nothing of an account.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/issue.hpp"
#include "common/config/layer.hpp"

namespace bullpen::config {

inline constexpr std::string_view k_variable_prefix = "BULLPEN_CONFIG_";

struct Variables {
    Layer daemon;               // each setting has the variable's name
    std::vector<Issue> issues;  // of those that are refused
};
// `environment`: "NAME=value" each; others than those with the prefix are passed over.
Variables take_variables(std::span<const std::string> environment);
// What this process was started with.
std::vector<std::string> own_environment();

// The file's keys, but for those that variables set.
Layer with_variables(const Layer& file, const Layer& variables);

}  // namespace bullpen::config
