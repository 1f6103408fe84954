// What `bullpenctl calendar` writes: an operator's entry in HOME/shared/calendar.override.json,
// which counts at once for every worker.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <span>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/events/series.hpp"
#include "common/storage/file_system.hpp"
#include "common/time/session_clock.hpp"
#include "ctl/act.hpp"
#include "ctl/calendar_view.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

using events::Override;
using events::OverrideKind;

// How long an entry about an event lasts when nobody says it: a day longer than the event.
constexpr Nanos k_lasts_after = std::chrono::hours(24);
constexpr std::size_t k_minutes_width = 17;  // of "2026-12-04T13:30Z"

// "2026-12-04T08:30" on the wall clock of --tz, or an instant with a Z.
Result<UtcTime> instant_of(std::string_view text, const time::Zone& zone) {
    // Minutes are enough.
    if (text.size() == k_minutes_width && text.ends_with('Z'))
        return parse_utc(std::string(text.substr(0, k_minutes_width - 1)) + ":00Z");
    if (text.ends_with('Z'))
        return parse_utc(text);
    BULLPEN_TRY(const auto local, events::parse_local(text));
    const auto reading = zone.read(time::LocalTime(local.time_since_epoch()));
    if (reading.kind == time::LocalReading::Kind::nonexistent)
        return fail(Errc::invalid, "the clocks skip " + std::string(text) + " in " + zone.name());
    return reading.earliest;
}

std::string who(const Context& context) {
    if (const auto by = context.arguments.value("by"))
        return std::string(*by);
    return "uid " + std::to_string(::getuid());
}

Result<void> fill_time(const Context& context, const time::Zone& zone, Override& entry) {
    if (context.arguments.operands.size() != 3)
        return fail(Errc::invalid, "it takes the id of an event and a time: 2026-12-04T08:30");
    const auto text = context.arguments.operands[2];
    // Midnight would be a time, and the wrong one.
    if (events::parse_day(text))
        return fail(Errc::invalid, "'" + std::string(text) +
                                       "' is a day only; say the time, too: " + std::string(text) +
                                       "T08:30");
    BULLPEN_TRY(entry.utc, instant_of(text, zone));
    entry.zone = zone.name();
    entry.local = events::LocalMinute(
        std::chrono::floor<std::chrono::minutes>(zone.local(entry.utc).time_since_epoch()));
    entry.utc = std::chrono::floor<std::chrono::minutes>(entry.utc);
    return {};
}

Result<void> fill_add(const Context& context, Override& entry) {
    const auto series = entry.id.substr(0, entry.id.find(':'));
    const auto* known = events::find_series(series);
    entry.importance = known != nullptr ? known->importance : 3;
    entry.title = known != nullptr ? std::string(known->title) : series;
    entry.currency = known != nullptr ? std::string(known->currency) : std::string();
    entry.country = known != nullptr ? std::string(known->country) : std::string();
    if (const auto title = context.arguments.value("title"))
        entry.title = *title;
    if (const auto currency = context.arguments.value("currency")) {
        const bool good =
            currency->size() == 3 && std::all_of(currency->begin(), currency->end(),
                                                 [](char c) { return c >= 'A' && c <= 'Z'; });
        if (!good)
            return fail(Errc::invalid, "'" + std::string(*currency) + "' is no currency as in EUR");
        entry.currency = *currency;
    }
    if (const auto importance = context.arguments.value("importance")) {
        BULLPEN_TRY(const auto count, parse_count(*importance, 3));
        entry.importance = static_cast<int>(count);
    }
    return {};
}

bool of_market(OverrideKind kind) {
    return kind == OverrideKind::market_closed || kind == OverrideKind::early_close ||
           kind == OverrideKind::special_session;
}

Result<std::int32_t> minutes_of(std::string_view time_of_day) {
    BULLPEN_TRY(const Nanos at, time::parse_time_of_day(time_of_day));
    return static_cast<std::int32_t>(at / std::chrono::minutes(1));
}

// "MARKET DAY", and "13:00" of an early close, "09:15-10:00" of each special session.
Result<void> fill_market_day(const Context& context, Override& entry) {
    const auto& words = context.arguments.operands;
    const std::size_t needed = entry.kind == OverrideKind::market_closed ? 3 : 4;
    if (words.size() < needed)
        return fail(Errc::invalid, "it takes a market and a day: cme_equity_index 2026-12-24" +
                                       std::string(needed == 4 ? ", and a time" : ""));
    entry.market = market_of(context, words[1]);
    if (!entry.market)
        return fail(Errc::invalid, "'" + std::string(words[1]) +
                                       "' is no instrument (ES) and no market: " + market_codes());
    BULLPEN_TRY(entry.day, events::parse_day(words[2]));
    if (entry.kind == OverrideKind::early_close) {
        BULLPEN_TRY(entry.closes, minutes_of(words[3]));
        return {};
    }
    for (const auto text : std::span(words).subspan(3)) {
        const auto dash = text.find('-');
        if (dash == std::string_view::npos)
            return fail(Errc::invalid, "a session is 09:15-10:00");
        BULLPEN_TRY(const auto opens, minutes_of(text.substr(0, dash)));
        BULLPEN_TRY(const auto closes, minutes_of(text.substr(dash + 1)));
        entry.blocks.push_back({opens, closes});
    }
    return {};
}

Result<UtcTime> expiry_of(const Context& context, const time::Zone& zone, const Override& entry,
                          const events::Event* event) {
    const auto name = entry.kind == OverrideKind::acknowledge ? "until" : "expires";
    if (const auto text = context.arguments.value(name))
        return instant_of(*text, zone);
    if (entry.kind == OverrideKind::acknowledge)
        return fail(Errc::invalid, "ack takes --until TIME");
    UtcTime last = of_market(entry.kind)
                       ? UtcTime(Nanos(entry.day.time_since_epoch()) + k_lasts_after)
                       : entry.utc;
    if (event != nullptr)
        last = std::max(last, event->utc);
    return std::max(last, entry.at) + k_lasts_after;
}

Result<OverrideKind> kind_of(std::string_view word) {
    if (word == "add")
        return OverrideKind::add;
    if (word == "move")
        return OverrideKind::move;
    if (word == "cancel")
        return OverrideKind::cancel;
    if (word == "set-importance")
        return OverrideKind::set_importance;
    if (word == "market-closed")
        return OverrideKind::market_closed;
    if (word == "early-close")
        return OverrideKind::early_close;
    if (word == "special-session")
        return OverrideKind::special_session;
    return OverrideKind::acknowledge;
}

Result<Override> made(const Context& context, const CalendarView& view) {
    Override entry;
    BULLPEN_TRY(entry.kind, kind_of(context.arguments.operands[0]));
    BULLPEN_TRY(const auto zone,
                time::Zone::load(context.arguments.value("tz").value_or("America/New_York")));
    entry.at = std::chrono::floor<std::chrono::seconds>(view.now);
    entry.by = who(context);
    entry.force = context.arguments.has("force");
    const auto reason = context.arguments.value("reason");
    if (!reason || reason->empty())
        return fail(Errc::invalid, "it takes --reason TEXT: what makes you say so");
    entry.reason = *reason;
    if (of_market(entry.kind)) {
        BULLPEN_CHECK(fill_market_day(context, entry));
    } else if (entry.kind != OverrideKind::acknowledge) {
        if (context.arguments.operands.size() < 2)
            return fail(Errc::invalid, "it takes the id of an event");
        entry.id = context.arguments.operands[1];
    }
    if (entry.kind == OverrideKind::add || entry.kind == OverrideKind::move)
        BULLPEN_CHECK(fill_time(context, zone, entry));
    if (entry.kind == OverrideKind::add)
        BULLPEN_CHECK(fill_add(context, entry));
    if (entry.kind == OverrideKind::set_importance) {
        if (context.arguments.operands.size() != 3)
            return fail(Errc::invalid, "it takes the id of an event and 1, 2 or 3");
        BULLPEN_TRY(const auto importance, parse_count(context.arguments.operands[2], 3));
        entry.importance = static_cast<int>(importance);
    }
    BULLPEN_TRY(entry.expires, expiry_of(context, zone, entry, view.find(entry.id)));
    return entry;
}

// Two operators at once take turns: each reads the file under the lock and writes it back. Whoever
// may read a file can lock it, so the lock is not beside it, where workers read.
template <class Change>
Result<void> rewrite(const Context& context, UtcTime now, Change change) {
    const std::string path = context.home.shared() + "/" + std::string(events::k_overrides_name);
    const std::string turns = context.home.locks() + "/calendar.override.lock";
    BULLPEN_CHECK(make_directories(context.home.locks(), 0700));
    BULLPEN_TRY(const auto lock, open_file(turns, O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
    if (::flock(lock.get(), LOCK_EX) != 0)
        return fail_errno("cannot lock " + turns);
    // Of earlier releases.
    (void)::unlink((path + ".lock").c_str());
    storage::SystemFileSystem files;
    BULLPEN_TRY(auto overrides, events::load_overrides(files, path));
    BULLPEN_CHECK(change(overrides.entries));
    // Workers read it, which may be other users of this one's group.
    ::umask(S_IWGRP | S_IRWXO);
    return events::write_overrides(files, path, overrides, now);
}

Result<void> append(const Context& context, const Override& entry, UtcTime now) {
    return rewrite(context, now, [&](std::vector<Override>& entries) {
        entries.push_back(entry);
        return Result<void>();
    });
}

// Takes the last entry back that counts and is about this event, this market, or "ack".
Result<Override> take_back(const Context& context, UtcTime now) {
    const auto& words = context.arguments.operands;
    if (words.size() != 2)
        return fail(Errc::invalid, "undo takes the id of an event, a market, or ack");
    const auto market = market_of(context, words[1]);
    Override gone;
    BULLPEN_CHECK(rewrite(context, now, [&](std::vector<Override>& entries) -> Result<void> {
        const auto found =
            std::find_if(entries.rbegin(), entries.rend(), [&](const Override& entry) {
                const bool ack = entry.kind == OverrideKind::acknowledge && words[1] == "ack";
                const bool day = entry.market && entry.market == market;
                return entry.expires > now && (ack || day || entry.id == words[1]);
            });
        if (found == entries.rend())
            return fail(Errc::not_found,
                        "no entry that counts is about '" + std::string(words[1]) + "'");
        const bool near =
            found->utc - now < events::k_force_within && now - found->utc < events::k_force_within;
        const bool timed = found->kind == OverrideKind::add || found->kind == OverrideKind::move;
        if (timed && near && !context.arguments.has("force"))
            return fail(Errc::refused, "what it puts at " + events::format_instant(found->utc) +
                                           " is within a day: taking it away needs --force");
        gone = *found;
        entries.erase(std::next(found).base());
        return {};
    }));
    return gone;
}

int undo(Context& context, const CalendarView& view) {
    const auto gone = take_back(context, view.now);
    if (!gone)
        return report(context, gone.error(),
                      gone.error().code() == Errc::invalid ? ExitCode::usage : ExitCode::failed);
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key("undone").string(events::code(gone->kind));
        json.key("id").text_or_null(gone->id);
        json.key("market").text_or_null(gone->market ? time::code(*gone->market) : "");
        json.end_object();
        context.out += "\n";
    } else {
        context.out.line(std::string(events::code(gone->kind)) + " is taken back: " + gone->reason);
    }
    return value(ExitCode::done);
}

}  // namespace

int calendar_edit(Context& context, const CalendarView& view) {
    if (context.arguments.operands[0] == "undo")
        return undo(context, view);
    const auto entry = made(context, view);
    if (!entry)
        return report(context, entry.error(), ExitCode::usage);
    if (auto allowed = events::check_new(*entry, view.events, view.now); !allowed)
        return report(context, allowed.error(), ExitCode::failed);
    if (auto written = append(context, *entry, view.now); !written)
        return report(context, written.error(), ExitCode::failed);
    const std::string until = events::format_instant(entry->expires);
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key("kind").string(events::code(entry->kind));
        json.key("id").text_or_null(entry->id);
        json.key("market").text_or_null(entry->market ? time::code(*entry->market) : "");
        json.key("day").text_or_null(entry->market ? events::format_day(entry->day) : "");
        json.key("utc").text_or_null(entry->utc == UtcTime{} ? std::string()
                                                             : events::format_instant(entry->utc));
        json.key("expires").string(until).end_object();
        context.out += "\n";
    } else {
        std::string text(events::code(entry->kind));
        if (entry->market)
            text += " " + std::string(time::code(*entry->market)) + " " +
                    events::format_day(entry->day);
        if (!entry->id.empty())
            text += " " + entry->id;
        if (entry->utc != UtcTime{})
            text += " at " + events::format_local(entry->local) + " " + entry->zone + " (" +
                    events::format_instant(entry->utc) + ")";
        context.out.line(text + ", until " + until);
    }
    return value(ExitCode::done);
}

}  // namespace bullpen::ctl
