// JobDesk: the jobs of one account at work. It asks what is due, writes into the journal that a run
// begins before it begins, lets each run do its next piece, and shows people what came of them in
// jobs.json. What is known of the jobs is with the engine, which saves and replays it.
//
// Made with the account's context after recovery; driven by the worker's loop, in one thread.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "ipc/message.hpp"
#include "worker/account_context.hpp"
#include "worker/broker/share_port.hpp"
#include "worker/engine.hpp"
#include "worker/jobs/registry.hpp"
#include "worker/jobs/share_ledger.hpp"

namespace bullpen::worker {

// A run that is under way in this process.
struct RunningJob {
    jobs::AccountFacts facts;
    std::unique_ptr<jobs::Job> job;
    MonoTime until{};  // its time is over then
    bool winds_up = false;
    MonoTime next{};
};

class JobDesk {
  public:
    // All outlive it; `shares` and `ledger` are null for an account that trades none. Errc::invalid
    // for settings that no file could have; not_found without time zones. `facts` tells of the
    // account whenever a run begins.
    static Result<std::unique_ptr<JobDesk>> create(AccountContext& context, Engine& engine,
                                                   broker::SharePort* shares,
                                                   jobs::ShareLedger* ledger,
                                                   std::function<jobs::AccountFacts()> facts);
    JobDesk(const JobDesk&) = delete;
    JobDesk& operator=(const JobDesk&) = delete;
    ~JobDesk();

    // What is due at `market`, the market's time; none while it is not known. The error is of the
    // journal, and final.
    Result<void> turn(std::optional<UtcTime> market, Instant now);
    // A run that somebody asks for.
    Result<void> run_now(const ipc::RunJob& asked, std::optional<UtcTime> market, Instant now);
    // The process before this one was stopped in order, with whatever it was at.
    void note_ordered_stop() { ordered_stop_ = true; }
    // Other days of the market from now on.
    void set_holidays(const time::MarketHolidays& holidays);
    // The broker has told something that a run may wait for.
    void wake();
    // When a run wants to go on; none when the market's time is all it waits for.
    [[nodiscard]] std::optional<MonoTime> next_deadline() const;

    // Whether a run is under way that would be cut off by a stop.
    [[nodiscard]] bool under_way() const;
    [[nodiscard]] std::uint64_t failed() const { return failed_; }
    // What went wrong since it was asked for; empty: nothing.
    [[nodiscard]] std::string take_trouble() { return std::exchange(trouble_, {}); }

  private:
    struct Slot {
        jobs::JobPlan plan;
        std::optional<config::JobKind> after;
        Nanos deadline{};
        std::optional<RunningJob> running;
        // When what is due was last looked for, and when it is to be again.
        std::optional<UtcTime> seen;
        std::optional<UtcTime> wakes;
        bool news = true;
    };

    JobDesk(AccountContext& context, Engine& engine, broker::SharePort* shares,
            jobs::ShareLedger* ledger, time::MarketCalendar calendar,
            std::function<jobs::AccountFacts()> facts);
    Result<void> make_plans();
    Result<bool> end_interrupted();
    Result<void> look(config::JobKind kind, UtcTime market, Instant now);
    Result<bool> begin(config::JobKind kind, const jobs::Begun& begun, Instant now);
    [[nodiscard]] UtcTime day_of(config::JobKind kind, const jobs::Run& run, UtcTime market) const;
    Result<void> go_on(config::JobKind kind, UtcTime market, Instant now);
    // Whether the run may go on.
    static bool wind_up(RunningJob& running, Instant now);
    Result<bool> end(config::JobKind kind, UtcTime at, jobs::Outcome outcome,
                     jobs::RunReason reason, std::string text);
    // False when the disk is full: nothing happened, and it is tried again.
    Result<bool> note(config::JobKind kind, const jobs::JobEvent& event);
    [[nodiscard]] Slot& slot(config::JobKind kind) {
        return slots_[static_cast<std::size_t>(kind)];
    }
    [[nodiscard]] std::unique_ptr<jobs::Job> make(config::JobKind kind, const RunningJob& running,
                                                  bool dry_run) const;
    Result<void> refuse(config::JobKind kind, const ipc::RunJob& asked, UtcTime at,
                        jobs::RunReason reason, std::string why);
    void tell(config::JobKind kind, const jobs::EndedRun& ended);
    [[nodiscard]] bool has_jobs() const;
    void show(UtcTime now);

    AccountContext& context_;
    Engine& engine_;
    broker::SharePort* shares_;
    jobs::ShareLedger* ledger_;
    time::MarketCalendar calendar_;
    std::function<jobs::AccountFacts()> facts_;
    std::array<Slot, config::k_jobs> slots_;
    bool interrupted_ended_ = false;
    bool ordered_stop_ = false;
    std::optional<UtcTime> market_;
    std::optional<MonoTime> disk_retry_;
    bool shown_ = false;
    std::uint64_t failed_ = 0;
    std::string trouble_;
};

}  // namespace bullpen::worker
