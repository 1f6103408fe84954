// A market's clock that is set to another speed while the market runs.
#include <doctest/doctest.h>

#include "common/config/roster.hpp"
#include "ipc/cookie.hpp"
#include "tests/support/temporary.hpp"
#include "venue/venue.hpp"

namespace bullpen::venue {
namespace {

struct Rig {
    test::TemporaryHome home;
    storage::SystemFileSystem files;
    FakeClock clock;
    std::unique_ptr<log::Logger> log = log::Logger::to_nowhere(clock);
    std::unique_ptr<config::RosterReader> roster;
    std::unique_ptr<Venue> venue;

    explicit Rig(const std::string& speed) {
        roster = std::make_unique<config::RosterReader>(home.home());
        applied(speed);
        auto settings = read_settings(home.home(), home.path() + "/venue.toml", clock.now().utc);
        REQUIRE(settings);
        auto opened = Venue::open(home.home(), *settings, files, *log, clock.now());
        REQUIRE(opened);
        venue = std::move(*opened);
        turn();
    }
    void applied(const std::string& speed) {
        home.account(test::account_id("anna"),
                     "trading = \"on\"\n[feed]\nseed = 1\nspeed = " + speed + "\n");
        const auto read = roster->read(clock.now().utc);
        REQUIRE(read.problems.empty());
        REQUIRE(roster->apply(read, clock.now().utc));
    }
    // What a worker's coming says to the exchange.
    void comes() {
        ipc::VenueRequest hello;
        hello.id = 1;
        hello.kind = ipc::VenueRequestKind::hello;
        hello.account = "anna";
        hello.client = "test";
        hello.cookie = ipc::read_cookie(ipc::venue_socket(home.home()));
        auto line = encode(hello);
        line.pop_back();
        venue->received(venue->connected({}, clock.now()), line, clock.now());
        turn();
    }
    void turn() {
        REQUIRE(venue->work(clock.now()));
        (void)venue->take_outputs(clock.now());
    }
    // How long the market's bars take from the next close on.
    Nanos length_of_bars(int count) {
        std::vector<MonoTime> closes;
        std::optional<UtcTime> last;
        while (closes.size() <= static_cast<std::size_t>(count)) {
            const auto due = venue->next_due();
            REQUIRE(due);
            clock.advance(std::max(*due - clock.mono(), Nanos{1}));
            turn();
            const auto at = venue->exchange().now({0});
            if (at != last && last)
                closes.push_back(clock.mono());
            last = at;
        }
        return (closes.back() - closes.front()) / count;
    }
};

}  // namespace

TEST_CASE(
    "a speed that is changed while the market runs takes effect when its account comes back") {
    Rig rig("1");
    rig.comes();
    const auto minute = std::chrono::minutes(1);
    CHECK(rig.length_of_bars(3) == minute);
    rig.applied("60");
    CHECK(rig.length_of_bars(3) == minute);
    rig.comes();
    CHECK(rig.length_of_bars(10) <= std::chrono::milliseconds(1001));
    rig.applied("6");
    rig.comes();
    const auto tenth = rig.length_of_bars(10);
    CHECK(tenth >= std::chrono::seconds(9));
    CHECK(tenth <= std::chrono::seconds(11));
}

}  // namespace bullpen::venue
