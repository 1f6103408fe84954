#include <doctest/doctest.h>

#include <memory>

#include "common/base/errc.hpp"
#include "tests/integration/ipc/peers.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::ipc;
using namespace std::chrono_literals;

namespace {

struct Place {
    test::TemporaryDirectory directory;
    std::string path = directory.file("events");
    Context context;

    EventPublisher publisher(std::uint64_t epoch = 1) {
        return EventPublisher::bind(context, path, epoch).value();
    }
    EventSubscriber subscriber(const std::string& topic) {
        auto result = EventSubscriber::connect(context, path).value();
        REQUIRE(result.subscribe(topic));
        return result;
    }
};

// Serves the publisher until the subscriber has its next event.
std::optional<Event> next(EventPublisher& publisher, EventSubscriber& subscriber) {
    std::optional<Event> event;
    test::eventually([&] {
        publisher.serve();
        event = subscriber.receive();
        return event.has_value();
    });
    return event;
}

}  // namespace

TEST_CASE("one who joins is sent the last event of each topic, then all that follow") {
    Place place;
    auto publisher = place.publisher();
    const auto mes = account_topic(test::account_id("mes01"));
    REQUIRE(publisher.publish(mes, "first") == 1);
    REQUIRE(publisher.publish(mes, "second") == 2);
    auto subscriber = place.subscriber("");
    const auto snapshot = next(publisher, subscriber);
    REQUIRE(snapshot);
    CHECK(snapshot->topic == "account/mes01/");
    CHECK(snapshot->body == "second");
    CHECK(snapshot->seq == 2);
    CHECK(snapshot->snapshot);
    CHECK(snapshot->missed == 0);
    REQUIRE(publisher.publish(mes, "third"));
    const auto third = next(publisher, subscriber);
    REQUIRE(third);
    CHECK(third->seq == 3);
    CHECK_FALSE(third->snapshot);
    CHECK(third->missed == 0);
}

TEST_CASE("a listener is not disturbed when another joins") {
    Place place;
    auto publisher = place.publisher();
    REQUIRE(publisher.publish(daemon_topic(), "one"));
    auto first = place.subscriber("");
    REQUIRE(next(publisher, first));
    auto second = place.subscriber("");
    REQUIRE(next(publisher, second));
    REQUIRE(publisher.publish(daemon_topic(), "two"));
    const auto event = next(publisher, first);
    REQUIRE(event);
    CHECK(event->body == "two");
    CHECK(event->missed == 0);
}

TEST_CASE("an account's listener does not hear another whose name begins the same") {
    Place place;
    auto publisher = place.publisher();
    auto subscriber = place.subscriber(account_topic(test::account_id("a")));
    REQUIRE(publisher.publish(account_topic(test::account_id("ab")), "not this"));
    REQUIRE(publisher.publish(account_topic(test::account_id("a")), "this"));
    const auto event = next(publisher, subscriber);
    REQUIRE(event);
    CHECK(event->body == "this");
}

TEST_CASE("a listener that is too slow is told how many events it missed") {
    Place place;
    auto publisher = place.publisher();
    REQUIRE(publisher.publish(daemon_topic(), "start"));
    auto subscriber = place.subscriber("");
    REQUIRE(next(publisher, subscriber));
    constexpr std::uint64_t k_events = 100'000;
    const std::string body(2'000, 'x');
    const auto start = std::chrono::steady_clock::now();
    for (std::uint64_t i = 0; i < k_events; ++i)
        REQUIRE(publisher.publish(daemon_topic(), body));
    CHECK(std::chrono::steady_clock::now() - start < 20s);
    std::uint64_t heard = 0;
    while (subscriber.receive())
        ++heard;
    CHECK(heard < k_events);
    // The next event that gets through shows the whole gap.
    std::uint64_t more = 0;
    REQUIRE(test::eventually([&] {
        (void)publisher.publish(daemon_topic(), "end");
        ++more;
        while (const auto event = subscriber.receive()) {
            ++heard;
            if (event->body == "end")
                return event->seq == heard + subscriber.missed() + 1;
        }
        return false;
    }));
    CHECK(subscriber.missed() > 0);
}

TEST_CASE("a publisher that was started again is counted anew") {
    Place place;
    auto publisher = std::make_unique<EventPublisher>(place.publisher(1));
    for (int i = 0; i < 5; ++i)
        REQUIRE(publisher->publish(daemon_topic(), "old"));
    auto subscriber = place.subscriber("");
    REQUIRE(next(*publisher, subscriber)->seq == 5);
    publisher.reset();
    publisher = std::make_unique<EventPublisher>(place.publisher(2));
    REQUIRE(publisher->publish(daemon_topic(), "new"));
    const auto event = next(*publisher, subscriber);
    REQUIRE(event);
    CHECK(event->body == "new");
    CHECK(event->seq == 1);
    CHECK(event->missed == 0);
    CHECK(event->anew);
    REQUIRE(publisher->publish(daemon_topic(), "newer"));
    CHECK_FALSE(next(*publisher, subscriber)->anew);
}

TEST_CASE("an account that was removed and added again is heard again") {
    Place place;
    auto publisher = place.publisher();
    const auto topic = account_topic(test::account_id("mes01"));
    for (int i = 0; i < 5; ++i)
        REQUIRE(publisher.publish(topic, "before"));
    auto subscriber = place.subscriber("");
    REQUIRE(next(publisher, subscriber)->body == "before");
    publisher.forget(topic);
    REQUIRE(publisher.publish(topic, "after") == 1);
    const auto event = next(publisher, subscriber);
    REQUIRE(event);
    CHECK(event->body == "after");
}

TEST_CASE("an event over the limit is refused, and without listeners nothing piles up") {
    Place place;
    auto publisher = place.publisher();
    const auto refused = publisher.publish(daemon_topic(), std::string(k_event_size_max + 1, 'x'));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == Errc::too_large);
    for (int i = 0; i < 10'000; ++i)
        REQUIRE(publisher.publish(daemon_topic(), "x"));
}
