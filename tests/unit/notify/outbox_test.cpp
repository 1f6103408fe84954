#include "notify/outbox.hpp"

#include <doctest/doctest.h>

namespace bullpen::notify {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using enum Target;

const UtcTime k_now = parse_utc("2026-11-22T12:00:00Z").value();

Delivery delivery(Kind kind, Target target = webhook, const std::string& text = "x") {
    Delivery made;
    made.alert = make_alert(kind, k_now, "a", text);
    made.target = target;
    return made;
}

TEST_CASE("each target has one under way, the most severe first, of these the oldest") {
    Outbox outbox;
    for (const auto kind : {Kind::entry, Kind::crashed, Kind::fatal, Kind::hang})
        CHECK(outbox.add(delivery(kind), k_now).empty());
    CHECK(outbox.add(delivery(Kind::entry, smtp), k_now).empty());
    const auto first = outbox.take(webhook, k_now);
    REQUIRE(first.has_value());
    CHECK(first->alert.kind == Kind::fatal);
    CHECK(outbox.is_busy(webhook));
    CHECK_FALSE(outbox.take(webhook, k_now).has_value());
    CHECK(outbox.take(smtp, k_now).has_value());
    CHECK_FALSE(outbox.take(command, k_now).has_value());
    outbox.delivered(first->number);
    for (const auto kind : {Kind::hang, Kind::crashed, Kind::entry}) {
        const auto next = outbox.take(webhook, k_now);
        REQUIRE(next.has_value());
        CHECK(next->alert.kind == kind);
        outbox.delivered(next->number);
    }
    CHECK(outbox.state().waiting.size() == 1);  // the mail
}

TEST_CASE("a delivery that is not taken waits longer each time, and others go on") {
    Outbox outbox;
    (void)outbox.add(delivery(Kind::fatal), k_now);
    (void)outbox.add(delivery(Kind::entry), k_now);
    auto now = k_now;
    Nanos before{0};
    for (int i = 0; i < 12; ++i) {
        const auto due = outbox.take(webhook, now);
        REQUIRE(due.has_value());
        CHECK(due->alert.kind == Kind::fatal);
        CHECK(due->attempts == static_cast<std::uint32_t>(i));
        outbox.failed(due->number, "no", Outbox::Blame::delivery, now);
        if (i == 0) {
            const auto other = outbox.take(webhook, now);
            REQUIRE(other.has_value());
            CHECK(other->alert.kind == Kind::entry);
            outbox.delivered(other->number);
        }
        const auto next = outbox.next_due(now);
        REQUIRE(next.has_value());
        const Nanos wait = *next - now;
        CHECK(wait >= before);
        CHECK(wait <= Outbox::k_retry_max);
        CHECK_FALSE(outbox.take(webhook, *next - Nanos(1)).has_value());
        before = wait;
        now = *next;
    }
    CHECK(before == Outbox::k_retry_max);
    CHECK(outbox.state().waiting.front().trouble == "no");
}

TEST_CASE(
    "a target that does not answer is left alone as a whole, and asked with what is most severe") {
    Outbox outbox;
    for (int i = 0; i < 3; ++i)
        (void)outbox.add(delivery(Kind::entry), k_now);
    const auto first = outbox.take(webhook, k_now);
    REQUIRE(first.has_value());
    outbox.failed(first->number, "gone", Outbox::Blame::target, k_now);
    CHECK_FALSE(outbox.take(webhook, k_now).has_value());
    (void)outbox.add(delivery(Kind::fatal), k_now);
    CHECK_FALSE(outbox.take(webhook, k_now + Outbox::k_retry_first - Nanos(1)).has_value());
    const auto next = outbox.take(webhook, k_now + Outbox::k_retry_first);
    REQUIRE(next.has_value());
    CHECK(next->alert.kind == Kind::fatal);
    // When it answers, all goes on at once.
    outbox.delivered(next->number);
    CHECK(outbox.take(webhook, k_now + Outbox::k_retry_first).has_value());
}

TEST_CASE("when it is full the oldest of the least severe give way, and are counted") {
    Outbox outbox({3, hours(24)});
    (void)outbox.add(delivery(Kind::crashed, webhook, "1"), k_now);
    (void)outbox.add(delivery(Kind::entry, webhook, "2"), k_now);
    (void)outbox.add(delivery(Kind::entry, webhook, "3"), k_now);
    const auto gone = outbox.add(delivery(Kind::fatal, webhook, "4"), k_now);
    REQUIRE(gone.size() == 1);
    CHECK(gone.front().alert.text == "2");
    (void)outbox.add(delivery(Kind::hang, webhook, "5"), k_now);
    // What is less severe than all that wait gives way itself.
    const auto self = outbox.add(delivery(Kind::entry, webhook, "6"), k_now);
    REQUIRE(self.size() == 1);
    CHECK(self.front().alert.text == "6");
    CHECK(outbox.state().waiting.size() == 3);
    CHECK(outbox.take_given_up() == 3);
    CHECK(outbox.take_given_up() == 0);
}

TEST_CASE("what is under way does not give way, and what is too old does not stay") {
    Outbox outbox({1, hours(24)});
    (void)outbox.add(delivery(Kind::entry), k_now);
    const auto first = outbox.take(webhook, k_now);
    REQUIRE(first.has_value());
    const auto gone = outbox.add(delivery(Kind::entry, webhook, "second"), k_now);
    REQUIRE(gone.size() == 1);
    CHECK(gone.front().alert.text == "second");
    CHECK(outbox.expire(k_now + hours(24)).empty());
    outbox.failed(first->number, "no", Outbox::Blame::delivery, k_now);
    CHECK(outbox.expire(k_now + hours(24) - Nanos(1)).empty());
    CHECK(outbox.expire(k_now + hours(24)).size() == 1);
    CHECK(outbox.take_given_up() == 2);
    CHECK_FALSE(outbox.next_due(k_now).has_value());
}

TEST_CASE("what was under way when a process died is sent by the next under the same number") {
    Outbox first;
    (void)first.add(delivery(Kind::fatal), k_now);
    const auto begun = first.take(webhook, k_now);
    REQUIRE(begun.has_value());
    Outbox second({}, first.state());
    const auto again = second.take(webhook, k_now);
    REQUIRE(again.has_value());
    CHECK(again->number == begun->number);
    CHECK(again->alert == begun->alert);
    (void)second.add(delivery(Kind::fatal), k_now);
    CHECK(second.state().waiting.back().number > begun->number);
}

TEST_CASE("a clock that is set back keeps nothing from its target for longer than a wait may be") {
    Outbox outbox;
    (void)outbox.add(delivery(Kind::fatal), k_now);
    for (const auto blame : {Outbox::Blame::delivery, Outbox::Blame::target}) {
        const auto one = outbox.take(webhook, k_now);
        REQUIRE(one.has_value());
        outbox.failed(one->number, "no", blame, k_now + hours(100));
        CHECK(outbox.next_due(k_now) == k_now);
    }
}

TEST_CASE("what is for a target that there is no more goes") {
    Outbox outbox;
    (void)outbox.add(delivery(Kind::fatal, smtp), k_now);
    (void)outbox.add(delivery(Kind::fatal, webhook), k_now);
    CHECK(outbox.drop(smtp).size() == 1);
    CHECK(outbox.state().waiting.size() == 1);
    outbox.delivered(99);
    outbox.failed(99, "", Outbox::Blame::target, k_now);
    CHECK(outbox.take(webhook, k_now).has_value());
}

TEST_CASE("the waits double up to the longest") {
    CHECK(retry_wait(0) == Nanos{0});
    CHECK(retry_wait(1) == Outbox::k_retry_first);
    CHECK(retry_wait(2) == 2 * Outbox::k_retry_first);
    CHECK(retry_wait(1'000'000) == Outbox::k_retry_max);
}

}  // namespace
}  // namespace bullpen::notify
