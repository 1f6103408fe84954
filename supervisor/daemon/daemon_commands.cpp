// The operator's commands that concern the daemon as a whole.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "common/documents/json_text.hpp"
#include "common/loop/notify.hpp"
#include "common/model/advice.hpp"
#include "common/model/reason.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/storage/line_file.hpp"
#include "common/users/capabilities.hpp"
#include "ipc/codec.hpp"
#include "ipc/error_text.hpp"
#include "supervisor/daemon/daemon.hpp"
#include "supervisor/daemon/version.hpp"

namespace bullpen::daemon {

using nlohmann::json;

namespace {

// Killing what did not stop in time, and sweeping it.
constexpr Nanos k_stop_margin = std::chrono::seconds(60);

json utc_or_null(const std::optional<UtcTime>& time) {
    return time && time->time_since_epoch().count() != 0 ? json(format_utc(*time)) : json(nullptr);
}

json reason_json(model::Reason reason, const AccountId& account) {
    const auto& text = model::text(reason);
    return {{"code", std::string(text.code)},
            {"sentence", std::string(text.sentence)},
            {"next", std::string(text.next)},
            {"advice", model::with_name(text.advice, account.str())}};
}

json deaths_json(const fleet::AccountView& view) {
    json deaths = json::array();
    for (const auto& death : view.deaths) {
        deaths.push_back({{"utc", format_utc(death.utc)},
                          {"reason", std::string(model::code(death.reason))},
                          {"status", fleet::describe(death.status)},
                          {"launch", death.launch.value},
                          {"ran_for_s", static_cast<double>(death.ran_for.count()) / 1e9}});
    }
    return deaths;
}

// The newest beat as the worker sent it (docs/protocol.md), and who sent it when.
json worker_json(const Launch& launch) {
    if (!launch.beat)
        return nullptr;
    auto worker = documents::parse_json(ipc::encode(ipc::Message(*launch.beat)));
    worker["last_beat"] = format_utc(launch.beat_at.utc);
    worker["protocol"] = launch.protocol;
    worker["version"] = launch.version;
    return worker;
}

}  // namespace

std::string Daemon::explain_json(const AccountId& id) {
    const auto view = fleet_.view(clock_.now(), id);
    const auto* account = accounts_.find(id);
    if (!view || account == nullptr)
        return "{}";
    const auto error = ipc::unstamped(account->last_error);
    json out = {{"account", id.str()},
                {"state", std::string(model::code(view->state))},
                {"shown", std::string(model::shown(view->state, view->exited))},
                {"reason", reason_json(view->reason, id)},
                {"detail", view->detail},
                {"since", utc_or_null(view->since)},
                {"until", utc_or_null(view->until)},
                {"next", view->next},
                {"wanted", view->wanted},
                {"pid", view->pid},
                {"launch", view->launch.value},
                {"fence", view->fence.value},
                {"started", utc_or_null(view->started)},
                {"restarts", view->restarts},
                {"budget", view->budget},
                {"budget_used", view->budget_used},
                {"deaths", deaths_json(*view)},
                {"last_error", error.text},
                {"last_error_at", utc_or_null(error.at)},
                {"crash_bundle", account->crash_bundle},
                {"kept_settings", roster_->kept.contains(id)}};
    out["worker"] = account->launch ? worker_json(*account->launch) : json(nullptr);
    return documents::json_text(out);
}

std::string Daemon::status_json() const {
    const auto& latency = loop_.latency();
    const auto micros = [](Nanos nanos) { return nanos.count() / 1000; };
    const json out = {{"version", std::string(k_version)},
                      {"pid", ::getpid()},
                      {"protocol", ipc::k_protocol},
                      {"home", home_.root()},
                      {"started", format_utc(started_.utc)},
                      {"accounts", accounts()},
                      {"alarms", alarms_},
                      {"disk_full", disk_full_},
                      {"rolling", fleet_.rolling()},
                      {"shutting_down", fleet_.shutting_down()},
                      {"log_dropped", log_->dropped()},
                      {"lease_messages_refused", leases_.refused()},
                      {"loop",
                       {{"steps", latency.count()},
                        {"p50_us", micros(latency.quantile(0.5))},
                        {"p99_us", micros(latency.quantile(0.99))},
                        {"max_us", micros(latency.worst())}}}};
    return documents::json_text(out);
}

void Daemon::show_config(const Asker& asker, const std::optional<AccountId>& id) {
    auto shown = std::make_shared<std::string>();
    loop_.offload(
        [this, shown, id] {
            if (!id) {
                *shown = "{\"daemon\":" + config::json(reader_.daemon_origin()) + "}";
                return;
            }
            const auto origins = reader_.origin(*id);
            *shown =
                origins
                    ? "{\"account\":" + config::json(*origins) + "}"
                    : "{\"error\":" + documents::json_text(json(origins.error().message())) + "}";
        },
        [this, shown, asker] { control_->result(asker, true, "config", "", *shown); });
}

std::string Daemon::events_json() const {
    std::string out = "{\"events\":[";
    for (const auto& event : events_.recent()) {
        if (out.back() != '[')
            out += ',';
        out += event;
    }
    return out + "]}";
}

// An audit entry waits for the disk, so it is written on the helper thread. The command is carried
// out whether or not it could be: an operator must be able to stop trading on a full disk.
void Daemon::audit(const std::string& command, const std::string& user,
                   const std::string& accounts) {
    loop_.attempt(
        [this, command, user, accounts] {
            return audit_->append("operator_command",
                                  {{"command", command}, {"user", user}, {"accounts", accounts}});
        },
        [this](const std::string& failed) { tell_audit(failed); });
}

void Daemon::tell_audit(const std::string& failed) {
    if (!failed.empty())
        log_->warn("audit_failed", {{"error", failed}});
}

// Telling a worker waits for no disk, but whoever is answered that an order stands may rely on it.
void Daemon::keep_orders(const std::function<void(const std::string& failed)>& kept) {
    loop_.attempt(
        [path = orders_path(), text = standing_orders(accounts_)] {
            storage::SystemFileSystem files;
            return storage::replace_file(files, path, text);
        },
        [this, kept](const std::string& failed) {
            if (!failed.empty())
                log_->error("orders_not_kept", {{"error", failed}});
            if (kept)
                kept(failed);
        });
}

// One entry for as many accounts as a line takes: hundreds may change at once, and each entry waits
// for the disk.
void Daemon::audit_changes(const config::RosterDiff& diff) {
    if (diff.empty())
        return;
    constexpr std::size_t k_text_max = std::size_t{16} * 1024;  // bytes; half of a log line
    loop_.attempt(
        [this, text = config::text(config::without_private(diff))]() -> Result<void> {
            for (const auto& part : storage::parts_of(text, k_text_max))
                BULLPEN_CHECK(audit_->append("settings_applied", {{"changes", part}}));
            return {};
        },
        [this](const std::string& failed) { tell_audit(failed); });
}

void Daemon::shutdown(const std::optional<Asker>& asker, bool keep_workers) {
    log_->info("shutdown", {{"keep_workers", keep_workers}});
    auto longest = k_stop_margin;
    accounts_.each([&longest](const Account& account) {
        if (account.settings)
            longest = std::max(longest, account.settings->stop_wait + k_stop_margin);
    });
    loop::notify::stopping(keep_workers ? "leaving the workers" : "stopping every account",
                           longest);
    if (asker) {
        shutdown_asker_ = asker;
        control_->progress(*asker, keep_workers ? "leaving the workers to the next daemon"
                                                : "stopping every account in order");
    }
    fleet_.shutdown(clock_.now(), keep_workers);
    pump();
}

// Ends what a dead worker's tree left, for accounts that have no process; the rest is done as it
// happens and leaves nothing to clean.
void Daemon::cleanup(const Asker& asker) {
    std::size_t swept = 0;
    std::vector<AccountId> idle;
    accounts_.each([&](const Account& account) {
        if (!account.launch || account.launch->pid == 0)
            idle.push_back(account.id);
    });
    for (const auto& id : idle) {
        const auto* account = accounts_.find(id);
        undertaker_.sweep(id, account->launch ? account->launch->number : LaunchNumber{});
        starter_.forget(id);
        ++swept;
    }
    control_->result(asker, true, "done",
                     "looked after " + std::to_string(swept) +
                         (swept == 1 ? " account" : " accounts") + " without a process",
                     "{\"accounts\":" + std::to_string(swept) + "}");
    pump();
}

// The new program is asked whether it can read this home before this one gives way to it. It has
// half of the time that the asker waits, so that the answer comes to somebody.
void Daemon::upgrade(const Asker& asker, Nanos deadline) {
    if (upgrading_ || updating_) {
        return control_->error(
            asker, "busy",
            upgrading_ ? "an upgrade is under way" : "an update is being recorded; try again");
    }
    if (disk_full_)
        return control_->error(asker, "refused", "the disk is full: free space first");
    const std::string log = home_.logs() + "/upgrade-check.log";
    process::LaunchSpec spec;
    const auto time = std::min(k_upgrade_check_max, deadline / 2);
    const auto limit = std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count());
    spec.program = "/usr/bin/timeout";
    spec.arguments = {"timeout", "-k1", limit, program_, "--check", "--home", home_.root()};
    spec.environment = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8"};
    spec.working_directory = home_.root();
    spec.stdio_log = log;
    auto checker = process::Launcher::make();
    const auto launched =
        checker ? checker->launch(spec) : Result<process::Launched>(fail(checker.error()));
    if (!launched)
        return control_->error(asker, "failed", launched.error().message());
    upgrading_ = true;
    control_->progress(asker, "the new program checks this home");
    undertaker_.expect(launched->pid, [this, asker, log, limit](const process::Exited& exited) {
        upgrading_ = false;
        // 78: settings with errors, which a running daemon lives with as well.
        if (exited.signaled || (exited.code != 0 && exited.code != value(ExitCode::config))) {
            const auto did = exited.code == k_timed_out ? "had no answer in " + limit + " s"
                                                        : "ended with " + exited.text();
            return control_->error(
                asker, "refused",
                "the new program " + did + " when asked to check this home; see " + log);
        }
        execute_upgrade(asker);
    });
}

void Daemon::execute_upgrade(const Asker& asker) {
    log_->info("upgrade", {{"program", program_}, {"from_version", k_version}});
    control_->result(
        asker, true, "upgrading",
        "workers go on; the new program adopts them as pid " + std::to_string(::getpid()));
    log_->flush();
    // What was handed to the helper thread ends with this program.
    undertaker_.write_bundles();
    loop_.finish_offloaded();
    vault_.leave_key_to_next_program();
    // The exec ends the thread that sends, and an asker without an answer waits until its deadline:
    // the end of the context waits for what is still to go out.
    control_->close();
    leases_.close();
    events_.close();
    context_ = ipc::Context();
    const int lock = lock_.fd();
    const int flags = ::fcntl(lock, F_GETFD);
    ::fcntl(lock, F_SETFD, flags & ~FD_CLOEXEC);
    static_cast<void>(users::keep_over_exec(true));
    const std::string number = std::to_string(lock);
    ::execl(program_.c_str(), "bullpend", "--home", home_.root().c_str(), "--inherited-lock",
            number.c_str(), static_cast<char*>(nullptr));
    // Nothing came of it. The sockets are gone, so end: the manager starts a daemon that adopts.
    log_->error("upgrade_failed", {{"error", Error::from_errno("exec " + program_).message()}});
    ended_ = true;
    loop_.stop();
}

}  // namespace bullpen::daemon
