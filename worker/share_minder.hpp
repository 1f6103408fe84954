// ShareMinder: what a worker does for an account of shares beside its jobs. It looks at the account
// every few seconds, so that a beat can say what is held and what is without a stop; it raises the
// alarm for what stays without one, and covers it when nobody else does; and it brings the account
// to rest when that is wanted, and keeps it there.
//
// Made with the account's context after recovery; driven by the worker's loop, in one thread.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include "common/time/market_calendar.hpp"
#include "worker/account_context.hpp"
#include "worker/broker/share_port.hpp"
#include "worker/jobs/day_loss.hpp"
#include "worker/jobs/holdings.hpp"
#include "worker/jobs/share_ledger.hpp"
#include "worker/jobs/share_own.hpp"
#include "worker/jobs/share_rest.hpp"
#include "worker/jobs/share_watch.hpp"

namespace bullpen::worker {

class ShareMinder {
  public:
    // What own orders brought may be without a stop for so long: a job that buys needs a moment.
    static constexpr Nanos k_naked_max = std::chrono::seconds(10);
    // After so long nobody is about to place one: the exchange refused the order of a stop that
    // fired, or somebody took it away.
    static constexpr Nanos k_cover_after = std::chrono::seconds(30);
    // A stop that was refused is tried again.
    static constexpr Nanos k_cover_again = std::chrono::minutes(5);

    // Both outlive it. Errc::not_found without time zones; errors of ShareLedger::load().
    static Result<std::unique_ptr<ShareMinder>> create(AccountContext& context,
                                                       broker::SharePort& port);
    ShareMinder(const ShareMinder&) = delete;
    ShareMinder& operator=(const ShareMinder&) = delete;
    ~ShareMinder();

    [[nodiscard]] jobs::ShareLedger& ledger() { return ledger_; }

    // From now on the account is brought to rest so, and kept there; none: no more.
    void want(std::optional<jobs::RestPolicy> policy);
    // Whether what is wanted was reached, or why it was given up for now; none: under way.
    [[nodiscard]] const std::optional<jobs::Finished>& rested() const { return rested_; }

    void serve(Instant now);
    // The broker has told something.
    void wake();
    [[nodiscard]] MonoTime next_deadline() const;

    // How the account stands; none when it is not known, or not any more.
    [[nodiscard]] std::optional<jobs::ShareStanding> standing(MonoTime now) const;
    // What its day has lost lets nothing more be bought on it; none: it may buy.
    [[nodiscard]] const std::optional<jobs::LossReached>& loss_reached() const {
        return ledger_.records().loss;
    }
    // At the last look; none: there is none, or it is not known.
    [[nodiscard]] const std::optional<model::Money>& loss_limit() const { return loss_limit_; }
    // By the market's calendar.
    [[nodiscard]] time::TradingDay trading_day(UtcTime at) const {
        return calendar_.trading_day(at);
    }
    // What went wrong since it was asked for; empty: nothing.
    [[nodiscard]] std::string take_trouble() { return std::exchange(trouble_, {}); }

  private:
    enum class Errand : std::uint8_t { looks, covers, rests };
    // Something that is under way, in steps.
    struct Running {
        std::unique_ptr<jobs::Job> job;
        MonoTime next{};
        Errand errand = Errand::looks;
    };

    ShareMinder(AccountContext& context, broker::SharePort& port, time::MarketCalendar calendar);
    Result<void> read_records();
    void begin(Instant now);
    void go_on(Instant now);
    void follow(Instant now);
    [[nodiscard]] MonoTime look_due() const;
    [[nodiscard]] Errand next_errand(MonoTime now) const;
    void watch_naked(Instant now);
    void watch_entries(Instant now);
    void watch_stops(Instant now);
    void watch_loss();
    void tell_orders();
    void judge_slippage(const jobs::OwnFill& fill);
    void audit(std::string_view event, log::Fields fields);
    void show(Instant now);

    AccountContext& context_;
    broker::SharePort& port_;
    time::MarketCalendar calendar_;
    jobs::AccountFacts facts_;
    jobs::LossRules loss_rules_;
    jobs::ShareLedger ledger_;
    std::optional<Running> running_;
    std::optional<jobs::RestPolicy> wanted_;
    std::optional<jobs::Finished> rested_;
    MonoTime not_before_{};  // after a look that failed
    MonoTime next_try_{};    // of a rest that was given up
    MonoTime followed_{};    // the look that `standing_` is of
    std::optional<jobs::ShareStanding> standing_;
    std::map<std::string, MonoTime> naked_since_;  // by share
    std::optional<MonoTime> overdue_since_;    // an order that a run should have cancelled works
    std::optional<MonoTime> left_over_since_;  // a stop of ours would sell more than is held
    MonoTime next_cover_{};
    std::vector<jobs::Naked> naked_told_;
    std::optional<jobs::LossReached> loss_told_;
    std::optional<model::Money> loss_limit_;
    // Orders that the broker refused and that were told, or were refused before the first look.
    std::optional<std::set<std::uint64_t>> refused_told_;
    jobs::Holdings holdings_;
    jobs::Holdings shown_;
    std::optional<MonoTime> shown_at_;
    std::string trouble_;
};

}  // namespace bullpen::worker
