#include "common/model/reason.hpp"

#include <array>

namespace bullpen::model {

namespace {

using enum Reason;

constexpr std::array<ReasonText, k_reasons> k_texts = {{
    {none, "none", "nothing stands in the way", "it goes on", "nothing to do"},
    {operator_stop, "operator_stop", "stopped by an operator", "it stays stopped",
     "bullpenctl start NAME"},
    {not_autostarted, "not_autostarted", "its file says autostart = false", "it stays stopped",
     "bullpenctl start NAME"},
    {account_disabled, "account_disabled", "its file says enabled = false", "it stays stopped",
     "bullpenctl enable NAME"},
    {account_removed, "account_removed", "its file is gone from accounts.d", "it leaves the list",
     "put the file back and run bullpenctl update, or do nothing"},
    {exited_clean, "exited_clean", "the program ended by itself with code 0", "it stays stopped",
     "bullpenctl start NAME"},
    {daemon_shutdown, "daemon_shutdown", "the daemon was shut down",
     "it starts again with the daemon", "start bullpend"},
    {lock_held, "lock_held", "another process holds the account's lock",
     "it starts when the lock is free",
     "bullpenctl explain NAME names the holder; end that process if it should not run"},
    {broker_account_held, "broker_account_held",
     "another home on this host acts for the same broker account",
     "it starts when the other home lets go",
     "decide which home owns the broker account; disable it in the other"},
    {lease_elsewhere, "lease_elsewhere", "another host holds the account's lease",
     "it starts when that lease ends", "stop the account on the other host"},
    {settings_invalid, "settings_invalid", "its file has errors and no good version is known",
     "it starts when the file is mended and applied",
     "bullpenctl check, mend the file, bullpenctl update"},
    {vault_locked, "vault_locked", "the vault is locked, so its credentials cannot be opened",
     "it starts when the daemon has the vault's key",
     "bullpenctl credentials unlock, or put the key where the vault's settings say"},
    {token_missing, "token_missing", "a credential that it needs is missing or has expired",
     "it starts when the credential is supplied", "bullpenctl credentials set NAME"},
    {licence_refused, "licence_refused", "its licence was refused or has expired",
     "it starts when a valid licence is there", "renew the licence"},
    {storm_limit, "storm_limit", "too many workers of this home died in a short time",
     "it starts when the storm window has passed",
     "find the common cause: bullpenctl events, bullpenctl maintail"},
    {start_queue, "start_queue", "other accounts start before it", "it starts when its turn comes",
     "nothing to do"},
    {disk_full, "disk_full", "the disk of the home is full", "it goes on when there is space again",
     "make space on the disk that holds the home"},
    {disk_limit, "disk_limit", "its directory holds more than it may",
     "it starts when there is less in it",
     "make room in its directory, or raise limits.disk_max and run bullpenctl update"},
    {descriptor_limit, "descriptor_limit", "the daemon has no file descriptors left for it",
     "it starts when others stop", "raise LimitNOFILE for bullpend and restart it"},
    {daemon_stopping, "daemon_stopping", "the daemon is shutting down", "nothing more is started",
     "start bullpend again"},
    {crashed, "crashed", "it ended with an error code", "it is restarted after the back-off",
     "look at its crash bundle and bullpenctl tail NAME"},
    {killed_by_signal, "killed_by_signal", "a signal killed it",
     "it is restarted after the back-off",
     "look at its crash bundle; check the kernel log for an out-of-memory kill"},
    {exited_temporary, "exited_temporary", "it asked to be tried again later",
     "it is restarted after the back-off", "bullpenctl tail NAME says what it lacked"},
    {exited_unexpectedly, "exited_unexpectedly", "it ended although it should run",
     "it is restarted after the back-off", "bullpenctl tail NAME"},
    {launch_failed, "launch_failed", "its process could not be started",
     "it is tried again after the back-off", "bullpenctl maintail names the system's error"},
    {start_timeout, "start_timeout", "it did not report ready within start_wait",
     "it is killed and restarted after the back-off",
     "bullpenctl tail NAME; raise start_wait if the program needs longer"},
    {hung_silent, "hung_silent", "it sent no beat within the limit", "it is killed and restarted",
     "look at its crash bundle: the last log lines say where it was"},
    {hung_obligation, "hung_obligation", "work that was due is not done",
     "it is killed and restarted", "bullpenctl explain NAME names the overdue obligation"},
    {memory_limit, "memory_limit", "it used more memory than its limit",
     "it is stopped and restarted", "raise memory_max or find the leak"},
    {process_limit, "process_limit", "it had more processes, threads or connections than it may",
     "it is stopped and restarted",
     "see what it started; raise limits.processes_max if it needs as many"},
    {lost_while_unsupervised, "lost_while_unsupervised", "it died while no daemon watched it",
     "it is restarted", "look at its log for the time in question"},
    {restart_budget_spent, "restart_budget_spent", "it died more often than its budget allows",
     "nothing until an operator acts", "mend the cause, then bullpenctl start NAME"},
    {refused_configuration, "refused_configuration", "it says its configuration is wrong",
     "nothing until an operator acts",
     "mend what its last error names (bullpenctl tail NAME), then bullpenctl start NAME"},
    {refused_usage, "refused_usage", "it says it was called the wrong way",
     "nothing until an operator acts", "check command in its file; bullpenctl tail NAME"},
    {program_missing, "program_missing", "its program does not exist or may not be run",
     "nothing until an operator acts", "check command in its file, then bullpenctl start NAME"},
    {never_restart, "never_restart", "it died and its file says restart = \"never\"",
     "nothing until an operator acts", "bullpenctl start NAME"},
    {restart_requested, "restart_requested", "an operator asked for a restart",
     "it starts again when it has stopped", "nothing to do"},
    {settings_changed, "settings_changed", "its settings changed",
     "it starts again with the new ones when it has stopped", "nothing to do"},
    {rolling_restart, "rolling_restart", "it is being moved to the new program",
     "it starts again when it has stopped", "nothing to do"},
    {protocol_refused, "protocol_refused", "it speaks a protocol this daemon does not",
     "it is stopped and restarted with the installed program", "upgrade the program it runs"},
    {first_beat_awaited, "first_beat_awaited", "its process runs and has not reported ready yet",
     "it is running when it reports ready (without a heartbeat: once up for started_after), or "
     "killed at the deadline",
     "nothing to do"},
    {beats_missed, "beats_missed", "beats are missing, below the limit",
     "it is running at its next beat, or killed at the limit", "nothing to do"},
    {recovery_launch, "recovery_launch", "started once more to make an open position safe",
     "it protects or closes the position, then stops", "bullpenctl explain NAME"},
    {adoption_awaited, "adoption_awaited", "it was running before the daemon was; its hello is due",
     "it is running at its hello, or restarted at the deadline", "nothing to do"},
    {observing, "observing", "it observes and computes, and sends no orders",
     "it goes on observing",
     "trading = \"on\" in the account's file makes a built-in worker trade"},
    {warm_up, "warm_up", "its indicators do not have enough history yet",
     "it goes on when they have enough", "nothing to do"},
    {session_closed, "session_closed", "the market is closed", "it goes on when the market opens",
     "nothing to do"},
    {maintenance_break, "maintenance_break", "the market has its daily maintenance break",
     "it goes on when the market opens", "nothing to do"},
    {event_blackout, "event_blackout", "an economic event is near",
     "it goes on when the event's window ends", "nothing to do"},
    {calendar_unknown, "calendar_unknown",
     "the economic calendar cannot say whether an event is near",
     "it goes on when the window ends in which one usually is, or when the calendar says it",
     "bullpenctl calendar sources names what is missing; bullpenctl calendar ack lets it trade"},
    {limit_reached, "limit_reached", "a limit or a rule of the account lets nothing be entered",
     "it goes on at the next trading day, or when what bars it is mended",
     "a limit of the day ends by itself; after a loss floor, if it is meant, bullpenctl resume "
     "--restart-floor NAME; anything else as its text says"},
    {feed_stale, "feed_stale", "no market data arrives although the market is open",
     "it goes on when data arrives", "check the data source; bullpenctl tail NAME"},
    {feed_ended, "feed_ended", "the file of bars it replays has ended", "it stays as it is",
     "bullpenctl restart NAME begins no new run; give it another file"},
    {clock_skew, "clock_skew", "its clock and the daemon's differ by more than the limit",
     "it goes on when they agree", "check the host's time synchronisation"},
    {daemon_absent, "daemon_absent", "no daemon answers; it goes on without new entries",
     "it goes on as before when a daemon adopts it", "start bullpend"},
    {operator_reduce, "operator_reduce", "an operator asked for no new entries",
     "nothing until that order is lifted",
     "bullpenctl resume NAME lifts it; bullpenctl explain NAME says since when"},
    {operator_halt, "operator_halt", "an operator halted it", "nothing until that order is lifted",
     "bullpenctl resume NAME lifts it; bullpenctl explain NAME says since when"},
    {draining, "draining", "it is shutting down in order", "it ends", "nothing to do"},
    {lease_expired, "lease_expired", "its lease has run out; another host may hold the account",
     "it goes on with a fresh lease", "check the connection to the lease store"},
    {reconciling, "reconciling", "it compares its records with the broker's",
     "it goes on when they agree", "nothing to do"},
    {broker_unreachable, "broker_unreachable", "it has no session with its broker",
     "it connects again by itself; stops at the broker stay", "bullpenctl tail NAME says why"},
    {order_trouble, "order_trouble",
     "its orders do not do what they must: a stop could not be placed, a closing does not "
     "succeed, or the session is for another account",
     "it goes on towards flat, and then nothing until it is resumed",
     "look at the account at the broker; then bullpenctl resume NAME"},
    {instrument_mismatch, "instrument_mismatch",
     "the broker describes the instrument otherwise than the account's table does",
     "it asks again with every new session, and goes on when both agree",
     "compare instruments.toml with the broker's contract; bullpenctl tail NAME has both"},
    {position_unexpected, "position_unexpected",
     "the broker holds what its records do not explain, and its file says to touch nothing",
     "it goes on when both sides agree; what the broker holds has no stop of ours",
     "close that position at the broker, or set orders.unexpected and restart it"},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < k_texts.size(); ++i) {
        if (static_cast<std::size_t>(k_texts[i].reason) != i)
            return false;
    }
    return true;
}
static_assert(in_order(), "one text for each reason, in the order of the enumeration");

}  // namespace

std::span<const ReasonText> reasons() {
    return k_texts;
}

const ReasonText& text(Reason reason) {
    return k_texts[static_cast<std::size_t>(reason)];
}

std::string_view code(Reason reason) {
    return text(reason).code;
}

std::optional<Reason> reason_from(std::string_view code) {
    for (const auto& entry : k_texts) {
        if (entry.code == code)
            return entry.reason;
    }
    return std::nullopt;
}

}  // namespace bullpen::model
