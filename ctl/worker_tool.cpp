#include "ctl/worker_tool.hpp"

#include <sys/stat.h>

#include <string>
#include <vector>

#include "ctl/program.hpp"

namespace bullpen::ctl {

namespace {

bool wants_home(const Context& context, HomeNeed need) {
    struct stat facts {};
    return need == HomeNeed::needed || context.globals.home != k_home_default ||
           ::stat(context.home.root().c_str(), &facts) == 0;
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
