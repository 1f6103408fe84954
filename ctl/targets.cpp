#include "ctl/targets.hpp"

#include <algorithm>

namespace bullpen::ctl {

Result<FleetView> look(const Context& context, Instant* now) {
    if (!context.globals.host.empty())
        return context.roster->far_view(context.globals, now);
    return FleetView::read(context.home, *now, context.roster);
}

Targets choose(const FleetView& view, std::span<const std::string_view> words) {
    const auto candidates = view.candidates();
    auto selection = select(candidates, words);
    Targets targets;
    targets.rows.reserve(selection.chosen.size());
    for (std::size_t i = 0; i < selection.chosen.size(); ++i)
        targets.rows.push_back({&view.rows()[selection.chosen[i]], selection.named[i]});
    for (auto& unmatched : selection.unmatched) {
        const auto& services = view.services();
        const auto found = std::find_if(services.begin(), services.end(), [&](const auto& row) {
            return row.slot->account.view() == unmatched.pattern;
        });
        if (found != services.end())
            targets.rows.push_back({&*found, true});
        else
            targets.unmatched.push_back(std::move(unmatched));
    }
    return targets;
}

void add_services(const FleetView& view, Targets& targets) {
    for (const auto& row : view.services())
        targets.rows.push_back({&row, false});
}

void report_unmatched(Context& context, const Targets& targets) {
    for (const auto& unmatched : targets.unmatched)
        context.err.line("bullpenctl: " + sentence(unmatched), Colour::red);
}

}  // namespace bullpen::ctl
