#include "world.hpp"

#include <cstdio>

#include "common/base/assert.hpp"

namespace bullpen::simulation {

using namespace std::chrono_literals;

namespace {

Coverage counted{};

void count_step(model::WorkerState state, fleet::Event event) {
    ++counted[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)];
}

// Plants the defect of a run, and takes it away again.
class Planting {
  public:
    explicit Planting(fleet::Defect defect) {
        fleet::planted_defect = defect;
        fleet::step_observer = count_step;
    }
    ~Planting() {
        fleet::planted_defect = fleet::Defect::none;
        fleet::step_observer = nullptr;
    }
    Planting(const Planting&) = delete;
    Planting& operator=(const Planting&) = delete;
};

constexpr std::array<std::string_view, static_cast<std::size_t>(What::last_day) + 1> k_words = {
    "ready",
    "beat",
    "misfortune",
    "dies",
    "hello",
    "sweep_done",
    "daemon_dies",
    "daemon_starts",
    "daemon_sleeps",
    "daemon_wakes",
    "wall_jumps",
    "command",
    "edit",
    "gate",
    "gate_opens",
    "stranger",
    "stranger_leaves",
    "disk_full",
    "disk_free",
    "storm",
    "calm",
    "judgement",
    "last_day"};

}  // namespace

const Coverage& coverage() {
    return counted;
}

Outcome simulate(const Options& options) {
    const Planting planting(options.defect);
    return World(options).run();
}

World::World(const Options& options)
    : options_(options), random_(options.seed), scenario_(draw_scenario(random_, options.size)) {
    for (std::size_t i = 0; i < scenario_.plans.size(); ++i) {
        Subject& s = subjects_.emplace_back(scenario_.plans[i]);
        s.habits = scenario_.habits[i];
        s.wish = s.plan.autostart;
        s.streak = 0;
        s.listed = !random_.chance(0.05);
    }
    schedule(0s, What::daemon_starts);
    schedule(scenario_.length, What::calm);
    const Weather& weather = scenario_.weather;
    again(What::daemon_dies, weather.daemon_dies);
    again(What::daemon_sleeps, weather.daemon_sleeps);
    again(What::wall_jumps, weather.wall_jumps);
    again(What::command, weather.commands);
    again(What::edit, weather.edits);
    again(What::gate, weather.gates);
    again(What::stranger, weather.strangers);
    again(What::disk_full, weather.disk_full);
    again(What::storm, weather.storms);
}

Outcome World::run() {
    const MonoTime start = mono_;
    while (outcome_.failure.empty() && turn()) {
        if (options_.until_step != 0 && outcome_.step >= options_.until_step)
            break;
    }
    outcome_.accounts = static_cast<std::uint32_t>(subjects_.size());
    outcome_.lived = mono_ - start;
    return outcome_;
}

void World::schedule(Nanos in, What what, std::uint32_t account, std::uint64_t launch,
                     std::int64_t value) {
    events_.push({mono_ + in, order_++, what, account, launch, value});
}

// The next of its kind, if there are any.
void World::again(What what, Nanos mean) {
    if (mean > 0s && !calm_)
        schedule(waiting_time(random_, mean), what);
}

// One step: the fleet's own next deadline, or the next event of the world. False at the end.
bool World::turn() {
    if (last_day_ && !fleet_)
        return false;
    const auto deadline = awake() ? fleet_->next_deadline() : std::nullopt;
    if (events_.empty() && !deadline)
        return false;
    ++outcome_.step;
    if (deadline && (events_.empty() || *deadline < events_.top().at)) {
        mono_ = std::max(mono_, *deadline);
        trace("tick", "");
        fleet_->tick(now());
        perform();
        const auto next = fleet_ ? fleet_->next_deadline() : std::nullopt;
        if (next && *next <= mono_)
            fail("a deadline that has passed stays due");
        return true;
    }
    const Pending event = events_.top();
    events_.pop();
    mono_ = std::max(mono_, event.at);
    if (options_.trace) {
        trace(k_words[static_cast<std::size_t>(event.what)],
              name(event.account) + " launch " + std::to_string(event.launch));
    }
    handle(event);
    return true;
}

void World::handle(const Pending& event) {
    if (event.what > What::sweep_done) {
        handle_home(event);
        return;
    }
    Subject& s = subjects_[event.account];
    if (event.what == What::sweep_done) {
        if (s.sweeping == event.launch) {
            s.sweeping.reset();
            s.children = false;
            tell({What::sweep_done, event.account, event.launch, 0});
        }
        return;
    }
    if (s.process.alive && s.process.launch.value == event.launch)
        handle_process(event, s);
}

std::string World::name(std::uint32_t account) {
    return "a" + std::to_string(account);
}

void World::trace(std::string_view what, const std::string& detail) const {
    if (!options_.trace)
        return;
    const auto time =
        std::chrono::duration_cast<std::chrono::milliseconds>(mono_.time_since_epoch());
    std::printf("%llu %lld.%03lld %.*s %s\n", static_cast<unsigned long long>(outcome_.step),
                static_cast<long long>(time.count() / 1000),
                static_cast<long long>(time.count() % 1000), static_cast<int>(what.size()),
                what.data(), detail.c_str());
}

void World::fail(const std::string& sentence) {
    if (!outcome_.failure.empty())
        return;
    outcome_.failure = sentence;
    trace("FAILED", sentence);
}

}  // namespace bullpen::simulation
