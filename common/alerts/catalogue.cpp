#include "common/alerts/catalogue.hpp"

#include <algorithm>
#include <array>

#include "common/base/assert.hpp"

namespace bullpen::alerts {

namespace {

using enum Severity;
using K = Kind;
using L = Like;
using std::chrono::hours;
using std::chrono::minutes;

constexpr std::array<std::string_view, k_severities> k_severity_words = {"info", "warning",
                                                                         "critical"};

constexpr std::array<KindFacts, k_kinds> k_catalogue = {{
    {K::started, "started", info, L::home, minutes(5), "the daemon or an account's worker started",
     "nothing to do"},
    {K::shut_down, "shut_down", info, L::home, minutes(5),
     "the daemon or an account's worker ended in order", "nothing to do, if you meant it"},
    {K::crashed, "crashed", warning, L::account, minutes(10),
     "a worker ended that was not told to; it is restarted by itself",
     "see `bullpenctl explain NAME` and the crash bundle that `bullpenctl logs NAME` lists"},
    {K::hang, "hang", critical, L::account, minutes(10),
     "a worker did not do its work or did not end, and is killed",
     "see `bullpenctl explain NAME`; if it happens again, look at the machine's load and disk"},
    {K::crash_loop, "crash_loop", critical, L::account, minutes(30),
     "workers died so often that they are not restarted by themselves for now",
     "see `bullpenctl explain NAME`, mend what it died of, then `bullpenctl start NAME`"},
    {K::fatal, "fatal", critical, L::account, minutes(30),
     "an account is FATAL: it does not run until you do something",
     "see `bullpenctl explain NAME`; if it holds a position, look at it at the broker now"},
    {K::daemon_down, "daemon_down", critical, L::home, minutes(30),
     "the daemon does not run; the workers go on without new entries, a `command` by its own rules",
     "see `systemctl status bullpend` and `bullpenctl maintail`, and start it"},
    {K::entry, "entry", info, L::none, minutes(0), "an order that opens a position was filled",
     "nothing to do"},
    {K::exit, "exit", info, L::none, minutes(0), "a position was closed", "nothing to do"},
    {K::slippage, "slippage", warning, L::account, minutes(15),
     "a fill was worse than expected by more than `risk.slippage_alarm_ticks`",
     "look at the spread and at the size of the orders"},
    {K::position_open_long, "position_open_long", warning, L::account, hours(2),
     "a position has been open for longer than `alerts.position_open_max`",
     "see `bullpenctl status NAME` and whether the strategy still means it"},
    {K::adoption, "adoption", critical, L::account, minutes(10),
     "a position that the account did not know was taken over from the broker",
     "see that it is right, and that a stop stands at the broker"},
    {K::reconcile_mismatch, "reconcile_mismatch", critical, L::account, minutes(10),
     "the broker holds what the account does not, or the other way round",
     "see `bullpenctl explain NAME`; nothing is entered until both agree"},
    {K::order_error, "order_error", warning, L::subject, minutes(10),
     "an order was rejected, lost, found late, or is not ours",
     "see `bullpenctl tail NAME audit` and compare with the broker"},
    {K::unprotected, "unprotected", critical, L::account, minutes(5),
     "a position has no stop at the broker, or none could be placed",
     "look at the broker now; `bullpenctl flatten NAME` closes the position"},
    {K::flatten_failed, "flatten_failed", critical, L::subject, minutes(5),
     "a position that was to be closed is still open", "close it at the broker now"},
    {K::loss_warning, "loss_warning", warning, L::subject, hours(4),
     "a loss has used up more than `alerts.loss_warning` of its limit",
     "see `bullpenctl status NAME`; the account stops by itself at the limit"},
    {K::limit_reached, "limit_reached", critical, L::subject, hours(1),
     "a loss limit was reached: the account enters nothing more",
     "nothing to do; `bullpenctl explain NAME` says when it goes on"},
    {K::max_trades, "max_trades", info, L::account, hours(12),
     "the account has made all the trades it may make on this trading day", "nothing to do"},
    {K::kill_switch, "kill_switch", critical, L::account, minutes(1),
     "trading was halted or flattened, by an operator or by the account itself",
     "if it was not you, see `bullpenctl explain NAME`; `bullpenctl resume NAME` lifts it"},
    {K::mode_changed, "mode_changed", warning, L::subject, minutes(15),
     "the account may not enter any more for a reason that is not of the market's hours",
     "see `bullpenctl explain NAME`"},
    {K::trading_resumed, "trading_resumed", info, L::account, minutes(1),
     "what kept the account from entering was lifted", "nothing to do"},
    {K::connection_error, "connection_error", warning, L::account, minutes(15),
     "the session with the broker was lost; it is taken up again by itself",
     "if it does not come back, look at the broker and at the network"},
    {K::feed_stale, "feed_stale", warning, L::account, minutes(15),
     "the account's market data is silent or broken although its market is open",
     "see `bullpenctl explain NAME` and the source of the data"},
    {K::token, "token", critical, L::account, hours(4),
     "a credential of the account is missing or has expired",
     "set it with `bullpenctl credentials set NAME`"},
    {K::opposite_positions, "opposite_positions", warning, L::account, minutes(30),
     "two accounts of one owner hold, or may hold, opposite positions",
     "see `bullpenctl status`; many firms forbid it"},
    {K::calendar, "calendar", warning, L::subject, hours(12),
     "the economic calendar is old, incomplete or cannot be read",
     "see `bullpenctl calendar status`"},
    {K::disk, "disk", critical, L::account, minutes(30),
     "the disk of the home is full, or an account cannot write to it, or writes too much",
     "make room; accounts go on by themselves when there is space again"},
    {K::settings_problem, "settings_problem", warning, L::subject, hours(1),
     "a settings file has an error; its last good version stays in force",
     "see `bullpenctl check`, correct the file, then `bullpenctl update`"},
    {K::job_failed, "job_failed", warning, L::subject, minutes(30),
     "a job of an account failed, was missed, or took too long",
     "see `bullpenctl job history NAME`"},
    {K::alarm, "alarm", warning, L::subject, minutes(15),
     "the daemon raised an alarm that has no name of its own", "do what it says"},
    {K::daily_summary, "daily_summary", info, L::account, minutes(1),
     "what an account's trading day came to, when it has ended or its job `daily_summary` has run",
     "nothing to do"},
    {K::recap, "recap", info, L::none, minutes(0),
     "what the day came to, of every account, at `alerts.recap_at`", "nothing to do"},
    {K::alerts_held_back, "alerts_held_back", warning, L::home, hours(1),
     "alerts were not sent because `alerts.hourly_max` or `alerts.daily_max` was reached",
     "see `bullpenctl alerts history`"},
    {K::alerts_lost, "alerts_lost", critical, L::home, hours(1),
     "alerts were given up because no target took them or the outbox was full",
     "see `bullpenctl alerts history` and test the target with `bullpenctl alerts test`"},
    {K::test, "test", info, L::none, minutes(0), "an operator tests a target", "nothing to do"},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < k_catalogue.size(); ++i) {
        if (static_cast<std::size_t>(k_catalogue[i].kind) != i)
            return false;
    }
    return true;
}
static_assert(in_order(), "facts() finds a kind by its number");

}  // namespace

std::string_view code(Severity severity) {
    return k_severity_words.at(static_cast<std::size_t>(severity));
}

std::optional<Severity> severity_from(std::string_view word) {
    for (std::size_t i = 0; i < k_severities; ++i) {
        if (k_severity_words.at(i) == word)
            return static_cast<Severity>(i);
    }
    return std::nullopt;
}

std::span<const KindFacts> catalogue() {
    return k_catalogue;
}

const KindFacts& facts(Kind kind) {
    BULLPEN_ASSERT(static_cast<std::size_t>(kind) < k_kinds, "an alert is of a known kind");
    return k_catalogue[static_cast<std::size_t>(kind)];
}

std::optional<Kind> kind_from(std::string_view name) {
    const auto found = std::find_if(k_catalogue.begin(), k_catalogue.end(),
                                    [&](const KindFacts& known) { return known.name == name; });
    return found == k_catalogue.end() ? std::nullopt : std::optional(found->kind);
}

}  // namespace bullpen::alerts
