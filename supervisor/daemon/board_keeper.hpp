// BoardKeeper: puts what the fleet decided and what the workers said on the status board. Telemetry
// only: a board that cannot be written is told once and hurts nobody. Used from the daemon's loop.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/log/logger.hpp"
#include "ipc/status_board.hpp"
#include "supervisor/daemon/accounts.hpp"
#include "supervisor/fleet/view.hpp"

namespace bullpen::daemon {

class BoardKeeper {
  public:
    BoardKeeper(ipc::BoardWriter writer, const Home& home, log::Logger& log)
        : writer_(std::move(writer)), home_(home), log_(log) {}

    // The account's state changed.
    void changed(const Account& account, const fleet::AccountView& view);
    // Its worker spoke, or was measured: the rest of the slot stays.
    void reported(const Account& account);
    void remove(const AccountId& account);
    // Takes accounts off that an earlier daemon left and this one does not know.
    void remove_unknown(Accounts& accounts);
    void daemon(const ipc::BoardDaemon& facts) { writer_.put_daemon(facts); }
    // Makes the board anew at `path`, with all that is on it: its file was removed.
    Result<void> make_again(const std::string& path);

  private:
    void put(const ipc::BoardSlot& slot);

    ipc::BoardWriter writer_;
    const Home& home_;
    log::Logger& log_;
    std::map<AccountId, ipc::BoardSlot> slots_;
    bool failing_ = false;
};

}  // namespace bullpen::daemon
