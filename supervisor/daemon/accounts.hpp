// Accounts: what the daemon holds of each account beside the fleet's decisions: its settings, its
// current launch as a process, and what its worker last said. Owned by the daemon, used from its
// loop.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/config/settings.hpp"
#include "common/model/reason.hpp"
#include "common/process/reaper.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/liveness.hpp"
#include "ipc/message.hpp"
#include "ipc/resumption.hpp"
#include "supervisor/daemon/trading_order.hpp"
#include "supervisor/fleet/view.hpp"

namespace bullpen::daemon {

// One launch of an account, from the moment it is decided until its tree is proven gone.
struct Launch {
    LaunchNumber number;
    std::optional<Nonce> nonce;  // none: found by its lock alone, so only its pid can vouch for it
    Fence fence;
    pid_t pid = 0;                 // 0: not started, or ended
    pid_t leader = 0;              // the pid it had, kept for the sweep
    std::uint64_t start_time = 0;  // clock ticks since boot
    UtcTime started{};
    bool child = true;  // of this process; otherwise `watch` tells of its end
    std::optional<process::PidWatch> watch;
    // Where this process had to take them again: see Starter::lock_again.
    std::optional<ipc::AccountLock> lock;
    std::optional<ipc::BrokerAccountLock> broker_lock;

    // The lease protocol.
    std::string routing_id;  // empty until its hello was accepted
    pid_t peer = 0;          // the process that said hello
    int protocol = 0;
    std::string version;
    std::optional<ipc::Heartbeat> beat;
    Instant beat_at{};
    MonoTime bar_at{};  // when its last bar arrived
    MonoTime pinged{};
    std::optional<ipc::Goodbye> last_words;
    ipc::Obligations obligations{std::chrono::seconds(2)};

    std::uint64_t rss_bytes = 0;  // of the whole tree, where the daemon measures it
};

// A duty is judged when the word that it was done had the time to come.
inline ipc::Obligations obligations(const config::AccountSettings& settings) {
    return ipc::Obligations(settings.beat_interval + settings.late_after);
}

struct Account {
    explicit Account(AccountId account) : id(std::move(account)) {}

    AccountId id;
    // Those of the roster in force, which they share; none: no usable file.
    std::shared_ptr<const config::AccountSettings> settings;
    std::optional<Launch> launch;
    std::optional<StandingOrder> order;  // of an operator, and not done yet
    // What the order given last found to lift; none: not known.
    std::optional<std::string> found;
    // Of the operator's command that it follows: the `cid` of its lines until what it asked for has
    // come about, or `cause_until`.
    std::string cause;
    MonoTime cause_until{};
    std::string last_error;        // with its time: see ipc/error_text.hpp
    fleet::Holding holding;        // by the newest beat, of an earlier launch or daemon too
    std::uint64_t disk_bytes = 0;  // of its directory, as it was last counted; 0: not yet
    std::string crash_bundle;      // directory of the newest

    // What the launch that ended in order left at the broker, which nothing looks after; empty: it
    // left nothing, or none has ended so.
    [[nodiscard]] std::string left_open() const {
        const bool left =
            launch && launch->last_words &&
            launch->last_words->reason == model::code(model::Reason::position_unexpected);
        return left ? launch->last_words->sentence : std::string();
    }

    // The same of one that ended as it was to, or otherwise, and of which the fleet knows whether
    // it is flat: what whoever stopped it is to know.
    [[nodiscard]] std::string stays(const std::optional<bool>& flat) const {
        // What is in the shadow no broker knows of.
        if (flat != false || holding.position.starts_with("shadow: "))
            return {};
        if (launch && launch->last_words && !launch->last_words->left.empty())
            return "it leaves " + launch->last_words->left;
        return "it held " + (holding.position.empty() ? "what is not known" : holding.position) +
               " when it was heard of last; look at the broker for a stop that protects it";
    }

    void caused_by(std::string cid, MonoTime until = MonoTime::max()) {
        cause = std::move(cid);
        cause_until = until;
    }
    [[nodiscard]] std::string cause_at(MonoTime now) const {
        return now < cause_until ? cause : std::string();
    }

    void take(const StandingOrder& given) {
        found.reset();
        // What another order was about to do, no beat tells yet.
        if (beat() != nullptr && !order)
            found = ipc::to_lift(*beat(), given.order == TradingOrder::restart_floor);
        order = given;
    }

    // What its worker said last; null before it said anything.
    [[nodiscard]] const ipc::Heartbeat* beat() const {
        return launch && launch->beat ? &*launch->beat : nullptr;
    }
};

class Accounts {
  public:
    // The account's record, made when it is new. Stays where it is until erased.
    Account& at(const AccountId& id);
    [[nodiscard]] Account* find(const AccountId& id);
    void erase(const AccountId& id);

    // The account whose current launch has this pid.
    [[nodiscard]] Account* by_pid(pid_t pid);
    void set_pid(Account& account, pid_t pid);
    // The process is gone; the launch stays for its sweep.
    void clear_pid(Account& account);

    template <class Visitor>
    void each(Visitor&& visit) {
        for (auto& [id, account] : accounts_)
            visit(*account);
    }
    [[nodiscard]] std::size_t size() const { return accounts_.size(); }

  private:
    std::map<AccountId, std::unique_ptr<Account>> accounts_;
    std::unordered_map<pid_t, Account*> by_pid_;
};

// The orders that stand, a line each, for a daemon after this one; and taken from such a text, for
// the accounts that there are.
std::string standing_orders(Accounts& accounts);
void restore_orders(Accounts& accounts, std::string_view text, UtcTime now);

}  // namespace bullpen::daemon
