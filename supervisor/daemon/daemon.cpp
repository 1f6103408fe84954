#include "supervisor/daemon/daemon.hpp"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <map>
#include <vector>

#include "common/base/errc.hpp"
#include "common/base/random.hpp"
#include "common/base/service.hpp"
#include "common/launch/directories.hpp"
#include "common/loop/notify.hpp"
#include "common/process/limits.hpp"
#include "common/process/process_facts.hpp"
#include "common/storage/file_system.hpp"
#include "ipc/identity.hpp"
#include "ipc/used_numbers.hpp"
#include "supervisor/daemon/last_words.hpp"
#include "supervisor/daemon/plans.hpp"
#include "supervisor/daemon/saved_account.hpp"
#include "supervisor/daemon/services.hpp"
#include "supervisor/daemon/version.hpp"

namespace bullpen::daemon {

namespace {

// Beats of many accounts are taken together: one turn of the loop costs more than a beat.
constexpr Millis k_beats_rest{20};
// A line of it is an account and a word.
constexpr std::size_t k_orders_max = std::size_t{1} << 20U;

// With the last slash.
std::string directory_of(const std::string& program) {
    return program.substr(0, program.find_last_of('/') + 1);
}

std::string worker_program(const config::DaemonSettings& settings, const std::string& daemon) {
    if (!settings.worker_program.empty())
        return settings.worker_program;
    return directory_of(daemon) + "bullpen-worker";
}

// What earlier daemons left: their records, and the workers that still live.
struct Left {
    process::LaunchRecord record;
    ipc::UsedNumbers used;
    storage::FenceFile fences;
    bool numbers_lost = false;  // they had to be looked for
    lease::FenceAllocator allocator;
    process::Adoption found;
    std::vector<AccountId> prepared;
    std::map<AccountId, Result<fleet::SavedAccount>> saved;
};

// Asks for nothing that the settings say, so that it goes on beside the reading of hundreds of
// them.
Result<Left> look_at_what_is_left(const Home& home) {
    BULLPEN_TRY(auto record, process::LaunchRecord::open(home.launch_record()));
    ipc::UsedNumbers used{record.last_launch(), record.last_fence()};
    const auto open_fences = [&] {
        return storage::FenceFile::open(home.fences(), storage::FenceFile::copy_in(home),
                                        used.fence);
    };
    auto opened = open_fences();
    bool numbers_lost = false;
    // Every file of the home is asked, which a whole record and reservation spare.
    if (!opened || !opened->intact() || used.launch == LaunchNumber{}) {
        const auto found = ipc::find_used_numbers(home);
        numbers_lost = std::max(found.fence, used.fence) > Fence{};
        used = {std::max(used.launch, found.launch), std::max(used.fence, found.fence)};
        opened = open_fences();
    }
    BULLPEN_TRY(auto fences, std::move(opened));
    lease::FenceAllocator allocator(fences.reserved(), used.fence);
    // A full disk keeps no worker from being adopted: before a launch fences are asked for again.
    if (const auto due = allocator.due(); due && fences.reserve(*due))
        allocator.reserved(*due);
    // Every account that was ever started has a lock file, or a record.
    auto found = process::find_live_workers(home, record, {});
    auto prepared = launch::make_known_directories(home);
    std::map<AccountId, Result<fleet::SavedAccount>> saved;
    for (const auto& [id, recorded] : record.accounts()) {
        if (!recorded.saved.empty())
            saved.emplace_hint(saved.end(), id, saved_account_from(recorded.saved));
    }
    return Left{std::move(record),   used,
                std::move(fences),   numbers_lost,
                allocator,           std::move(found),
                std::move(prepared), std::move(saved)};
}

}  // namespace

ipc::BoardDaemon Daemon::board_facts(const config::DaemonSettings& settings, Instant started) {
    ipc::BoardDaemon facts;
    facts.version = k_version;
    facts.boot_id = ipc::boot_id();
    facts.name = settings.name;
    facts.started = started.utc;
    facts.written = started.utc;
    facts.written_mono = started.mono;
    facts.start_time = ipc::start_time_of(::getpid()).value_or(0);
    facts.pid = ::getpid();
    facts.protocol = ipc::k_protocol;
    return facts;
}

struct Daemon::Opened {
    ipc::AccountLock lock;
    std::unique_ptr<storage::FileSystem> files;
    std::unique_ptr<log::Logger> log;
    std::unique_ptr<log::AuditLog> audit;
    config::RosterReader reader;
    config::Roster roster;
    Left left;
    ipc::Context context;
    ipc::LeaseRouter leases;
    ipc::ControlRouter control;
    ipc::EventPublisher events;
    ipc::BoardWriter board;
    process::Launcher launcher;
};

Result<std::unique_ptr<Daemon>> Daemon::start(const Home& home, const Clock& clock,
                                              ipc::AccountLock lock, std::string program,
                                              std::string credentials_directory) {
    const auto now = clock.now();
    BULLPEN_CHECK(launch::make_home_directories(home));
    auto looking = std::async(std::launch::async, [&home] { return look_at_what_is_left(home); });
    config::RosterReader reader(home);
    auto roster = reader.read(now.utc);
    if (!roster.usable) {
        return fail(Errc::invalid, "bullpen.toml has errors and no good version of it is known:\n" +
                                       text(roster.problems));
    }
    BULLPEN_CHECK(process::make_room_for(roster.accounts.size()));
    BULLPEN_CHECK(process::become_subreaper());
    ::prctl(PR_SET_DUMPABLE, 0);

    const auto& settings = roster.daemon.log;
    auto files = std::make_unique<storage::SystemFileSystem>();
    auto log =
        log::Logger::to_file(*files,
                             {home.daemon_log(), settings.size_max, log::RotationPeriod::day,
                              static_cast<std::uint32_t>(settings.keep), std::chrono::days(0)},
                             clock, {}, log::level_from(code(settings.level)).value());
    auto audit = std::make_unique<log::AuditLog>(
        *files, log::AuditSettings{home.audit_log(), std::chrono::days(settings.audit_days)},
        clock);

    BULLPEN_TRY(auto left, looking.get());
    // Whose file went while no daemon ran stays as under a daemon.
    std::map<AccountId, std::string> held;
    for (const auto& [id, saved] : left.saved) {
        if (!saved || roster.accounts.contains(id) || is_service(id))
            continue;
        const auto last = config::applied_account(home, id);
        auto why = may_hold(saved->flat, last && last->enabled && !last->command.empty(),
                            saved->wanted && saved->launch.value != 0);
        if (!why.empty())
            held.emplace(id, std::move(why));
    }
    if (!held.empty())
        roster = reader.read(now.utc, held);
    BULLPEN_CHECK(reader.apply(roster, now.utc));
    BULLPEN_TRY(auto launcher, process::Launcher::make());
    ipc::Context context;
    BULLPEN_TRY(auto leases, ipc::LeaseRouter::bind(context, home.lease_socket()));
    BULLPEN_TRY(auto control, ipc::ControlRouter::bind(context, home.control_socket()));
    BULLPEN_TRY(auto events,
                ipc::EventPublisher::bind(context, home.events_socket(),
                                          static_cast<std::uint64_t>(unix_nanos(now.utc))));
    BULLPEN_TRY(auto board,
                ipc::BoardWriter::create(home.board(), board_facts(roster.daemon, now),
                                         roster.accounts.size() + roster.invalid.size()));
    const auto used = left.numbers_lost ? std::optional(left.used) : std::nullopt;
    const auto found = std::move(left.found);
    Opened opened{std::move(lock),    std::move(files),   std::move(log),    std::move(audit),
                  std::move(reader),  std::move(roster),  std::move(left),   std::move(context),
                  std::move(leases),  std::move(control), std::move(events), std::move(board),
                  std::move(launcher)};
    std::unique_ptr<Daemon> daemon(new Daemon(home, clock, std::move(opened), std::move(program),
                                              std::move(credentials_directory)));
    daemon->wire(found);
    if (used)
        daemon->tell_recovered(*used);
    return daemon;
}

Daemon::Daemon(const Home& home, const Clock& clock, Opened&& opened, std::string program,
               std::string credentials_directory)
    : home_(home),
      clock_(clock),
      program_(std::move(program)),
      lock_(std::move(opened.lock)),
      started_(clock.now()),
      files_(std::move(opened.files)),
      log_(std::move(opened.log)),
      audit_(std::move(opened.audit)),
      reader_(std::move(opened.reader)),
      record_(std::move(opened.left.record)),
      fences_(std::move(opened.left.fences)),
      context_(std::move(opened.context)),
      loop_(clock),
      fleet_(fleet_settings(opened.roster.daemon), opened.left.allocator, opened.left.used.launch,
             random_seed()),
      board_(std::move(opened.board), home_, *log_),
      events_(std::move(opened.events), clock),
      leases_(std::move(opened.leases), accounts_, fleet_, board_, *log_, clock),
      undertaker_(home, clock, loop_, accounts_, fleet_, leases_, record_, *log_),
      starter_(home, clock, std::move(opened.launcher), record_,
               worker_program(opened.roster.daemon, program_)),
      vault_(
          home, clock, loop_, accounts_, fleet_, std::move(credentials_directory),
          [this](const AccountId& id, const std::string& sentence) {
              alarm({.account = id, .reason = model::Reason::token_missing, .sentence = sentence});
          }),
      calendar_({home, clock, loop_, undertaker_, *log_,
                 directory_of(program_) + "bullpen-calendar",
                 [this](std::string sentence, std::string_view advice) {
                     alarm({.reason = model::Reason::calendar_unknown,
                            .sentence = std::move(sentence),
                            .advice = std::string(advice)});
                 }}),
      attention_(clock.now()),
      status_told_(clock.mono()) {
    DaemonCommands commands;
    commands.reread = [this](const Asker& asker) { reread(asker); };
    commands.update = [this](const Asker& asker, Nanos deadline) { update(asker, deadline); };
    commands.upgrade = [this](const Asker& asker, Nanos deadline) { upgrade(asker, deadline); };
    commands.shutdown = [this](const Asker& asker, bool keep) { shutdown(asker, keep); };
    commands.cleanup = [this](const Asker& asker) { cleanup(asker); };
    commands.status = [this] { return status_json(); };
    commands.explain = [this](const AccountId& id) { return explain_json(id); };
    commands.config = [this](const Asker& to, const auto& id) { show_config(to, id); };
    commands.events = [this] { return events_json(); };
    commands.audit = [this](const std::string& command, const std::string& user,
                            const std::string& accounts) { audit(command, user, accounts); };
    commands.credentials = [this](const Asker& asker, const ipc::Request& request) {
        vault_.look(request.args.accounts, request.command == "unlock",
                    [this, asker](const std::string& failed) {
                        control_->result(asker, failed.empty(), failed.empty() ? "done" : "failed",
                                         failed);
                        pump();
                    });
    };
    commands.keep_orders = [this](const auto& kept) { keep_orders(kept); };
    commands.tell = [this](const Account& to, const auto& word) { return leases_.tell(to, word); };
    commands.by_hand = [this](const AccountId& id) { return by_hand(id); };
    commands.signal = [this](Account& to, int number) { return signal_worker(to, number); };
    control_ = std::make_unique<ControlDesk>(std::move(opened.control), accounts_, fleet_, *log_,
                                             clock, std::move(commands));
    starter_.prepared(opened.left.prepared);
    auto reading = vault_.read(opened.roster);
    take_settings(std::move(opened.roster), std::move(reading));
    restore_saved(opened.left.saved);
    restore_orders();
}

Daemon::~Daemon() = default;

void Daemon::take_settings(config::Roster roster, vault::Reading reading) {
    for (const auto& [id, sentence] : roster.gone) {
        if (!roster_ || !roster_->gone.contains(id))
            alarm({.account = id,
                   .reason = model::Reason::account_removed,
                   .sentence = sentence,
                   .advice = "put its file back, or see that it is flat; then bullpenctl update"});
    }
    roster_ = std::make_shared<const config::Roster>(std::move(roster));
    services_ = std::make_shared<const std::vector<config::AccountSettings>>(
        services(*roster_, home_, directory_of(program_)));
    for (const auto& [id, settings] : roster_->accounts) {
        accounts_.at(id).settings = {roster_, &settings};
        leases_.guard().put(settings);
    }
    for (const auto& id : roster_->invalid)
        accounts_.at(id).settings.reset();
    for (const auto& settings : *services_)
        accounts_.at(settings.id).settings = {services_, &settings};
    leases_.set_terms({roster_->daemon.ping_interval, roster_->daemon.clock_skew_max});
    log_->set_level(log::level_from(code(roster_->daemon.log.level)).value());
    calendar_.take(*roster_);
    vault_.take(std::move(reading));
    starter_.set_worker_program(worker_program(roster_->daemon, program_));
    const auto isolation = starter_.isolation(roster_->daemon);
    const auto users = starter_.prepare_users(roster_->daemon);
    const auto groups = starter_.cgroups(roster_->daemon);
    if (!isolation.whole() || !groups || !users)
        log_->warn("isolation_degraded", {{"landlock", isolation.landlock},
                                          {"seccomp", isolation.calls_filtered},
                                          {"cgroups", groups ? "" : groups.error().message()},
                                          {"users", users ? "" : users.error().message()}});
    read_settings_ = true;
}

void Daemon::restore_saved(const std::map<AccountId, Result<fleet::SavedAccount>>& all) {
    const auto now = clock_.now();
    for (const auto& [id, saved] : all) {
        auto* account = accounts_.find(id);
        if (account == nullptr)
            continue;
        if (saved) {
            fleet_.restore(now, id, *saved);
            account->last_error = saved->last_error;
            account->holding = saved->holding;
            if (saved->flat == false)
                leases_.guard().doubt(id);
        } else {
            log_->warn("saved_account_unreadable",
                       {{"worker", id}, {"error", saved.error().message()}});
        }
    }
}

// The worker that an order is for may be a live one, which says hello anew, or one to be launched.
void Daemon::restore_orders() {
    const auto text = read_file(orders_path(), k_orders_max);
    if (text)
        daemon::restore_orders(accounts_, *text, clock_.utc());
    else if (text.error().code() != std::errc::no_such_file_or_directory)
        log_->error("orders_unreadable", {{"error", text.error().message()}});
}

void Daemon::adopt(const process::Adoption& found) {
    const auto now = clock_.now();
    // Children of an earlier program of this very process may have ended unseen.
    std::vector<process::Exited> exited;
    process::reap(exited);
    std::map<pid_t, fleet::ExitStatus> statuses;
    for (const auto& one : exited) {
        statuses[one.pid] = one.signaled ? fleet::ExitStatus::signaled(one.signal)
                                         : fleet::ExitStatus::exited(one.code);
    }
    for (const auto& worker : found.live) {
        auto& account = accounts_.at(worker.account);
        leases_.guard().doubt(worker.account);
        auto& launch = account.launch.emplace();
        launch.number = worker.launch;
        launch.nonce = worker.nonce;
        launch.fence = worker.fence;
        launch.start_time = worker.start_time;
        if (const auto* recorded = record_.launch_of(worker.account))
            launch.started = recorded->utc;
        if (account.settings)
            launch.obligations = obligations(*account.settings);
        accounts_.set_pid(account, worker.pid);
        const auto stat = process::read_stat(worker.pid);
        launch.child = stat && stat->parent == ::getpid();
        if (!launch.child) {
            if (auto watched = undertaker_.watch(account); !watched) {
                log_->warn("adoption_failed",
                           {{"worker", worker.account}, {"error", watched.error().message()}});
                accounts_.clear_pid(account);
                const auto known = statuses.find(worker.pid);
                fleet_.lost(now, worker.account,
                            {worker.launch, worker.fence, 0, launch.started, worker.fingerprint},
                            known != statuses.end()
                                ? known->second
                                : unseen_end(home_, worker.account, worker.launch, &account));
                continue;
            }
        }
        fleet_.adopted(
            now, worker.account,
            {worker.launch, worker.fence, worker.pid, launch.started, worker.fingerprint});
    }
    for (const auto& lost : found.lost)
        take_lost(lost, statuses);
    for (const auto& leftover : found.leftovers) {
        undertaker_.adopt_leftover({leftover.account, leftover.launch, leftover.leader,
                                    leftover.start_time, home_.account(leftover.account).lock,
                                    home_.root(), true});
    }
}

void Daemon::take_lost(const process::LostWorker& lost,
                       const std::map<pid_t, fleet::ExitStatus>& statuses) {
    const auto now = clock_.now();
    leases_.guard().doubt(lost.account);
    auto& account = accounts_.at(lost.account);
    // A crash bundle is made from these.
    auto& launch = account.launch.emplace();
    launch.number = lost.launch;
    fleet::FoundWorker found{lost.launch, {}, 0, now.utc, 0};
    auto known = statuses.end();
    if (const auto* recorded = record_.launch_of(lost.account)) {
        launch.fence = found.fence = recorded->fence;
        launch.started = found.started = recorded->utc;
        found.fingerprint = recorded->fingerprint;
        known = statuses.find(recorded->pid);
    }
    fleet_.lost(now, lost.account, found,
                known != statuses.end() ? known->second
                                        : unseen_end(home_, lost.account, lost.launch, &account));
}

// Nobody stood in for what operators wished; the numbers go on above every one that was used.
void Daemon::tell_recovered(const ipc::UsedNumbers& used) {
    log_->warn("numbers_recovered", {{"next_fence", fleet_.leases().fences().next().value},
                                     {"next_launch", used.launch.value + 1}});
    if (record_.last_launch() < used.launch) {
        alarm({.reason = model::Reason::none,
               .sentence = "run/launches was lost: what an operator had stopped starts again as "
                           "its file says",
               .advice = "stop again what is not to run"});
    }
}

void Daemon::wire(const process::Adoption& found) {
    ::signal(SIGPIPE, SIG_IGN);
    turned_ = clock_.now();
    fleet_.apply(clock_.now(), plans(*roster_, *services_));
    adopt(found);
    // Whoever sees this daemon's board finds every account on it.
    board_.remove_unknown(accounts_);
    accounts_.each([this](const Account& account) {
        if (const auto view = fleet_.view(clock_.now(), account.id))
            board_.changed(account, *view);
    });
    log_->info("daemon_started", {{"version", k_version},
                                  {"tzdata", time::tzdata_version()},
                                  {"daemon_pid", static_cast<std::int64_t>(::getpid())},
                                  {"accounts", static_cast<std::uint64_t>(accounts())},
                                  {"adopted", static_cast<std::uint64_t>(found.live.size())},
                                  {"lost", static_cast<std::uint64_t>(found.lost.size())}});
    for (const auto& issue : roster_->problems) {
        log_->warn("settings_problem", {{"problem", text(issue)}});
    }
    accounts_.each([this](const Account& account) {
        if (account.settings && (!account.launch || account.launch->pid == 0))
            starter_.prepare(account.id);
    });
    loop_.on_signals({SIGCHLD, SIGTERM, SIGINT, SIGHUP}, [this](int number) { on_signal(number); });
    loop_.on_slow_step([this](Nanos took, Nanos starved) {
        log_->warn("slow_step",
                   {{"micros", took.count() / 1000}, {"starved_micros", starved.count() / 1000}});
    });
    undertaker_.on_change([this] { pump(); });
    undertaker_.ask_memory([this](const auto& id) { return starter_.ran_out_of_memory(id); });
    undertaker_.scrub_with([this](const AccountId& id) { return vault_.scrub(id); });
    loop_.watch(leases_.fd(), [this] { serve_leases(); });
    loop_.watch(control_->fd(), [this] { serve_control(); });
    loop_.watch(events_.fd(), [this] { events_.serve(); });
    accounts_.each([this](const Account& account) {
        if (account.order && closes(account.order->order))
            static_cast<void>(fleet_.flatten(clock_.now(), account.id));
    });
    // Before the first start: a gate that is shut must be so in time.
    watch_disk();
    fleet_.begin(clock_.now());
    // What was adopted and is not locked any more.
    watch_locks();
    write_daemon_slot();
    loop_.post([this] {
        // A child may have ended before its signal was watched for.
        undertaker_.reap();
        serve_leases();
        pump();
        every_second();
        loop::notify::ready("accounts: " + std::to_string(accounts()));
        loop_.offload([this] { reader_.place_copies(); }, [] {});
    });
}

ExitCode Daemon::run() {
    loop_.run();
    undertaker_.write_bundles();
    loop_.finish_offloaded();
    log_->info("daemon_ended");
    log_->flush();
    return ExitCode::done;
}

void Daemon::on_signal(int number) {
    switch (number) {
        case SIGCHLD: return undertaker_.reap();
        case SIGHUP: return update(std::nullopt, Nanos{0});
        default: return shutdown(std::nullopt, false);
    }
}

void Daemon::serve_leases() {
    look_up(clock_.now());
    const bool more = leases_.serve();
    if (leases_.orders_done())
        control_->orders_done();
    pump();
    if (more)
        loop_.post([this] { serve_leases(); });
    else if (leases_.calm())
        loop_.rest(leases_.fd(), k_beats_rest);
}

void Daemon::serve_control() {
    const bool more = control_->serve();
    pump();
    // Sending may have used up the edge that tells of the next request.
    if (more || control_->serve())
        loop_.post([this] { serve_control(); });
}

}  // namespace bullpen::daemon
