// A market of ticks at the venue, without its sockets: who is told which steps, and that ticks give
// way where orders, fills and bars do not.
#include <doctest/doctest.h>

#include <map>

#include "common/feed/tick_bars.hpp"
#include "ipc/cookie.hpp"
#include "tests/support/temporary.hpp"
#include "venue/venue.hpp"

namespace bullpen::venue {
namespace {

using ipc::MarketPhase;

constexpr int k_steps_a_bar = 12;  // it opens, ten trades, it closes

struct Rig {
    test::TemporaryHome home;
    storage::SystemFileSystem files;
    FakeClock clock;
    std::unique_ptr<log::Logger> log = log::Logger::to_nowhere(clock);
    std::unique_ptr<Venue> venue;
    std::uint64_t administrator = 0;
    std::uint64_t requests = 0;
    std::map<std::uint64_t, std::vector<ipc::VenueReply>> told;  // by session

    Rig() {
        VenueSettings settings;
        MarketSettings market;
        market.name = "mes";
        market.ticks = true;
        market.speed = 0.001;  // it is moved by hand
        settings.markets.push_back(market);
        auto opened = Venue::open(home.home(), settings, files, *log, clock.now());
        REQUIRE(opened);
        venue = std::move(*opened);
        administrator = session("", false);
        // The first bar opens with the clock.
        turn();
    }
    std::uint64_t session(const std::string& account, bool ticks) {
        const auto number = venue->connected({}, clock.now());
        ipc::VenueRequest hello;
        hello.kind = ipc::VenueRequestKind::hello;
        hello.account = account;
        hello.client = "test";
        hello.cookie = ipc::read_cookie(ipc::venue_socket(home.home()));
        hello.follows_market = !account.empty();
        hello.ticks = ticks;
        say(number, hello);
        return number;
    }
    void say(std::uint64_t number, ipc::VenueRequest made) {
        made.id = ++requests;
        auto line = encode(made);
        line.pop_back();
        venue->received(number, line, clock.now());
        turn();
    }
    void turn() {
        REQUIRE(venue->work(clock.now()));
        for (const auto& output : venue->take_outputs(clock.now())) {
            if (output.kind != Output::Kind::line)
                continue;
            auto reply = ipc::decode_venue_reply(
                std::string_view(output.line.data(), output.line.size() - 1));
            REQUIRE(reply);
            told[output.session].push_back(std::move(*reply));
        }
    }
    void admin(const std::string& command, const std::string& arguments) {
        ipc::VenueRequest made;
        made.kind = ipc::VenueRequestKind::admin;
        made.command = command;
        made.arguments = arguments;
        say(administrator, made);
    }
    void bars(int count) {
        admin("step", R"({"market":"mes","count":)" + std::to_string(count * k_steps_a_bar) + "}");
    }
    [[nodiscard]] std::vector<ipc::VenueStep> steps(std::uint64_t number, MarketPhase phase) {
        std::vector<ipc::VenueStep> found;
        for (const auto& reply : told[number]) {
            if (reply.kind == ipc::VenueReplyKind::step && reply.step.phase == phase)
                found.push_back(reply.step);
        }
        return found;
    }
};

}  // namespace

TEST_CASE("trades and quotes are told to who asks for them, and bars to everybody") {
    Rig rig;
    const auto anna = rig.session("anna", true);
    const auto bob = rig.session("bob", false);
    rig.bars(5);
    const auto closed = rig.steps(anna, MarketPhase::closed);
    REQUIRE(closed.size() == 5);
    CHECK(rig.steps(bob, MarketPhase::closed) == closed);
    CHECK(rig.steps(bob, MarketPhase::tick).empty());
    const auto ticks = rig.steps(anna, MarketPhase::tick);
    REQUIRE(ticks.size() == 50);
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        CAPTURE(i);
        CHECK(ticks[i].bar == closed[i / 10].bar);
        CHECK(ticks[i].ticks == static_cast<std::int64_t>(i % 10));
        CHECK_FALSE(ticks[i].bid.empty());
        CHECK(ticks[i].bid != ticks[i].ask);
    }
    CHECK(closed.front().ticks == 10);
    CHECK(ticks[0].open == closed[0].open);
    CHECK(ticks[9].open == closed[0].close);
}

TEST_CASE("a personality may keep ticks back, and make spreads wide") {
    Rig rig;
    const auto anna = rig.session("anna", true);
    rig.admin("personality", R"({"toml":"lose_tick_every = 5\n"})");
    rig.bars(3);
    CHECK(rig.steps(anna, MarketPhase::tick).size() == 24);
    rig.admin("personality", R"({"toml":"mute_ticks = true\n"})");
    rig.bars(3);
    CHECK(rig.steps(anna, MarketPhase::tick).size() == 24);
    CHECK(rig.steps(anna, MarketPhase::closed).size() == 6);
    rig.admin("personality",
              R"({"toml":"mute_ticks = false\nlose_tick_every = 0\nspread_times = 40\n"})");
    rig.bars(2);
    const auto last = rig.steps(anna, MarketPhase::tick).back();
    const auto tick = (*model::find_instrument("MES"))->tick;
    const auto price = [&](const std::string& text) {
        return *model::price_from_text(text, tick, model::Rounding::exact);
    };
    CHECK((price(last.ask) - price(last.bid)).value >= 40);
}

TEST_CASE("who does not read is told no ticks, and every bar") {
    Rig rig;
    const auto anna = rig.session("anna", true);
    // All of it is owed, since it is to be told later.
    rig.admin("personality", R"({"toml":"event_delay_ms = 60000\n"})");
    rig.bars(200);
    rig.clock.advance(std::chrono::seconds(61));
    rig.turn();
    CHECK(rig.steps(anna, MarketPhase::closed).size() == 200);
    const auto ticks = rig.steps(anna, MarketPhase::tick).size();
    CHECK(ticks > 500);
    CHECK(ticks < 1000);
}

}  // namespace bullpen::venue
