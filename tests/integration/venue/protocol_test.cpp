// What does not keep to the protocol is refused, and nobody else notices.
#include "ipc/account_lock.hpp"
#include "tests/support/venue_bench.hpp"

using namespace bullpen;
using namespace bullpen::test;

namespace {

// The refusal that ends the connection; its text.
std::string refusal(RawClient& client) {
    while (const auto reply = client.reply()) {
        if (reply->kind == ipc::VenueReplyKind::refused)
            return reply->text;
    }
    return "";
}

ipc::VenueRequest request(ipc::VenueRequestKind kind, const std::string& account) {
    ipc::VenueRequest made;
    made.kind = kind;
    made.account = account;
    return made;
}

}  // namespace

TEST_CASE("lines that are no messages end the connection that sent them") {
    VenueProcess venue;
    VenueBench bench(venue);
    bench.connect();
    for (const std::string_view line :
         {"GET / HTTP/1.1\n", "{}\n", "\n", "{\"v\":1,\"type\":\"explode\",\"id\":1}\n",
          "{\"v\":99,\"type\":\"hello\",\"id\":1}\n"}) {
        CAPTURE(line);
        RawClient client(venue.socket());
        REQUIRE(client.send(line));
        CHECK(refusal(client).find("no message") != std::string::npos);
        CHECK(!client.line());
    }
    CHECK(bench.position() == 0);
    CHECK(bench.venue_port().connections() == 1);
}

TEST_CASE("a line without an end is cut off at the limit") {
    VenueProcess venue;
    RawClient client(venue.socket());
    const std::string much(ipc::k_venue_line_max + 10, 'x');
    (void)client.send(much);
    CHECK(!client.line());
    CHECK(venue.logged("a line longer than any may be") == 1);
}

TEST_CASE("a session acts for its own account alone") {
    VenueProcess venue;
    RawClient client(venue.socket());
    client.hello("ACC1");
    REQUIRE(client.reply()->kind == ipc::VenueReplyKind::welcome);
    client.say(request(ipc::VenueRequestKind::positions, "ACC2"));
    CHECK(refusal(client).find("not for 'ACC2'") != std::string::npos);
    CHECK(!client.line());
}

TEST_CASE("a process that neither holds an account's lock nor shows the cookie is nobody") {
    VenueProcess venue;
    const auto anna = account_id("anna");
    venue.home().account(anna, "broker = \"paper\"\ntrading = \"on\"\n");
    const auto greeted = [&](const std::string& account) {
        RawClient client(venue.socket());
        client.forget_cookie();
        client.hello(account);
        const auto reply = client.reply();
        REQUIRE(reply.has_value());
        return reply->kind == ipc::VenueReplyKind::welcome ? "welcome" : reply->text;
    };
    CHECK(greeted("") == "an administrator shows the home's cookie");
    CHECK(greeted("ACC1").find("no account of the roster") != std::string::npos);
    CHECK(greeted("anna").find("no process holds the account's lock") != std::string::npos);
    CHECK(venue.logged("account_opened") == 0);

    // As a worker does; another process of the same user, meanwhile, is not it.
    const SystemClock clock;
    REQUIRE(make_directories(venue.home().home().locks(), 0700));
    const auto lock = ipc::AccountLock::acquire(venue.home().home().account(anna).lock,
                                                ipc::facts_of_this_process(clock));
    REQUIRE(lock.has_value());
    CHECK(greeted("anna") == "welcome");
    const auto child = ::fork();
    if (child == 0)
        ::_exit(greeted("anna").find("is not the account's worker") != std::string::npos ? 0 : 1);
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    // A session that was taken over would have been told so.
    CHECK(venue.logged("\"kicked\"") == 0);
}

TEST_CASE("the cookie is in no log of the exchange") {
    VenueProcess venue;
    const auto cookie = ipc::read_cookie(venue.socket());
    REQUIRE(cookie.size() == ipc::k_cookie_size);
    CHECK(venue.admin("account", "{\"account\":\"ACC1\"}").kind == ipc::VenueReplyKind::admin);
    RawClient broken(venue.socket());
    REQUIRE(broken.send("{\"v\":1,\"cookie\":\"" + cookie + "\"\n"));
    CHECK(!refusal(broken).empty());
    CHECK(venue.logged("\"administrator\"") == 1);
    CHECK(venue.logged(cookie) == 0);
    const auto log = venue.home().path() + "/services/bullpen-venue/logs/venue.log";
    CHECK(read_text(log).find(cookie) == std::string::npos);
}

TEST_CASE("one session of processes does not take the room of others") {
    VenueProcess venue;
    std::vector<std::unique_ptr<RawClient>> taken;
    for (int i = 0; i < 300; ++i)
        taken.push_back(std::make_unique<RawClient>(venue.socket()));
    // The last are closed without a word.
    CHECK(!taken.back()->line());
    const auto child = ::fork();
    if (child == 0) {
        (void)::setsid();
        RawClient other(venue.socket());
        other.hello("ACC1");
        const auto reply = other.reply();
        ::_exit(reply && reply->kind == ipc::VenueReplyKind::welcome ? 0 : 1);
    }
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
}

TEST_CASE("who has not said who it is may do nothing, and nobody says it twice") {
    VenueProcess venue;
    RawClient early(venue.socket());
    early.say(request(ipc::VenueRequestKind::positions, "ACC1"));
    CHECK(refusal(early) == "a session begins with hello");
    RawClient twice(venue.socket());
    twice.hello("ACC1");
    twice.hello("ACC1");
    CHECK(refusal(twice) == "a session says hello once");
    RawClient unnamed(venue.socket());
    unnamed.hello("no such name");
    CHECK(!refusal(unnamed).empty());
}

TEST_CASE("a worker is no administrator, and an administrator does not trade") {
    VenueProcess venue;
    RawClient worker(venue.socket());
    worker.hello("ACC1");
    auto command = request(ipc::VenueRequestKind::admin, "ACC1");
    command.command = "snapshot";
    worker.say(command);
    CHECK(refusal(worker) == "only an administrator may do that");
    RawClient admin(venue.socket());
    admin.hello("");
    admin.say(request(ipc::VenueRequestKind::positions, ""));
    CHECK(refusal(admin) == "an administrator's session does not trade");
    CHECK(!venue.admin("nonsense").ok);
    CHECK(!venue.admin("personality", R"({"toml":"nonsense = 1"})").ok);
}

TEST_CASE("nobody is told of another account's orders") {
    VenueProcess venue;
    VenueBench anna(venue, "anna");
    VenueBench ben(venue, "ben");
    anna.connect();
    ben.connect();
    const auto order = anna.terms(model::Side::buy, model::OrderType::market, 1);
    CHECK(anna.outcome(order) == broker::Outcome::accepted);
    anna.bar(400, 404, 396, 402);
    CHECK(anna.position() == 1);
    CHECK(ben.position() == 0);
    CHECK(ben.orders().empty());
    CHECK(ben.fills().empty());
    CHECK(ben.all<broker::OrderReport>().empty());
    // The same id is free in another account.
    CHECK(ben.outcome(order) == broker::Outcome::accepted);
}

TEST_CASE("a price off the grid is refused by the venue") {
    VenueProcess venue;
    RawClient client(venue.socket());
    client.hello("ACC1");
    REQUIRE(client.reply().has_value());
    auto order = request(ipc::VenueRequestKind::submit, "ACC1");
    order.order = model::ClientOrderId::make("TEST", Fence{1}, 1);
    order.symbol = model::Symbol::cut("MES");
    order.type = model::OrderType::limit;
    order.quantity = 1;
    order.price = "100.10";
    client.say(order);
    const auto reply = client.reply();
    REQUIRE(reply.has_value());
    CHECK(reply->kind == ipc::VenueReplyKind::answer);
    CHECK(reply->outcome == ipc::VenueOutcome::rejected);
    CHECK(reply->text == matching::sentence(matching::Refusal::bad_price));
}

TEST_CASE("a side that sends without an end and reads nothing harms nobody") {
    VenueProcess venue;
    RawClient greedy(venue.socket());
    greedy.hello("ACC9");
    for (int i = 0; i < 200; ++i)
        greedy.say(request(ipc::VenueRequestKind::ping, "ACC9"));
    VenueBench bench(venue);
    bench.connect();
    CHECK(bench.position() == 0);
}

TEST_CASE("a watcher is told of its market's steps, and may do nothing else") {
    VenueProcess venue;
    RawClient watcher(venue.socket());
    auto hello = request(ipc::VenueRequestKind::hello, "");
    hello.client = "test";
    hello.watch = "mes";
    watcher.say(hello);
    REQUIRE(watcher.reply()->kind == ipc::VenueReplyKind::welcome);
    REQUIRE(venue
                .admin("bar", R"({"open":"5000","high":"5001","low":"4999","close":"5000",)"
                              R"("start":"2025-04-07T13:30:00Z"})")
                .ok);
    std::uint64_t closed = 0;
    while (closed == 0) {
        const auto step = watcher.reply();
        REQUIRE(step.has_value());
        REQUIRE(step->kind == ipc::VenueReplyKind::step);
        closed = ipc::bars_closed(step->step);
    }
    CHECK(closed == 1);
    // Whoever comes later is told how far it is.
    RawClient later(venue.socket());
    later.say(hello);
    REQUIRE(later.reply()->kind == ipc::VenueReplyKind::welcome);
    CHECK(ipc::bars_closed(later.reply()->step) == 1);
    // It has no account to trade for, and opened none.
    watcher.say(request(ipc::VenueRequestKind::positions, ""));
    CHECK(refusal(watcher).find("does not trade") != std::string::npos);
    CHECK(venue.logged("account_opened") == 0);

    RawClient lost(venue.socket());
    hello.watch = "nowhere";
    lost.say(hello);
    CHECK(refusal(lost).find("no market 'nowhere'") != std::string::npos);
}
