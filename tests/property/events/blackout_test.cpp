#include "common/events/blackout.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace bullpen::events {

namespace {

using std::chrono::hours;
using std::chrono::minutes;

const time::Zone& new_york() {
    static const time::Zone zone = *time::Zone::load("America/New_York");
    return zone;
}

const UtcTime k_from = *parse_utc("2026-03-01T05:00:00Z");
const UtcTime k_to = k_from + hours(24 * 12);

UtcTime some_instant() {
    return k_from + minutes(*rc::gen::inRange(-200, 24 * 60 * 12 + 200));
}

struct World {
    Snapshot snapshot;
    config::EventSettings settings;
    Timeline line;
};

World some_world() {
    World world;
    const int count = *rc::gen::inRange(0, 12);
    for (int i = 0; i < count; ++i) {
        Event event;
        event.series =
            *rc::gen::element<std::string>("us.bls.cpi", "us.fed.fomc.statement", "ff.usd.thing");
        event.id = event_id(event.series, std::to_string(i));
        event.importance = *rc::gen::inRange(1, 4);
        event.currency = *rc::gen::element<std::string>("USD", "EUR", "");
        event.utc = some_instant();
        event.status = *rc::gen::element(Status::published, Status::cancelled, Status::estimated);
        world.snapshot.events.push_back(event);
    }
    std::sort(world.snapshot.events.begin(), world.snapshot.events.end(), before);
    world.settings.windows.clear();
    for (const char* events : {"high", "cpi", "ff.usd.thing"}) {
        if (*rc::gen::arbitrary<bool>())
            world.settings.windows.push_back(
                std::string(events) + ": " + std::to_string(*rc::gen::inRange(1, 90)) +
                " min before, " + std::to_string(*rc::gen::inRange(0, 90)) +
                " min after, block_entries" + *rc::gen::element<std::string>("", ", flatten"));
    }
    // Nothing is asked where nothing is known: only windows of events close.
    world.settings.on_unknown = config::OnUnknown::trade;
    const AccountRules rules = *AccountRules::from(world.settings);
    Timeline::Input input;
    input.snapshot = &world.snapshot;
    input.rules = &rules;
    input.new_york = &new_york();
    input.now = k_from;
    input.from = k_from;
    input.to = k_to;
    world.line = Timeline::build(input);
    return world;
}

}  // namespace

TEST_CASE("a timeline is nothing else than all windows side by side") {
    CHECK(rc::check("an account stands aside exactly within a window", [] {
        const World world = some_world();
        const AccountRules rules = *AccountRules::from(world.settings);
        const UtcTime at = k_from + minutes(*rc::gen::inRange(0, 24 * 60 * 12));
        bool blocked = false;
        bool flatten = false;
        for (const Event& event : world.snapshot.events) {
            const auto* window = rules.window(event);
            if (window == nullptr || event.cancelled())
                continue;
            const bool open = event.utc - window->before <= at && at < event.utc + window->after;
            blocked = blocked || open;
            flatten = flatten || (open && window->actions.flatten);
        }
        const Answer answer = world.line.query(at);
        RC_ASSERT((answer.standing == Standing::blocked) == blocked);
        RC_ASSERT(answer.entries == !blocked);
        RC_ASSERT(answer.actions.flatten == flatten);
        RC_ASSERT((answer.event != nullptr) == blocked);
    }));
    CHECK(rc::check("stretches tile time and answer alike all along", [] {
        const World world = some_world();
        UtcTime at = k_from;
        std::optional<Answer> last;
        while (at < k_to) {
            const Answer answer = world.line.query(at);
            RC_ASSERT(answer.from == at);
            RC_ASSERT(answer.to > at);
            RC_ASSERT(world.line.query(answer.to - Nanos(1)).standing == answer.standing);
            if (last) {
                RC_ASSERT(last->standing != answer.standing || last->entries != answer.entries);
            }
            last = answer;
            at = answer.to;
        }
        RC_ASSERT(at == k_to);
    }));
    CHECK(rc::check("the next window is the first stretch without entries that begins later", [] {
        const World world = some_world();
        const UtcTime at = k_from + minutes(*rc::gen::inRange(0, 24 * 60 * 12));
        const auto next = world.line.next_block(at);
        UtcTime walk = world.line.query(at).to;
        while (walk < k_to && world.line.query(walk).entries)
            walk = world.line.query(walk).to;
        RC_ASSERT(next.has_value() == (walk < k_to));
        if (next) {
            RC_ASSERT(next->from == walk);
        }
    }));
}

}  // namespace bullpen::events
