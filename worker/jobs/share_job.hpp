// ShareJob: what the jobs at a broker of shares have in common: look at the account, decide on one
// step from it and from the records, send it, hear what came of it, look again. Inside this library
// only.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "worker/jobs/job.hpp"
#include "worker/jobs/roles.hpp"
#include "worker/jobs/share_ledger.hpp"
#include "worker/jobs/share_records.hpp"
#include "worker/jobs/share_world.hpp"

namespace bullpen::jobs {

// What came of a stop that was sent: it is ours, or there is none, or it may still come.
void note_stop(StopRecords& stops, const broker::ShareAnswer& answer);

broker::Ticket send_stop(broker::ShareProtector& protector, const std::string& symbol,
                         const StopRecords::Intent& intent, Instant now);

class ShareJob : public Job {
  public:
    ShareJob(const JobGrounds& grounds, broker::ShareReader& reader);
    ~ShareJob() override;

    Progress step(Instant now) final;
    [[nodiscard]] bool turn_came() const final {
        return waits_for_turn_ && ledger_->has_turn(this);
    }

  protected:
    // Until something is told: an answer, or the market's time.
    static constexpr Later k_news{MonoTime::max()};
    // A price that is doubted is asked for again so soon; brokers answer one such question a
    // second.
    static constexpr Nanos k_second_look_after = std::chrono::milliseconds(1'200);

    // After the records were read.
    virtual Result<void> begin(Instant now) = 0;
    // Whose prices are wanted beside those of what is held.
    [[nodiscard]] virtual std::set<std::string> symbols() const { return {}; }
    // How much is looked at next. Prices alone need a world that was looked at before.
    enum class Scope { whole, prices };
    [[nodiscard]] virtual Scope next_look(Instant now) const {
        (void)now;
        return Scope::whole;
    }
    // Of a look at prices alone: those of a page, as it comes.
    virtual void seen(const ipc::ShareReply& page) { (void)page; }
    // After a look at prices alone. None: there is more to do at once.
    virtual std::optional<Progress> priced(Instant now) {
        (void)now;
        return std::nullopt;
    }
    // Looks that the broker does not answer, one after the other, until the run has failed, and how
    // long it waits between them.
    struct Patience {
        int unknown_max = 3;
        Nanos pause = std::chrono::milliseconds(250);
    };
    [[nodiscard]] virtual Patience patience() const { return {}; }
    // One step from the world as it was just looked at. None: send() was called, or there is more
    // to do at once.
    virtual std::optional<Progress> decide(Instant now) = 0;
    // Whether a step may follow from all but the prices, which brokers answer once a second. Then
    // protects_early() is asked in the middle of a look, with the prices of the look before: true
    // when it sent something, and the look is over.
    [[nodiscard]] virtual bool looks_early() const { return false; }
    virtual bool protects_early(const ShareWorld& world, Instant now) {
        (void)world;
        (void)now;
        return false;
    }
    // What came of the step. What is not known shows in the next look.
    virtual void after(const broker::ShareAnswer& answer) { (void)answer; }

    // The answer to this is waited for.
    void sent(broker::Ticket ticket) { ticket_ = ticket; }
    // The records, on disk. Those of a dry run are a copy and are never kept.
    Result<void> keep();
    [[nodiscard]] ShareRecords& records() { return copy_ ? *copy_ : ledger_->records(); }
    [[nodiscard]] const ShareRecords& records() const {
        return copy_ ? *copy_ : ledger_->records();
    }
    [[nodiscard]] const ShareWorld& world() const { return world_; }
    // When the prices of a page that is just seen were asked for.
    [[nodiscard]] MonoTime prices_asked() const { return look_.asked(); }
    // Of a share, over all looks of the account's jobs.
    [[nodiscard]] equity::SecondLook& prices_of(const std::string& symbol) {
        return ledger_->prices_of(symbol);
    }

  private:
    std::optional<Progress> go_on(Instant now);
    // False: it waits for its turn.
    bool begin_look(Instant now);
    std::optional<Progress> heard(const broker::ShareAnswer& answer, Instant now);

    bool dry_run_;
    int price_jump_;
    broker::ShareReader& reader_;
    std::optional<ShareLedger> own_ledger_;  // where no other job has to know
    ShareLedger* ledger_;
    std::optional<ShareRecords> copy_;
    ShareLook look_;
    Scope scope_ = Scope::whole;
    ShareWorld world_;
    bool known_ = false;  // the world, wholly
    std::optional<broker::Ticket> ticket_;
    MonoTime not_before_{};
    bool begun_ = false;
    bool waits_for_turn_ = false;
    int unknown_ = 0;
    int unsent_ = 0;
};

}  // namespace bullpen::jobs
