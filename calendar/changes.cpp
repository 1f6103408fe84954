#include "calendar/changes.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <utility>

namespace bullpen::calendar {

namespace {

using events::Event;
using std::chrono::days;
using std::chrono::floor;

std::string when(const Event& event) {
    std::string local = events::format_local(event.local);
    if (event.precision == events::Precision::date)
        local.resize(10);
    return local + " " + event.zone + " (" + events::format_instant(event.utc) + ")";
}

bool soon(const Event& event, UtcTime now) {
    return event.utc > now && event.utc <= now + k_urgent;
}

std::string source_of(const Event& event) {
    if (event.sources.empty())
        return {};
    const events::Origin& origin = event.sources.front();
    return ", by " + origin.source +
           (origin.sha256.empty() ? "" : " " + origin.sha256.substr(0, 12));
}

std::optional<Change> between(const Event& before, const Event& after) {
    Change change;
    change.id = after.id;
    const std::string name = "'" + after.title + "'";
    if (after.cancelled() != before.cancelled()) {
        change.kind = after.cancelled() ? Change::Kind::cancelled : Change::Kind::restored;
        change.sentence = name + " at " + when(after) +
                          (after.cancelled() ? " is cancelled" : " takes place after all");
    } else if (after.local != before.local || after.zone != before.zone) {
        const bool same_day =
            floor<days>(after.local) == floor<days>(before.local) && after.zone == before.zone;
        change.kind = same_day ? Change::Kind::time_only : Change::Kind::moved;
        change.sentence = name + " moved from " + when(before) + " to " + when(after);
    } else if (after.importance != before.importance) {
        change.kind = Change::Kind::importance;
        change.sentence = name + " at " + when(after) + " is of importance " +
                          std::to_string(after.importance) + ", it was " +
                          std::to_string(before.importance);
    } else {
        return std::nullopt;
    }
    change.sentence += source_of(after);
    return change;
}

}  // namespace

std::string_view code(Change::Kind kind) {
    constexpr std::array<std::string_view, 7> k_codes{
        "added", "moved", "time_only", "cancelled", "restored", "importance", "removed"};
    return k_codes.at(static_cast<std::size_t>(kind));
}

std::vector<MergeAlarm> reckon_again(const Calendar& before, Calendar& fresh, const Zones& zones,
                                     UtcTime now) {
    std::unordered_map<std::string_view, const Event*> old;
    for (const Event& event : before.events)
        old.emplace(event.id, &event);
    std::vector<MergeAlarm> alarms;
    for (Event& event : fresh.events) {
        if (event.utc <= now)
            continue;
        if (const auto* const zone = zones.find(event.zone))
            events::resolve(event, *zone);
        const auto there = old.find(event.id);
        if (there == old.end() || there->second->utc == event.utc ||
            there->second->local != event.local || there->second->zone != event.zone)
            continue;
        alarms.push_back({MergeAlarm::Kind::tzdata_old, event.id,
                          "'" + event.title + "' at " + when(event) + " was reckoned as " +
                              events::format_instant(there->second->utc) +
                              " before: the time-zone data changed"});
    }
    std::sort(fresh.events.begin(), fresh.events.end(), events::before);
    return alarms;
}

std::vector<Change> changes(const Calendar& before, const Calendar& after, UtcTime now) {
    std::unordered_map<std::string_view, const Event*> old;
    for (const Event& event : before.events)
        old.emplace(event.id, &event);
    std::vector<std::pair<UtcTime, Change>> found;
    for (const Event& event : after.events) {
        const auto there = old.find(event.id);
        if (there == old.end()) {
            if (event.utc > now && !event.cancelled())
                found.emplace_back(event.utc,
                                   Change{Change::Kind::added, event.id, soon(event, now),
                                          "'" + event.title + "' at " + when(event) + " is new" +
                                              source_of(event)});
            continue;
        }
        const Event& was = *there->second;
        old.erase(there);
        auto change = was.utc <= now && event.utc <= now ? std::nullopt : between(was, event);
        if (!change)
            continue;
        change->urgent = soon(was, now) || soon(event, now);
        found.emplace_back(event.utc, std::move(*change));
    }
    for (const auto& [id, event] : old) {
        if (event->utc > now)
            found.emplace_back(
                event->utc,
                Change{Change::Kind::removed, event->id, soon(*event, now),
                       "'" + event->title + "' at " + when(*event) + " is not expected any more"});
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
        return std::tie(a.first, a.second.id) < std::tie(b.first, b.second.id);
    });
    std::vector<Change> out;
    out.reserve(found.size());
    for (auto& [utc, change] : found)
        out.push_back(std::move(change));
    return out;
}

}  // namespace bullpen::calendar
