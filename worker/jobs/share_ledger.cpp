#include "worker/jobs/share_ledger.hpp"

#include <algorithm>

#include "worker/jobs/share_own.hpp"

namespace bullpen::jobs {

ShareLedger::ShareLedger(storage::FileSystem& files, const AccountPaths& paths, AccountId account)
    : files_(files), path_(share_records_path(paths.directory)), account_(std::move(account)) {}

Result<void> ShareLedger::load() {
    if (loaded_)
        return {};
    BULLPEN_TRY(records_, load_share_records(files_, path_, account_));
    loaded_ = true;
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

void ShareLedger::see(const ShareWorld& world, MonoTime now) {
    if (loaded_) {
        adopt_late(world);
        count_own(records_, world);
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
