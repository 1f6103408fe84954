// World: everything around the fleet that is real elsewhere. Processes that start, work, hang and
// die; kernel locks that live as long as any process of a tree; a daemon that performs the fleet's
// actions, sleeps, dies and comes again with what it had written down; operators, roster edits,
// strangers and full disks.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "scenario.hpp"
#include "simulate.hpp"
#include "supervisor/fleet/fleet.hpp"

namespace bullpen::simulation {

enum class What : std::uint8_t {
    // Of one process.
    ready,
    beat,
    misfortune,
    dies,
    hello,
    sweep_done,
    // Of the home.
    daemon_dies,
    daemon_starts,
    daemon_sleeps,
    daemon_wakes,
    wall_jumps,
    command,
    edit,
    gate,
    gate_opens,
    stranger,
    stranger_leaves,
    disk_full,
    disk_free,
    storm,
    calm,
    judgement,
    last_day,
};

struct Pending {
    MonoTime at;
    std::uint64_t order;
    What what;
    std::uint32_t account;
    std::uint64_t launch;
    std::int64_t value;
    friend bool operator>(const Pending& a, const Pending& b) {
        return std::tie(a.at, a.order) > std::tie(b.at, b.order);
    }
};

// What the daemon hears of a worker; kept while it sleeps, lost while there is none.
struct Message {
    What what;
    std::uint32_t account;
    std::uint64_t launch;
    std::int64_t value;
};

struct Process {
    bool alive = false;
    LaunchNumber launch;
    Fence fence;
    std::uint64_t fingerprint = 0;
    UtcTime started{};
    bool recovery = false;
    bool is_ready = false;
    bool hung = false;  // silent for ever
    bool owes = false;  // beats, and its work is not done
    bool fat = false;
    bool flat = true;
    bool told = false;       // asked to end in order
    bool condemned = false;  // asked to end because it must
    bool ignores_term = false;
    MonoTime muted_until{};
    MonoTime unkillable_until{};
    fleet::ExitStatus status;
    // As the daemon knows it.
    std::optional<MonoTime> launched_told;
    std::optional<MonoTime> ready_told;
    MonoTime heard{};
};

struct Subject {
    explicit Subject(fleet::AccountPlan its_plan) : plan(std::move(its_plan)) {}

    fleet::AccountPlan plan;
    Habits habits;
    bool listed = true;
    Process process;
    bool children = false;                  // what its last process left; they hold the lock
    std::optional<std::uint64_t> sweeping;  // the tree of this launch is being cleared away
    bool stranger = false;                  // somebody else holds the lock
    bool program_missing = false;
    std::set<model::Reason> gates;
    // On disk.
    std::optional<fleet::SavedAccount> saved;
    std::optional<fleet::FoundWorker> record;
    // What the checks expect.
    bool wish = true;
    bool exited = false;
    bool recovered = false;
    std::optional<bool> flat_told;
    bool interrupted = false;  // an earlier daemon was restarting it
    bool murky = false;        // a clock was set or a word was lost: times cannot be checked
    std::uint64_t fence_max = 0;
    std::deque<MonoTime> deaths;
    std::optional<std::uint32_t> streak;
    std::optional<MonoTime> earliest;  // of the next launch, by its back-off
};

class World {
  public:
    explicit World(const Options& options);
    Outcome run();

  private:
    // The loop (world.cpp).
    void schedule(Nanos in, What what, std::uint32_t account = 0, std::uint64_t launch = 0,
                  std::int64_t value = 0);
    void again(What what, Nanos mean);
    bool turn();
    void handle(const Pending& event);
    void trace(std::string_view what, const std::string& detail) const;
    void fail(const std::string& sentence);
    [[nodiscard]] Instant now() const {
        return {UtcTime(utc_base_ + mono_.time_since_epoch()), mono_};
    }
    [[nodiscard]] bool awake() const { return fleet_ && !asleep_; }
    [[nodiscard]] static std::string name(std::uint32_t account);
    Subject& pick() { return subjects_[random_.below(subjects_.size())]; }
    [[nodiscard]] std::uint32_t index(const Subject& subject) const {
        return static_cast<std::uint32_t>(&subject - subjects_.data());
    }

    // Processes (process.cpp).
    void handle_process(const Pending& event, Subject& s);
    void spawn(Subject& s, const fleet::Action& action);
    void draw_start(Subject& s);
    void beat(Subject& s);
    void misfortune(Subject& s);
    void dies_in(Subject& s, Nanos in, std::int64_t status);
    void dead(Subject& s, std::int64_t status);
    void terminate(Subject& s);
    void kill(Subject& s);

    // The daemon (daemon.cpp).
    void start_daemon();
    void remember_storm(const Subject& s);
    void find_workers();
    void end_daemon();
    void daemon_done();
    void tell(const Message& message);
    void deliver(const Message& message);
    void deliver_exit(Subject& s, const Message& message);
    void perform();
    void perform(const fleet::Action& action);
    void perform_launch(Subject& s, const fleet::Action& action);
    void perform_sweep(Subject& s, const fleet::Action& action);

    // Misfortunes of the home (weather.cpp).
    void handle_home(const Pending& event);
    void handle_end(const Pending& event);
    void wake();
    void open_gate(const Pending& event);
    void command();
    void hasty_command(Subject& s);
    void operate(Subject& s, int kind);
    void edit();
    void list_again(Subject& s);
    void gate();
    void stranger();
    void storm();
    void calm();
    void apply();

    // Promises (checks.cpp).
    void check_launch(Subject& s, const fleet::Action& action);
    void check_terminate(Subject& s, const fleet::Action& action);
    void check_roll(Subject& s);
    void note_death(Subject& s, std::optional<Nanos> ran_for, bool by_process);
    void check_ended(Subject& s, const fleet::ExitStatus& status, bool was_recovery);
    [[nodiscard]] bool is_recovering(const Subject& s) const;
    void forgive(Subject& s);
    void judgement();
    void judge(const Subject& s);
    [[nodiscard]] model::WorkerState state(const Subject& s) const;

    Options options_;
    SeededRandom random_;
    Scenario scenario_;
    std::vector<Subject> subjects_;
    std::priority_queue<Pending, std::vector<Pending>, std::greater<>> events_;
    std::uint64_t order_ = 0;
    MonoTime mono_{std::chrono::hours(1)};
    Nanos utc_base_ = std::chrono::hours(24 * 365 * 50);
    Outcome outcome_;

    std::unique_ptr<fleet::Fleet> fleet_;
    bool asleep_ = false;
    bool performing_ = false;
    bool calm_ = false;
    bool disk_full_ = false;
    std::set<model::Reason> home_gates_;
    std::vector<Message> inbox_;
    std::optional<Fence> fences_durable_;
    Fence fence_last_;  // in any lock file
    LaunchNumber launch_last_;

    MonoTime listening_since_{};
    MonoTime begun_at_{};
    bool adopting_ = false;
    bool shutting_ = false;
    bool all_stopped_ = false;
    bool last_day_ = false;
    bool wall_jumped_ = false;  // since the daemon started
    std::deque<MonoTime> storm_deaths_;
    std::optional<std::uint32_t> rolled_;
};

}  // namespace bullpen::simulation
