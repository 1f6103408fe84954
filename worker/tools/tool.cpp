#include "worker/tools/tool.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace bullpen::tools {

std::span<const Tool* const> all_tools() {
    static constexpr std::array<const Tool*, 9> k_all = {&k_backtest,   &k_compare, &k_explain,
                                                         &k_indicators, &k_pnl,     &k_replay,
                                                         &k_report,     &k_state,   &k_trades};
    return k_all;
}

const Tool* find_tool(std::string_view name) {
    for (const auto* tool : all_tools()) {
        if (tool->name == name)
            return tool;
    }
    return nullptr;
}

ExitCode run_tool(const Tool& tool, std::span<const std::string_view> words, const Clock& clock) {
    if (std::ranges::any_of(words, [](auto word) { return word == "--help" || word == "-h"; })) {
        std::fwrite(tool.usage.data(), 1, tool.usage.size(), stdout);
        return ExitCode::done;
    }
    return tool.run(words, clock);
}

ExitCode complain(std::string_view tool, ExitCode code, const Error& error) {
    const auto text = error.message();
    std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(tool.size()), tool.data(), text.c_str());
    return code;
}

}  // namespace bullpen::tools
