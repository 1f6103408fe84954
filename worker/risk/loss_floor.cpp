#include "worker/risk/loss_floor.hpp"

#include <algorithm>

namespace bullpen::risk {

LossFloor::LossFloor(const model::FloorRule& rule) : rule_(rule) {
    state_.high = rule.start();
    state_.floor = rule.start() - rule.allowance;
}

bool LossFloor::plausible(model::Money balance) const {
    if (!active())
        return true;
    const std::int64_t half = rule_.nominal.millionths / 2;
    if (rule_.frame == model::BalanceFrame::absolute)
        return balance.millionths >= half;
    return balance.millionths < half && balance.millionths > -half;
}

void LossFloor::follow(model::Money balance) {
    state_.high = std::max(state_.high, balance);
    if (state_.locked)
        return;
    model::Money floor = state_.high - rule_.allowance;
    const model::Money lock = rule_.start() + rule_.lock_above;
    if (rule_.locks && floor >= lock) {
        floor = lock;
        state_.locked = true;
    }
    state_.floor = std::max(state_.floor, floor);
}

void LossFloor::on_day_end(model::Money balance) {
    if (rule_.model == model::FloorModel::end_of_day_trailing ||
        rule_.model == model::FloorModel::intraday_trailing)
        follow(balance);
}

bool LossFloor::on_equity(model::Money equity) {
    if (!active())
        return false;
    if (rule_.model == model::FloorModel::intraday_trailing)
        follow(equity);
    if (equity <= state_.floor)
        state_.breached = true;
    return equity <= state_.floor;
}

void LossFloor::fix(model::Money payout) {
    if (!active())
        return;
    state_.floor = std::max(state_.floor, rule_.start());
    state_.high = std::max(state_.floor, state_.high - payout);
    state_.locked = true;
}

void LossFloor::lower(model::Money amount) {
    if (!active())
        return;
    state_.high = state_.high - amount;
    state_.floor = state_.floor - amount;
}

}  // namespace bullpen::risk
