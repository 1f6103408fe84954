// What it costs a worker to ask whether it must stand aside, which it does for every bar: a year of
// events of high importance, asked about random times and about one after the other. The floor is
// the loop without the question.
#include <vector>

#include "bench/support/command_line.hpp"
#include "bench/support/json_line.hpp"
#include "common/base/random.hpp"
#include "common/events/blackout.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::bench;
using namespace bullpen::events;

constexpr std::size_t k_questions = 20'000;
constexpr std::size_t k_rounds = 101;
constexpr int k_events = 250;

Timeline a_year() {
    const auto zone = time::Zone::load("America/New_York");
    Snapshot snapshot;
    const UtcTime from = *parse_utc("2026-01-01T05:00:00Z");
    for (int i = 0; i < k_events; ++i) {
        Event event;
        event.series = "us.bls.cpi";
        event.id = event_id(event.series, std::to_string(i));
        event.currency = "USD";
        event.importance = 3;
        event.utc = from + std::chrono::hours(34 * i) + std::chrono::minutes(8 * 60 + 30);
        snapshot.events.push_back(event);
    }
    const AccountRules rules = *AccountRules::from({});
    Timeline::Input input;
    input.snapshot = &snapshot;
    input.rules = &rules;
    input.new_york = &*zone;
    input.now = from;
    input.from = from;
    input.to = from + std::chrono::hours(24 * 365);
    return Timeline::build(input);
}

// Nanoseconds a question; the median of the rounds.
template <class Ask>
double measure(const Clock& clock, const std::vector<UtcTime>& times, Ask ask) {
    std::vector<double> rounds;
    std::int64_t sink = 0;  // the answers are used, so that asking is not left out
    for (std::size_t i = 0; i < k_rounds; ++i) {
        const auto begin = clock.mono();
        for (const UtcTime at : times)
            sink += ask(at);
        const auto took = clock.mono() - begin;
        rounds.push_back(static_cast<double>(took.count()) / static_cast<double>(times.size()));
    }
    volatile std::int64_t kept = sink;
    (void)kept;
    return median(std::move(rounds));
}

}  // namespace

int main(int argc, char**) try {
    require(argc == 1, "it takes no arguments");
    const SystemClock clock;
    const Timeline line = a_year();
    SeededRandom random(1);
    std::vector<UtcTime> scattered;
    std::vector<UtcTime> following;
    const auto span = (line.ends() - line.begins()).count();
    for (std::size_t i = 0; i < k_questions; ++i) {
        scattered.push_back(line.begins() +
                            Nanos(static_cast<std::int64_t>(random.next() >> 2U) % span));
        following.push_back(line.begins() + std::chrono::minutes(i));
    }
    const auto ask = [&](UtcTime at) { return line.query(at).entries ? 1 : 0; };
    const double floor =
        measure(clock, scattered, [](UtcTime at) { return at.time_since_epoch().count() & 1; });
    JsonLine("blackout")
        .add("segments", static_cast<double>(line.segments()))
        .add("scattered_ns", measure(clock, scattered, ask))
        .add("following_ns", measure(clock, following, ask))
        .add("floor_ns", floor)
        .print();
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
