#include "worker/stall.hpp"

#include <algorithm>

namespace bullpen::worker {

namespace {

// A reading this old is still good for the beginning of a turn: it can only be wrong by as much.
constexpr Nanos k_reading_age_max = Millis(50);

std::string seconds_text(Nanos time) {
    constexpr auto k_tenth = Millis(100);
    const auto tenths = (time + k_tenth / 2) / k_tenth;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

std::string_view code(Stage stage) {
    constexpr std::array<std::string_view, static_cast<std::size_t>(Stage::count_)> codes{
        "wait", "talk", "connect", "desk", "judge", "bars", "jobs", "checkpoint", "report"};
    return codes.at(static_cast<std::size_t>(stage));
}

std::string_view code(StallCause cause) {
    constexpr std::array<std::string_view, static_cast<std::size_t>(StallCause::count_)> codes{
        "own_work", "disk", "processor", "machine_asleep", "stopped"};
    return codes.at(static_cast<std::size_t>(cause));
}

std::string sentence(const Stall& stall) {
    const auto caused = seconds_text(stall.caused);
    std::string why;
    switch (stall.cause) {
        case StallCause::own_work: why = "it worked for " + caused; break;
        case StallCause::disk:
            why = "it waited " + caused + " for the disk";
            if (!stall.disk.empty())
                why += " (" + stall.disk + ")";
            break;
        case StallCause::processor: why = "it waited " + caused + " for a processor"; break;
        case StallCause::machine_asleep: why = "the machine slept for " + caused; break;
        case StallCause::stopped:
            why = "for " + caused + " it did not run: stopped or blocked";
            if (!stall.counts_starved)
                why += ", or others had the processor (this kernel does not count that)";
            break;
        case StallCause::count_: break;
    }
    return "stood still " + seconds_text(stall.took) + " in " + std::string(code(stall.stage)) +
           ": " + why;
}

std::optional<Stall> StallWatch::begin(MonoTime now, const Probe& probe) {
    const auto late = due_ ? now - *due_ : Nanos{0};
    std::optional<Stall> stall;
    if (!asked_ || late >= k_limit || now - *asked_ >= k_reading_age_max) {
        auto spent = probe();
        if (asked_ && late >= k_limit)
            stall = explain(late, Stage::wait, late, spent);
        spent_ = std::move(spent);
        asked_ = now;
    }
    begun_ = entered_ = now;
    stage_ = Stage::talk;
    stages_.fill(Nanos{0});
    return stall;
}

void StallWatch::leave_stage(MonoTime now) {
    stages_.at(static_cast<std::size_t>(stage_)) += now - entered_;
    entered_ = now;
}

void StallWatch::enter(Stage stage, MonoTime now) {
    leave_stage(now);
    stage_ = stage;
}

Stage StallWatch::slowest_stage() const {
    const auto longest = std::max_element(stages_.begin(), stages_.end());
    return static_cast<Stage>(longest - stages_.begin());
}

std::optional<Stall> StallWatch::end(MonoTime now, MonoTime due, const Probe& probe) {
    leave_stage(now);
    // What came due while this turn went on is late from its end: no wait began before.
    due_ = std::max(due, now);
    const auto took = now - begun_;
    if (took < k_limit)
        return std::nullopt;
    auto spent = probe();
    const auto slowest = slowest_stage();
    auto stall = explain(took, slowest, stages_.at(static_cast<std::size_t>(slowest)), spent);
    spent_ = std::move(spent);
    asked_ = now;
    return stall;
}

// The largest share is the cause; what no share accounts for was neither running nor ready to.
Stall StallWatch::explain(Nanos took, Stage stage, Nanos in_stage, const TimeSpent& spent) {
    ++count_;
    worst_ = std::max(worst_, took);
    std::array<Nanos, static_cast<std::size_t>(StallCause::count_)> shares{
        spent.ran - spent_.ran, spent.disk - spent_.disk, spent.starved - spent_.starved,
        spent.asleep - spent_.asleep, Nanos{0}};
    Nanos rest = took;
    for (const auto share : shares)
        rest -= share;
    shares.back() = std::max(rest, Nanos{0});
    const auto largest = std::max_element(shares.begin(), shares.end());
    const auto cause = static_cast<StallCause>(largest - shares.begin());
    return {took,
            stage,
            in_stage,
            cause,
            *largest,
            cause == StallCause::disk ? spent.slowest : std::string(),
            spent.counts_starved};
}

bool StallWatch::is_news(const Stall& stall, MonoTime now) {
    auto& told =
        told_.at(static_cast<std::size_t>(stall.stage)).at(static_cast<std::size_t>(stall.cause));
    if (told && now < *told + k_told_again)
        return false;
    told = now;
    return true;
}

}  // namespace bullpen::worker
