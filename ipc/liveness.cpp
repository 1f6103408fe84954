#include "ipc/liveness.hpp"

#include <algorithm>

namespace bullpen::ipc {

namespace {

Nanos distance(Nanos a, Nanos b) {
    return a > b ? a - b : b - a;
}

}  // namespace

bool Attention::on_turn(Instant now) {
    const Nanos passed = now.mono - last_.mono;
    const Nanos passed_utc = now.utc - last_.utc;
    last_ = now;
    if (passed >= Nanos::zero() && passed <= turn_max_ &&
        distance(passed, passed_utc) < k_clock_jump_min)
        return false;
    listening_since_ = now.mono;
    return true;
}

void Liveness::on_traffic(MonoTime when) {
    last_traffic_ = std::max(last_traffic_, when);
}

Life Liveness::verdict(MonoTime now, MonoTime listening_since) const {
    const Nanos silence = now - std::max(last_traffic_, listening_since);
    if (silence >= limits_.dead_after)
        return Life::lost;
    return silence >= limits_.late_after ? Life::late : Life::alive;
}

std::optional<MonoTime> Liveness::next_change(MonoTime now, MonoTime listening_since) const {
    const MonoTime heard = std::max(last_traffic_, listening_since);
    switch (verdict(now, listening_since)) {
        case Life::alive: return heard + std::min(limits_.late_after, limits_.dead_after);
        case Life::late: return heard + limits_.dead_after;
        case Life::lost: break;
    }
    return std::nullopt;
}

void Obligations::on_beat(MonoTime received, std::span<const Obligation> obligations) {
    owed_.clear();
    for (const auto& obligation : obligations.first(std::min(obligations.size(), k_count_max))) {
        if (!obligation.done || obligation.overdue)
            owed_.push_back({obligation.name, received + obligation.due_in, obligation.overdue});
    }
}

MonoTime Obligations::judged_at(const Owed& owed, MonoTime listening_since) const {
    return std::max(owed.due, listening_since) + grace_;
}

std::optional<std::string> Obligations::overdue(MonoTime now, MonoTime listening_since) const {
    const Owed* worst = nullptr;
    for (const auto& owed : owed_) {
        const bool missed = owed.overdue || now >= judged_at(owed, listening_since);
        if (missed && (worst == nullptr || owed.due < worst->due))
            worst = &owed;
    }
    if (worst == nullptr)
        return std::nullopt;
    return worst->name;
}

std::optional<MonoTime> Obligations::next_change(MonoTime listening_since) const {
    std::optional<MonoTime> next;
    for (const auto& owed : owed_) {
        const MonoTime when = judged_at(owed, listening_since);
        if (!owed.overdue && (!next || when < *next))
            next = when;
    }
    return next;
}

}  // namespace bullpen::ipc
