#include "ctl/worker_tool.hpp"

#include <unistd.h>

#include <string>
#include <vector>

#include "ctl/program.hpp"

namespace bullpen::ctl {

namespace {

// Nobody who has not named the default home is kept from working because it is another user's.
bool wants_home(const Context& context, HomeNeed need) {
    return need == HomeNeed::needed || context.globals.home != k_home_default ||
           ::access(context.home.shared().c_str(), R_OK | X_OK) == 0;
}

}  // namespace

int run_worker_tool(Context& context, std::string_view tool, std::span<const Option> own,
                    HomeNeed need) {
    std::vector<std::string> words = {"bullpen-worker", std::string(tool)};
    for (const auto& option : context.arguments.options) {
        for (const auto& known : own) {
            if (option.option->name != known.name)
                continue;
            words.push_back("--" + std::string(known.name));
            if (!known.value_name.empty())
                words.emplace_back(option.value);
        }
    }
    if (wants_home(context, need)) {
        words.emplace_back("--home");
        words.push_back(context.home.root());
    }
    if (context.globals.json)
        words.emplace_back("--json");
    for (const auto operand : context.arguments.operands)
        words.emplace_back(operand);
    return report(context, exec_worker(words), ExitCode::software);
}

}  // namespace bullpen::ctl
