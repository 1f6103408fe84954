// LossFloor: the balance that an account must stay above, and how it follows profits. It never
// falls by a loss. Pure; owned by the risk gate.
//
// All amounts are balances as the broker states them. Accounts whose balance counts from zero
// (funded ones of some firms) have start = 0 and a floor below zero; those that show their nominal
// size have start = that size. Mixing the two would put the floor out of reach and silently
// disable it, so a balance that cannot be of the declared frame is refused.
#pragma once

#include "common/model/rule_pack.hpp"

namespace bullpen::risk {

class LossFloor {
  public:
    // All that there is to save.
    struct State {
        model::Money high;      // H: the highest balance that counts
        model::Money floor;     // never falls
        bool locked = false;    // where it is, for good
        bool breached = false;  // an equity at or below the floor was seen
        friend bool operator==(const State&, const State&) = default;
    };

    explicit LossFloor(const model::FloorRule& rule);

    // Whether a balance can be one of this account: in the absolute frame at least half of the
    // nominal size, in the relative frame less than half of it away from zero.
    [[nodiscard]] bool plausible(model::Money balance) const;

    // The trading day ended with this balance.
    void on_day_end(model::Money balance);
    // Equity with open profits, at any time of the day. True when it is at or below the floor.
    bool on_equity(model::Money equity);
    // A payout fixes the floor of a firm's account at its start.
    void fix(model::Money payout);
    // What was taken out of an account of one's own is not lost: the highest balance that counts,
    // and the floor below it, are of what is left.
    void lower(model::Money amount);
    // The equity that reached it was one that a payout explains.
    void forgive() { state_.breached = false; }

    [[nodiscard]] bool active() const { return rule_.model != model::FloorModel::none; }
    [[nodiscard]] bool breached() const { return state_.breached; }
    [[nodiscard]] model::Money floor() const { return state_.floor; }
    [[nodiscard]] const model::FloorRule& rule() const { return rule_; }
    [[nodiscard]] const State& state() const { return state_; }
    void restore(const State& state) { state_ = state; }

  private:
    void follow(model::Money balance);

    model::FloorRule rule_;
    State state_;
};

}  // namespace bullpen::risk
