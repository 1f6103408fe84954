#include "ctl/roster_source.hpp"

#include "common/config/roster.hpp"

namespace bullpen::ctl {

std::vector<KnownAccount> ConfigRosterSource::accounts(const Home& home) const {
    config::RosterReader reader(home);
    const auto roster = reader.read(clock_.utc());
    std::vector<KnownAccount> known;
    for (const auto& [id, settings] : roster.accounts)
        known.push_back({id, settings.group, settings.label, settings.owner, settings.enabled});
    for (const auto& id : roster.invalid)
        known.push_back({id, {}, {}, {}, true});
    return known;
}

}  // namespace bullpen::ctl
