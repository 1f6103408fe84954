// What goes wrong in the words between the account and its broker, by chance or planted.
#include "market_days.hpp"

namespace bullpen::test {

namespace {

using model::Side;

constexpr Nanos k_late_by = std::chrono::minutes(20);

}  // namespace

Mishap MarketDays::fate(ipc::ShareRequest& request) {
    using enum ipc::ShareCommand;
    if (settings_.defect == Defect::deletes_first && request.command == place_trigger) {
        for (const auto& [number, trigger] : broker_.book().triggers()) {
            ipc::ShareRequest old;
            old.command = delete_trigger;
            old.number = number;
            if (trigger.status == matching::TriggerStatus::active &&
                broker_.book().symbol(trigger.request.share) == request.symbol)
                (void)broker_.serve(old);
        }
    }
    if (settings_.defect == Defect::ids_change && request.command == submit)
        request.client = share_order_id("TEST", "", request.symbol, std::to_string(++ids_));
    if (request.command == submit && request.side == Side::sell && freak_.contains(request.symbol))
        faults_.push_back(request.symbol + " was sold at a price that was never true");
    if (request.command == place_trigger && settings_.defect == Defect::stop_too_small)
        wanted_ = std::exchange(request.first.quantity,
                                std::max<std::int64_t>(1, request.first.quantity / 100));
    if (request.command == place_trigger && settings_.defect == Defect::stop_late)
        return Mishap::lost_unheard;
    const auto mishap = mishap_of(request);
    if (mishap == Mishap::dies_before || mishap == Mishap::dies_after)
        judge_.excuse_all();
    else if (mishap != Mishap::none && !request.symbol.empty())
        judge_.excuse(request.symbol);
    return mishap;
}

Mishap MarketDays::mishap_of(const ipc::ShareRequest& request) {
    using enum ipc::ShareCommand;
    // Prices are asked for every minute.
    const double often = request.command == quotes ? 0.1 : 1.0;
    if (rough(0.004 * often))
        return random_.chance(0.5) ? Mishap::dies_before : Mishap::dies_after;
    if (rough(0.01 * often))
        return random_.chance(0.5) ? Mishap::lost_obeyed : Mishap::lost_unheard;
    if ((request.command == submit || request.command == place_trigger) && rough(0.03)) {
        ++counts_.late;
        if (request.side == Side::buy)
            late_buys_.insert(request.symbol);
        broker_.late_by(static_cast<std::size_t>(random_.between(1, 15)));
        return Mishap::lost_late;
    }
    const bool may_refuse = request.command == submit || request.command == place_trigger;
    return may_refuse && rough(0.03) ? Mishap::refused : Mishap::none;
}

// A program that places too small a stop, or none yet, takes it to be as it was meant.
void MarketDays::plant_stop(const ipc::ShareRequest& request, broker::ShareAnswer& answer) {
    using enum ipc::ShareCommand;
    const auto at = broker_.desk().market().at();
    if (request.command == place_trigger && settings_.defect == Defect::stop_late) {
        constexpr std::uint64_t k_not_there = 1'000'000;
        answer.outcome = broker::Outcome::accepted;
        answer.reply.number = k_not_there + static_cast<std::uint64_t>(++ids_);
        owed_[answer.reply.number] = {request, at + k_late_by};
    } else if (request.command == delete_trigger && owed_.erase(request.number) > 0) {
        answer.outcome = broker::Outcome::accepted;
        answer.text.clear();
    } else if (request.command == place_trigger && answer.outcome == broker::Outcome::accepted) {
        small_[answer.reply.number] = wanted_;
    } else if (request.command == triggers && answer.outcome == broker::Outcome::accepted) {
        for (auto& told : answer.reply.triggers) {
            if (const auto found = small_.find(told.number); found != small_.end())
                told.first.quantity = found->second;
        }
        for (const auto& [number, owed] : owed_) {
            ipc::ShareTriggerTold told;
            told.number = number;
            told.symbol = owed.request.symbol;
            told.side = owed.request.side;
            told.first = owed.request.first;
            told.status = matching::TriggerStatus::active;
            answer.reply.triggers.push_back(told);
        }
    }
    std::erase_if(owed_, [&](const auto& owed) {
        if (at < owed.second.due)
            return false;
        (void)broker_.serve(owed.second.request);
        return true;
    });
}

// A true price has to be known before a freak one can be told from it.
void MarketDays::tell_freaks(broker::ShareAnswer& answer) {
    constexpr int k_known_after = 3;
    const auto at = broker_.desk().market().at();
    for (auto& quote : answer.reply.quotes) {
        auto& told = told_[quote.symbol];
        if (told.minutes < k_known_after || !rough(0.002)) {
            told.minutes += told.at == at ? 0 : 1;
            told.at = at;
            freak_.erase(quote.symbol);
            continue;
        }
        ++counts_.freaks;
        const auto off = random_.between(8, 15) * (random_.chance(0.5) ? 1 : -1);
        quote.last = {quote.last.ticks * (100 + off) / 100 / 5 * 5};
        told = {};
        freak_.insert(quote.symbol);
    }
}

// What the watchdog takes for the highest price was one, but for the band.
void MarketDays::check_highs() {
    const auto kept = load_watch_records(files_, watch_records_path(paths_.directory),
                                         AccountId::parse(facts_.account).value());
    if (!kept)
        return;
    for (const auto& [symbol, share] : kept->records) {
        if (share.trail.high.ticks * 100 > highest_[symbol] * 103)
            faults_.push_back(symbol + " has a stop by a price that was never true");
    }
}

void MarketDays::plant(const ipc::ShareRequest& request, broker::ShareAnswer& answer) {
    using enum ipc::ShareCommand;
    if (request.command == quotes && answer.outcome == broker::Outcome::accepted)
        tell_freaks(answer);
    if (settings_.defect == Defect::stop_too_small || settings_.defect == Defect::stop_late)
        plant_stop(request, answer);
    if (answer.outcome != broker::Outcome::unknown)
        return;
    if (settings_.defect == Defect::failure_is_flat && request.command == account) {
        answer.outcome = broker::Outcome::accepted;
        answer.reply = broker_.desk().time_told();
        answer.reply.command = account;
        answer.reply.available = broker_.book().available().millionths;
    }
}

}  // namespace bullpen::test
