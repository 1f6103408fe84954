// A book of shares from one life to the next.
#include <algorithm>

#include "common/matching/shares.hpp"

namespace bullpen::matching {

ShareBookHead ShareBook::head() const {
    return {cash_, unsettled_, day_, open_, last_order_, last_execution_, last_trigger_};
}

ShareLine ShareBook::state(ShareRef share) const {
    const auto& line = this->line(share);
    return {line.holding, line.intraday, line.intraday_cost};
}

void ShareBook::restore(const ShareBookHead& head) {
    cash_ = head.cash;
    unsettled_ = head.unsettled;
    day_ = head.day;
    open_ = head.open;
    last_order_ = head.orders;
    last_execution_ = head.executions;
    last_trigger_ = head.triggers;
}

void ShareBook::restore(ShareRef share, const ShareLine& state) {
    auto& line = this->line(share);
    line.holding = state.holding;
    line.intraday = state.intraday;
    line.intraday_cost = state.intraday_cost;
}

void ShareBook::restore(const ShareOrder& order) {
    orders_[order.number] = order;
    std::erase(working_, order.number);
    if (order.status != Status::working)
        return;
    working_.insert(std::upper_bound(working_.begin(), working_.end(), order.number), order.number);
}

void ShareBook::restore(const Trigger& trigger) {
    triggers_[trigger.number] = trigger;
}

void ShareBook::resume(ShareRef share, const ShareDay& day, std::optional<model::Price> last) {
    auto& line = this->line(share);
    line.day = day;
    line.last = last;
    line.auctioned = last.has_value();
}

void ShareBook::forget_before(std::chrono::sys_days day) {
    std::erase_if(orders_, [&](const auto& known) {
        return known.second.status != Status::working && known.second.day < day;
    });
    std::erase_if(triggers_, [&](const auto& known) {
        return known.second.status != TriggerStatus::active && known.second.ended < day;
    });
}

}  // namespace bullpen::matching
