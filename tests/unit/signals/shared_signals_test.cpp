#include "worker/signals/shared_signals.hpp"

#include <doctest/doctest.h>

#include <cstdio>

#include "tests/support/temporary.hpp"
#include "tests/support/wait.hpp"
#include "tests/unit/signals/market.hpp"

namespace bullpen::signals {
namespace {

using std::chrono::seconds;

Instant at(Nanos mono) {
    return {UtcTime(), MonoTime(mono)};
}

// A writer and its reader, with a clock that is set by hand.
class Rig {
  public:
    Rig() {
        options_.ring = directory_.path() + "/mes.ring";
        options_.bell = directory_.path() + "/bell";
        options_.source = {"synthetic MES seed 1", {}};
        options_.instrument = model::find_instrument("MES").value();
        options_.pace = feed::Pace{60};
    }
    void write_begins() {
        ring.emplace(RingWriter::open(options_.ring, options_.source).value());
        bell.emplace(Bell::open(options_.bell).value());
        ring->say(RingState::working, MonoTime(now));
    }
    void writer_dies() {
        bell.reset();
        ring.reset();
    }
    void publish(int count) {
        for (int i = 0; i < count; ++i)
            ring->publish(market.next());
        bell->accept_all();
        bell->ring();
    }
    std::unique_ptr<SharedSignals> reader() const {
        auto opened = SharedSignals::open(options_).value();
        opened->start(at(now));
        return opened;
    }
    [[nodiscard]] const std::string& path() const { return options_.ring; }
    // What the reader gives until there is nothing more.
    std::uint64_t take(SharedSignals& feed) {
        now += seconds(1);
        feed.look(at(now));
        std::uint64_t taken = 0;
        while (std::holds_alternative<model::Bar>(feed.next(at(now))))
            ++taken;
        return taken;
    }

    Market market{1};
    std::optional<RingWriter> ring;
    std::optional<Bell> bell;
    Nanos now = seconds(1000);

  private:
    test::TemporaryDirectory directory_;
    SharedOptions options_;
};

TEST_CASE("a reader gives every bar once, with what is known of it") {
    Rig rig;
    rig.write_begins();
    const auto feed = rig.reader();
    rig.publish(100);
    CHECK(rig.take(*feed) == 100);
    CHECK(feed->last() == rig.market.now);
    CHECK(feed->position() == 100);
    CHECK(feed->trouble(MonoTime(rig.now)).empty());
    // What comes is told by the descriptor.
    rig.publish(1);
    CHECK(test::wait_readable(feed->fd()));
    CHECK(rig.take(*feed) == 1);
    CHECK(feed->last() == rig.market.now);
    CHECK(rig.take(*feed) == 0);
    CHECK(feed->missed() == 0);
}

TEST_CASE("a reader waits for a writer that is not there, says so, and goes on when it is") {
    Rig rig;
    const auto feed = rig.reader();
    CHECK(rig.take(*feed) == 0);
    CHECK(feed->trouble(MonoTime(rig.now)).starts_with("no shared signals"));
    REQUIRE(feed->next_look().has_value());
    rig.write_begins();
    rig.publish(10);
    CHECK(rig.take(*feed) == 10);
    CHECK(feed->trouble(MonoTime(rig.now)).empty());

    rig.writer_dies();
    // The descriptor tells of the end.
    CHECK(test::wait_readable(feed->fd()));
    CHECK(rig.take(*feed) == 0);
    CHECK(feed->trouble(MonoTime(rig.now)) == "shared signals: bullpen-signals is gone");

    rig.write_begins();
    rig.publish(5);
    CHECK(rig.take(*feed) == 5);
    CHECK(feed->last() == rig.market.now);
    CHECK(feed->trouble(MonoTime(rig.now)).empty());
}

TEST_CASE("a ring that can be read only later is read then, without a new word of its writer") {
    Rig rig;
    rig.write_begins();
    const auto hidden = rig.path() + ".away";
    REQUIRE(::rename(rig.path().c_str(), hidden.c_str()) == 0);
    const auto feed = rig.reader();
    rig.publish(10);
    CHECK(rig.take(*feed) == 0);
    rig.bell->accept_all();
    CHECK(feed->trouble(MonoTime(rig.now)).starts_with("no shared signals"));
    // Nobody rings: the reader has to look by itself.
    const auto due = feed->next_look();
    REQUIRE(due.has_value());
    CHECK(*due <= MonoTime(rig.now + SharedSignals::k_open_again));
    REQUIRE(::rename(hidden.c_str(), rig.path().c_str()) == 0);
    CHECK(rig.take(*feed) == 10);
    CHECK(feed->trouble(MonoTime(rig.now)).empty());
    CHECK_FALSE(feed->next_look().has_value());
}

TEST_CASE("a writer that says nothing is mute") {
    Rig rig;
    rig.write_begins();
    const auto feed = rig.reader();
    rig.publish(1);
    CHECK(rig.take(*feed) == 1);
    rig.ring->say(RingState::working, MonoTime(rig.now));
    CHECK(feed->trouble(MonoTime(rig.now + SharedSignals::k_mute_after)).empty());
    CHECK(feed->trouble(MonoTime(rig.now + SharedSignals::k_mute_after + Nanos(1))) ==
          "shared signals: bullpen-signals is mute");
    rig.ring->say(RingState::failed, MonoTime(rig.now));
    CHECK(feed->trouble(MonoTime(rig.now)).find("cannot be read") != std::string::npos);
}

TEST_CASE("a reader that was away takes the oldest there is, and says how many it never saw") {
    Rig rig;
    rig.write_begins();
    const auto feed = rig.reader();
    rig.publish(10);
    CHECK(rig.take(*feed) == 10);
    rig.publish(static_cast<int>(k_ring_slots) + 500);
    const auto oldest = 10 + k_ring_slots + 500 - k_ring_slots + 1;
    CHECK(rig.take(*feed) == k_ring_slots - 1);
    CHECK(feed->missed() == oldest - 10);
    CHECK(feed->position() == 10 + k_ring_slots + 500);
    CHECK(feed->last() == rig.market.now);
    // One that is new has missed nothing: the market's past is none of its business.
    const auto fresh = rig.reader();
    CHECK(rig.take(*fresh) == k_ring_slots - 1);
    CHECK(fresh->missed() == 0);
    CHECK(fresh->last() == rig.market.now);
}

TEST_CASE("a reader that is ahead of signals made anew waits until they are where it was") {
    Rig rig;
    rig.write_begins();
    const auto feed = rig.reader();
    rig.publish(3);
    REQUIRE(feed->seek(5).has_value());
    CHECK(rig.take(*feed) == 0);
    CHECK(feed->trouble(MonoTime(rig.now)).find("they are at bar 3") != std::string::npos);
    rig.publish(4);
    CHECK(rig.take(*feed) == 2);
    CHECK(feed->trouble(MonoTime(rig.now)).empty());
}

TEST_CASE("signals of other settings are not taken") {
    Rig rig;
    rig.write_begins();
    rig.publish(3);
    const auto feed = rig.reader();
    rig.ring.emplace(RingWriter::open(rig.path(), {"synthetic MES seed 2", {}}).value());
    CHECK(rig.take(*feed) == 0);
    CHECK(feed->trouble(MonoTime(rig.now)).find("another source") != std::string::npos);
}

TEST_CASE("the end of the source is the end of its readers") {
    Rig rig;
    rig.write_begins();
    const auto feed = rig.reader();
    rig.publish(2);
    rig.ring->say(RingState::ended, MonoTime(rig.now));
    CHECK(rig.take(*feed) == 2);
    CHECK(std::holds_alternative<feed::Ended>(feed->next(at(rig.now))));
}

}  // namespace
}  // namespace bullpen::signals
