// Days of an account of shares, in lockstep and from one seed: the decision code of its jobs, as
// JobDesk drives it, at the paper exchange's own desk. The world brings gaps, days at the circuit,
// refusals, prices that were never true, lost answers, orders that are executed long after their
// answer was lost, partial fills of all kinds of orders, a person who trades in the same account, a
// process that dies at any word, and a calendar that learns late that a holiday was moved.
#pragma once

#include <array>
#include <functional>
#include <set>

#include "exchange_judge.hpp"
#include "tests/support/share_account.hpp"
#include "worker/jobs/job_book.hpp"
#include "worker/jobs/share_own.hpp"
#include "worker/jobs/share_rest.hpp"
#include "worker/jobs/share_watch.hpp"
#include "worker/jobs/watch_records.hpp"

namespace bullpen::test {

enum class Defect {
    none,
    ids_change,       // an order that is sent anew has another id
    failure_is_flat,  // a broker that does not answer is taken to have nothing
    deletes_first,    // all triggers of a share are deleted before a new one is placed
    forgets,          // what was meant is not on the disk when the process dies
    stop_too_small,   // a stop is placed for a part of what it is to protect
    believes,         // every price is gone by at once
    stop_late,        // a stop is taken to stand, and is placed twenty minutes later
    no_loss,          // a limit of the loss of a day is not heeded
};

struct MarketDaysSettings {
    std::uint64_t seed = 1;
    UtcTime from{};
    UtcTime to{};
    time::MarketHolidays truth;                            // when the exchange trades
    time::MarketHolidays published;                        // what the worker knows,
    UtcTime corrected{};                                   // until then
    std::string placing = "09:30 market days";             // when it buys
    config::WatchRule rule = config::WatchRule::two_lows;  // by which it sells
    LossRules loss{};  // of a day, from which on nothing is bought on it
    Defect defect = Defect::none;
    bool calm = false;  // nothing goes wrong
};

class MarketDays {
  public:
    explicit MarketDays(MarketDaysSettings settings);
    // Until the end; then the weather is calm for two days, and all must be well.
    void run();

    [[nodiscard]] const ExchangeJudge& judge() const { return judge_; }
    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }
    struct Counts {
        int days = 0;
        int special_days = 0;  // not on a weekday
        int runs = 0;
        int failed = 0;
        int missed = 0;
        int deaths = 0;
        int naked_told = 0;
        int freaks = 0;  // prices that were told once, and never true
        int late = 0;    // orders that were executed long after their answer was lost
        // Orders that a part of was executed.
        int partial_entries = 0;
        int partial_sales = 0;
        int partial_stops = 0;
        int losses = 0;  // days on which the limit of the loss was reached, by the records
        int covers = 0;  // times that the minder had to cover what nobody else did
    };
    [[nodiscard]] const Counts& counts() const { return counts_; }
    // Times of the schedule at which it was to buy, and did or tried to.
    [[nodiscard]] const std::vector<UtcTime>& placed_at() const { return placed_at_; }

  private:
    struct Slot {
        config::JobKind kind{};
        JobPlan plan;
        std::unique_ptr<Job> job;
        MonoTime begun{};
        MonoTime next{};
        Nanos deadline = std::chrono::minutes(20);
    };
    static constexpr std::array<const char*, 8> k_symbols = {"AAA", "BBB", "CCC", "DDD",
                                                             "EEE", "FFF", "GGG", "HHH"};

    void minute();
    void day_begins();
    void move_prices(bool opens);
    void write_candles();
    void count_parts();
    void person();
    [[nodiscard]] std::int64_t sellable_of(const std::string& symbol) const;
    void write_signals();
    Mishap fate(ipc::ShareRequest& request);
    Mishap mishap_of(const ipc::ShareRequest& request);
    void plant(const ipc::ShareRequest& request, broker::ShareAnswer& answer);
    void tell_freaks(broker::ShareAnswer& answer);
    void check_highs();
    void plant_stop(const ipc::ShareRequest& request, broker::ShareAnswer& answer);
    void die();
    void work();
    void look(Slot& slot);
    std::optional<Finished> drive(Job& job, MonoTime& next);
    void go_on(Slot& slot);
    void mind();
    void end(Slot& slot, Outcome outcome, const std::string& text);
    void read_log();
    void check_naked();
    [[nodiscard]] std::int64_t lost_today();
    void check_loss(std::int64_t lost, bool reached);
    [[nodiscard]] std::string last_of(const std::string& symbol) const;
    JobGrounds grounds();
    std::unique_ptr<Job> make(config::JobKind kind);
    void check_end();
    [[nodiscard]] bool rough(double chance) { return !calm_ && random_.chance(chance); }

    MarketDaysSettings settings_;
    SeededRandom random_;
    SimulatedDisk files_;
    AccountPaths paths_;
    config::JobsSettings jobs_settings_;
    AccountFacts facts_;
    DeskBroker broker_;
    time::MarketCalendar known_;
    std::optional<ShareLedger> ledger_;
    struct Minder {
        std::unique_ptr<Job> job;
        MonoTime next{};
        std::optional<UtcTime> naked_since;
        UtcTime next_cover{};
    };
    Minder minder_;
    JobBook book_;
    std::array<Slot, 4> slots_;
    struct Candle {
        time::TradingDay day{};
        std::int64_t open = 0;
        std::int64_t high = 0;
        std::int64_t low = 0;
        std::int64_t close = 0;
    };
    std::map<std::string, std::vector<Candle>> candles_;  // the last of them is today's
    ExchangeJudge judge_;
    // By symbol: the highest price that was true; how many true ones were told, one a minute, since
    // the day, the process or the last freak one began; and whose newest is a freak one.
    std::map<std::string, std::int64_t> highest_;
    struct Told {
        int minutes = 0;
        UtcTime at{};
    };
    std::map<std::string, Told> told_;
    std::set<std::string> freak_;
    std::map<std::string, std::int64_t> at_circuit_;  // -1 lower, 1 upper, for the day
    // When the day began: what was held, at the close before, less what had been spent, in paise.
    std::int64_t worth_before_ = 0;
    std::set<std::string> late_buys_;  // shares, of the day
    std::size_t read_ = 0;
    std::size_t worked_from_ = 0;  // lines of the log before this minute's work
    Nanos opened_{};               // for how long the market was open in all
    bool calm_ = false;
    int ids_ = 0;
    // For the planted defects of stops: what was wanted of one, and what was not placed yet.
    std::int64_t wanted_ = 0;
    std::map<std::uint64_t, std::int64_t> small_;
    struct Owed {
        ipc::ShareRequest request;
        UtcTime due{};
    };
    std::map<std::uint64_t, Owed> owed_;
    time::TradingDay counted_{};  // up to here its orders
    std::vector<std::string> faults_;
    std::vector<UtcTime> placed_at_;
    Counts counts_;
};

}  // namespace bullpen::test
