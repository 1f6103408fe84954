// What bullpenctl-control knows beside the board: names and groups from the settings files, for a
// home whose daemon has never run, and the board of a home on another host.
#pragma once

#include "ctl/fleet_view.hpp"

namespace bullpen::ctl {

class ConfigRosterSource final : public RosterSource {
  public:
    explicit ConfigRosterSource(const Clock& clock) : clock_(clock) {}
    [[nodiscard]] std::vector<KnownAccount> accounts(const Home& home) const override;
    [[nodiscard]] Result<Mask> mask(const Home& home, const AccountId& account,
                                    std::string_view credentials_directory) const override;
    [[nodiscard]] Result<FleetView> far_view(const Globals& globals, Instant* now) const override;

  private:
    const Clock& clock_;
};

}  // namespace bullpen::ctl
