#include "notify/gate.hpp"

#include <algorithm>

namespace bullpen::notify {

namespace {

constexpr Nanos k_hour = std::chrono::hours(1);
constexpr Nanos k_day = std::chrono::hours(24);
// Of what is held back there is one word an hour.
constexpr Nanos k_held_told_after = k_hour;

// Told of the caps themselves: it must not be kept back by them.
bool is_about_alerts(Kind kind) {
    return kind == Kind::alerts_held_back || kind == Kind::alerts_lost || kind == Kind::test;
}

bool wants(const Wish& wish, const Alert& alert) {
    return alert.severity() >= wish.least && !wish.off.contains(alert.kind);
}

// `from` may lie ahead after the clock was set back: then no time has passed that could count.
bool has_passed(UtcTime from, Nanos span, UtcTime now) {
    return now - from >= span || from - now > span;
}

std::string held_text(const GateState& state) {
    std::uint64_t all = 0;
    std::string names;
    for (const auto& [kind, count] : state.held_back) {
        all += count;
        names += (names.empty() ? "" : ", ") + std::string(alerts::code(kind)) + " " +
                 std::to_string(count);
    }
    return std::to_string(all) + " alerts were not sent since " + format_utc(state.held_since) +
           ": " + names;
}

}  // namespace

GateRules::GateRules() {
    for (const auto& known : alerts::catalogue())
        cooldowns.at(static_cast<std::size_t>(known.kind)) = known.cooldown;
}

std::string_view code(Verdict verdict) {
    switch (verdict) {
        case Verdict::send: return "send";
        case Verdict::unwanted: return "unwanted";
        case Verdict::muted: return "muted";
        case Verdict::repeated: return "repeated";
        case Verdict::held_back: return "held_back";
    }
    return "";
}

std::string Gate::key(const Alert& alert) {
    std::string key(alerts::code(alert.kind));
    switch (alerts::facts(alert.kind).like) {
        case alerts::Like::home: return key;
        case alerts::Like::account: return key + "/" + alert.account;
        case alerts::Like::none:
        case alerts::Like::subject: break;
    }
    return key + "/" + alert.account + "/" + alert.subject;
}

bool Gate::is_wanted(const Alert& alert) const {
    if (is_about_alerts(alert.kind))
        return true;
    const auto own = rules_.accounts.find(alert.account);
    return wants(rules_.home, alert) && (own == rules_.accounts.end() || wants(own->second, alert));
}

bool Gate::is_quiet(const GateState::Counted& counted, Kind kind, UtcTime now) const {
    return !has_passed(counted.sent, cooldown(kind), now);
}

std::size_t Gate::sent_within(Nanos span, Severity least, UtcTime now) const {
    std::size_t count = 0;
    for (auto i = static_cast<std::size_t>(least); i < state_.sent.size(); ++i) {
        const auto& sent = state_.sent.at(i);
        count += static_cast<std::size_t>(std::count_if(
            sent.begin(), sent.end(), [&](UtcTime at) { return !has_passed(at, span, now); }));
    }
    return count;
}

bool Gate::has_room(Severity severity, Nanos span, std::size_t most, UtcTime now) const {
    const auto serious = sent_within(span, Severity::warning, now);
    if (severity == Severity::critical)
        return serious < 2 * most;
    const auto all = sent_within(span, Severity::info, now);
    const bool fits =
        severity != Severity::info || all - serious < std::max<std::size_t>(1, most / 2);
    return fits && all < most;
}

bool Gate::has_room(Severity severity, UtcTime now) const {
    return has_room(severity, k_hour, static_cast<std::size_t>(rules_.hourly_max), now) &&
           has_room(severity, k_day, static_cast<std::size_t>(rules_.daily_max), now);
}

void Gate::count_sent(Severity severity, UtcTime now) {
    for (auto& sent : state_.sent)
        std::erase_if(sent, [&](UtcTime at) { return has_passed(at, k_day, now); });
    state_.sent.at(static_cast<std::size_t>(severity)).push_back(now);
}

void Gate::count(GateState::Counted& counted, const Alert& alert, UtcTime now) {
    if (counted.more == 0)
        counted.first = now;
    ++counted.more;
    counted.last = alert;
}

void Gate::hold_back(const Alert& alert, UtcTime now) {
    if (state_.held_back.empty())
        state_.held_since = now;
    ++state_.held_back[alert.kind];
}

// Keys whose cooldown has passed and that counted nothing say nothing any more.
void Gate::forget_old(UtcTime now) {
    if (state_.keys.size() <= GateState::k_keys_max)
        return;
    std::erase_if(state_.keys, [&](const auto& known) {
        return known.second.more == 0 && has_passed(known.second.sent, k_day, now);
    });
    while (state_.keys.size() > GateState::k_keys_max) {
        const auto oldest = std::min_element(
            state_.keys.begin(), state_.keys.end(),
            [](const auto& a, const auto& b) { return a.second.sent < b.second.sent; });
        // What it counted is told with what was held back.
        if (oldest->second.more > 0 && oldest->second.last) {
            hold_back(*oldest->second.last, now);
            state_.held_back[oldest->second.last->kind] += oldest->second.more - 1;
        }
        state_.keys.erase(oldest);
    }
}

Verdict Gate::offer(const Alert& alert, UtcTime now) {
    if (!is_wanted(alert))
        return Verdict::unwanted;
    const bool about_alerts = is_about_alerts(alert.kind);
    if (!about_alerts && alerts::is_muted(mutes_, alert.kind, alert.account, now))
        return Verdict::muted;
    if (alerts::facts(alert.kind).like != alerts::Like::none) {
        const auto found = state_.keys.find(key(alert));
        if (found != state_.keys.end() && is_quiet(found->second, alert.kind, now)) {
            count(found->second, alert, now);
            return Verdict::repeated;
        }
    }
    if (!about_alerts && !has_room(alert.severity(), now)) {
        hold_back(alert, now);
        return Verdict::held_back;
    }
    if (alerts::facts(alert.kind).like != alerts::Like::none) {
        state_.keys[key(alert)].sent = now;
        forget_old(now);
    }
    count_sent(alert.severity(), now);
    return Verdict::send;
}

std::vector<Alert> Gate::due(UtcTime now) {
    std::vector<Alert> all;
    for (auto& [name, counted] : state_.keys) {
        if (counted.more == 0 || !counted.last || is_quiet(counted, counted.last->kind, now))
            continue;
        Alert alert = *counted.last;
        const auto more = counted.more;
        const auto since = counted.first;
        counted.more = 0;
        counted.last.reset();
        if (!is_wanted(alert) || alerts::is_muted(mutes_, alert.kind, alert.account, now))
            continue;
        if (!is_about_alerts(alert.kind) && !has_room(alert.severity(), now)) {
            hold_back(alert, now);
            state_.held_back[alert.kind] += more - 1;
            continue;
        }
        counted.sent = now;
        count_sent(alert.severity(), now);
        alert.more = more - 1;  // itself is the last of them
        alert.since = since;
        alert.id = id_of(alert, "counted " + format_utc_nanos(since));
        all.push_back(std::move(alert));
    }
    if (!state_.held_back.empty() && has_passed(state_.held_since, k_held_told_after, now)) {
        auto alert = make_alert(Kind::alerts_held_back, now, {}, held_text(state_));
        alert.id = id_of(alert, format_utc_nanos(state_.held_since));
        state_.held_back.clear();
        all.push_back(std::move(alert));
    }
    return all;
}

std::optional<UtcTime> Gate::next_due(UtcTime now) const {
    std::optional<UtcTime> next;
    const auto consider = [&](UtcTime at) { next = next ? std::min(*next, at) : at; };
    for (const auto& [name, counted] : state_.keys) {
        if (counted.more > 0 && counted.last)
            consider(std::min(counted.sent, now) + cooldown(counted.last->kind));
    }
    if (!state_.held_back.empty())
        consider(std::min(state_.held_since, now) + k_held_told_after);
    return next;
}

}  // namespace bullpen::notify
