// The side of a worker that runs the account's jobs.
#include "worker/worker.hpp"

namespace bullpen::worker {

namespace {

using model::SessionState;

// Runs that were asked for and wait for their turn.
constexpr std::size_t k_asked_max = 16;

}  // namespace

bool Worker::make_job_desk() {
    auto* ledger = minder_ != nullptr ? &minder_->ledger() : nullptr;
    auto made = JobDesk::create(context_, *engine_, shares_.get(), ledger,
                                [this] { return account_facts(); });
    if (!made) {
        end(exit_code_for(made.error()), model::Reason::refused_configuration,
            made.error().message());
        return false;
    }
    jobs_ = std::move(*made);
    return true;
}

void Worker::on_run_job(const ipc::RunJob& asked) {
    if (asked_jobs_.size() >= k_asked_max) {
        context_.log().warn("job_not_taken", {{"job", asked.job}, {"request", asked.request}});
        return;
    }
    asked_jobs_.push_back(asked);
}

// The time of the newest bar, or of the exchange's where that is further. None while bars of the
// past are taken: what was due then was due in another life.
std::optional<UtcTime> Worker::market_time() const {
    if (shares_ != nullptr)
        return shares_->market_time();
    const auto& observer = engine_->observer();
    const auto history = static_cast<std::uint64_t>(context_.settings().feed.history);
    if (!observer.last_bar() || last_turn_.more || observer.position() < history)
        return std::nullopt;
    const auto* desk = engine_->desk();
    const auto bar = observer.last_bar()->end();
    return desk != nullptr ? std::max(bar, desk->trader().market_time()) : bar;
}

void Worker::serve_jobs(Instant now) {
    if (jobs_ == nullptr || !recovered_ || session_ == SessionState::draining)
        return;
    if (calendar_ && engine_->desk() != nullptr)
        jobs_->set_holidays(engine_->desk()->trader().holidays());
    const auto time = market_time();
    auto served = jobs_->turn(time, now);
    for (std::size_t i = 0; served && i < asked_jobs_.size(); ++i)
        served = jobs_->run_now(asked_jobs_[i], time, now);
    asked_jobs_.clear();
    if (!served) {
        end(exit_code_for(served.error()), model::Reason::none, served.error().message());
        return;
    }
    if (auto trouble = jobs_->take_trouble(); !trouble.empty())
        last_error_ = std::move(trouble);
}

jobs::AccountFacts Worker::account_facts() const {
    const auto& settings = context_.settings();
    jobs::AccountFacts facts;
    facts.account = settings.id.str();
    facts.label = settings.label;
    facts.market_time = market_time().value_or(UtcTime{});
    facts.mode = model::code(gate_.current().mode);
    facts.mode_reason = model::code(gate_.current().reason);
    facts.position = position_text();
    facts.currency = engine_->observer().instrument().tick_value.currency.code();
    facts.quantity = 0;
    facts.last_error = context_.log().redactor().hide_known(last_error_);
    if (minder_ == nullptr) {
        const auto& counters = engine_->observer().counters();
        facts.counters = {{"bars", counters.bars}, {"gaps", counters.gaps}};
    } else {
        const auto standing = minder_->standing(clock_.mono());
        facts.currency = model::k_inr.code();
        facts.loss = {settings.risk->daily_loss_max, settings.risk->daily_loss_percent};
        facts.quantity.reset();
        if (standing) {
            facts.quantity = standing->shares;
            if (standing->day_pnl)
                facts.day_pnl = model::text(*standing->day_pnl);
            facts.counters.emplace_back("unprotected",
                                        static_cast<std::int64_t>(standing->naked.size()));
        }
    }
    if (const auto* desk = engine_->desk(); desk != nullptr) {
        facts.quantity = desk->position().quantity;
        facts.day_pnl = model::text(desk->trader().risk().day_profit());
        const auto& traded = desk->trader().counters();
        facts.counters.emplace_back("signals", traded.signals);
        facts.counters.emplace_back("entries", traded.entries);
    }
    return facts;
}

}  // namespace bullpen::worker
