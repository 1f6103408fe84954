#include "worker/jobs/share_ledger.hpp"

#include <algorithm>

namespace bullpen::jobs {

ShareLedger::ShareLedger(storage::FileSystem& files, const std::string& directory,
                         AccountId account)
    : files_(files), path_(share_records_path(directory)), account_(std::move(account)) {}

Result<void> ShareLedger::load() {
    if (loaded_)
        return {};
    BULLPEN_TRY(auto kept, load_share_records(files_, path_, account_));
    if (kept.damaged)
        BULLPEN_CHECK(set_aside(files_, path_));
    records_ = std::move(kept.records);
    trouble_ = std::move(kept.trouble);
    loaded_ = true;
    // Whole again, so that the next process finds nothing amiss; if not, the next one who keeps
    // them is told.
    if (!trouble_.empty())
        (void)keep();
    return {};
}

Result<void> ShareLedger::keep() {
    return save(files_, path_, account_, records_);
}

bool ShareLedger::enter(const void* who) {
    if (holder_ == nullptr)
        holder_ = who;
    if (holder_ == who)
        return true;
    if (std::find(waiting_.begin(), waiting_.end(), who) == waiting_.end())
        waiting_.push_back(who);
    return false;
}

void ShareLedger::leave(const void* who) {
    std::erase(waiting_, who);
    if (holder_ != who)
        return;
    holder_ = nullptr;
    if (!waiting_.empty()) {
        holder_ = waiting_.front();
        waiting_.pop_front();
    }
}

void ShareLedger::judge_prices(ShareWorld& world, int band) {
    world.doubted.clear();
    for (const auto& [symbol, quote] : world.quotes) {
        auto& prices = prices_of(symbol);
        prices.see(quote.last, world.quotes_asked, quote.close_before, band);
        if (prices.doubts())
            world.doubted.insert(symbol);
    }
}

void ShareLedger::see(const ShareWorld& world, MonoTime now) {
    if (loaded_) {
        adopt_late(world);
        auto fills = count_own(records_, world);
        const bool noted = note_prices(records_, world);
        // So that a process begun anew does not tell them again. Where the disk does not take it,
        // the next one who keeps the records is told.
        if (!fills.empty() || noted)
            (void)keep();
        fills_.insert(fills_.end(), std::make_move_iterator(fills.begin()),
                      std::make_move_iterator(fills.end()));
        if (std::ssize(fills_) > k_fills_max)
            fills_.erase(fills_.begin(), fills_.end() - k_fills_max);
    }
    seen_ = {world, now};
}

// Whoever looks: the job that is waited for may be over, and the next one may come tomorrow. Where
// the disk does not take it, the next one who keeps the records is told.
void ShareLedger::adopt_late(const ShareWorld& world) {
    bool come = false;
    for (auto& [symbol, stops] : records_.stops) {
        if (stops.late.empty())
            continue;
        const auto known = stops.own.size();
        adopt(stops, world.stops(symbol), false, world.at);
        come = come || stops.own.size() != known;
    }
    if (come)
        (void)keep();
}

}  // namespace bullpen::jobs
