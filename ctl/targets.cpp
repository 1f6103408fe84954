#include "ctl/targets.hpp"

namespace bullpen::ctl {

Targets choose(const FleetView& view, std::span<const std::string_view> words) {
    const auto candidates = view.candidates();
    auto selection = select(candidates, words);
    Targets targets;
    targets.rows.reserve(selection.chosen.size());
    for (std::size_t i = 0; i < selection.chosen.size(); ++i)
        targets.rows.push_back({&view.rows()[selection.chosen[i]], selection.named[i]});
    targets.unmatched = std::move(selection.unmatched);
    return targets;
}

void report_unmatched(Context& context, const Targets& targets) {
    for (const auto& unmatched : targets.unmatched)
        context.err.line("bullpenctl: " + sentence(unmatched), Colour::red);
}

}  // namespace bullpen::ctl
