#include "supervisor/daemon/control_desk.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <initializer_list>

#include "common/model/reason.hpp"
#include "common/process/signal_names.hpp"
#include "ipc/codec.hpp"
#include "supervisor/daemon/version.hpp"

namespace bullpen::daemon {

namespace {

// Longer than a worker may take to stop by itself, as a rule.
constexpr Nanos k_signal_works = std::chrono::minutes(1);

bool is_one_of(std::string_view command, std::initializer_list<std::string_view> words) {
    return std::ranges::find(words, command) != words.end();
}

// For who reads later what was done.
std::string words_of(const ipc::Request& request) {
    const auto& args = request.args;
    const auto& object = !args.signal.empty() ? args.signal
                         : !args.job.empty()  ? args.job
                                              : args.amount;
    return object.empty() ? request.command : request.command + " " + object;
}

}  // namespace

ControlDesk::ControlDesk(ipc::ControlRouter router, Accounts& accounts, fleet::Fleet& fleet,
                         log::Logger& log, const Clock& clock, DaemonCommands commands)
    : router_(std::move(router)),
      accounts_(accounts),
      fleet_(fleet),
      log_(log),
      clock_(clock),
      commands_(std::move(commands)) {}

bool ControlDesk::serve() {
    return router_.drain(k_turn_max, [this](const ipc::Received& received) { handle(received); });
}

void ControlDesk::handle(const ipc::Received& received) {
    const auto request = ipc::decode_request(received.body);
    if (!request) {
        return error({received.routing_id, "?"}, "bad_request", request.error().message());
    }
    if (is_one_of(request->command, {"version", "reread", "explain", "status", "config", "events"}))
        return dispatch(*request, {received.routing_id, request->id});
    const log::CorrelationScope scope(
        log_, "op-" + std::to_string(::getpid()) + "-" + std::to_string(++commands_noted_));
    note(*request);
    dispatch(*request, {received.routing_id, request->id});
}

void ControlDesk::note(const ipc::Request& request) {
    std::string accounts;
    for (const auto& id : request.args.accounts) {
        if (!accounts.empty())
            accounts += ' ';
        accounts += id.str();
    }
    const auto command = words_of(request);
    log_.info("operator_command",
              {{"command", command}, {"user", request.user}, {"accounts", accounts}});
    commands_.audit(command, request.user, accounts);
}

void ControlDesk::dispatch(const ipc::Request& request, const Asker& asker) {
    const auto& command = request.command;
    if (command == "version") {
        return result(asker, true, "version", std::string(k_version),
                      "{\"version\":\"" + std::string(k_version) +
                          "\",\"protocol\":" + std::to_string(ipc::k_protocol) + "}");
    }
    if (command == "start")
        return start_stop(request, asker, Goal::running);
    if (command == "stop")
        return start_stop(request, asker, Goal::stopped);
    if (command == "restart")
        return start_stop(request, asker, Goal::restarted);
    if (const auto order = ipc::trading_order_from(command))
        return trade(request, asker, *order);
    if (command == "job")
        return tell(request, asker,
                    ipc::RunJob{request.args.job, request.id, request.args.dry_run});
    if (command == "payout")
        return tell(request, asker, ipc::Payout{request.args.amount, request.id});
    if (command == "signal")
        return send_signal(request, asker);
    if (command == "clear")
        return clear(request, asker);
    if (command == "rolling_restart")
        return roll(request, asker);
    if (command == "reread" || (command == "update" && request.args.dry_run)) {
        return commands_.reread(asker);
    }
    if (command == "update")
        return commands_.update(asker, request.deadline);
    if (command == "upgrade")
        return commands_.upgrade(asker, request.deadline);
    if (command == "shutdown")
        return commands_.shutdown(asker, request.args.keep_workers);
    if (command == "credentials" || command == "unlock")
        return commands_.credentials(asker, request);
    if (command == "cleanup")
        return commands_.cleanup(asker);
    if (command == "explain")
        return explain(request, asker);
    if (command == "config")
        return config(request, asker);
    if (command == "status")
        return result(asker, true, "status", "", commands_.status());
    if (command == "events")
        return result(asker, true, "events", "", commands_.events());
    error(asker, "unknown_command", "this daemon has no command '" + command + "'");
}

void ControlDesk::start_stop(const ipc::Request& request, const Asker& asker, Goal goal) {
    if (waiting_.size() >= k_waiting_max) {
        return error(asker, "busy", "too many commands are under way; try again");
    }
    const auto now = clock_.now();
    const auto waiting = wait(asker, now.mono + request.deadline, request.args.accounts.size());
    for (const auto& account : request.args.accounts) {
        const auto view = fleet_.view(now, account);
        const LaunchNumber before = view ? view->launch : LaunchNumber{};
        fleet::Verdict verdict{};
        switch (goal) {
            case Goal::running: verdict = fleet_.start(now, account); break;
            case Goal::stopped: verdict = fleet_.stop(now, account); break;
            case Goal::restarted: verdict = fleet_.restart(now, account); break;
        }
        // What was so already, or waits as before, has another cause.
        if (const auto after = fleet_.view(now, account);
            after && (after->state != view->state || after->wanted != view->wanted))
            accounts_.at(account).caused_by(log_.correlation());
        if (const auto settled = judge(goal, verdict)) {
            const auto outcome = with_rest(account, *settled);
            waiting->failed += outcome.ok ? 0U : 1U;
            this->verdict(asker, account, outcome);
            continue;
        }
        if (!request.args.wait) {
            this->verdict(asker, account, {true, "accepted", "accepted"});
            continue;
        }
        waiting->goals.insert_or_assign(account, Waiting::Goal{goal, before});
    }
    settle_all(waiting);
}

// The order stands until the worker has done it: one that dies or hangs is replaced, and the next
// one is told. What is not ours cannot be told anything but to end.
std::optional<Outcome> ControlDesk::give(const AccountId& id, const StandingOrder& order) {
    auto* account = accounts_.find(id);
    if (account == nullptr || !account->settings)
        return Outcome{false, "unknown_account", "there is no such account in this home"};
    if (account->settings->command.empty()) {
        account->take(order);
        static_cast<void>(commands_.tell(*account, message_of(order.order)));
        if (closes(order.order))
            static_cast<void>(fleet_.flatten(clock_.now(), id));
    } else if (closes(order.order)) {
        static_cast<void>(fleet_.stop(clock_.now(), id));
    } else {
        return Outcome{false, "foreign", "a program of its own; it cannot be told"};
    }
    return std::nullopt;
}

void ControlDesk::trade(const ipc::Request& request, const Asker& asker, TradingOrder order) {
    if (waiting_.size() >= k_waiting_max) {
        return error(asker, "busy", "too many commands are under way; try again");
    }
    const auto now = clock_.now();
    const StandingOrder standing{order, now.utc, now.mono + request.deadline};
    std::map<AccountId, Outcome> at_once;
    for (const auto& id : request.args.accounts) {
        if (const auto outcome = give(id, standing))
            at_once.emplace(id, *outcome);
    }
    if (!request.args.wait) {
        return commands_.keep_orders([this, request, asker, at_once](const std::string& failed) {
            each(request, asker, [&](const AccountId& id) {
                const auto found = at_once.find(id);
                if (found != at_once.end())
                    return found->second;
                return failed.empty()
                           ? Outcome{true, "accepted", "accepted"}
                           : Outcome{false, "not_kept",
                                     "it is told, but lost if the daemon dies: " + failed};
            });
        });
    }
    commands_.keep_orders([this, asker](const std::string& failed) {
        if (!failed.empty())
            progress(asker, "not written down, and lost if the daemon dies: " + failed);
    });
    const auto waiting = wait(asker, standing.until, request.args.accounts.size());
    waiting->order = standing;
    for (const auto& id : request.args.accounts)
        waiting->goals.insert_or_assign(id, Waiting::Goal{Goal::stopped, {}});
    for (const auto& [id, outcome] : at_once) {
        waiting->failed += waiting->goals.erase(id);
        verdict(asker, id, outcome);
    }
    settle_all(waiting);
}

std::optional<Outcome> ControlDesk::judge_order(const StandingOrder& order, const AccountId& id,
                                                const fleet::AccountView& view) {
    auto* account = accounts_.find(id);
    if (account != nullptr && account->settings && !account->settings->command.empty()) {
        const auto stopped = judge(Goal::stopped, view, {});
        if (!stopped)
            return std::nullopt;
        return Outcome{false, "stopped", "not flat: foreign"};
    }
    auto outcome = account == nullptr ? judge(order, view, nullptr)
                                      : judge(order, view, account->beat(), account->found);
    // What cannot be done now is not done later by surprise. What was ordered since stands.
    if (outcome && account != nullptr && account->order == order) {
        account->order.reset();
        commands_.keep_orders({});
    }
    return outcome;
}

void ControlDesk::each(const ipc::Request& request, const Asker& asker,
                       const std::function<Outcome(const AccountId&)>& act) {
    std::size_t failed = 0;
    for (const auto& id : request.args.accounts) {
        const auto outcome = act(id);
        failed += outcome.ok ? 0U : 1U;
        verdict(asker, id, outcome);
    }
    end(asker, {failed == 0, "", "{}"}, request.args.accounts.size(), failed);
}

void ControlDesk::send_signal(const ipc::Request& request, const Asker& asker) {
    const auto number = process::signal_number(request.args.signal);
    if (!number) {
        return error(asker, "bad_signal",
                     "'" + request.args.signal +
                         "' is no signal to send; TERM, HUP, INT, QUIT, "
                         "KILL, USR1, USR2, STOP, CONT and ABRT are");
    }
    each(request, asker, [&](const AccountId& id) -> Outcome {
        auto* account = accounts_.find(id);
        if (account == nullptr || !account->launch || account->launch->pid == 0) {
            const auto other = commands_.by_hand(id);
            return {false, other ? "held_by_hand" : "not_running",
                    other.value_or("it has no process")};
        }
        if (auto sent = commands_.signal(*account, *number); !sent)
            return {false, "failed", sent.error().message()};
        // An end long after is not the signal's.
        if (*number != SIGCONT)
            account->caused_by(log_.correlation(), clock_.mono() + k_signal_works);
        return {true, "signalled",
                "signal " + std::to_string(*number) + " sent to pid " +
                    std::to_string(account->launch->pid)};
    });
}

// What comes of it the worker writes into its own records.
void ControlDesk::tell(const ipc::Request& request, const Asker& asker,
                       const ipc::Message& message) {
    each(request, asker, [&](const AccountId& id) -> Outcome {
        const auto* account = accounts_.find(id);
        if (account != nullptr && commands_.tell(*account, message))
            return {true, "told", "its worker was told"};
        return {false, "not_running", "no worker of ours speaks for it"};
    });
}

void ControlDesk::clear(const ipc::Request& request, const Asker& asker) {
    each(request, asker, [&](const AccountId& id) {
        const auto settled = judge(Goal::running, fleet_.clear(clock_.now(), id));
        return settled.value_or(
            Outcome{true, "cleared", "it is stopped now, with its whole budget for restarts"});
    });
}

void ControlDesk::roll(const ipc::Request& request, const Asker& asker) {
    if (fleet_.rolling()) {
        return error(asker, "busy", "a rolling restart is under way already");
    }
    const auto said = fleet_.rolling_restart(clock_.now(), request.args.accounts);
    if (said != fleet::Verdict::accepted) {
        return error(asker, std::string(fleet::code(said)),
                     "the daemon is shutting down; nothing was restarted");
    }
    if (!request.args.wait)
        return result(asker, true, "accepted", "begun; 'bullpenctl events -f' shows how it goes");
    rolling_ = Rolling{asker, request.args.accounts.size(), 0};
    progress(asker, "one account at a time, each when it is at rest");
}

void ControlDesk::rolled(const AccountId& account, fleet::Rolled rolled,
                         const std::string& sentence) {
    if (!rolling_)
        return;
    const auto outcome = judge(rolled, sentence);
    rolling_->failed += outcome.ok ? 0U : 1U;
    verdict(rolling_->asker, account, outcome);
}

void ControlDesk::roll_ended(model::Reason reason, const std::string& sentence) {
    if (!rolling_)
        return;
    const auto roll = *std::exchange(rolling_, std::nullopt);
    if (reason != model::Reason::none) {
        return result(roll.asker, false, "given_up",
                      sentence.empty() ? std::string(model::text(reason).sentence) : sentence);
    }
    end(roll.asker, {roll.failed == 0, "", "{}"}, roll.asked, roll.failed);
}

void ControlDesk::explain(const ipc::Request& request, const Asker& asker) {
    if (request.args.accounts.size() != 1 || !fleet_.knows(request.args.accounts.front())) {
        return error(asker, "unknown_account", "explain takes one account of this home");
    }
    result(asker, true, "explain", "", commands_.explain(request.args.accounts.front()));
}

void ControlDesk::config(const ipc::Request& request, const Asker& asker) {
    std::optional<AccountId> account;
    if (!request.args.accounts.empty())
        account = request.args.accounts.front();
    commands_.config(asker, account);
}

void ControlDesk::follow(const Asker& asker, const std::vector<std::pair<AccountId, Goal>>& goals,
                         Nanos deadline, Ending ending) {
    const auto waiting = wait(asker, clock_.mono() + deadline, goals.size());
    waiting->ending = std::move(ending);
    for (const auto& [account, goal] : goals) {
        const auto view = fleet_.view(clock_.now(), account);
        waiting->goals.insert_or_assign(account,
                                        Waiting::Goal{goal, view ? view->launch : LaunchNumber{}});
    }
    settle_all(waiting);
}

std::list<ControlDesk::Waiting>::iterator ControlDesk::wait(const Asker& asker, MonoTime deadline,
                                                            std::size_t asked) {
    return waiting_.insert(waiting_.end(), {asker, {}, {}, deadline, asked, 0, {}});
}

Outcome ControlDesk::with_rest(const AccountId& id, Outcome outcome) const {
    const bool stopped =
        outcome.ok && is_one_of(outcome.code, {"stopped", "killed", "already_stopped"});
    const auto* account = accounts_.find(id);
    if (!stopped || account == nullptr)
        return outcome;
    if (const auto other = commands_.by_hand(id))
        return {false, "held_by_hand", *other};
    const auto view = fleet_.view(clock_.now(), id);
    if (const auto left = account->left_open(); !left.empty() && outcome.code == "stopped")
        return {false, "not_flat", left};
    const auto stays = account->stays(view ? view->flat : std::nullopt);
    outcome.message += (outcome.message.empty() || stays.empty() ? "" : "; ") + stays;
    return outcome;
}

bool ControlDesk::settle(Waiting& waiting, const AccountId& account) {
    const auto found = waiting.goals.find(account);
    if (found == waiting.goals.end())
        return false;
    const auto view = fleet_.view(clock_.now(), account);
    // It left the roster, which ends every wait for it.
    auto outcome = std::optional<Outcome>({true, "removed", "no longer in the roster"});
    if (view) {
        outcome = waiting.order ? judge_order(*waiting.order, account, *view)
                                : judge(found->second.goal, *view, found->second.before);
    }
    if (!outcome)
        return false;
    outcome = with_rest(account, *std::move(outcome));
    waiting.failed += outcome->ok ? 0U : 1U;
    verdict(waiting.asker, account, *outcome);
    waiting.goals.erase(found);
    return true;
}

// Some may be there already; the rest is heard of through changed().
void ControlDesk::settle_all(std::list<Waiting>::iterator waiting) {
    const auto goals = waiting->goals;
    for (const auto& [account, goal] : goals)
        settle(*waiting, account);
    finish_if_done(waiting);
}

void ControlDesk::finish_if_done(std::list<Waiting>::iterator waiting) {
    if (!waiting->goals.empty())
        return;
    waiting->ending.ok = waiting->ending.ok && waiting->failed == 0;
    end(waiting->asker, waiting->ending, waiting->asked, waiting->failed);
    waiting_.erase(waiting);
}

void ControlDesk::changed(const AccountId& account) {
    for (auto at = waiting_.begin(); at != waiting_.end();) {
        const auto current = at++;
        if (settle(*current, account))
            finish_if_done(current);
    }
}

void ControlDesk::orders_done() {
    commands_.keep_orders({});
    for (auto at = waiting_.begin(); at != waiting_.end();) {
        const auto current = at++;
        if (current->order)
            settle_all(current);
    }
}

void ControlDesk::tick(MonoTime now) {
    for (auto at = waiting_.begin(); at != waiting_.end();) {
        const auto current = at++;
        if (now < current->deadline)
            continue;
        while (!current->goals.empty()) {
            const auto account = current->goals.begin()->first;
            const auto view = fleet_.view(clock_.now(), account);
            ++current->failed;
            Outcome outcome{false, "timed_out", "it is gone"};
            if (view && current->order) {
                const auto* known = accounts_.find(account);
                outcome =
                    too_late(*current->order, *view, known != nullptr ? known->beat() : nullptr);
            } else if (view) {
                outcome = too_late(*view);
            }
            verdict(current->asker, account, outcome);
            current->goals.erase(account);
        }
        finish_if_done(current);
    }
}

void ControlDesk::send(const Asker& asker, const ipc::Reply& reply) {
    // A bullpenctl that has gone away is nobody's loss.
    static_cast<void>(router_.send(asker.routing_id, ipc::encode(reply)));
}

void ControlDesk::verdict(const Asker& asker, const AccountId& account, const Outcome& outcome) {
    send(asker, {asker.request_id, ipc::ReplyKind::verdict, account, outcome.ok, outcome.code,
                 outcome.message, "{}"});
}

void ControlDesk::progress(const Asker& asker, const std::string& message) {
    send(asker, {asker.request_id, ipc::ReplyKind::progress, std::nullopt, true, "progress",
                 message, "{}"});
}

void ControlDesk::result(const Asker& asker, bool ok, const std::string& code,
                         const std::string& message, const std::string& data) {
    send(asker, {asker.request_id, ipc::ReplyKind::result, std::nullopt, ok, code, message, data});
}

void ControlDesk::end(const Asker& asker, const Ending& ending, std::size_t asked,
                      std::size_t failed) {
    send(asker, {asker.request_id, ipc::ReplyKind::result, std::nullopt, ending.ok,
                 ending.ok ? "done" : "failed", ending.message, ending.data,
                 static_cast<std::uint32_t>(asked), static_cast<std::uint32_t>(failed)});
}

void ControlDesk::error(const Asker& asker, const std::string& code, const std::string& message) {
    send(asker,
         {asker.request_id, ipc::ReplyKind::error, std::nullopt, false, code, message, "{}"});
}

}  // namespace bullpen::daemon
