// What `bullpenctl calendar` writes: an operator's entry in HOME/shared/calendar.override.json,
// which counts at once for every worker.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/events/series.hpp"
#include "common/storage/file_system.hpp"
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

// "2026-12-04T08:30" on the wall clock of --tz, or an instant with a Z.
Result<UtcTime> instant_of(std::string_view text, const time::Zone& zone) {
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
    if (const auto currency = context.arguments.value("currency"))
        entry.currency = *currency;
    if (const auto importance = context.arguments.value("importance")) {
        BULLPEN_TRY(const auto count, parse_count(*importance, 3));
        entry.importance = static_cast<int>(count);
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
    UtcTime last = entry.utc;
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
    if (entry.kind != OverrideKind::acknowledge) {
        if (context.arguments.operands.size() < 2)
            return fail(Errc::invalid, "it takes the id of an event");
        entry.id = context.arguments.operands[1];
    }
    if (entry.kind == OverrideKind::add || entry.kind == OverrideKind::move)
        BULLPEN_CHECK(fill_time(context, zone, entry));
    if (entry.kind == OverrideKind::add)
        BULLPEN_CHECK(fill_add(context, entry));
    BULLPEN_TRY(entry.expires, expiry_of(context, zone, entry, view.find(entry.id)));
    return entry;
}

// Two operators at once take turns: each reads the file under the lock and writes it back.
Result<void> append(const Context& context, const Override& entry, UtcTime now) {
    const std::string path = context.home.shared() + "/" + std::string(events::k_overrides_name);
    Descriptor lock(
        ::open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (lock.get() < 0 || ::flock(lock.get(), LOCK_EX) != 0)
        return fail_errno("cannot lock " + path + ".lock");
    storage::SystemFileSystem files;
    BULLPEN_TRY(auto overrides, events::load_overrides(files, path));
    overrides.entries.push_back(entry);
    return events::write_overrides(files, path, overrides, now);
}

}  // namespace

int calendar_edit(Context& context, const CalendarView& view) {
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
        json.key("utc").text_or_null(entry->utc == UtcTime{} ? std::string()
                                                             : events::format_instant(entry->utc));
        json.key("expires").string(until).end_object();
        context.out += "\n";
    } else {
        std::string text(events::code(entry->kind));
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
