#include "worker/mode_gate.hpp"

#include <algorithm>
#include <array>

#include "common/base/assert.hpp"

namespace bullpen::worker {

namespace {

using model::Reason;
using model::TradingMode;

int severity(TradingMode mode) {
    switch (mode) {
        case TradingMode::active: return 0;
        case TradingMode::idle: return 1;
        case TradingMode::reducing: return 2;
        case TradingMode::halted: return 3;
        case TradingMode::fenced: return 4;
    }
    return 0;
}

// Within one mode: what an operator should hear of first. A reason that is not listed comes before
// all of them.
int telling(Reason reason) {
    constexpr std::array k_order = {
        Reason::observing,        Reason::warm_up,         Reason::feed_ended,
        Reason::reconciling,      Reason::session_closed,  Reason::maintenance_break,
        Reason::calendar_unknown, Reason::event_blackout,  Reason::limit_reached,
        Reason::daemon_absent,    Reason::feed_stale,      Reason::clock_skew,
        Reason::disk_full,        Reason::operator_reduce, Reason::draining,
    };
    const auto found = std::find(k_order.begin(), k_order.end(), reason);
    return static_cast<int>(found - k_order.begin());
}

bool counts_less(const Mode& a, const Mode& b) {
    if (severity(a.mode) != severity(b.mode))
        return severity(a.mode) < severity(b.mode);
    return telling(a.reason) < telling(b.reason);
}

}  // namespace

ModeGate::ModeGate(UtcTime now) {
    active_.since = now;
}

void ModeGate::hold(Reason reason, TradingMode mode, UtcTime now, std::optional<UtcTime> until,
                    std::string text) {
    BULLPEN_ASSERT(mode != TradingMode::active && reason != Reason::none,
                   "a hold keeps from something, for a reason");
    auto found = std::find_if(holds_.begin(), holds_.end(),
                              [&](const Mode& hold) { return hold.reason == reason; });
    if (found == holds_.end()) {
        holds_.push_back({mode, reason, now, until, std::move(text)});
        return;
    }
    found->mode = mode;
    found->until = until;
    found->text = std::move(text);
}

void ModeGate::hold_each(Reason reason, TradingMode mode, UtcTime now, std::optional<UtcTime> until,
                         std::string text) {
    std::erase_if(holds_,
                  [&](const Mode& hold) { return hold.reason == reason && hold.text != text; });
    hold(reason, mode, now, until, std::move(text));
}

void ModeGate::lift(Reason reason, UtcTime now) {
    const auto removed =
        std::erase_if(holds_, [&](const Mode& hold) { return hold.reason == reason; });
    if (removed > 0 && holds_.empty())
        active_.since = now;
}

void ModeGate::advance(UtcTime now) {
    const auto removed =
        std::erase_if(holds_, [&](const Mode& hold) { return hold.until && *hold.until <= now; });
    if (removed > 0 && holds_.empty())
        active_.since = now;
}

bool ModeGate::holds(Reason reason) const {
    return std::any_of(holds_.begin(), holds_.end(),
                       [&](const Mode& hold) { return hold.reason == reason; });
}

const Mode& ModeGate::current() const {
    const auto strictest = std::max_element(holds_.begin(), holds_.end(), counts_less);
    return strictest == holds_.end() ? active_ : *strictest;
}

std::optional<UtcTime> ModeGate::next_end() const {
    std::optional<UtcTime> next;
    for (const auto& hold : holds_) {
        if (hold.until && (!next || *hold.until < *next))
            next = hold.until;
    }
    return next;
}

}  // namespace bullpen::worker
