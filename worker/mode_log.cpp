#include "worker/mode_log.hpp"

namespace bullpen::worker {

namespace {

using model::Reason;
using model::TradingMode;

bool is_same(const Mode& a, const Mode& b) {
    return a.mode == b.mode && a.reason == b.reason;
}

bool is_told_at_once(const Mode& mode) {
    switch (mode.mode) {
        case TradingMode::active: return false;
        case TradingMode::idle:
            return mode.reason == Reason::limit_reached ||
                   mode.reason == Reason::instrument_mismatch ||
                   mode.reason == Reason::position_unexpected;
        // The windows of a simulated market's calendar come and go as its session does.
        case TradingMode::reducing: return mode.reason != Reason::event_blackout;
        case TradingMode::halted:
        case TradingMode::fenced: return true;
    }
    return true;
}

bool is_repeated(const Mode& mode) {
    return mode.mode != TradingMode::active && mode.reason != Reason::observing;
}

}  // namespace

bool ModeLog::is_due(const Mode& mode, MonoTime now) const {
    const bool same = is_same(mode, told_);
    const bool at_once = is_told_at_once(mode);
    if (!same && (at_once || is_told_at_once(told_)))
        return true;
    // Another limit.
    if (same && at_once && mode.mode == TradingMode::idle && mode.text != told_.text)
        return true;
    if (same && !is_repeated(mode))
        return false;
    const auto found = told_at_.find({mode.mode, mode.reason});
    return found == told_at_.end() ? !same : now >= found->second + k_again;
}

std::optional<ModeLine> ModeLog::look(const Mode& mode, MonoTime now) {
    const bool changed = !is_same(mode, seen_);
    if (changed)
        seen_ = mode;
    if (!is_due(mode, now)) {
        untold_ += changed ? 1 : 0;
        return std::nullopt;
    }
    ModeLine line{mode, is_same(mode, told_), std::exchange(untold_, 0)};
    told_ = mode;
    told_at_[{mode.mode, mode.reason}] = now;
    return line;
}

}  // namespace bullpen::worker
