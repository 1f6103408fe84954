#include <doctest/doctest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

#include <cstring>
#include <filesystem>
#include <memory>
#include <set>

#include "common/base/errc.hpp"
#include "ipc/codec.hpp"
#include "ipc/control.hpp"
#include "tests/integration/ipc/children.hpp"
#include "tests/integration/ipc/peers.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::ipc;
using namespace std::chrono_literals;

namespace {

struct Place {
    test::TemporaryDirectory directory;
    std::string path = directory.file("lease");
    std::string endpoint = endpoint_of(path);
    Context context;

    LeaseRouter router() { return LeaseRouter::bind(context, path).value(); }
    LeaseDealer dealer(const std::string& id) {
        return LeaseDealer::connect(context, endpoint, id).value();
    }
};

double milliseconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
        .count();
}

// A signal is taken by each thread in its own time.
bool all_threads_stopped(pid_t pid) {
    for (const auto& thread :
         std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
        const auto stat = test::read_text(thread.path() / "stat");
        if (stat.find(") T ") == std::string::npos)
            return false;
    }
    return true;
}

}  // namespace

TEST_CASE("a message comes with the routing id and with the pid that the kernel knows") {
    Place place;
    auto router = place.router();
    auto dealer = place.dealer("mes01/001122334455");
    REQUIRE(test::wait_connected(dealer));
    REQUIRE(dealer.send("hello"));
    const auto received = test::next(router);
    REQUIRE(received);
    CHECK(received->routing_id == "mes01/001122334455");
    CHECK(received->body == "hello");
    CHECK(received->peer_pid == ::getpid());
    CHECK(received->peer_uid == ::getuid());
    REQUIRE(router.send(received->routing_id, "welcome"));
    CHECK(test::next(dealer) == "welcome");
}

TEST_CASE("a lease is taken over a Unix socket and over nothing else") {
    Context context;
    for (const char* const elsewhere :
         {"tcp://127.0.0.1:5555", "inproc://lease", "IPC:///tmp/x", ""}) {
        CAPTURE(elsewhere);
        const auto dealer = LeaseDealer::connect(context, elsewhere, "a");
        REQUIRE_FALSE(dealer.has_value());
        CHECK(dealer.error().code() == Errc::invalid);
    }
}

TEST_CASE("a peer that is not there is an error to the sender") {
    Place place;
    auto router = place.router();
    const auto sent = router.send("nobody/000000000000", "ping");
    REQUIRE_FALSE(sent);
    CHECK(sent.error().code() == Errc::unavailable);
}

TEST_CASE("no message is forgotten when sending and receiving take turns") {
    Place place;
    auto router = place.router();
    auto dealer = place.dealer("a/1");
    REQUIRE(test::wait_connected(dealer));
    constexpr int k_rounds = 20'000;
    int asked = 0;
    int answered = 0;
    int taken = 0;
    const auto deadline = std::chrono::steady_clock::now() + test::k_deadline;
    while (taken < k_rounds && std::chrono::steady_clock::now() < deadline) {
        while (asked < k_rounds && asked - taken < 32 && dealer.send(std::to_string(asked)))
            ++asked;
        // A send may swallow the signal that a message came: the router's turn goes on until
        // drain() says that nothing is left.
        while (router.drain(7, [&](Received&& received) {
            REQUIRE(received.body == std::to_string(answered));
            REQUIRE(router.send(received.routing_id, received.body));
            ++answered;
        })) {
        }
        while (const auto message = dealer.receive()) {
            REQUIRE(*message == std::to_string(taken));
            ++taken;
        }
        if (!router.pending() && !dealer.pending() && taken < asked)
            test::wait_readable(answered < asked ? router.fd() : dealer.fd(), 1ms);
    }
    CHECK(taken == k_rounds);
}

TEST_CASE("drain takes no more than it is told and says that more is waiting") {
    Place place;
    auto router = place.router();
    auto dealer = place.dealer("a/1");
    REQUIRE(test::wait_connected(dealer));
    for (int i = 0; i < 10; ++i)
        REQUIRE(dealer.send("x"));
    REQUIRE(test::eventually([&] { return router.pending(); }));
    int count = 0;
    const auto handle = [&](Received&&) { ++count; };
    CHECK(router.drain(0, handle));
    CHECK(count == 0);
    REQUIRE(test::eventually([&] {
        const int before = count;
        router.drain(4, handle);
        CHECK(count - before <= 4);
        return count == 10;
    }));
    CHECK_FALSE(router.pending());
}

TEST_CASE("the socket file of a killed daemon does not stop the next one") {
    Place place;
    test::Child daemon({test::program("ipc-lock-program"), "bind", place.path});
    REQUIRE(daemon.line() == "bound");
    auto dealer = place.dealer("a/1");
    REQUIRE(test::wait_connected(dealer));
    daemon.signal(SIGKILL);
    REQUIRE(daemon.wait() == -SIGKILL);
    CHECK(std::filesystem::exists(place.path));
    auto router = place.router();
    // What is sent before the dealer has noticed the death goes with the connection.
    REQUIRE(test::eventually([&] {
        (void)dealer.send("hello");
        return router.pending();
    }));
    CHECK(test::next(router)->body == "hello");
}

TEST_CASE("sockets are closed to others, whatever the umask, and so must their directory be") {
    Place place;
    const mode_t before = ::umask(0);
    const auto router = LeaseRouter::bind(place.context, place.path);
    ::umask(before);
    REQUIRE(router);
    struct stat status {};
    REQUIRE(::stat(place.path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0660);
    const std::string open_directory = place.directory.file("open");
    REQUIRE(::mkdir(open_directory.c_str(), 0755) == 0);
    const auto refused = LeaseRouter::bind(place.context, open_directory + "/lease");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == Errc::refused);
    CHECK(refused.error().message().find("chmod 700") != std::string::npos);
    CHECK_FALSE(LeaseRouter::bind(place.context, place.directory.file("none/lease")));
    // Its group may pass, for workers that are other users, and neither look nor write.
    REQUIRE(::chmod(open_directory.c_str(), 0710) == 0);
    CHECK(LeaseRouter::bind(place.context, open_directory + "/lease"));
    REQUIRE(::chmod(open_directory.c_str(), 0730) == 0);
    CHECK_FALSE(LeaseRouter::bind(place.context, open_directory + "/other"));
}

TEST_CASE("a path that does not fit a socket address is refused with its length") {
    Place place;
    const auto refused =
        LeaseRouter::bind(place.context, place.directory.file(std::string(108, 'x')));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message().find("at most 107 fit") != std::string::npos);
}

TEST_CASE("nothing is kept for a daemon that is not there") {
    Place place;
    auto dealer = place.dealer("a/1");
    CHECK_FALSE(dealer.connected());
    for (int i = 0; i < 3; ++i) {
        const auto sent = dealer.send("stale beat");
        REQUIRE_FALSE(sent);
        CHECK(sent.error().code() == Errc::unavailable);
    }
    auto router = place.router();
    REQUIRE(test::wait_connected(dealer));
    REQUIRE(dealer.send("fresh"));
    CHECK(test::next(router)->body == "fresh");
    CHECK_FALSE(router.pending());
}

TEST_CASE("a daemon that does not read makes a worker's send fail, never wait") {
    Place place;
    auto router = place.router();
    auto dealer = place.dealer("a/1");
    REQUIRE(test::wait_connected(dealer));
    const auto start = std::chrono::steady_clock::now();
    // Three queues of k_lease_queue_max, and what the kernel's buffers hold of such messages.
    const std::string body(k_message_size_max, 'x');
    int sent = 0;
    while (sent < 2'000 && dealer.send(body))
        ++sent;
    CHECK(sent < 2'000);
    CHECK(milliseconds_since(start) < 10'000);
    int received = 0;
    REQUIRE(test::eventually([&] {
        while (router.receive())
            ++received;
        return received == sent;
    }));
    REQUIRE(test::wait_connected(dealer));
    CHECK(dealer.send("again"));
}

TEST_CASE("a message over the limit costs its sender the connection, and nobody else anything") {
    Place place;
    auto router = place.router();
    auto bad = place.dealer("bad/1");
    auto good = place.dealer("good/1");
    REQUIRE(test::wait_connected(bad));
    REQUIRE(test::wait_connected(good));
    REQUIRE(bad.send(std::string(k_message_size_max + 1, 'x')));
    REQUIRE(good.send("fine"));
    const auto received = test::next(router);
    REQUIRE(received);
    CHECK(received->body == "fine");
    CHECK_FALSE(router.pending());
}

TEST_CASE("a message of other than two parts is dropped and counted") {
    Place place;
    auto router = place.router();
    void* raw = zmq_socket(place.context.handle(), ZMQ_DEALER);
    const int linger = 0;
    zmq_setsockopt(raw, ZMQ_LINGER, &linger, sizeof linger);
    zmq_setsockopt(raw, ZMQ_ROUTING_ID, "raw", 3);
    REQUIRE(zmq_connect(raw, place.endpoint.c_str()) == 0);
    for (const int parts : {2, 3, 5}) {
        for (int i = 1; i <= parts; ++i)
            REQUIRE(zmq_send(raw, "part", 4, i < parts ? ZMQ_SNDMORE : 0) == 4);
    }
    REQUIRE(zmq_send(raw, "good", 4, 0) == 4);
    const auto received = test::next(router);
    REQUIRE(received);
    CHECK(received->body == "good");
    CHECK(router.malformed() == 3);
    zmq_close(raw);
}

TEST_CASE("last words reach the daemon though the worker's socket is closed at once") {
    Place place;
    auto router = place.router();
    for (int i = 0; i < 20; ++i) {
        Context own;
        auto dealer = LeaseDealer::connect(own, place.endpoint, "a/" + std::to_string(i)).value();
        REQUIRE(test::wait_connected(dealer));
        REQUIRE(dealer.send(encode(Goodbye{0, "operator_stop", "", ""})));
        dealer.close();
        const auto received = test::next(router);
        REQUIRE(received);
        CHECK(decode(received->body).has_value());
    }
}

TEST_CASE("a hundred workers are back soon after their daemon") {
    Place place;
    constexpr int k_workers = 100;
    auto router = std::make_unique<LeaseRouter>(place.router());
    std::vector<LeaseDealer> dealers;
    for (int i = 0; i < k_workers; ++i)
        dealers.push_back(place.dealer("a/" + std::to_string(i)));
    for (const auto& dealer : dealers)
        REQUIRE(test::wait_connected(dealer));
    router.reset();
    for (const auto& dealer : dealers)
        REQUIRE(test::eventually([&] { return !dealer.connected(); }));
    router = std::make_unique<LeaseRouter>(place.router());
    const auto start = std::chrono::steady_clock::now();
    for (auto& dealer : dealers) {
        REQUIRE(test::wait_connected(dealer));
        REQUIRE(dealer.send("hello"));
    }
    std::set<std::string> seen;
    while (seen.size() < k_workers) {
        const auto received = test::next(*router);
        REQUIRE(received);
        seen.insert(received->routing_id);
    }
    const double took = milliseconds_since(start);
    MESSAGE("all back after ", took, " ms");
    // 250 ms of waiting at most; the rest is room for a busy machine.
    CHECK(took < 5'000);
}

TEST_CASE("bullpenctl is told at once when no daemon listens") {
    Place place;
    const auto start = std::chrono::steady_clock::now();
    auto control = ControlDealer::connect(place.context, place.path, 20s);
    REQUIRE_FALSE(control);
    CHECK(control.error().code() == Errc::unavailable);
    CHECK(control.error().context() == "nothing listens at " + place.path);
    {
        test::Child daemon({test::program("ipc-lock-program"), "bind", place.path});
        REQUIRE(daemon.line() == "bound");
    }
    control = ControlDealer::connect(place.context, place.path, 20s);
    CHECK_FALSE(control);
    CHECK(milliseconds_since(start) < 15'000);
}

TEST_CASE("bullpenctl does not wait longer than asked for a daemon that does not answer") {
    Place place;
    test::Child daemon({test::program("ipc-lock-program"), "bind", place.path});
    REQUIRE(daemon.line() == "bound");
    daemon.signal(SIGSTOP);
    REQUIRE(test::eventually([&] { return all_threads_stopped(daemon.pid()); }));
    const auto control = ControlDealer::connect(place.context, place.path, 50ms);
    REQUIRE_FALSE(control);
    CHECK(control.error().code() == Errc::unavailable);
    CHECK(control.error().message().find("did not answer within 50 ms") != std::string::npos);
}

TEST_CASE("what a daemon says before it goes is heard, also when another one has its place") {
    Place place;
    for (int round = 0; round < 20; ++round) {
        CAPTURE(round);
        auto first =
            std::make_unique<ControlRouter>(ControlRouter::bind(place.context, place.path).value());
        Context apart;
        auto control = ControlDealer::connect(apart, place.path, 20s).value();
        REQUIRE(control.send("question"));
        const auto received = test::next(*first);
        REQUIRE(received);
        REQUIRE(first->send(received->routing_id, "last words"));
        first.reset();
        const auto second = ControlRouter::bind(place.context, place.path).value();
        REQUIRE(test::eventually([&] { return control.lost() && control.connected(); }));
        const auto heard = control.receive_within(0ms);
        REQUIRE(heard);
        CHECK(*heard == "last words");
        CHECK_FALSE(control.receive_within(0ms));
        CHECK(control.send("another").error().code() == Errc::unavailable);
    }
}

TEST_CASE("a request is answered by progress, verdicts and a result") {
    Place place;
    auto router = ControlRouter::bind(place.context, place.path).value();
    auto control = ControlDealer::connect(place.context, place.path, 20s).value();
    Request request;
    request.id = "1";
    request.command = "start";
    REQUIRE(control.send(encode(request)));
    const auto received = test::next(router);
    REQUIRE(received);
    CHECK((decode_request(received->body).value() == request));
    constexpr int k_verdicts = 2'000;
    Reply reply;
    reply.id = "1";
    reply.kind = ReplyKind::verdict;
    for (int i = 0; i < k_verdicts; ++i)
        REQUIRE(router.send(received->routing_id, encode(reply)));
    reply.kind = ReplyKind::result;
    REQUIRE(router.send(received->routing_id, encode(reply)));
    int verdicts = 0;
    for (;;) {
        const auto frame = control.receive_within(20s);
        REQUIRE(frame);
        if (decode_reply(*frame).value().last())
            break;
        ++verdicts;
    }
    CHECK(verdicts == k_verdicts);
    CHECK_FALSE(control.receive_within(1ms));
}
