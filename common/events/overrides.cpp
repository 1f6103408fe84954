#include "common/events/overrides.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "common/base/errc.hpp"
#include "common/events/shared_file.hpp"
#include "common/storage/atomic_file.hpp"

namespace bullpen::events {

namespace {

using Kind = OverrideKind;

OverrideMark mark_of(const Override& entry) {
    return {entry.by, entry.at, entry.reason, entry.expires};
}

Event made_event(const Override& entry) {
    Event event;
    event.id = entry.id;
    event.series = entry.id.substr(0, entry.id.find(':'));
    event.title = entry.title;
    event.country = entry.country;
    event.currency = entry.currency;
    event.importance = entry.importance;
    event.local = entry.local;
    event.zone = entry.zone;
    event.utc = entry.utc;
    event.status = Status::published;
    event.first_seen = entry.at;
    event.last_changed = entry.at;
    event.override_mark = mark_of(entry);
    return event;
}

void change(const Override& entry, Event& event) {
    switch (entry.kind) {
        case Kind::move:
            if (event.local != entry.local || event.zone != entry.zone)
                event.previous_local = event.local;
            event.local = entry.local;
            event.zone = entry.zone;
            event.utc = entry.utc;
            event.precision = Precision::exact;
            event.status = Status::moved;
            event.other_times.clear();
            break;
        case Kind::cancel: event.status = Status::cancelled; break;
        case Kind::set_importance: event.importance = entry.importance; break;
        default: return;
    }
    ++event.revision;
    event.last_changed = entry.at;
    event.override_mark = mark_of(entry);
}

time::Holiday made_day(const Override& entry) {
    time::Holiday day;
    day.day = entry.day;
    day.name = entry.reason;
    switch (entry.kind) {
        case Kind::early_close:
            day.kind = time::HolidayKind::early_close;
            day.closes = entry.closes;
            break;
        case Kind::special_session:
            day.kind = time::HolidayKind::special;
            day.count = static_cast<std::uint8_t>(
                std::min(entry.blocks.size(), time::Holiday::k_blocks_max));
            std::copy_n(entry.blocks.begin(), day.count, day.blocks.begin());
            break;
        default: day.kind = time::HolidayKind::closed; break;
    }
    return day;
}

// Whether it takes an event of high importance away that was less than a day off when the entry was
// made, or whose windows may still have been open.
bool takes_near_away(const Override& entry, const Event& event, UtcTime now) {
    const bool away = entry.kind == Kind::cancel || entry.kind == Kind::move ||
                      (entry.kind == Kind::set_importance && entry.importance < event.importance);
    const UtcTime made = std::min(entry.at, now);
    const auto near = [&](UtcTime utc, Nanos length) {
        return utc - made < k_force_within && made - utc < k_force_within + length;
    };
    const Nanos length = event.precision == Precision::date ? Nanos(std::chrono::days(1)) : Nanos{};
    return away && event.importance == Event::k_importance_max && !event.cancelled() &&
           (near(event.utc, length) ||
            std::any_of(event.other_times.begin(), event.other_times.end(),
                        [&](const OtherTime& other) { return near(other.utc, {}); }));
}

bool of_market(Kind kind) {
    return kind == Kind::market_closed || kind == Kind::early_close ||
           kind == Kind::special_session;
}

}  // namespace

std::optional<UtcTime> Overrides::acknowledged(UtcTime now) const {
    std::optional<UtcTime> until;
    for (const Override& entry : entries) {
        if (entry.kind == Kind::acknowledge && entry.at <= now && now < entry.expires)
            until = std::max(until.value_or(entry.expires), entry.expires);
    }
    return until;
}

void apply(const Overrides& overrides, UtcTime now, std::vector<Event>& events) {
    for (const Override& entry : overrides.entries) {
        if (entry.expires <= now || of_market(entry.kind) || entry.kind == Kind::acknowledge)
            continue;
        const auto found = std::find_if(events.begin(), events.end(),
                                        [&](const Event& event) { return event.id == entry.id; });
        if (entry.kind == Kind::add && found == events.end())
            events.push_back(made_event(entry));
        else if (entry.kind == Kind::add)
            *found = made_event(entry);
        else if (found != events.end() && (entry.force || !takes_near_away(entry, *found, now)))
            change(entry, *found);
    }
    std::sort(events.begin(), events.end(), before);
}

void apply(const Overrides& overrides, UtcTime now, time::HolidayTable& table) {
    for (const Override& entry : overrides.entries) {
        if (entry.expires <= now || !of_market(entry.kind) || !entry.market)
            continue;
        auto& days = table.markets.at(static_cast<std::size_t>(*entry.market)).days;
        const auto at =
            std::lower_bound(days.begin(), days.end(), entry.day,
                             [](const time::Holiday& day, Day wanted) { return day.day < wanted; });
        if (at != days.end() && at->day == entry.day)
            *at = made_day(entry);
        else
            days.insert(at, made_day(entry));
    }
}

std::optional<UtcTime> next_expiry(const Overrides& overrides, UtcTime now) {
    std::optional<UtcTime> next;
    for (const Override& entry : overrides.entries) {
        if (entry.expires > now && (!next || entry.expires < *next))
            next = entry.expires;
    }
    return next;
}

Result<void> check_new(const Override& entry, const std::vector<Event>& events, UtcTime now) {
    if (entry.expires <= now)
        return fail(Errc::invalid, "it would have expired already");
    // The file's own reader knows what an entry must have.
    if (auto read = decode_overrides(encode(Overrides{{entry}})); !read)
        return fail(read.error());
    if (of_market(entry.kind) || entry.kind == Kind::acknowledge)
        return {};
    const auto found = std::find_if(events.begin(), events.end(),
                                    [&](const Event& event) { return event.id == entry.id; });
    if (entry.kind == Kind::add)
        return found == events.end() || found->override_mark
                   ? Result<void>()
                   : fail(Errc::invalid, "the calendar has " + entry.id +
                                             " already: move it, or give yours another name");
    if (found == events.end())
        return fail(Errc::not_found, "the calendar has no event " + entry.id);
    // A slip of the year, most likely, and it would take the event away without saying so.
    if (!entry.force && entry.kind == Kind::move && found->utc > now &&
        entry.utc + k_force_within <= now)
        return fail(Errc::refused, entry.id + " is to come, and " + format_instant(entry.utc) +
                                       " is over: that needs --force");
    if (!entry.force && takes_near_away(entry, *found, now))
        return fail(Errc::refused, entry.id + " is at " + format_instant(found->utc) +
                                       ", within a day: taking it away needs --force");
    return {};
}

std::vector<std::string> not_applied(const Overrides& overrides, UtcTime now,
                                     std::vector<Event> events) {
    std::vector<std::string> ids;
    Overrides one;
    for (const Override& entry : overrides.entries) {
        const auto found = std::find_if(events.begin(), events.end(),
                                        [&](const Event& event) { return event.id == entry.id; });
        if (found != events.end() && entry.expires > now && !entry.force &&
            takes_near_away(entry, *found, now))
            ids.push_back(entry.id);
        one.entries = {entry};
        apply(one, now, events);
    }
    return ids;
}

std::vector<std::string> reckoned_anew(const Overrides& overrides, UtcTime now) {
    std::vector<std::string> sentences;
    for (const Override& entry : overrides.entries) {
        if (entry.stated && entry.expires > now && std::max(entry.utc, *entry.stated) > now)
            sentences.push_back("the override of " + entry.id + " at " + format_local(entry.local) +
                                " " + entry.zone + " is at " + format_instant(entry.utc) +
                                " by this host's time zones; the file has " +
                                format_instant(*entry.stated));
    }
    return sentences;
}

Result<Overrides> load_overrides(storage::FileSystem& files, const std::string& path) {
    auto text = read_shared(files, path, k_overrides_max);
    if (!text) {
        if (storage::is_missing(text.error()))
            return Overrides{};
        return fail(text.error());
    }
    struct ::stat status {};
    if (::lstat(path.c_str(), &status) == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return fail(Errc::refused, path + " may be written by others than its owner: chmod 600 it");
    auto read = decode_overrides(*text);
    if (!read)
        return fail(read.error().wrap(path));
    return read;
}

Result<void> write_overrides(storage::FileSystem& files, const std::string& path,
                             const Overrides& overrides, UtcTime now) {
    Overrides kept;
    std::copy_if(overrides.entries.begin(), overrides.entries.end(),
                 std::back_inserter(kept.entries),
                 [&](const Override& entry) { return entry.expires + k_keep_expired > now; });
    if (kept.entries.size() > k_override_entries_max)
        return fail(Errc::too_large, "the override file has its " +
                                         std::to_string(k_override_entries_max) + " entries");
    return storage::replace_file(files, path, encode(kept), {.mode = 0640, .keep_previous = true});
}

}  // namespace bullpen::events
