#include "worker/lease.hpp"

#include <algorithm>

namespace bullpen::worker {

Lease::Lease(MonoTime now, Nanos beat_interval)
    : beat_interval_(beat_interval), lost_at_(now), last_word_(now) {}

void Lease::on_connection(bool connected, MonoTime now) {
    if (connected == connected_)
        return;
    connected_ = connected;
    welcomed_here_ = false;
    hello_sent_.reset();
    if (!connected)
        lost_at_ = now;
}

bool Lease::on_welcome(const ipc::Welcome& welcome, Instant now) {
    if (welcome.protocol < ipc::k_protocol_min || welcome.protocol > ipc::k_protocol)
        return false;
    // An older fence is a message that lost its way: fences never fall.
    fence_ = std::max(fence_, welcome.fence);
    beat_interval_ = welcome.beat_interval;
    ping_interval_ = welcome.ping_interval;
    skew_max_ = welcome.clock_skew_max;
    market_ = welcome.market;
    // Welcomed again, because its terms changed, it keeps its own time: a fleet that beats at once
    // would do so ever after.
    if (!welcomed())
        next_beat_ = now.mono;
    welcomed_here_ = true;
    welcomed_ever_ = true;
    take_time(welcome.utc, now.utc);
    lapses_at_.reset();
    if (welcome.expires)
        lapses_at_ = now.mono + (*welcome.expires - welcome.utc);
    on_word(now.mono);
    return true;
}

void Lease::on_ping(const ipc::Ping& ping, Instant now) {
    market_ = ping.market;
    take_time(ping.utc, now.utc);
    on_word(now.mono);
    if (ping.hello) {
        welcomed_here_ = false;
        hello_sent_.reset();
    }
}

void Lease::on_word(MonoTime now) {
    last_word_ = now;
}

bool Lease::hello_due(MonoTime now) const {
    return connected_ && !welcomed_here_ && (!hello_sent_ || now >= *hello_sent_ + k_hello_retry);
}

void Lease::on_hello_sent(MonoTime now) {
    hello_sent_ = now;
}

bool Lease::beat_due(MonoTime now) const {
    return welcomed() && now >= next_beat_;
}

void Lease::on_beat_sent(MonoTime now) {
    // A beat between two others, for what could not wait, moves neither.
    if (now < next_beat_)
        return;
    // Kept on its grid, so that beats do not drift; a loop that was late does not catch up.
    next_beat_ += beat_interval_;
    if (next_beat_ <= now)
        next_beat_ = now + beat_interval_;
}

MonoTime Lease::absent_from() const {
    const auto grace_ends = lost_at_ + k_connection_grace;
    if (!connected_)
        return grace_ends;
    // Connected but not welcomed is no better than not connected, and the same grace holds.
    if (!welcomed_here_)
        return welcomed_ever_ ? std::max(grace_ends, last_word_ + k_connection_grace) : grace_ends;
    return std::max(last_word_ + k_pings_missed_max * ping_interval_, grace_ends);
}

bool Lease::daemon_absent(MonoTime now) const {
    return now >= absent_from();
}

bool Lease::clock_skewed() const {
    return skew_ && (*skew_ > skew_max_ || *skew_ < -skew_max_);
}

MonoTime Lease::next_deadline(MonoTime now) const {
    auto next = now + beat_interval_;
    const auto consider = [&](MonoTime when) {
        if (when > now)
            next = std::min(next, when);
    };
    if (welcomed())
        next = std::min(next, next_beat_);
    if (connected_ && !welcomed_here_ && hello_sent_)
        consider(*hello_sent_ + k_hello_retry);
    consider(absent_from());
    if (lapses_at_)
        consider(*lapses_at_);
    return next;
}

}  // namespace bullpen::worker
