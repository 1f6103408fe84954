// Shares over the wire: a real venue, killed and started anew, and a worker's port to it.
#include "tests/support/venue_process.hpp"
#include "worker/broker/share_port.hpp"

using namespace bullpen;
using namespace bullpen::test;

namespace {

constexpr std::string_view k_settings =
    "[market.mes]\nsource = \"manual\"\ninstrument = \"MES\"\n"
    "[shares]\npace = \"manual\"\nfirst_day = \"2026-07-06\"\ncash = \"100000\"\n";

// A worker's port, waited for.
class Client {
  public:
    explicit Client(VenueProcess& venue, Nanos answer_wait = std::chrono::seconds(20)) {
        broker::VenuePortSettings settings;
        settings.socket = venue.socket();
        settings.account = "ACC1";
        settings.client = "test";
        settings.cookie = ipc::read_cookie(venue.socket());
        settings.answer_wait = settings.query_wait = answer_wait;
        settings.reconnect = {Millis(0), Millis(20)};
        settings.silence_max = std::chrono::seconds(20);
        port_ = std::move(*broker::SharePort::make(std::move(settings)));
        port_->permit(broker::SharePermit::all);
        port_->connect(clock_.now());
        REQUIRE(until([&] { return port_->connected(); }));
    }
    broker::SharePort& port() { return *port_; }
    [[nodiscard]] Instant now() const { return clock_.now(); }
    bool until(const std::function<bool()>& condition) {
        const auto deadline = clock_.mono() + std::chrono::seconds(20);
        for (;;) {
            const auto next = port_->poll(now());
            if (condition())
                return true;
            if (clock_.mono() >= deadline)
                return false;
            const auto left = std::min(next.value_or(deadline), deadline) - clock_.mono();
            pollfd watched{port_->fd(), POLLIN, 0};
            const auto millis = std::chrono::ceil<Millis>(std::max(left, Nanos{0})).count();
            (void)::poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(millis, 1)));
        }
    }
    broker::ShareAnswer answer(broker::Ticket ticket) {
        std::optional<broker::ShareAnswer> answer;
        REQUIRE(until([&] {
            answer = port_->take(ticket);
            return answer.has_value();
        }));
        return *answer;
    }
    broker::ShareAnswer buy(const char* client, std::int64_t quantity, std::int64_t limit) {
        broker::ShareOrderTerms terms;
        terms.client = *model::ClientOrderId::parse(client);
        terms.symbol = "INFY";
        terms.quantity = quantity;
        terms.limit = {limit};
        return answer(port_->buy(terms, now()));
    }
    broker::ShareAnswer stop(std::int64_t quantity, std::int64_t trigger) {
        return answer(port_->place_stop("INFY", {{trigger}, {trigger - 500}, quantity}, {}, now()));
    }

  private:
    SystemClock clock_;
    std::unique_ptr<broker::SharePort> port_;
};

void open_market(VenueProcess& venue, const char* price) {
    REQUIRE(venue.admin("share_step").ok);
    const auto set =
        venue.admin("share_price", std::string(R"({"symbol":"INFY","price":")") + price + "\"}");
    REQUIRE_MESSAGE(set.ok, set.text);
}

}  // namespace

TEST_CASE("a venue that is killed keeps orders, holdings, triggers and cash of shares") {
    VenueProcess venue(k_settings);
    {
        Client client(venue);
        open_market(venue, "100");
        CHECK(client.buy("TESTA", 10, 10'000).outcome == broker::Outcome::accepted);
        CHECK(client.stop(10, 9'500).reply.number == 1);
        CHECK(client.buy("TESTB", 5, 9'800).outcome == broker::Outcome::accepted);
        CHECK(client.buy("TESTC", 500'000, 9'800).text == "no_cash");
    }
    for (int life = 0; life < 3; ++life) {
        CAPTURE(life);
        if (life == 2)
            REQUIRE(venue.admin("snapshot").ok);
        venue.kill_and_restart();
        Client client(venue);
        auto& port = client.port();
        const auto account = client.answer(port.ask_account(client.now()));
        REQUIRE(account.outcome == broker::Outcome::accepted);
        REQUIRE(account.reply.held.size() == 1);
        CHECK(account.reply.held[0].holding == matching::Holding{0, 0, 10});
        CHECK(account.reply.cash == 99'000'000'000);
        CHECK(account.reply.available == 99'000'000'000 - 490'000'000);
        CHECK(account.reply.market_time == *parse_utc("2026-07-06T03:45:00Z"));
        const auto orders = client.answer(port.ask_orders(client.now())).reply.orders;
        REQUIRE(orders.size() == 3);
        CHECK(orders[0].status == matching::Status::filled);
        CHECK(orders[1].status == matching::Status::working);
        CHECK(orders[2].refusal == "no_cash");
        const auto triggers = client.answer(port.ask_triggers(client.now())).reply.triggers;
        REQUIRE(triggers.size() == 1);
        CHECK(triggers[0].status == matching::TriggerStatus::active);
    }
    venue.kill_and_restart();
    Client client(venue);
    // An id is used once, in whichever life.
    CHECK(client.buy("TESTA", 1, 10'000).text == "duplicate_id");
    REQUIRE(venue.admin("share_price", R"({"symbol":"INFY","price":"94"})").ok);
    const auto triggers = client.answer(client.port().ask_triggers(client.now())).reply.triggers;
    REQUIRE(triggers.size() == 1);
    CHECK(triggers[0].status == matching::TriggerStatus::triggered);
    const auto account = client.answer(client.port().ask_account(client.now()));
    // The stop sold ten, and the order that waited at 98.00 has bought five.
    REQUIRE(account.reply.held.size() == 1);
    CHECK(account.reply.held[0].holding.all() == 5);
    CHECK(venue.logged("trigger_fired trigger 1 INFY") == 1);
}

TEST_CASE("an answer that is lost is unknown, and the order is found when it is looked for") {
    VenueProcess venue(k_settings);
    Client client(venue, Millis(300));
    open_market(venue, "100");
    venue.personality("lose_answer = 1\nlose_answer_times = 1\n");
    CHECK(client.buy("TESTA", 10, 10'000).outcome == broker::Outcome::unknown);
    const auto orders = client.answer(client.port().ask_orders(client.now()));
    REQUIRE(orders.reply.orders.size() == 1);
    CHECK(orders.reply.orders[0].client.view() == "TESTA");
}

TEST_CASE("a mode that forbids entries forbids no stop, and one that is fenced sends nothing") {
    VenueProcess venue(k_settings);
    Client client(venue);
    open_market(venue, "100");
    client.port().permit(broker::SharePermit::exits);
    CHECK(client.buy("TESTA", 10, 10'000).outcome == broker::Outcome::not_sent);
    CHECK(client.stop(10, 9'500).outcome == broker::Outcome::accepted);
    client.port().permit(broker::SharePermit::nothing);
    CHECK(client.stop(10, 9'400).outcome == broker::Outcome::not_sent);
    CHECK(client.answer(client.port().ask_triggers(client.now())).reply.triggers.size() == 1);
}

TEST_CASE("ten orders a second are sent, and entries leave a fifth of them to exits") {
    VenueProcess venue(k_settings);
    Client client(venue);
    open_market(venue, "100");
    int bought = 0;
    int stops = 0;
    // One instant: the budget's clock is the caller's.
    const auto now = client.now();
    std::vector<broker::Ticket> buys;
    std::vector<broker::Ticket> exits;
    for (int i = 0; i < 20; ++i) {
        broker::ShareOrderTerms terms;
        terms.client = *model::ClientOrderId::parse("TEST" + std::to_string(i));
        terms.symbol = "INFY";
        terms.quantity = 1;
        terms.limit = {9'000};
        buys.push_back(client.port().buy(terms, now));
    }
    for (int i = 0; i < 20; ++i)
        exits.push_back(client.port().place_stop("INFY", {{9'500}, {9'000}, 1}, {}, now));
    for (const auto ticket : buys)
        bought += client.answer(ticket).outcome == broker::Outcome::accepted ? 1 : 0;
    for (const auto ticket : exits)
        stops += client.answer(ticket).outcome == broker::Outcome::accepted ? 1 : 0;
    CHECK(bought == 8);
    CHECK(stops == 2);
}

TEST_CASE("orders that the broker finds too fast were not placed, and are counted") {
    VenueProcess venue(k_settings);
    Client client(venue);
    open_market(venue, "100");
    venue.personality("rate_max = 2\n");
    const auto now = client.now();
    std::vector<broker::Ticket> buys;
    for (int i = 0; i < 6; ++i) {
        broker::ShareOrderTerms terms;
        terms.client = *model::ClientOrderId::parse("FAST" + std::to_string(i));
        terms.symbol = "INFY";
        terms.quantity = 1;
        terms.limit = {9'000};
        buys.push_back(client.port().buy(terms, now));
    }
    std::size_t placed = 0;
    for (const auto ticket : buys) {
        const auto outcome = client.answer(ticket).outcome;
        CHECK((outcome == broker::Outcome::accepted || outcome == broker::Outcome::not_sent));
        placed += outcome == broker::Outcome::accepted ? 1 : 0;
    }
    CHECK(placed < buys.size());
    CHECK(client.port().too_fast() == buys.size() - placed);
    CHECK(client.answer(client.port().ask_orders(client.now())).reply.orders.size() == placed);
}

TEST_CASE("prices are asked for once a second, and the next question waits") {
    VenueProcess venue(k_settings);
    Client client(venue);
    open_market(venue, "100");
    const auto now = client.now();
    const auto first = client.port().ask_quotes({"INFY"}, now);
    CHECK_FALSE(client.port().prices_due());
    const auto second = client.port().ask_quotes({"INFY"}, now);
    const auto due = client.port().prices_due();
    REQUIRE(due);
    CHECK(*due == now.mono + std::chrono::seconds(1));
    CHECK(client.answer(first).reply.quotes.size() == 1);
    CHECK(client.answer(second).reply.quotes.size() == 1);
    CHECK(client.now().mono >= *due);
}

TEST_CASE("what a person does by hand is an order without a name of ours") {
    VenueProcess venue(k_settings);
    Client client(venue);
    open_market(venue, "100");
    const auto done = venue.admin(
        "share_order",
        R"({"account":"ACC1","symbol":"INFY","side":"buy","quantity":3,"price":"100"})");
    REQUIRE_MESSAGE(done.ok, done.text);
    const auto orders = client.answer(client.port().ask_orders(client.now())).reply.orders;
    REQUIRE(orders.size() == 1);
    CHECK(orders[0].client.empty());
    CHECK(orders[0].filled == 3);
    CHECK_FALSE(venue.admin("share_price", R"({"symbol":"infy","price":"1"})").ok);
    CHECK_FALSE(venue.admin("share_explode").ok);
}
