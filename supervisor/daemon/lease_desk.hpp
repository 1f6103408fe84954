// LeaseDesk: the daemon's side of the lease protocol. It believes a peer only when the kernel says
// that it is the launched process or one of its session, and it shows the launch's nonce; then it
// gives the lease and hands what the worker says to the fleet and the board. Used from the loop.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "common/base/clock.hpp"
#include "common/log/logger.hpp"
#include "ipc/router.hpp"
#include "supervisor/daemon/accounts.hpp"
#include "supervisor/daemon/board_keeper.hpp"
#include "supervisor/fleet/fleet.hpp"
#include "supervisor/guard/owner_guard.hpp"

namespace bullpen::daemon {

struct LeaseTerms {
    Nanos ping_interval = std::chrono::seconds(2);
    Nanos clock_skew_max = std::chrono::seconds(2);

    friend bool operator==(const LeaseTerms&, const LeaseTerms&) = default;
};

class LeaseDesk {
  public:
    // Messages taken in one turn of the loop, so that a flood keeps nothing else waiting.
    static constexpr std::size_t k_turn_max = 256;

    LeaseDesk(ipc::LeaseRouter router, Accounts& accounts, fleet::Fleet& fleet, BoardKeeper& board,
              log::Logger& log, const Clock& clock);

    // Terms that changed are told every worker at once: one that goes by an old ping interval would
    // call the daemon absent.
    void set_terms(LeaseTerms terms);
    // Since when the loop has listened without a gap: what fell due in one is not held against
    // anybody.
    void set_listening_since(MonoTime since) { listening_since_ = since; }

    [[nodiscard]] int fd() const { return router_.fd(); }
    Result<void> listen_again(const std::string& path) { return router_.listen_again(path); }
    // Takes what waits; true when more may be waiting.
    bool serve();
    // A worker did what was ordered since this was asked last.
    [[nodiscard]] bool orders_done() { return std::exchange(orders_done_, false); }
    // Who owes something and has gone silent says no more of it: when one of them may be found
    // overdue without a beat (none: nobody owes anything), and the look at them then.
    [[nodiscard]] std::optional<MonoTime> next_duty() const { return next_duty_; }
    void judge_duties(MonoTime now);
    // The last serve() took beats and nothing else, so what comes next may wait a moment.
    [[nodiscard]] bool calm() const { return calm_; }
    // What an operator ordered; again with every welcome until the worker says that it is done.
    void send_order(const Account& account);
    // Once, whatever becomes of it; false when no worker listens.
    bool tell(const Account& account, const ipc::Message& message);
    void send_drain(const Account& account, model::Reason reason, Nanos until_kill);
    // The launch is over: its routing id speaks for nobody any more.
    void forget(const Launch& launch);
    void close() { router_.close(); }

    // Whose entries stand beside each other.
    [[nodiscard]] guard::OwnerGuard& guard() { return guard_; }

    [[nodiscard]] std::uint64_t refused() const { return refused_; }

  private:
    void handle(ipc::Received&& received);
    void welcome(const Account& account);
    void on_hello(const ipc::Received& received, const ipc::Hello& hello);
    void take_error(Account& account, const std::string& error);
    void on_beat(Account& account, ipc::Heartbeat&& beat);
    void judge_entries(const Account& account);
    void on_last_words(Account& account, ipc::Goodbye&& words);
    void refuse(const ipc::Received& received, std::string_view why);
    void ping_if_due(Account& account, MonoTime now);
    void check_obligations(const Account& account, MonoTime now);

    ipc::LeaseRouter router_;
    Accounts& accounts_;
    fleet::Fleet& fleet_;
    BoardKeeper& board_;
    log::Logger& log_;
    const Clock& clock_;
    LeaseTerms terms_;
    guard::OwnerGuard guard_;
    MonoTime listening_since_{};
    std::optional<MonoTime> next_duty_;  // or earlier, of one that was done since
    std::unordered_map<std::string, Account*> peers_;
    std::uint64_t pings_ = 0;
    std::uint64_t beats_ = 0;
    bool calm_ = false;
    bool orders_done_ = false;
    std::uint64_t refused_ = 0;
};

}  // namespace bullpen::daemon
