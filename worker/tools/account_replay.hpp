// AccountReplay: an account's journal, gone through once more with the program that wrote it: the
// same indicators, strategy, limits and books, from the first record on. What comes out is what the
// account knew at any time, what it decided on each bar, and what became of that.
//
// Reads beside a worker that may be writing; takes no lock, sends nothing, changes nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/home.hpp"
#include "common/config/diff.hpp"
#include "common/config/settings.hpp"
#include "common/storage/journal.hpp"
#include "common/storage/state_store.hpp"
#include "worker/observer.hpp"
#include "worker/payout.hpp"
#include "worker/tools/market_tables.hpp"
#include "worker/trading/trader.hpp"

namespace bullpen::tools {

// What the strategy decides on a bar, or on a trade within one, and what the records say came of it
// before the next decision.
struct ReplayedDecision {
    model::Bar bar;                           // of a trade: trading::bar_of()
    strategy::Action action;                  // none: there are records and no decision
    std::vector<execution::Record> followed;  // orders, refusals, closings and moves of the stop
    model::TradingMode mode{};                // that the bar was taken in
    bool late = false;                        // it was taken when a later one was over
    // The records fit what the replay decides. They do not when the account's settings, or the
    // program, were others then.
    [[nodiscard]] bool explained() const;
};

// How a part of the state file compares with what was rebuilt.
struct PartVerdict {
    std::string part;  // "engine", "orders", "risk", "strategy"
    bool same = false;
    std::vector<std::string> differences;  // "place: in the file -> as rebuilt"; the first few
};

// From a record of the journal on other settings count.
struct SettingsChange {
    std::uint64_t record = 0;
    std::optional<UtcTime> market_time;  // end of the bar before; none when there was none
    std::vector<config::KeyChange> keys;
    // The worker took these records anew after an unclean end, with the settings that the replay
    // has after them only; 0: none.
    std::uint64_t taken_anew = 0;
};

struct ReplayFacts {
    std::uint64_t records = 0;  // taken, of every kind
    std::uint64_t bars = 0;
    std::uint64_t order_records = 0;
    std::uint64_t last_record = 0;  // number of the last one taken
    std::uint64_t begun_at = 0;    // records up to it come from the state file: the journal was cut
    std::optional<UtcTime> first;  // start of the first bar
    std::optional<UtcTime> last;   // end of the last one
    bool complete = true;          // up to the journal's end
    bool shadow = false;
    std::string mode;  // the last one noted; empty: none was
    std::vector<worker::PaidOut> payouts;
    // Which settings were used for records that were made while the journal had none, and what it
    // has that this program does not take; empty when all are as they were.
    std::string settings_note;
    std::vector<SettingsChange> settings_changes;
    // Of the state file, when the replay went through its record; else why it was not compared.
    std::vector<PartVerdict> state;
    std::string state_note;
    std::uint64_t state_record = 0;
};

class AccountReplay {
  public:
    // `tables` outlive it. Errors as of the settings and tables.
    static Result<std::unique_ptr<AccountReplay>> open(const Home& home, const AccountId& account,
                                                       const MarketTables& tables);
    AccountReplay(const AccountReplay&) = delete;
    AccountReplay& operator=(const AccountReplay&) = delete;
    ~AccountReplay();

    // Called after each bar, and for each record of an order before it counts.
    std::function<void()> on_bar;
    std::function<void(const execution::Record&)> on_record;

    // Nothing of the journal after this record is taken.
    std::uint64_t record_last = UINT64_MAX;

    // Goes through the journal, once; with `until` only as far as the bars that are over then, and
    // what came of them. Errors as of Journal::look; invalid for a time that the journal does not
    // reach back to.
    Result<void> run(std::optional<UtcTime> until);

    [[nodiscard]] const config::AccountSettings& settings() const { return settings_; }
    [[nodiscard]] const model::Instrument& instrument() const { return *instrument_; }
    [[nodiscard]] const worker::Observer& observer() const { return *observer_; }
    // Of the desk that the journal is at; none for an account that only observes.
    [[nodiscard]] const trading::Trader* trader() const;
    [[nodiscard]] const ReplayFacts& facts() const { return facts_; }
    [[nodiscard]] const std::vector<ReplayedDecision>& decisions() const { return decisions_; }

  private:
    struct Desk;
    struct Base;
    AccountReplay(const Home& home, config::AccountSettings settings, std::string note,
                  const MarketTables& tables);

    Result<Desk*> desk_of(const std::string& kind);
    Result<void> make_observer();
    Result<void> make_trader(const std::string& kind, Desk& desk);
    void begin_market(std::string_view feed);
    void take_into_observer(const model::Bar& bar);
    // Before the first record: those that the journal has first.
    Result<void> begin_settings();
    Result<void> take_settings(const storage::JournalRecord& record);
    // Goes on with these, as a worker does that is started with them.
    Result<void> go_on_with(config::AccountSettings settings);
    [[nodiscard]] config::AccountSettings recorded(const config::SettingTexts& texts);
    void note_settings(std::string sentence);
    Result<void> read_state();
    Result<void> begin_from_state(std::uint64_t first_record);
    Result<void> take(const storage::JournalRecord& record);
    Result<void> take_payout(const storage::JournalRecord& record);
    // Whether the bar is past the time that was asked for.
    Result<void> look_at_time(const model::Bar& bar);
    Result<void> take_bar();
    void take_tick(const model::QuotedTrade& tick);
    void take_order(const execution::Record& record);
    void compare();

    Home home_;
    config::AccountSettings settings_;
    const model::Instrument* instrument_ = nullptr;
    const MarketTables& tables_;
    std::optional<worker::Observer> observer_;
    std::map<std::string, std::unique_ptr<Desk>> desks_;  // by kind
    Desk* desk_ = nullptr;                                // none: it only observes
    std::optional<storage::StateRecord> state_;
    config::AccountSettings own_;    // those of today
    std::string kept_observer_;      // as it was saved, while other indicators wait for their bars
    bool indicators_wait_ = false;   // until a market begins, or the bars before warm them
    std::deque<model::Bar> recent_;  // the last bars of this market
    std::optional<UtcTime> until_;
    bool past_ = false;
    bool is_late_ = false;              // the bars that follow were taken late
    std::optional<model::Bar> newest_;  // of a trade: trading::bar_of()
    ReplayFacts facts_;
    std::vector<ReplayedDecision> decisions_;
};

// One line for people, without the time: "enter long at 5001.25, stop 4996, target 5011".
std::string text(const strategy::Action& action, const model::Instrument& instrument);

}  // namespace bullpen::tools
