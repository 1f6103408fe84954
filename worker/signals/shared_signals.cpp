#include "worker/signals/shared_signals.hpp"

#include "common/base/errc.hpp"

namespace bullpen::signals {

SharedSignals::SharedSignals(SharedOptions options, BellListener bell)
    : Feed(*options.instrument, options.pace),
      options_(std::move(options)),
      bell_(std::move(bell)) {
    span_ = options_.span;
}

Result<std::unique_ptr<SharedSignals>> SharedSignals::open(SharedOptions options) {
    BULLPEN_TRY(auto bell, BellListener::make(options.bell));
    return std::unique_ptr<SharedSignals>(new SharedSignals(std::move(options), std::move(bell)));
}

void SharedSignals::look(Instant now) {
    // A writer that is new may have made the ring anew; one that could not be read may be opened to
    // this user without a word.
    const bool is_new = bell_.poll(now.mono);
    if (!is_new && (!waits_for_ring() || now.mono < next_open_))
        return;
    next_open_ = now.mono + k_open_again;
    auto opened = RingReader::open(options_.ring, options_.source);
    if (opened) {
        ring_.emplace(std::move(*opened));
    } else {
        ring_.reset();
        not_open_ = opened.error().message();
    }
}

std::optional<MonoTime> SharedSignals::next_look() const {
    return waits_for_ring() ? std::optional(next_open_) : bell_.next_due();
}

std::string SharedSignals::trouble(MonoTime now) const {
    if (!ring_)
        return "no shared signals: " + not_open_;
    if (!bell_.connected())
        return "shared signals: bullpen-signals is gone";
    if (now - ring_->said_at() > k_mute_after)
        return "shared signals: bullpen-signals is mute";
    if (ring_->state() == RingState::failed)
        return "shared signals: their source cannot be read; bullpen-signals logs why";
    if (ring_->published() < position()) {
        return "shared signals: they are at bar " + std::to_string(ring_->published()) +
               ", and this account has had " + std::to_string(position());
    }
    return {};
}

std::optional<std::uint64_t> SharedSignals::available() const {
    if (!ring_)
        return 0;
    const auto published = ring_->published();
    // At its end the source is asked, and says so.
    if (ring_->state() == RingState::ended && position() >= published)
        return std::nullopt;
    return published;
}

Result<std::optional<model::Bar>> SharedSignals::produce() {
    // The writer goes on meanwhile, so what was the oldest may be gone when it is read.
    constexpr int k_tries = 8;
    for (int i = 0; ring_ && i < k_tries; ++i) {
        if (position() >= ring_->published())
            return std::nullopt;
        if (auto observation = ring_->read(position())) {
            last_ = *observation;
            fresh_ = false;
            quality_.rows_read();
            quality_.bars_used();
            return last_.bar;
        }
        const auto oldest = ring_->oldest();
        if (oldest <= position())
            return fail(Errc::corrupt,
                        "the shared signals of bar " + std::to_string(position()) + " are damaged");
        missed_ += fresh_ ? 0 : oldest - position();
        skip_to(oldest);
    }
    return fail(Errc::unavailable, "the shared signals are overwritten faster than they are read");
}

Result<void> SharedSignals::rewind(std::uint64_t index) {
    fresh_ = index == 0;
    return {};
}

}  // namespace bullpen::signals
