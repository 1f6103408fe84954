// Names and groups from the settings files, for a home whose daemon has never run.
#pragma once

#include "ctl/fleet_view.hpp"

namespace bullpen::ctl {

class ConfigRosterSource final : public RosterSource {
  public:
    explicit ConfigRosterSource(const Clock& clock) : clock_(clock) {}
    [[nodiscard]] std::vector<KnownAccount> accounts(const Home& home) const override;
    [[nodiscard]] Result<Mask> mask(const Home& home, const AccountId& account,
                                    std::string_view credentials_directory) const override;

  private:
    const Clock& clock_;
};

}  // namespace bullpen::ctl
