// VaultKeeper: the daemon's part in the vault. It holds the key, locked in memory, and what is
// sealed of every account as it is on disk; shuts the gate of an account that lacks something; and
// hands each launch what is its own. Files are read on the helper thread, so that a start opens
// what is in memory: some microseconds, and no disk. Used from the daemon's loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/alerts/expiry.hpp"
#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/config/roster.hpp"
#include "common/loop/loop.hpp"
#include "common/vault/hand_over.hpp"
#include "common/vault/reading.hpp"
#include "common/vault/scrub.hpp"
#include "supervisor/daemon/accounts.hpp"
#include "supervisor/fleet/fleet.hpp"

namespace bullpen::daemon {

class VaultKeeper {
  public:
    // `credentials_directory`: the service manager's for this process; empty without one.
    // `alarm`: what an operator is to know of an account, whether it runs or not.
    using Alarm = std::function<void(const AccountId&, const std::string& sentence)>;
    VaultKeeper(const Home& home, const Clock& clock, loop::Loop& loop, Accounts& accounts,
                fleet::Fleet& fleet, std::string credentials_directory, Alarm alarm);

    // What goes with a roster that is about to be applied. The helper thread may call it.
    [[nodiscard]] vault::Reading read(const config::Roster& roster) const;
    // That roster's accounts are known, and have their gates, from now on: before any of them may
    // start.
    void take(vault::Reading reading);
    // Reads what is sealed of these accounts again; of all, and the key, when none is named.
    // `unlock`: and takes the key that an operator gives. `done` gets why that failed, or nothing.
    void look(std::vector<AccountId> accounts, bool unlock,
              std::function<void(const std::string&)> done);
    // Tokens that ended since shut their accounts' gates, and are told; so are those that end soon.
    void tick();

    [[nodiscard]] Result<vault::HandOver> hand_over(const config::AccountSettings& settings) const;
    [[nodiscard]] vault::Scrub scrub(const AccountId& account) const;
    // Before another program takes this one's place: a key that came from a passphrase goes with
    // it.
    void leave_key_to_next_program() const;

  private:
    struct Known {
        vault::SealedHistory file;
        alerts::ExpiryWatch expiry;
    };
    void finish(vault::Reading& reading);
    // What the account lacks, or nothing.
    std::string judge(const AccountId& account, Known& known);

    const Home& home_;
    const Clock& clock_;
    loop::Loop& loop_;
    Accounts& accounts_;
    fleet::Fleet& fleet_;
    const std::string credentials_directory_;
    Alarm alarm_;
    vault::KeySource source_;
    std::shared_ptr<const vault::KeyRing> keys_;  // null: locked
    std::string locked_;                          // why
    std::map<AccountId, Known> known_;            // every account of the roster
};

}  // namespace bullpen::daemon
