// The port against a venue that a test plays: what it says, and when, is up to the test.
#include "worker/broker/venue_port.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>

#include "tests/support/approve.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::broker;

namespace {

constexpr const char* k_welcome =
    R"({"v":1,"type":"welcome","id":1,"account":"ACC1","session":1,"can_replace":true})"
    "\n";

struct Stage {
    test::TemporaryDirectory directory;
    Descriptor listener;
    Descriptor other;
    FakeClock clock;
    std::unique_ptr<VenuePort> port;
    std::vector<Event> events;
    std::uint64_t sequence = 0;
    const model::Instrument* mes = *model::find_instrument("MES");

    explicit Stage(bool listening = true, int jitter_percent = 0,
                   const std::string& account = "ACC1") {
        const auto path = directory.file("venue");
        if (listening) {
            sockaddr_un address{};
            address.sun_family = AF_UNIX;
            std::copy(path.begin(), path.end(), address.sun_path);
            listener = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
            REQUIRE(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address),
                           sizeof address) == 0);
            REQUIRE(::listen(listener.get(), 8) == 0);
        }
        VenuePortSettings settings;
        settings.socket = path;
        settings.account = account;
        settings.jitter_percent = jitter_percent;
        port = std::move(*VenuePort::make(settings, std::span(&mes, 1)));
    }
    void accept() {
        other = Descriptor(::accept(listener.get(), nullptr, nullptr));
        REQUIRE(other.valid());
    }
    void welcome() {
        port->connect(clock.now());
        accept();
        say(k_welcome);
        REQUIRE(port->connected());
    }
    std::optional<MonoTime> poll() { return port->poll(clock.now(), events); }
    void say(std::string_view text) {
        REQUIRE(::send(other.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(text.size()));
        (void)poll();
    }
    // All that has arrived at the other side.
    std::string heard() {
        std::string text;
        char buffer[65536];
        for (;;) {
            const auto got = ::recv(other.get(), buffer, sizeof buffer, MSG_DONTWAIT);
            if (got <= 0)
                return text;
            text.append(buffer, static_cast<std::size_t>(got));
        }
    }
    model::ClientOrderId submit() {
        model::OrderTerms terms;
        terms.id = model::ClientOrderId::make("TEST", Fence{1}, ++sequence);
        terms.key.strategy = model::Symbol::cut("test");
        terms.key.symbol = terms.symbol = model::Symbol::cut("MES");
        terms.quantity = 1;
        port->submit(test::approved(terms), clock.now());
        return terms.id;
    }
    template <class T>
    [[nodiscard]] std::vector<T> all() const {
        std::vector<T> found;
        for (const auto& event : events) {
            if (const auto* one = std::get_if<T>(&event))
                found.push_back(*one);
        }
        return found;
    }
};

std::string answer(const model::ClientOrderId& order, int id) {
    return R"({"v":1,"type":"answer","id":)" + std::to_string(id) +
           R"(,"account":"ACC1","command":"submit","outcome":"accepted","order":")" + order.str() +
           "\",\"broker_order\":\"V1\"}\n";
}

}  // namespace

TEST_CASE("without a venue it tries at once and after 2, 5, 10 and 30 seconds, for ever") {
    Stage stage(false);
    auto now = stage.clock.mono();
    stage.port->connect(stage.clock.now());
    for (const int wait : {2, 5, 10, 30, 30, 30}) {
        (void)stage.poll();
        const auto next = stage.poll();
        REQUIRE(next.has_value());
        CHECK(*next - now == std::chrono::seconds(wait));
        stage.clock.advance(*next - stage.clock.mono());
        now = *next;
    }
    CHECK(stage.all<Disconnected>().size() == 6);
    CHECK(!stage.all<Disconnected>()[0].final);
}

TEST_CASE("who lost its session to another one takes it back once, and again only when asked") {
    constexpr const char* k_taken =
        R"({"v":1,"type":"refused","id":0,"account":"ACC1","final":true,"text":"another session"})"
        "\n";
    Stage stage;
    stage.welcome();
    stage.say(k_taken);
    REQUIRE(stage.all<Disconnected>().size() == 1);
    CHECK_FALSE(stage.all<Disconnected>()[0].final);
    CHECK(stage.port->trouble().ended);
    CHECK_FALSE(stage.port->trouble().final);
    CHECK(stage.all<Disconnected>()[0].text == "another session");
    // Also while something waits to be closed.
    stage.port->hurry(true, stage.clock.now());
    CHECK(*stage.poll() <= stage.clock.mono() + std::chrono::seconds(30));
    stage.clock.advance(std::chrono::seconds(30));
    (void)stage.poll();
    stage.accept();
    stage.say(k_welcome);
    REQUIRE(stage.port->connected());
    CHECK(stage.port->trouble().text.empty());
    stage.say(k_taken);
    REQUIRE(stage.all<Disconnected>().size() == 2);
    CHECK(stage.port->trouble().final);
    CHECK(stage.all<Disconnected>()[1].final);
    stage.clock.advance(std::chrono::hours(1));
    CHECK_FALSE(stage.poll().has_value());
    CHECK_FALSE(stage.port->connected());
    stage.welcome();
}

TEST_CASE("why the venue ended a session is heard by who was about to write") {
    Stage stage;
    stage.welcome();
    constexpr std::string_view k_taken =
        R"({"v":1,"type":"refused","id":0,"account":"ACC1","final":true,"text":"another session"})"
        "\n";
    REQUIRE(::send(stage.other.get(), k_taken.data(), k_taken.size(), MSG_NOSIGNAL) > 0);
    stage.other.reset();
    stage.submit();
    (void)stage.poll();
    CHECK(stage.port->trouble().text == "another session");
    CHECK(stage.port->trouble().ended);
}

TEST_CASE("who lost the same exchange at the same time does not come back at the same time") {
    const auto waits = [](const std::string& account) {
        Stage stage(false, 25, account);
        stage.port->connect(stage.clock.now());
        std::vector<Nanos> found;
        for (const int least : {2, 5, 10, 30, 30}) {
            (void)stage.poll();
            const auto wait = *stage.poll() - stage.clock.mono();
            CHECK(wait >= std::chrono::seconds(least));
            CHECK(wait <= Millis(least * 1250));
            found.push_back(wait);
            stage.clock.advance(wait);
        }
        return found;
    };
    const auto anna = waits("ANNA");
    const auto ben = waits("BEN");
    for (std::size_t i = 0; i < anna.size(); ++i)
        CHECK(anna.at(i) != ben.at(i));
    CHECK(anna.at(3) != anna.at(4));
    CHECK(anna == waits("ANNA"));
}

TEST_CASE("in a hurry a connection that says nothing is asked, and given up after three seconds") {
    Stage stage;
    stage.welcome();
    (void)stage.heard();
    stage.clock.advance(std::chrono::seconds(4));
    stage.port->hurry(true, stage.clock.now());
    CHECK(stage.heard().find("\"ping\"") != std::string::npos);
    stage.clock.advance(std::chrono::seconds(2));
    (void)stage.poll();
    REQUIRE(stage.port->connected());
    SUBCASE("what answers is kept") {
        stage.say("{\"v\":1,\"type\":\"pong\",\"id\":2,\"account\":\"ACC1\"}\n");
        stage.clock.advance(std::chrono::seconds(2));
        (void)stage.poll();
        CHECK(stage.port->connected());
    }
    SUBCASE("what does not is lost") {
        stage.clock.advance(std::chrono::seconds(1));
        (void)stage.poll();
        CHECK(!stage.port->connected());
    }
    SUBCASE("without the hurry it has the usual time") {
        stage.port->hurry(false, stage.clock.now());
        stage.clock.advance(std::chrono::seconds(8));
        (void)stage.poll();
        CHECK(stage.port->connected());
    }
}

TEST_CASE("in a hurry it waits no longer than two seconds") {
    Stage stage(false);
    stage.port->connect(stage.clock.now());
    const auto wait = [&] {
        (void)stage.poll();
        return *stage.poll() - stage.clock.mono();
    };
    for (const int seconds : {2, 5, 10}) {
        REQUIRE(wait() == std::chrono::seconds(seconds));
        stage.clock.advance(std::chrono::seconds(seconds));
    }
    REQUIRE(wait() == std::chrono::seconds(30));
    // What it waits for already is shortened, and every wait from then on.
    for (int i = 0; i < 3; ++i) {
        stage.port->hurry(true, stage.clock.now());
        CHECK(wait() == std::chrono::seconds(2));
        stage.clock.advance(std::chrono::seconds(2));
    }
    stage.port->hurry(false, stage.clock.now());
    CHECK(wait() == std::chrono::seconds(30));
}

TEST_CASE("a good connection that is lost is made anew at once, a short one after two seconds") {
    Stage stage;
    stage.welcome();
    stage.other.reset();
    (void)stage.poll();
    CHECK(!stage.port->connected());
    CHECK(*stage.poll() - stage.clock.mono() == std::chrono::seconds(2));
    stage.clock.advance(std::chrono::seconds(2));
    (void)stage.poll();
    stage.accept();
    stage.say(k_welcome);
    REQUIRE(stage.port->connected());
    // Quiet, but alive, for longer than a connection must last to be a good one.
    for (int i = 0; i < 4; ++i) {
        stage.clock.advance(std::chrono::seconds(4));
        stage.say("{\"v\":1,\"type\":\"pong\",\"id\":1,\"account\":\"ACC1\"}\n");
    }
    stage.other.reset();
    (void)stage.poll();
    stage.accept();
    stage.say(k_welcome);
    CHECK(stage.port->connections() == 3);
}

TEST_CASE("what the socket does not take is not sent, and what it took is unknown") {
    Stage stage;
    stage.welcome();
    std::vector<model::ClientOrderId> sent;
    for (int i = 0; i < 20'000 && stage.all<Answer>().empty(); ++i) {
        sent.push_back(stage.submit());
        (void)stage.poll();
    }
    REQUIRE(!stage.all<Answer>().empty());
    CHECK(stage.all<Answer>().back().outcome == Outcome::not_sent);
    CHECK(stage.all<Answer>().back().order == sent.back());
    const auto heard = stage.heard();
    CHECK(heard.find(sent.back().view()) == std::string::npos);
    stage.other.reset();
    (void)stage.poll();
    const auto answers = stage.all<Answer>();
    // Every command has exactly one answer.
    REQUIRE(answers.size() == sent.size());
    for (const auto& one : answers) {
        const bool left = heard.find(one.order.view()) != std::string::npos;
        CHECK(one.outcome == (left ? Outcome::unknown : Outcome::not_sent));
    }
}

TEST_CASE("an answer comes in time or is unknown, and is told once") {
    Stage stage;
    stage.welcome();
    const auto first = stage.submit();
    const auto second = stage.submit();
    stage.say(answer(first, 2));
    stage.say(answer(first, 2));
    REQUIRE(stage.all<Answer>().size() == 1);
    CHECK(stage.all<Answer>()[0].outcome == Outcome::accepted);
    CHECK(stage.all<Answer>()[0].broker_order.view() == "V1");
    stage.clock.advance(std::chrono::seconds(5));
    (void)stage.poll();
    stage.say(answer(second, 3));
    REQUIRE(stage.all<Answer>().size() == 2);
    CHECK(stage.all<Answer>()[1].outcome == Outcome::unknown);
    CHECK(stage.port->late_answers() == 2);
    CHECK(stage.port->connected());
}

TEST_CASE("whatever is odd ends the connection, and what was under way is unknown") {
    for (const std::string_view line : {
             R"({"v":1,"type":"pong","id":1,"account":"ACC2"})",
             R"({"v":1,"type":"answer","id":2,"account":"ACC1","command":"submit",)"
             R"("outcome":"accepted","order":"OTHER"})",
             R"({"v":1,"type":"welcome","id":1,"account":"ACC1","session":1})",
             R"({"v":1,"type":"fill","id":0,"account":"ACC1","execution":"X","broker_order":"V",)"
             R"("symbol":"ZZZ","side":"buy","quantity":1,"price":"1","time":)"
             R"("2025-01-01T00:00:00Z","fee":"0"})",
             R"({"v":1,"type":"fill","id":0,"account":"ACC1","execution":"X","broker_order":"V",)"
             R"("symbol":"MES","side":"buy","quantity":1,"price":"1.1","time":)"
             R"("2025-01-01T00:00:00Z","fee":"0"})",
             "<html>",
         }) {
        CAPTURE(line);
        Stage stage;
        stage.welcome();
        const auto order = stage.submit();
        stage.say(std::string(line) + "\n");
        CHECK(!stage.port->connected());
        REQUIRE(stage.all<Answer>().size() == 1);
        CHECK(stage.all<Answer>()[0].outcome == Outcome::unknown);
        CHECK(stage.all<Answer>()[0].order == order);
        CHECK(stage.all<model::Fill>().empty());
    }
}

TEST_CASE("a welcome to another account is none") {
    Stage stage;
    stage.port->connect(stage.clock.now());
    stage.accept();
    stage.say(R"({"v":1,"type":"welcome","id":1,"account":"ACC2","session":1})"
              "\n");
    CHECK(!stage.port->connected());
    CHECK(stage.all<Connected>().empty());
}

TEST_CASE("no welcome in time is no connection") {
    Stage stage;
    stage.port->connect(stage.clock.now());
    stage.accept();
    stage.clock.advance(std::chrono::seconds(5));
    (void)stage.poll();
    REQUIRE(stage.all<Disconnected>().size() == 1);
    CHECK(stage.all<Disconnected>()[0].text == "no welcome in time");
}

TEST_CASE("an answer of which a page is missing is unknown, not short") {
    Stage stage;
    stage.welcome();
    const auto query = stage.port->query_orders({}, stage.clock.now());
    stage.say(R"({"v":1,"type":"orders","id":)" + std::to_string(query) +
              R"(,"account":"ACC1","orders":[],"more":true,"total":3})"
              "\n");
    CHECK(stage.all<OrdersAnswer>().empty());
    stage.say(R"({"v":1,"type":"orders","id":)" + std::to_string(query) +
              R"(,"account":"ACC1","orders":[],"more":false,"total":3})"
              "\n");
    REQUIRE(stage.all<OrdersAnswer>().size() == 1);
    CHECK(!stage.all<OrdersAnswer>()[0].orders);
}

TEST_CASE("prices are told page by page, and a list of anything else when it is whole") {
    Stage stage;
    stage.welcome();
    const auto ask = [&](ipc::ShareCommand command) {
        ipc::ShareRequest request;
        request.command = command;
        if (command == ipc::ShareCommand::quotes)
            request.symbols = {"AAA", "BBB", "CCC"};
        return stage.port->ask_shares(request, stage.clock.now());
    };
    const auto page = [&](std::uint64_t id, ipc::ShareReply reply, bool more) {
        reply.more = more;
        ipc::VenueReply line;
        line.kind = ipc::VenueReplyKind::shares;
        line.id = id;
        line.account = "ACC1";
        line.result = encode(reply);
        stage.say(encode(line));
        return stage.port->take_share_answers();
    };
    ipc::ShareReply prices;
    prices.command = ipc::ShareCommand::quotes;
    prices.quotes.push_back({"AAA", {1}, {1}, {1}, {5}, {1}, {1}});
    const auto asked = ask(ipc::ShareCommand::quotes);
    auto told = page(asked, prices, true);
    REQUIRE(told.size() == 1);
    CHECK(told[0].first == asked);
    CHECK(told[0].second.outcome == Outcome::accepted);
    CHECK(told[0].second.reply.more);
    CHECK(told[0].second.reply.quotes == prices.quotes);
    prices.quotes.front().symbol = "BBB";
    told = page(asked, prices, false);
    REQUIRE(told.size() == 1);
    CHECK_FALSE(told[0].second.reply.more);
    CHECK(told[0].second.reply.quotes == prices.quotes);
    CHECK(page(asked, prices, false).empty());  // it is over

    ipc::ShareReply held;
    held.command = ipc::ShareCommand::account;
    held.held.push_back({"AAA", {1, 0, 0}, 1, 0});
    const auto account = ask(ipc::ShareCommand::account);
    CHECK(page(account, held, true).empty());
    told = page(account, held, false);
    REQUIRE(told.size() == 1);
    CHECK(told[0].second.reply.held.size() == 2);
    CHECK_FALSE(told[0].second.reply.more);

    // What is lost in the middle is not known, whatever was told of it.
    const auto cut = ask(ipc::ShareCommand::quotes);
    CHECK(page(cut, prices, true).size() == 1);
    stage.other = Descriptor();
    (void)stage.poll();
    told = stage.port->take_share_answers();
    REQUIRE(told.size() == 1);
    CHECK(told[0].first == cut);
    CHECK(told[0].second.outcome == Outcome::unknown);
}

TEST_CASE("an answer with more prices than anybody asks for ends the connection") {
    Stage stage;
    stage.welcome();
    ipc::ShareRequest request;
    request.command = ipc::ShareCommand::quotes;
    request.symbols = {"AAA"};
    const auto asked = stage.port->ask_shares(request, stage.clock.now());
    ipc::ShareReply prices;
    prices.command = ipc::ShareCommand::quotes;
    prices.quotes.assign(ipc::k_share_page_max, {"AAA", {1}, {1}, {1}, {5}, {1}, {1}});
    prices.more = true;
    ipc::VenueReply line;
    line.kind = ipc::VenueReplyKind::shares;
    line.id = asked;
    line.account = "ACC1";
    line.result = encode(prices);
    const auto pages = ipc::k_share_symbols_max / ipc::k_share_page_max;
    for (std::size_t i = 0; i < pages; ++i)
        stage.say(encode(line));
    CHECK(stage.port->connected());
    stage.say(encode(line));
    CHECK_FALSE(stage.port->connected());
}

TEST_CASE("an instrument that is not known here is never sent") {
    Stage stage;
    stage.welcome();
    (void)stage.heard();
    model::OrderTerms terms;
    terms.id = model::ClientOrderId::make("TEST", Fence{1}, 1);
    terms.symbol = model::Symbol::cut("ES");
    terms.quantity = 1;
    stage.port->submit(test::approved(terms), stage.clock.now());
    stage.port->replace(terms.id, 1, {1}, stage.clock.now());
    (void)stage.poll();
    REQUIRE(stage.all<Answer>().size() == 2);
    CHECK(stage.all<Answer>()[0].outcome == Outcome::not_sent);
    CHECK(stage.all<Answer>()[1].outcome == Outcome::not_sent);
    CHECK(stage.heard().empty());
}
