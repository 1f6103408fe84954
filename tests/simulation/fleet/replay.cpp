// How a life is told to be lived again.
#include <array>
#include <charconv>

#include "simulate.hpp"

namespace bullpen::simulation {

std::string replay_line(const Options& options, const Outcome& outcome) {
    std::string line = "bullpen-simulate --seed " + std::to_string(options.seed);
    if (options.size.accounts > 0)
        line += " --accounts " + std::to_string(options.size.accounts);
    if (options.size.days > 0) {
        // The shortest text that is read back as the very same number.
        std::array<char, 32> text{};
        const auto written =
            std::to_chars(text.data(), text.data() + text.size(), options.size.days);
        line.append(" --days ").append(text.data(), written.ptr);
    }
    if (options.defect != fleet::Defect::none)
        line.append(" --defect ").append(code(options.defect));
    return line + " --until-step " + std::to_string(outcome.step) + " --trace";
}

}  // namespace bullpen::simulation
