// The fields of each record, once for both directions; what record.cpp and the snapshot write.
#pragma once

#include "worker/execution/codec.hpp"
#include "worker/execution/order_machine.hpp"
#include "worker/execution/record.hpp"

namespace bullpen::execution {

template <class A>
void fields(A& a, Started& r) {
    fields(a, r.fence);
    fields(a, r.at);
}
template <class A>
void fields(A& a, Intended& r) {
    fields(a, r.terms);
    fields(a, r.expected);
    fields(a, r.protect);
    fields(a, r.stop);
    fields(a, r.why);
    fields(a, r.at);
}
template <class A>
void fields(A& a, Denied& r) {
    fields(a, r.key);
    choice(a, r.side, 2);
    fields(a, r.quantity);
    fields(a, r.refusal);
    fields(a, r.denial);
    fields(a, r.at);
}
template <class A>
void fields(A& a, Sent& r) {
    fields(a, r.order);
    fields(a, r.at);
}
template <class A>
void fields(A& a, Commanded& r) {
    fields(a, r.order);
    choice(a, r.command, 3);
    fields(a, r.quantity);
    fields(a, r.price);
    fields(a, r.at);
}
template <class A>
void fields(A& a, Answered& r) {
    fields(a, r.order);
    choice(a, r.command, 3);
    choice(a, r.outcome, 4);
    fields(a, r.broker_order);
    fields(a, r.text);
    fields(a, r.at);
}
template <class A>
void fields(A& a, Reported& r) {
    fields(a, r.order);
    fields(a, r.broker_order);
    choice(a, r.status, 6);
    fields(a, r.quantity);
    fields(a, r.filled);
    fields(a, r.limit);
    fields(a, r.stop);
    fields(a, r.updated);
    fields(a, r.at);
}
template <class A>
void fields(A& a, Filled& r) {
    fields(a, r.fill);
    fields(a, r.at);
}
template <class A>
void fields(A& a, Concluded& r) {
    fields(a, r.order);
    choice(a, r.conclusion, static_cast<int>(Conclusion::count_));
    fields(a, r.at);
}
template <class A>
void fields(A& a, Unwanted& r) {
    fields(a, r.order);
    fields(a, r.at);
}
template <class A>
void fields(A& a, Planned& r) {
    fields(a, r.symbol);
    fields(a, r.stop);
    fields(a, r.at);
    // A move without a reason is of version 1, which has none.
    if (has_more(a, r.why.empty()))
        fields(a, r.why);
}
template <class A>
void fields(A& a, ExitBegun& r) {
    fields(a, r.key);
    fields(a, r.quantity);
    fields(a, r.limited);
    fields(a, r.limit);
    fields(a, r.expected);
    fields(a, r.why);
    fields(a, r.at);
}
template <class A>
void fields(A& a, ExitEnded& r) {
    fields(a, r.symbol);
    choice(a, r.how, static_cast<int>(ExitEnd::count_));
    fields(a, r.at);
}
template <class A>
void fields(A& a, Adopted& r) {
    fields(a, r.symbol);
    fields(a, r.quantity);
    fields(a, r.price);
    fields(a, r.at);
}
template <class A>
void fields(A& a, Blocked& r) {
    fields(a, r.symbol);
    choice(a, r.block, static_cast<int>(Block::count_));
    fields(a, r.on);
    fields(a, r.at);
}
template <class A>
void fields(A& a, Reconciled& r) {
    fields(a, r.fills_since);
    fields(a, r.at);
}
template <class A>
void fields(A& a, Trade& r) {
    fields(a, r.number);
    fields(a, r.symbol);
    choice(a, r.side, 2);
    fields(a, r.entry);
    fields(a, r.opened);
    fields(a, r.closed);
    fields(a, r.quantity);
    fields(a, r.entry_ticks);
    fields(a, r.exit_ticks);
    fields(a, r.slippage_ticks);
    fields(a, r.gross);
    fields(a, r.fees);
    fields(a, r.initial_stop);
    fields(a, r.protected_);
    fields(a, r.adopted);
    choice(a, r.closed_by, 6);
    fields(a, r.why);
}
template <class A>
void fields(A& a, Traded& r) {
    fields(a, r.trade);
}
template <class A>
void fields(A& a, Balance& r) {
    fields(a, r.cash);
    fields(a, r.may_trade);
    fields(a, r.at);
}

}  // namespace bullpen::execution
