#include "worker/execution/breaker.hpp"

#include <algorithm>

namespace bullpen::execution {

Breaker Breaker::of(Channel channel) {
    return channel == Channel::session ? Breaker(10, std::chrono::seconds(30))
                                       : Breaker(5, std::chrono::seconds(60));
}

Breaker::State Breaker::state(MonoTime now) const {
    if (!opened_)
        return State::closed;
    return now - *opened_ < k_open ? State::open : State::half_open;
}

bool Breaker::allows(MonoTime now) const {
    switch (state(now)) {
        case State::closed: return true;
        case State::open: return false;
        case State::half_open: return !trying_;
    }
    return false;
}

void Breaker::attempted(MonoTime now) {
    if (state(now) == State::half_open)
        trying_ = true;
}

void Breaker::succeeded() {
    count_ = 0;
    opened_.reset();
    trying_ = false;
}

bool Breaker::failed(MonoTime now) {
    failures_[next_] = now;
    next_ = (next_ + 1) % failures_max_;
    count_ = std::min(count_ + 1, failures_max_);
    trying_ = false;
    if (opened_) {
        opened_ = now;
        return false;
    }
    // failures_[next_] is the oldest of a full ring.
    if (count_ < failures_max_ || now - failures_[next_] > window_)
        return false;
    opened_ = now;
    return true;
}

std::optional<MonoTime> Breaker::until(MonoTime now) const {
    if (allows(now))
        return std::nullopt;
    return trying_ ? std::optional(now + k_open) : std::optional(*opened_ + k_open);
}

bool RetryBudget::take(MonoTime now) {
    if (count_ == k_retries && now - taken_[next_] < k_window)
        return false;
    taken_[next_] = now;
    next_ = (next_ + 1) % k_retries;
    count_ = std::min(count_ + 1, k_retries);
    return true;
}

MonoTime RetryBudget::next(MonoTime now) const {
    if (count_ < k_retries || now - taken_[next_] >= k_window)
        return now;
    return taken_[next_] + k_window;
}

}  // namespace bullpen::execution
