// The venue without its sockets: whatever is ordered and however the market goes, the book that a
// successor reads is the one that the venue had, and its own log adds up to it.
#include "venue/venue.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "ipc/cookie.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::venue;

namespace {

struct Rig {
    test::TemporaryHome home;
    storage::SystemFileSystem files;
    FakeClock clock;
    std::unique_ptr<log::Logger> log = log::Logger::to_nowhere(clock);
    VenueSettings settings;
    std::unique_ptr<Venue> venue;
    std::map<std::string, std::uint64_t> sessions;
    std::uint64_t request = 0;
    std::uint64_t orders = 0;

    Rig() {
        MarketSettings market;
        market.name = "mes";
        market.source = Source::manual;
        settings.markets.push_back(market);
        settings.costs["MES"].commission = {370'000};
        settings.costs["MES"].slippage = {1};
        open();
    }
    void open() {
        auto opened = Venue::open(home.home(), settings, files, *log, clock.now());
        RC_ASSERT(opened.has_value());
        venue = std::move(*opened);
        sessions.clear();
    }
    std::uint64_t session(const std::string& account) {
        const auto found = sessions.find(account);
        if (found != sessions.end())
            return found->second;
        const auto number = venue->connected({}, clock.now());
        sessions[account] = number;
        ipc::VenueRequest hello;
        hello.kind = ipc::VenueRequestKind::hello;
        hello.account = account;
        hello.client = "test";
        hello.cookie = ipc::read_cookie(ipc::venue_socket(home.home()));
        say(number, hello);
        return number;
    }
    void say(std::uint64_t number, ipc::VenueRequest made) {
        made.id = ++request;
        auto line = encode(made);
        line.pop_back();
        venue->received(number, line, clock.now());
        turn();
    }
    void turn() {
        clock.advance(Millis(10));
        RC_ASSERT(venue->work(clock.now()).has_value());
        (void)venue->take_outputs(clock.now());
    }
    void admin(const std::string& command, const std::string& arguments) {
        ipc::VenueRequest made;
        made.kind = ipc::VenueRequestKind::admin;
        made.command = command;
        made.arguments = arguments;
        say(session(""), made);
    }
    void order(SeededRandom& random, const std::string& account) {
        ipc::VenueRequest made;
        made.account = account;
        if (orders > 0 && random.chance(0.25)) {
            made.kind =
                random.chance(0.5) ? ipc::VenueRequestKind::cancel : ipc::VenueRequestKind::replace;
            made.order = model::ClientOrderId::make("TEST", Fence{1}, 1 + random.below(orders));
            made.quantity = random.between(1, 4);
            made.price = std::to_string(95 + random.below(10));
        } else {
            made.kind = ipc::VenueRequestKind::submit;
            made.order = model::ClientOrderId::make("TEST", Fence{1}, ++orders);
            made.symbol = model::Symbol::cut("MES");
            made.side = random.chance(0.5) ? model::Side::buy : model::Side::sell;
            made.type = static_cast<model::OrderType>(random.below(3));
            made.time_in_force = static_cast<model::TimeInForce>(random.below(3));
            made.quantity = random.between(0, 4);
            if (made.type != model::OrderType::market)
                made.price = std::to_string(95 + random.below(10));
        }
        say(session(account), made);
    }
    void bar(SeededRandom& random) {
        const auto low = static_cast<std::int64_t>(94 + random.below(6));
        const auto high = low + random.between(0, 8);
        const auto text = [](std::int64_t price) { return std::to_string(price); };
        admin("bar", "{\"open\":\"" + text(random.between(low, high)) + "\",\"high\":\"" +
                         text(high) + "\",\"low\":\"" + text(low) + "\",\"close\":\"" +
                         text(random.between(low, high)) + "\"}");
    }
};

// All that a worker could ask, and what it could not.
std::string whole(const matching::Exchange& exchange) {
    std::ostringstream out;
    for (std::uint32_t i = 0; i < exchange.accounts(); ++i) {
        out << exchange.name({i}) << ' ' << exchange.cash({i}).millionths << ' '
            << exchange.position({i}, {0}).quantity << ' ' << exchange.position({i}, {0}).cost_ticks
            << ' ' << exchange.working_orders({i}, {0}) << '\n';
        for (const auto& one : exchange.executions({i}))
            out << one.number << ' ' << one.order << ' ' << one.price.ticks << '\n';
        for (const auto& id : exchange.used_ids({i}))
            out << id.view() << ' ';
    }
    for (const auto& [number, order] : exchange.orders())
        out << number << ' ' << code(order.status) << ' ' << order.filled << ' '
            << order.request.quantity << ' ' << order.request.limit.ticks << ' ' << order.triggered
            << ' ' << order.updated.time_since_epoch().count() << '\n';
    out << exchange.last_order_number() << ' ' << exchange.last_execution_number();
    return out.str();
}

// Positions and cash, from nothing but the venue's own log.
void check_log(const Rig& rig) {
    std::map<std::string, std::int64_t> position;
    std::map<std::string, std::int64_t> paid;  // millionths
    std::istringstream lines(test::read_text(rig.home.path() + "/venue/venue.jsonl"));
    for (std::string line; std::getline(lines, line);) {
        const auto entry = nlohmann::json::parse(line);
        if (entry["event"] != "execution")
            continue;
        const std::string account = entry["account"];
        const std::int64_t quantity = entry["fill_quantity"];
        const int sign = entry["side"] == "buy" ? 1 : -1;
        position[account] += sign * quantity;
        const auto price =
            model::price_from_text(entry["price"].get<std::string>(), model::TickSize{250'000'000},
                                   model::Rounding::exact);
        const auto fee = model::money_from_text(entry["fee"].get<std::string>(), model::k_usd);
        paid[account] -= sign * quantity * price->ticks * 1'250'000 + fee->millionths;
    }
    const auto& exchange = rig.venue->exchange();
    for (std::uint32_t i = 0; i < exchange.accounts(); ++i) {
        const auto& name = exchange.name({i});
        const auto held = exchange.position({i}, {0});
        RC_ASSERT(held.quantity == position[name]);
        // Cash is what was paid, and what is held at its cost.
        RC_ASSERT(exchange.cash({i}).millionths ==
                  rig.settings.cash.millionths + paid[name] + held.cost_ticks * 1'250'000);
    }
}

}  // namespace

TEST_CASE("the book of a venue that was killed") {
    CHECK(rc::check("is what the venue had, and its log adds up to it", [](std::uint64_t seed) {
        SeededRandom random(seed);
        Rig rig;
        for (int i = 0; i < 40; ++i) {
            if (random.chance(0.2)) {
                rig.admin("personality",
                          "{\"toml\":\"first_part = " + std::to_string(random.below(3)) +
                              "\\nreject = 0.1\\npending = 0.1\\n"
                              "cancel_loses = 0.3\\n\"}");
            }
            if (random.chance(0.3))
                rig.bar(random);
            else
                rig.order(random, random.chance(0.5) ? "anna" : "ben");
            if (random.chance(0.05))
                rig.admin("snapshot", "{}");
            if (random.chance(0.1)) {
                const auto before = whole(rig.venue->exchange());
                // As a kill does: without a word.
                rig.venue.reset();
                rig.open();
                RC_ASSERT(whole(rig.venue->exchange()) == before);
            }
        }
        check_log(rig);
    }));
}

TEST_CASE("a connection that says nothing, and a session that is ended with answers under way") {
    CHECK(rc::check("are both closed when their time has come", [] {
        Rig rig;
        const auto silent = rig.venue->connected({}, rig.clock.now());
        const auto next = rig.venue->next_due();
        RC_ASSERT(next.has_value());
        rig.clock.advance(*next - rig.clock.mono());
        RC_ASSERT(rig.venue->work(rig.clock.now()).has_value());
        auto outputs = rig.venue->take_outputs(rig.clock.now());
        RC_ASSERT(outputs.size() == 1U);
        RC_ASSERT(outputs[0].session == silent && outputs[0].kind == Output::Kind::break_off);

        rig.admin("personality", "{\"toml\":\"delay_answer = 1\"}");
        SeededRandom random(1);
        rig.order(random, "anna");
        const auto anna = rig.sessions.at("anna");
        rig.venue->received(anna, "nonsense", rig.clock.now());
        RC_ASSERT(rig.venue->work(rig.clock.now()).has_value());
        outputs = rig.venue->take_outputs(rig.clock.now());
        RC_ASSERT(!outputs.empty() && outputs.back().kind == Output::Kind::close);
        RC_ASSERT(outputs.back().session == anna);
    }));
}
