// ControlDesk: answers bullpenctl. Every command has a deadline and an end; long ones answer
// account by account. What a command does is decided by the fleet or the daemon; here it is read,
// written down in the audit log, and followed to its outcome. Used from the daemon's loop.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/log/logger.hpp"
#include "ipc/control.hpp"
#include "ipc/router.hpp"
#include "supervisor/daemon/accounts.hpp"
#include "supervisor/daemon/outcome.hpp"
#include "supervisor/fleet/fleet.hpp"

namespace bullpen::daemon {

// Where an answer goes.
struct Asker {
    std::string routing_id;
    std::string request_id;
};

// The commands that concern the daemon as a whole, as the daemon does them. Each ends with
// ControlDesk::result() or error() for its asker, now or later.
struct DaemonCommands {
    std::function<void(const Asker&)> reread;
    std::function<void(const Asker&, Nanos deadline)> update;
    std::function<void(const Asker&, Nanos deadline)> upgrade;
    std::function<void(const Asker&, bool keep_workers)> shutdown;
    std::function<void(const Asker&)> cleanup;
    std::function<void(const Asker&, const std::optional<AccountId>&)> config;
    std::function<std::string()> status;                   // JSON object
    std::function<std::string(const AccountId&)> explain;  // JSON object
    std::function<std::string()> events;                   // JSON object
    // Other credentials were sealed, or a key is given: `credentials` and `unlock`.
    std::function<void(const Asker&, const ipc::Request&)> credentials;
    std::function<Result<void>(Account&, int signal)> signal;
    // Who acts for the account although no daemon started it, for people; none: nobody.
    std::function<std::optional<std::string>(const AccountId&)> by_hand;
    // Tells the account's worker something once; false when it has none that listens.
    std::function<bool(const Account&, const ipc::Message&)> tell;
    // Writes down which orders stand, so that a daemon after this one delivers them; `kept`, which
    // may be empty, is told why that failed, and nothing when it did not.
    std::function<void(const std::function<void(const std::string& failed)>& kept)> keep_orders;
    // Writes into the audit log that an operator asked for this.
    std::function<void(const std::string& command, const std::string& user,
                       const std::string& accounts)>
        audit;
};

class ControlDesk {
  public:
    static constexpr std::size_t k_turn_max = 64;
    static constexpr std::size_t k_waiting_max = 256;

    ControlDesk(ipc::ControlRouter router, Accounts& accounts, fleet::Fleet& fleet,
                log::Logger& log, const Clock& clock, DaemonCommands commands);

    [[nodiscard]] int fd() const { return router_.fd(); }
    Result<void> listen_again(const std::string& path) { return router_.listen_again(path); }
    [[nodiscard]] Result<void> show_cookie(const std::string& path) const {
        return router_.show_cookie(path);
    }
    bool serve();
    void close() { router_.close(); }

    // The account's view changed: who waits for it may have an answer.
    void changed(const AccountId& account);
    // A worker did what was ordered of its trading.
    void orders_done();
    // Deadlines.
    void tick(MonoTime now);
    void rolled(const AccountId& account, fleet::Rolled rolled, const std::string& sentence);
    void roll_ended(model::Reason reason, const std::string& sentence);
    // How a command of the daemon's own ends when every account is where it wants them.
    struct Ending {
        bool ok = true;
        std::string message;
        std::string data = "{}";
    };
    // Follows these accounts for `asker` until each is there.
    void follow(const Asker& asker, const std::vector<std::pair<AccountId, Goal>>& goals,
                Nanos deadline, Ending ending);

    void progress(const Asker& asker, const std::string& message);
    void result(const Asker& asker, bool ok, const std::string& code, const std::string& message,
                const std::string& data = "{}");
    void error(const Asker& asker, const std::string& code, const std::string& message);

  private:
    // The last word of a command about so many accounts.
    void end(const Asker& asker, const Ending& ending, std::size_t asked, std::size_t failed);

    struct Waiting {
        Asker asker;
        struct Goal {
            daemon::Goal goal;
            LaunchNumber before;
        };
        std::map<AccountId, Goal> goals;
        std::optional<StandingOrder> order;  // then it is what every goal is about
        MonoTime deadline;
        std::size_t asked = 0;
        std::size_t failed = 0;
        Ending ending;
    };
    void handle(const ipc::Received& received);
    void dispatch(const ipc::Request& request, const Asker& asker);
    void start_stop(const ipc::Request& request, const Asker& asker, Goal goal);
    void trade(const ipc::Request& request, const Asker& asker, TradingOrder order);
    // Gives the account the order; what came of it when that is known at once.
    std::optional<Outcome> give(const AccountId& account, const StandingOrder& order);
    [[nodiscard]] std::optional<Outcome> judge_order(const StandingOrder& order,
                                                     const AccountId& account,
                                                     const fleet::AccountView& view);
    // Does for each account what is done at once, and says what came of it.
    void each(const ipc::Request& request, const Asker& asker,
              const std::function<Outcome(const AccountId&)>& act);
    void send_signal(const ipc::Request& request, const Asker& asker);
    void tell(const ipc::Request& request, const Asker& asker, const ipc::Message& message);
    void clear(const ipc::Request& request, const Asker& asker);
    void roll(const ipc::Request& request, const Asker& asker);
    void explain(const ipc::Request& request, const Asker& asker);
    void config(const ipc::Request& request, const Asker& asker);
    void verdict(const Asker& asker, const AccountId& account, const Outcome& outcome);
    std::list<Waiting>::iterator wait(const Asker& asker, MonoTime deadline, std::size_t asked);
    bool settle(Waiting& waiting, const AccountId& account);
    // Of one that was stopped: with what that did not end, which may be another process of it.
    [[nodiscard]] Outcome with_rest(const AccountId& id, Outcome outcome) const;
    void settle_all(std::list<Waiting>::iterator waiting);
    void finish_if_done(std::list<Waiting>::iterator waiting);
    void send(const Asker& asker, const ipc::Reply& reply);
    void note(const ipc::Request& request);

    ipc::ControlRouter router_;
    Accounts& accounts_;
    fleet::Fleet& fleet_;
    log::Logger& log_;
    const Clock& clock_;
    DaemonCommands commands_;
    std::list<Waiting> waiting_;
    std::uint64_t commands_noted_ = 0;
    struct Rolling {
        Asker asker;
        std::size_t asked = 0;
        std::size_t failed = 0;
    };
    std::optional<Rolling> rolling_;
};

}  // namespace bullpen::daemon
