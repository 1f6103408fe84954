// Worker: one account's run from the lock to the end, in one thread. turn() does what is to be done
// now and says when it wants to be called next; it never waits. The program's loop (loop.hpp) calls
// it when a descriptor is readable or the time has come; a test calls it by hand.
//
// Beats are sent from turn(), after the bars were taken, so that a worker which does not work does
// not beat.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/exit_code.hpp"
#include "ipc/message.hpp"
#include "worker/account_context.hpp"
#include "worker/beat_news.hpp"
#include "worker/broker/share_port.hpp"
#include "worker/calendar_watch.hpp"
#include "worker/engine.hpp"
#include "worker/entry_asker.hpp"
#include "worker/feed_watch.hpp"
#include "worker/job_desk.hpp"
#include "worker/lease.hpp"
#include "worker/lease_link.hpp"
#include "worker/market_data.hpp"
#include "worker/mode_gate.hpp"
#include "worker/mode_log.hpp"
#include "worker/session.hpp"
#include "worker/share_minder.hpp"
#include "worker/stall.hpp"
#include "worker/token_watch.hpp"
#include "worker/turn_times.hpp"

namespace bullpen::worker {

struct WorkerOptions {
    bool until_end = false;  // ends with code 0 when the feed does, instead of idling
    bool unpaced = false;    // bars as fast as they can be taken
    // Makes an open position safe and ends, without trading; `none`: an ordinary run.
    config::RecoveryPolicy recover = config::RecoveryPolicy::none;
    std::uint64_t bars_per_turn = 512;
    // How often the state file is written while bars come, and after how many at the latest.
    Nanos checkpoint_interval = std::chrono::seconds(60);
    std::uint64_t checkpoint_bars = 4096;
    execution::KillPoints* kill_points = nullptr;  // for tests; outlives the worker
    // What the thread's time goes into; without it, stalls are not looked for.
    Probe probe{};
};

struct Ending {
    ExitCode code = ExitCode::done;
    model::Reason reason = model::Reason::none;
    std::string sentence;
};

class Worker {
  public:
    // `link` is none for a worker started by hand. `context` outlives it.
    Worker(AccountContext& context, std::unique_ptr<LeaseLink> link, WorkerOptions options = {});
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    ~Worker();

    // Returns when to call again at the latest; at once when that has passed.
    MonoTime turn();
    // Ends in order, in the next turn.
    void request_drain(model::Reason reason, std::string sentence);
    // The same, for a signal of this name.
    void on_signal(std::string name);

    [[nodiscard]] bool closed() const { return session_ == model::SessionState::closed; }
    // How it ended; only when closed().
    [[nodiscard]] const Ending& ending() const { return ending_; }
    // Of the lease, of the broker and of shared signals; -1 where there is none.
    [[nodiscard]] std::array<int, 3> fds() const;

    [[nodiscard]] model::SessionState session() const { return session_; }
    [[nodiscard]] const Mode& mode() const { return gate_.current(); }
    [[nodiscard]] const Engine* engine() const { return engine_ ? &*engine_ : nullptr; }
    // What a beat would say now.
    [[nodiscard]] ipc::Heartbeat beat(Instant now);

  private:
    [[nodiscard]] std::string dated_error(UtcTime now);
    void apply(SessionEvent event);
    void recover();
    void connect(Instant now);
    bool attach(Instant now);
    void start_desk(Instant now);
    void serve_desk(Instant now);
    void follow_desk(Instant now);
    void judge_desk(Instant now);
    void judge_limits(Instant now);
    void judge_calendar(Instant now);
    void close_overdue(Instant now);
    void watch_feed(Instant now);
    static void tell_trading(const TradingDesk& desk, ipc::Heartbeat& beat);
    [[nodiscard]] bool is_to_leave_market() const;
    void drain();
    void drain_desk(Instant now);
    // It does not end before its strategy has closed what it holds, so that goes on.
    [[nodiscard]] bool waits_for_strategy() const;
    void finish_drain();
    void finish();
    void finish_recovery(Instant now);
    void end(ExitCode code, model::Reason reason, std::string sentence);
    [[nodiscard]] static ExitCode exit_code_for(const Error& error);

    void talk(Instant now);
    void say_ready();
    void on_message(const ipc::Message& message, Instant now);
    void on_operator(model::TradingMode mode, const std::string& reason,
                     std::optional<UtcTime> until, Instant now);
    void on_resume(const ipc::Resume& resume, Instant now);
    void connect_again(Instant now);
    void halt_itself(execution::NoticeKind why, Instant now);
    void on_run_job(const ipc::RunJob& asked);
    bool make_job_desk();
    void serve_jobs(Instant now);
    [[nodiscard]] bool trades_shares() const;
    bool make_share_port();
    void serve_shares(Instant now);
    void judge_shares(UtcTime now);
    [[nodiscard]] std::optional<jobs::RestPolicy> wanted_rest() const;
    void mind_shares(Instant now);
    void drain_shares(Instant now);
    void watch_token(Instant now);
    [[nodiscard]] bool ends_with_token() const;
    void count_orders();
    bool shares_recovered();
    void tell_shares(ipc::Heartbeat& beat, MonoTime now) const;
    [[nodiscard]] bool is_at_rest(const jobs::ShareStanding& standing) const;
    void tell_orders(ipc::Heartbeat& beat) const;
    [[nodiscard]] std::optional<std::int64_t> held_quantity(MonoTime now) const;
    void permit_shares();
    [[nodiscard]] std::optional<UtcTime> market_time() const;
    [[nodiscard]] jobs::AccountFacts account_facts() const;
    void restart_floor();
    void on_payout(const ipc::Payout& payout, Instant now);
    // Why it does not count, in words; empty when it does, and everything is done.
    std::string pay_out(const ipc::Payout& payout, Instant now);
    void ask_for_entries(Instant now);
    void say_hello(Instant now);
    void send_beat_if_due(Instant now);

    void work(Instant now);
    void on_feed_ended();
    void on_feed_fault();
    void checkpoint_if_due(Instant now);
    void write_checkpoint(Instant now);
    void note_latch() { latch_on_disk_ = latch_ ? std::optional(latch_->mode) : std::nullopt; }
    void judge(Instant now);
    void judge_disk(bool full, UtcTime now);
    void judge_market(UtcTime now);
    void tell_mode(Instant now);
    MonoTime take_turn();
    void enter(Stage stage);
    void tell_stall(const Stall& stall, MonoTime now);
    void log_recovery(const EngineRecovery& recovery);
    void tell_refused_rows(MonoTime now);
    void log_status(Instant now);
    void log_performance();
    void hold_if(bool held, model::Reason reason, model::TradingMode mode, UtcTime now,
                 std::string text = {});
    [[nodiscard]] std::string position_text() const;
    [[nodiscard]] std::optional<MonoTime> bar_due(Instant now) const;
    [[nodiscard]] std::optional<MonoTime> answer_due() const;
    [[nodiscard]] std::vector<ipc::Obligation> obligations(Instant now) const;
    [[nodiscard]] MonoTime next_turn(Instant now) const;

    AccountContext& context_;
    std::unique_ptr<LeaseLink> link_;
    WorkerOptions options_;
    const Clock& clock_;
    const UtcTime started_;
    const TokenWatch token_;
    model::SessionState session_ = model::SessionState::locking;
    ModeGate gate_;
    Lease lease_;
    std::optional<Engine> engine_;
    MarketData data_;
    std::optional<CalendarWatch> calendar_;  // of an account that trades
    std::optional<UtcTime> flattened_for_;   // the window whose beginning closed positions
    EngineTurn last_turn_;
    bool recovered_ = false;
    bool rests_ = false;      // as a recovery it has done its one thing
    bool rest_told_ = false;  // and a beat said what came of it
    bool ready_said_ = false;
    bool drain_wanted_ = false;
    bool feed_end_told_ = false;
    std::uint64_t refused_rows_told_ = 0;
    MonoTime next_refused_rows_{};
    Ending ending_;
    std::string left_;     // what stays open at the broker, for who is told that it ended
    MonoTime drain_at_{};  // not before, where it is wanted
    std::optional<Mode> latch_;
    // As the state file has it, which is what the daemon is told: only that outlives this process.
    std::optional<model::TradingMode> latch_on_disk_;
    ModeLog mode_log_;
    std::uint64_t beats_ = 0;
    std::string last_error_;
    std::string dated_error_;  // what it was in the last beat, and
    UtcTime error_at_{};       // when it was first told in one
    MonoTime next_checkpoint_{};
    bool checkpoint_wanted_ = false;
    bool checkpoint_blocked_ = false;
    MonoTime next_status_{};
    TurnTimes turn_times_;
    StallWatch stall_;
    MonoTime next_connect_{};
    Nanos connect_delay_{};
    bool attached_ = false;  // the feed stands at the next bar
    bool desk_stopped_ = false;
    bool leaves_market_ = false;                // it is stopped because it is to trade elsewhere
    bool flatten_wanted_ = false;               // ordered, and the desk was not told yet
    std::optional<ipc::Resume> resume_wanted_;  // likewise
    MonoTime drain_until_{};
    FeedWatch feed_watch_;
    EntryAsker asker_;
    BeatNews news_;
    std::unique_ptr<broker::SharePort> shares_;  // of an account that trades shares
    std::optional<MonoTime> shares_due_;         // when it is to be asked again
    std::unique_ptr<ShareMinder> minder_;        // likewise
    std::unique_ptr<JobDesk> jobs_;
    std::vector<ipc::RunJob> asked_jobs_;  // told, and not passed on yet
};

}  // namespace bullpen::worker
