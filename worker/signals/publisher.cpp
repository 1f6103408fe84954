#include "worker/signals/publisher.hpp"

#include <unistd.h>

namespace bullpen::signals {

// From the first bar to where the ring is; whether what is found there is what was published.
Result<bool> Publisher::catch_up(const Open& open, worker::Observer& observer,
                                 const RingWriter& ring) {
    const auto newest = ring.newest();
    if (!newest)
        return ring.published() == 0;
    BULLPEN_TRY(auto feed, open(false));
    feed->start({});
    while (observer.position() < ring.published()) {
        auto next = feed->next({});
        if (const auto* fault = std::get_if<feed::Fault>(&next))
            return fail(fault->error);
        const auto* bar = std::get_if<model::Bar>(&next);
        if (bar == nullptr)
            return false;
        observer.add(*bar);
    }
    return observer.observation() == *newest;
}

Result<Publisher> Publisher::open(const Open& open, worker::Observer observer,
                                  const indicators::IndicatorSettings& settings,
                                  const std::string& ring, Instant now) {
    BULLPEN_TRY(auto feed, open(true));
    const RingSource source{feed->source(), settings};
    observer.begin(source.feed);
    BULLPEN_TRY(auto writer, RingWriter::open(ring, source));
    BULLPEN_TRY(const bool same, catch_up(open, observer, writer));
    if (!same) {
        // Renamed away from under its readers, who keep what they have mapped.
        (void)::unlink(ring.c_str());
        BULLPEN_TRY(writer, RingWriter::open(ring, source));
        observer.begin(source.feed);
    }
    BULLPEN_CHECK(feed->seek(observer.position()));
    feed->start(now);
    Publisher publisher(std::move(feed), std::move(observer), std::move(writer));
    publisher.made_anew_ = !same;
    publisher.say(now.mono);
    return publisher;
}

Publisher::Turn Publisher::turn(Instant now, std::uint64_t bars_max) {
    Turn turn;
    while (state_ == RingState::working && turn.bars < bars_max) {
        auto next = feed_->next(now);
        if (const auto* bar = std::get_if<model::Bar>(&next)) {
            observer_.add(*bar);
            ring_.publish(observer_.observation());
            ++turn.bars;
            continue;
        }
        if (const auto* later = std::get_if<feed::NotYet>(&next)) {
            turn.until = later->until;
            return turn;
        }
        state_ = RingState::ended;
        if (const auto* fault = std::get_if<feed::Fault>(&next)) {
            state_ = RingState::failed;
            turn.fault = fault->error;
        }
        say(now.mono);
    }
    turn.more = state_ == RingState::working;
    return turn;
}

void Publisher::say(MonoTime now) {
    ring_.say(state_, now);
}

}  // namespace bullpen::signals
