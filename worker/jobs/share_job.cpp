#include "worker/jobs/share_job.hpp"

namespace bullpen::jobs {

namespace {

// Orders that are not sent, one after the other, until the run has failed.
constexpr int k_unsent_max = 20;
// A broker's limit of orders is a second's.
constexpr Nanos k_pause = std::chrono::milliseconds(250);

}  // namespace

void note_stop(StopRecords& stops, const broker::ShareAnswer& answer) {
    if (answer.outcome == broker::Outcome::unknown) {
        if (stops.intent)
            stops.intent->unheard = true;
        return;
    }
    if (answer.outcome == broker::Outcome::accepted)
        stops.own.insert(answer.reply.number);
    stops.intent.reset();
}

broker::Ticket send_stop(broker::ShareProtector& protector, const std::string& symbol,
                         const StopRecords::Intent& intent, Instant now) {
    return protector.place_stop(symbol,
                                {intent.levels.trigger, intent.levels.limit, intent.quantity},
                                intent.last_price, now);
}

ShareJob::ShareJob(const JobGrounds& grounds, broker::ShareReader& reader)
    : dry_run_(grounds.dry_run),
      price_jump_(grounds.settings.price_jump),
      reader_(reader),
      ledger_(grounds.ledger),
      look_(reader, [this](const ipc::ShareReply& page) {
          if (scope_ == Scope::prices)
              seen(page);
      }) {
    if (ledger_ == nullptr)
        ledger_ = &own_ledger_.emplace(grounds.files, grounds.paths.directory,
                                       AccountId::parse(grounds.facts.account).value());
}

ShareJob::~ShareJob() {
    ledger_->leave(this);
}

Result<void> ShareJob::keep() {
    return copy_ ? Result<void>() : ledger_->keep();
}

Progress ShareJob::step(Instant now) {
    if (!begun_) {
        if (auto loaded = ledger_->load(); !loaded)
            return Finished{false, RunReason::records_unusable, loaded.error().message()};
        if (dry_run_)
            copy_ = ledger_->records();
        if (auto begun = begin(now); !begun)
            return Finished{false, RunReason::records_unusable, begun.error().message()};
        begun_ = true;
    }
    while (true) {
        if (now.mono < not_before_)
            return Later{not_before_};
        if (auto progress = go_on(now))
            return *progress;
    }
}

std::optional<Progress> ShareJob::go_on(Instant now) {
    if (ticket_) {
        const auto answer = reader_.take(*ticket_);
        if (!answer)
            return Progress{k_news};
        ticket_.reset();
        return heard(*answer, now);
    }
    if (!look_.under_way()) {
        if (!reader_.connected()) {
            ledger_->leave(this);
            return Progress{k_news};
        }
        if (!begin_look(now))
            return Progress{k_news};
    }
    switch (look_.look(now)) {
        case ShareLook::State::waiting: return Progress{k_news};
        case ShareLook::State::all_but_prices:
            if (protects_early(look_.with_old_prices(), now))
                world_ = look_.give_up();
            return std::nullopt;
        case ShareLook::State::unknown:
            ledger_->leave(this);
            if (scope_ == Scope::prices)
                world_ = look_.take();
            if (++unknown_ >= patience().unknown_max)
                return Finished{false, RunReason::broker_unreachable,
                                "the broker does not say: " + look_.trouble()};
            not_before_ = now.mono + patience().pause;
            return std::nullopt;
        case ShareLook::State::known: break;
    }
    unknown_ = 0;
    known_ = true;
    world_ = look_.take();
    if (scope_ == Scope::prices)
        return priced(now);
    ledger_->judge_prices(world_, price_jump_);
    ledger_->see(world_, now.mono);
    auto progress = decide(now);
    // What was sent is to be heard of first.
    if (!ticket_)
        ledger_->leave(this);
    return progress;
}

bool ShareJob::begin_look(Instant now) {
    scope_ = known_ ? next_look(now) : Scope::whole;
    waits_for_turn_ = scope_ == Scope::whole && !ledger_->enter(this);
    if (waits_for_turn_)
        return false;
    if (scope_ == Scope::prices) {
        look_.begin_prices(std::move(world_), now);
        return true;
    }
    known_ = false;
    look_.begin(symbols(), std::move(world_), looks_early(), now);
    return true;
}

std::optional<Progress> ShareJob::heard(const broker::ShareAnswer& answer, Instant now) {
    const bool unsent = answer.outcome == broker::Outcome::not_sent;
    unsent_ = unsent ? unsent_ + 1 : 0;
    after(answer);
    auto kept = keep();
    ledger_->leave(this);
    if (!kept)
        return not_written(kept.error());
    if (unsent_ >= k_unsent_max)
        return Finished{false, RunReason::not_sent, "not sent: " + answer.text};
    if (unsent)
        not_before_ = now.mono + k_pause;
    return std::nullopt;
}

}  // namespace bullpen::jobs
