// Engine: the way of a bar through a worker: feed -> journal -> observer -> trading desk, if the
// account trades. A bar is in the journal before it counts; the state file is a checkpoint; what
// lies between the two is replayed from the journal at the next start, and the feed goes on with
// the bar after it.
//
// Made with an account's context; driven by the worker's loop.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "worker/account_context.hpp"
#include "worker/calendar_watch.hpp"
#include "worker/jobs/job_book.hpp"
#include "worker/market_data.hpp"
#include "worker/mode_gate.hpp"
#include "worker/observer.hpp"
#include "worker/trading_desk.hpp"

namespace bullpen::worker {

// The kinds of records in an account's journal.
enum class JournalKind : std::uint16_t {
    feed = 1,  // a source begins: its identity
    bar = 2,   // encode_bar()
    mode = 3,  // the code of the trading mode that the next bars are traded in
    desk = 4,  // "on" or "shadow": whose the order manager's records are that follow
    // A bar of shared signals with what was reckoned of it: signals::encode().
    observation = 5,
    // An operator let the loss floor begin anew, from the balance of then.
    floor = 6,
    job = 7,  // what happened to a job: jobs::encode()
    // Of a feed of ticks: what the strategy was told between two bars: encode_tick().
    tick = 8,
    // The settings that count from here on: recorded_settings.hpp.
    settings = 9,
    // "late" or "newest": whether the bars that follow are taken when a later one is over already,
    // which is too late to enter on.
    lateness = 10,
    payout = 11,  // an operator told that money was paid out of the account: payout.hpp
};
inline constexpr std::string_view k_late = "late";
inline constexpr std::string_view k_newest = "newest";

// Other indicators than were saved are warmed with as many bars of a minute: ten times what the
// slowest looks back, so that no more of how it began is left in it than in one that never did.
inline constexpr std::uint64_t k_bars_to_warm = 10'000;

struct EngineRecovery {
    storage::StateOrigin origin = storage::StateOrigin::none;
    std::string trouble;            // of the state file; empty when all is well
    std::uint64_t bars = 0;         // known after recovery
    std::uint64_t replayed = 0;     // records taken from the journal
    bool clean_exit = true;         // of the run before; true at a first start
    std::optional<UtcTime> saved;   // when the state file was written
    std::optional<Mode> latch;      // what an operator asked for and nobody lifted
    storage::JournalRecovery torn;  // of the journal's end
};

struct EngineAttachment {
    bool market_anew = false;      // another source than the one before
    bool indicators_anew = false;  // the same source, watched by other indicators
};

struct EngineTurn {
    std::uint64_t bars = 0;         // taken in this turn
    std::optional<MonoTime> until;  // when the next bar is due; none when none is
    bool more = false;              // there is more to do at once
    bool ended = false;             // the source is used up
    bool disk_full = false;         // a bar waits for space on the disk
    std::optional<Error> fault;     // of the source
};

class Engine {
  public:
    // `recover`: what a launch that trades nothing is to make safe; see TradingDesk::create().
    // `kill_points` is for tests.
    static Result<Engine> create(AccountContext& context,
                                 config::RecoveryPolicy recover = config::RecoveryPolicy::none,
                                 execution::KillPoints* kill_points = nullptr);

    // State file, then journal. Errors as in StateStore::load and Journal::open; corrupt also when
    // the journal lacks records after the checkpoint.
    Result<EngineRecovery> recover();
    // The settings of this run, as they are to stand in the journal; after recover(). They are
    // recorded when they are not those that the journal has, and tried again with each checkpoint
    // while the disk is full. Errors as of Journal::append.
    Result<void> note_settings();
    // Goes to the bar after the last known one. A source other than the one before starts anew. So
    // it does with other indicators than were saved, unless something is held: the desk goes on
    // where it is then, and only the indicators begin anew, with the bars before.
    Result<EngineAttachment> attach(MarketData& data, Instant now);

    // Takes at most `bars_max` bars that are due. The error is of the journal, and final.
    Result<EngineTurn> turn(Instant now, std::uint64_t bars_max);

    // Writes the state file and drops journal segments that no checkpoint needs.
    Result<void> checkpoint(UtcTime now, const std::optional<Mode>& latch, bool clean_exit,
                            const std::optional<storage::LastWords>& last_words = std::nullopt);
    // Of the lease; the greatest one is kept with the state.
    void note_fence(Fence fence) { fence_ = std::max(fence_, fence); }
    // Bars taken since the last checkpoint.
    [[nodiscard]] std::uint64_t bars_since_checkpoint() const { return since_checkpoint_; }
    [[nodiscard]] std::uint64_t checkpoints() const { return checkpoints_; }

    [[nodiscard]] const Observer& observer() const { return observer_; }
    // None when the account only observes.
    [[nodiscard]] TradingDesk* desk() { return desk_.get(); }
    [[nodiscard]] const TradingDesk* desk() const { return desk_.get(); }
    // Says when entries may be made, at the end of each bar; none: always. Outlives the engine.
    void stand_aside(const CalendarWatch* calendar) { calendar_ = calendar; }
    // An operator's word that a loss floor which was reached begins anew; false when the disk is
    // full for now, and nothing happened.
    Result<bool> restart_floor();
    // So much was paid out of the account: on disk before it counts; false as above. To be asked of
    // the risk gate first.
    Result<bool> pay_out(model::Money amount, Instant now);
    // What is known of the account's jobs.
    [[nodiscard]] const jobs::JobBook& jobs() const { return jobs_; }
    // What happened to one of them, on disk before it counts; false when the disk is full for now,
    // and nothing happened.
    Result<bool> record_job(config::JobKind kind, const jobs::JobEvent& event);
    // Begins to trade; see TradingDesk::start().
    Result<void> start_desk(Fence fence, Instant now);
    [[nodiscard]] bool attached() const { return data_ != nullptr; }
    // When the last bar arrived; none before the first of this process.
    [[nodiscard]] const std::optional<MonoTime>& last_arrival() const { return last_arrival_; }

  private:
    Engine(AccountContext& context, Observer observer, std::unique_ptr<TradingDesk> desk);
    [[nodiscard]] bool waiting_is_newest() const;
    Result<void> begin_market(const feed::Feed& feed);
    Result<void> record_settings();
    Result<EngineTurn> take_bars(Instant now, std::uint64_t bars_max);
    // The journal takes the ticks of the bar that is made, each before the desk. False when the
    // disk is full for now.
    Result<bool> take_ticks(Instant now);
    // The journal and the observer take the bar that waits, then the desk.
    Result<bool> take(Instant now);
    Result<bool> note_lateness(bool late);
    [[nodiscard]] std::uint64_t recorded() const;
    Result<void> replay(std::uint64_t from, EngineRecovery& recovery);
    Result<void> apply(const storage::JournalRecord& record);
    Result<void> replay_order(const storage::JournalRecord& record);
    [[nodiscard]] std::string saved_desks() const;
    // True when the record was taken, false when the disk is full for now.
    Result<bool> record(JournalKind kind, std::string_view body,
                        storage::Durability durability = storage::Durability::process);

    AccountContext* context_;
    Observer observer_;
    std::unique_ptr<TradingDesk> desk_;
    std::string desk_kind_;                     // "on", "shadow"; empty without a desk
    std::string replayed_kind_;                 // of the records that are read
    std::map<std::string, std::string> desks_;  // saved, of the kinds that are not used now
    // The saved observer, where there is no strategy to follow its bars, or no feed yet to warm
    // other indicators with: both go on from there.
    std::string kept_observer_;
    bool other_indicators_ = false;  // than those that were saved, until attach()
    MarketData* data_ = nullptr;
    const CalendarWatch* calendar_ = nullptr;
    jobs::JobBook jobs_;
    std::optional<model::Bar> waiting_;  // taken from the feed, not yet in the journal
    std::optional<MonoTime> last_arrival_;
    std::optional<bool> noted_late_;  // in the journal, by this process
    Fence fence_;
    std::string settings_;             // of this run, as JSON; empty: they are not to be recorded
    std::string recorded_settings_;    // the last that the journal has; empty: it has none
    std::uint64_t checkpoint_at_ = 0;  // the last journal record's number at the last checkpoint
    std::uint64_t since_checkpoint_ = 0;
    std::uint64_t checkpoints_ = 0;
};

}  // namespace bullpen::worker
