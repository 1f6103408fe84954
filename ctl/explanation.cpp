#include "ctl/explanation.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "common/model/advice.hpp"
#include "common/model/reason.hpp"
#include "ctl/isolation_text.hpp"
#include "ctl/text.hpp"
#include "ipc/error_text.hpp"

namespace bullpen::ctl {

namespace {

using model::Reason;

// A code that this build does not know is shown as it is: a worker may be newer.
std::string sentence_of(std::string_view code) {
    const auto reason = model::reason_from(code);
    return reason ? std::string(model::text(*reason).sentence) : printable(code);
}

// "2026-11-20 23:14:05Z".
std::string clock_text(UtcTime utc) {
    auto text = format_utc(utc);
    text.replace(text.find('T'), 1, " ");
    return text.erase(text.find('.'), 4);
}

std::string since_text(UtcTime since, UtcTime now) {
    return clock_text(since) + " (" + duration_text(now - since) + " ago)";
}

std::string until_text(UtcTime until, UtcTime now) {
    return clock_text(until) +
           (until > now ? " (in " + duration_text(until - now) + ")" : " (due now)");
}

// Nothing makes a program with rules of its own keep the built-in worker's.
std::string sentence_of(const AccountRow& row) {
    if (row.foreign && row.reason == model::code(Reason::daemon_absent))
        return "no daemon answers; it goes on by its own rules";
    return sentence_of(row.reason);
}

std::string headline(const ExplainFacts& facts, Instant now) {
    const auto& row = *facts.row;
    std::string line = row.slot->account.str();
    if (!row.slot->label.empty())
        line += " (" + printable(row.slot->label.view()) + ")";
    line.append(" is ").append(shown_state(row));
    if (is_late(row))
        line += " late";
    if (row.since)
        line += " since " + since_text(*row.since, now.utc);
    const auto reason = model::reason_from(row.reason);
    if (!row.state)
        line += ": neither the daemon nor the account's lock tells";
    else if (reason != Reason::none)
        line += ": " + sentence_of(row);
    if (!row.reason_text.empty())
        line += " (" + printable(row.reason_text) + ")";
    return line + ".";
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names)
        text += (text.empty() ? "" : ", ") + printable(name);
    return text;
}

class Facts {
  public:
    void add(std::string what, std::string text) {
        if (!text.empty())
            facts_.push_back({std::move(what), std::move(text)});
    }
    [[nodiscard]] std::vector<Fact> take() { return std::move(facts_); }

  private:
    std::vector<Fact> facts_;
};

// What says what comes next: the reason of its state or, where it runs and does not trade as it
// might, that of its mode.
std::optional<Reason> telling_reason(const AccountRow& row) {
    const auto& slot = *row.slot;
    const auto reason = model::reason_from(row.reason);
    const bool by_mode = reason == Reason::none && row.mode_known && slot.service == 0 &&
                         slot.mode != model::TradingMode::active;
    return by_mode ? model::reason_from(slot.mode_reason.view()) : reason;
}

void add_next(Facts& facts, const ExplainFacts& given, Instant now) {
    const auto& row = *given.row;
    const auto& slot = *row.slot;
    const auto reason = telling_reason(row);
    const bool of_mode = reason != model::reason_from(row.reason);
    if (!row.proven_by_lock && slot.until != UtcTime{})
        facts.add("Until", until_text(slot.until, now.utc));
    const bool free =
        reason == Reason::lock_held && given.lock && given.lock->lock == LockEvidence::Lock::free;
    std::string next;
    if (!row.proven_by_lock && !slot.next.empty() && !of_mode)
        next = printable(slot.next.view());
    else if (free)
        next = "it is started again";
    else if (reason && *reason != Reason::none)
        next = model::text(*reason).next;
    const bool down = given.daemon == DaemonState::down;
    if (down || given.daemon == DaemonState::silent || row.by_hand)
        next = next_alone(row, given.daemon);
    facts.add("Next", next);
    std::string advice = reason && *reason != Reason::none
                             ? model::with_name(model::text(*reason).advice, slot.account.view())
                             : std::string();
    const auto holder = row.by_hand ? row.pid
                        : reason == Reason::lock_held && given.lock && given.lock->holder_alive
                            ? given.lock->holder
                            : 0;
    if (free)
        advice =
            "nobody holds the lock now; if it is so again and again, the program itself ends "
            "with 77: bullpenctl tail " +
            slot.account.str() + " says why";
    if (holder != 0)
        advice = "kill " + std::to_string(holder) + " ends that process, if it should not run";
    else if (down)
        advice = stays_down(row) ? "start bullpend, then: " + advice : "start bullpend";
    else if (given.daemon == DaemonState::silent)
        advice = "bullpend hangs: see bullpenctl maintail; end it, and its successor adopts";
    else if (advice == "nothing to do")
        advice.clear();
    facts.add("Do", advice);
}

void add_mode(Facts& facts, const ExplainFacts& given, Instant now) {
    const auto& row = *given.row;
    if (!row.mode_known || row.slot->service != 0)
        return;
    const auto& slot = *row.slot;
    std::string text(model::code(slot.mode));
    const auto reason = slot.mode_reason.view();
    if (!reason.empty() && reason != model::code(Reason::none)) {
        text += " for " + printable(reason);
        if (model::reason_from(reason))
            text += ": " + sentence_of(reason);
    }
    const auto particulars = given.detail ? printable(given.detail->mode_text) : std::string();
    const bool active = slot.mode == model::TradingMode::active;
    if (!particulars.empty() && !active)
        text += " (" + particulars + ")";
    if (slot.mode_since != UtcTime{})
        text += ", since " + since_text(slot.mode_since, now.utc);
    if (slot.mode_until != UtcTime{})
        text += ", until " + until_text(slot.mode_until, now.utc);
    facts.add("Mode", text);
    facts.add("Session", std::string(model::code(slot.session)));
    // Of an account that may enter: why its newest bar is no entry.
    if (active)
        facts.add("No entry", particulars);
    const auto refused = printable(slot.refusal.view());
    if (!refused.empty() && !(active && particulars.starts_with(refused))) {
        auto refusal = refused;
        if (slot.refused_at != UtcTime{})
            refusal += ", at " + spaced_utc(format_utc(slot.refused_at));
        if (slot.refused_until != UtcTime{})
            refusal += ", until " + spaced_utc(format_utc(slot.refused_until));
        facts.add("Last refusal", refusal);
    }
}

// The most frequent first; a group of counters is what begins with `prefix`.
std::string counted(const DaemonDetail& detail, std::string_view prefix) {
    std::vector<std::pair<std::uint64_t, std::string>> found;
    for (const auto& [name, value] : detail.counters) {
        if (name.starts_with(prefix))
            found.emplace_back(value, name.substr(prefix.size()));
    }
    std::sort(found.begin(), found.end(), std::greater<>());
    std::string text;
    for (const auto& [value, name] : found)
        text += (text.empty() ? "" : ", ") + name + " " + std::to_string(value);
    return text;
}

std::uint64_t counter(const ExplainFacts& given, std::string_view name) {
    if (!given.detail)
        return 0;
    for (const auto& [known, count] : given.detail->counters) {
        if (known == name)
            return count;
    }
    return 0;
}

// Where signals are lost, in numbers.
void add_counters(Facts& facts, const ExplainFacts& given) {
    if (!given.detail)
        return;
    std::string text;
    for (const char* name : {"signals", "entries", "trades"}) {
        for (const auto& [known, value] : given.detail->counters) {
            if (known == name)
                text += (text.empty() ? "" : ", ") + known + " " + std::to_string(value);
        }
    }
    facts.add("Signals", text);
    facts.add("Gates", counted(*given.detail, "gate_"));
    facts.add("Denied", counted(*given.detail, "denied_"));
    facts.add("Refused", counted(*given.detail, "refused_"));
    facts.add("Ticks", counted(*given.detail, "tick_"));
}

// A row that is no bar is a hole in what it trades on.
void add_data(Facts& facts, const ExplainFacts& given) {
    if (const auto refused = counter(given, "rows_refused"); refused > 0) {
        facts.add("Data", std::to_string(refused) +
                              (refused == 1 ? " row of its source is no bar and was"
                                            : " rows of its source are no bars and were") +
                              " not used; rows_refused in its log names the first (bullpenctl "
                              "tail " +
                              given.row->slot->account.str() + " log)");
    }
}

// How often its loop stood still; what kept it last is its error, and each is in its log.
void add_stalls(Facts& facts, const ExplainFacts& given) {
    if (const auto count = counter(given, "stalls"); count > 0) {
        facts.add("Stalls", std::to_string(count) + ", the longest " +
                                duration_text(Millis(counter(given, "stall_worst_ms"))));
    }
}

// What it proves itself with, as its worker counts it down.
void add_tokens(Facts& facts, const ExplainFacts& given) {
    if (!has_process(*given.row))
        return;
    for (const auto& limit : given.row->slot->all_limits()) {
        if (limit.unit.view() == k_unit_seconds)
            facts.add("Token", printable(limit.name.view()) + " ends in " +
                                   duration_text(std::chrono::seconds(
                                       std::max<std::int64_t>(0, limit.limit - limit.used))));
    }
}

void add_restarts(Facts& facts, const ExplainFacts& given) {
    const auto& slot = *given.row->slot;
    if (!given.row->on_board)
        return;
    std::string text = std::to_string(slot.restarts) + " so far";
    if (given.detail && given.detail->budget) {
        const auto& detail = *given.detail;
        if (*detail.budget == 0)
            text += "; no limit";
        else
            text += "; " + std::to_string(std::min(detail.budget_used, *detail.budget)) +
                    " of the " + std::to_string(*detail.budget) +
                    " that its budget allows are used";
    }
    facts.add("Restarts", text);
    if (!given.detail)
        return;
    for (const auto& death : given.detail->deaths) {
        facts.add("Death", spaced_utc(death.utc) + " " + sentence_of(death.reason) + ": " +
                               death.status + ", launch " + std::to_string(death.launch));
    }
}

void add_work(Facts& facts, const ExplainFacts& given, Instant now) {
    const auto& row = *given.row;
    if (row.pid != 0) {
        facts.add("Process", "pid " + std::to_string(row.pid) +
                                 (row.uptime ? ", up " + duration_text(*row.uptime) : ""));
    }
    if (row.beat_age)
        facts.add("Beat", age_text(*row.beat_age) + " ago");
    if (row.bar_age)
        facts.add("Bar", age_text(*row.bar_age) + " ago");
    if (given.detail) {
        facts.add("Overdue", joined(given.detail->overdue));
        if (row.pid != 0)
            facts.add("Due next", joined(given.detail->owed));
    }
    auto position = printable(row.slot->position.view());
    // Nobody says it now.
    if (!row.mode_known && !position.empty() && row.slot->position_at != UtcTime{})
        position += ", as told last at " + since_text(row.slot->position_at, now.utc);
    facts.add("Position", position);
    const auto error = ipc::unstamped(ipc::error_of(*row.slot));
    facts.add("Error",
              printable(error.text) + (error.at ? ", at " + since_text(*error.at, now.utc) : ""));
}

}  // namespace

Explanation explain(const ExplainFacts& given, Instant now) {
    const auto& row = *given.row;
    Facts facts;
    add_next(facts, given, now);
    add_mode(facts, given, now);
    if (!given.event.empty())
        facts.add("Event", given.event);
    add_work(facts, given, now);
    for (const auto& job : given.jobs)
        facts.add("Job", printable(job));
    add_counters(facts, given);
    add_data(facts, given);
    add_stalls(facts, given);
    add_tokens(facts, given);
    add_restarts(facts, given);
    if (given.lock && given.lock->lock == LockEvidence::Lock::held &&
        given.lock->holder_text != row.reason_text)
        facts.add("Lock", printable(given.lock->holder_text));
    if (given.lock && given.lock->lock == LockEvidence::Lock::free &&
        given.daemon != DaemonState::up)
        facts.add("Lock", row.slot->service != 0 ? "free: it does not run"
                                                 : "free: no worker acts for this account");
    if (row.pid != 0)
        facts.add("Isolation", isolation_text(*row.slot));
    facts.add("Crash", given.crash_bundle);
    if (given.detail && given.detail->kept_settings)
        facts.add("Settings",
                  "its file has errors, or is gone while it is not flat; its last good version is "
                  "in force (bullpenctl reread)");
    if (row.slot->enabled == 0)
        facts.add("Settings", "its file says enabled = false");
    if (row.slot->credentials_in_environment != 0)
        facts.add("Settings", "its file puts credentials into its environment");
    return {headline(given, now), facts.take()};
}

std::string text(const Explanation& explanation) {
    std::size_t longest = 0;
    for (const auto& fact : explanation.facts)
        longest = std::max(longest, fact.what.size());
    std::string out = explanation.headline + "\n";
    for (const auto& fact : explanation.facts) {
        std::string what = fact.what;
        what.resize(longest + 2, ' ');
        out += "  " + what + fact.text + "\n";
    }
    return out;
}

}  // namespace bullpen::ctl
