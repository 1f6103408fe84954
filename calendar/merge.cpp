#include "calendar/merge.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "calendar/collector.hpp"
#include "calendar/sources/fomc_meeting.hpp"
#include "calendar/text.hpp"
#include "common/events/nfp_rule.hpp"

namespace bullpen::calendar {

namespace {

using events::Event;
using events::Status;
using std::chrono::days;
using std::chrono::floor;

constexpr std::string_view k_payrolls = "us.bls.empsit";
constexpr std::string_view k_rule = "nfp-rule";
constexpr std::string_view k_off_rule = "off_rule";
// Meetings are weeks apart: what two sources have so close is one.
constexpr days k_same_meeting{2};
// A shutdown of the government has moved releases by so much at most.
constexpr Nanos k_moved_max = days(62);

// What one source says of one event.
struct Claim {
    const Event* event;
    Rank rank;
    std::string_view source;
};

Rank rank_of(std::string_view source) {
    const Source* const known = find_source(source);
    return known != nullptr ? known->rank : Rank::estimate;
}

events::Day day_of_event(const Event& event) {
    return events::Day(floor<days>(event.local.time_since_epoch()));
}

bool has_tag(const Event& event, std::string_view tag) {
    return std::find(event.tags.begin(), event.tags.end(), tag) != event.tags.end();
}

// Where no time was printed only the day says something.
bool loose_time(const Event& event) {
    return event.precision == events::Precision::date || has_tag(event, k_conventional);
}

bool same_time(const Event& a, const Event& b) {
    if (a.zone == b.zone && (loose_time(a) || loose_time(b)))
        return day_of_event(a) == day_of_event(b);
    return a.utc == b.utc;
}

bool over(const Event& event, UtcTime now) {
    const Nanos length = event.precision == events::Precision::date ? Nanos(days(1)) : Nanos(0);
    return event.utc + length <= now;
}

bool is_meeting(const Event& event) {
    return (event.series == k_statement || event.series == k_presser) &&
           !event.period().starts_with("x:");
}

std::string when(const Event& event) {
    std::string local = events::format_local(event.local);
    if (event.precision == events::Precision::date)
        local.resize(10);
    return local + " (" + events::format_instant(event.utc) + ")";
}

class Merge {
  public:
    Merge(const Calendar& last, const std::vector<Parsed>& statements, UtcTime now)
        : last_(last), now_(now) {
        for (const Parsed& statement : statements) {
            if (statement.accepted)
                statements_.push_back(&statement);
        }
        std::sort(statements_.begin(), statements_.end(), [](const Parsed* a, const Parsed* b) {
            return std::pair(rank_of(a->source), std::string_view(a->source)) <
                   std::pair(rank_of(b->source), std::string_view(b->source));
        });
        for (const Event& event : last.events)
            before_.emplace(event.id, &event);
    }

    Merged run() {
        for (const Parsed* const statement : statements_) {
            out_.calendar.coverage.insert(out_.calendar.coverage.end(), statement->coverage.begin(),
                                          statement->coverage.end());
        }
        std::sort(out_.calendar.coverage.begin(), out_.calendar.coverage.end(),
                  [](const auto& a, const auto& b) {
                      return std::tie(a.series, a.source, a.from) <
                             std::tie(b.series, b.source, b.from);
                  });
        for (const Parsed* const statement : statements_)
            claim_all(*statement);
        for (const Claim& claim : releases_)
            press(claim);
        for (const auto& [id, claims] : claims_)
            add(built(claims));
        for (const Event& event : last_.events) {
            if (!claims_.contains(event.id) && !renamed_.contains(event.id))
                unclaimed(event);
        }
        std::sort(out_.calendar.events.begin(), out_.calendar.events.end(), events::before);
        std::stable_sort(out_.alarms.begin(), out_.alarms.end(),
                         [](const auto& a, const auto& b) { return a.subject < b.subject; });
        return std::move(out_);
    }

  private:
    void alarm(MergeAlarm::Kind kind, const std::string& id, std::string sentence) {
        out_.alarms.push_back({kind, id, std::move(sentence)});
    }

    void add(Event event) {
        if (event.utc >= now_ - k_history)
            out_.calendar.events.push_back(std::move(event));
    }

    const Event* known(const std::string& id) const {
        const auto found = before_.find(id);
        return found == before_.end() ? nullptr : found->second;
    }

    void claim_all(const Parsed& statement) {
        const Rank rank = rank_of(statement.source);
        for (const Event& event : statement.events) {
            Claim claim{&event, rank, statement.source};
            if (rank == Rank::press && event.series == k_statement)
                releases_.push_back(claim);
            else if (rank < Rank::estimate || !stated(event))
                claims_[name_of(claim)].push_back(claim);
        }
    }

    // A meeting is named after its first day, so two sources that differ about its days would make
    // two of it: it is the one that is there already when that is at most two days away.
    const std::string& name_of(const Claim& claim) {
        const Event& event = *claim.event;
        if (!is_meeting(event) || claims_.contains(event.id))
            return event.id;
        for (const auto& [id, claims] : claims_) {
            const Event& there = *claims.front().event;
            const bool own = std::any_of(claims.begin(), claims.end(), [&](const Claim& other) {
                return other.source == claim.source;
            });
            if (own || there.series != event.series || !is_meeting(there))
                continue;
            const days apart = day_of_event(there) - day_of_event(event);
            if (apart <= k_same_meeting && apart >= -k_same_meeting) {
                renamed_.insert(event.id);
                return id;
            }
        }
        return event.id;
    }

    // Whether somebody official lists all events of the series on that day, or has this one.
    bool stated(const Event& event) const {
        const events::Day day = day_of_event(event);
        return claims_.contains(event.id) ||
               events::covers(out_.calendar.coverage, event.series, day, day);
    }

    // After all others have been claimed.
    void press(const Claim& claim) {
        for (auto& [id, claims] : claims_) {
            const Event& scheduled = *claims.front().event;
            if (scheduled.series != k_statement || claims.front().rank == Rank::press ||
                scheduled.cancelled())
                continue;
            const Nanos apart = claim.event->utc - scheduled.utc;
            const bool same_day = scheduled.precision == events::Precision::date &&
                                  day_of_event(scheduled) == day_of_event(*claim.event);
            if (same_day || (apart <= k_press_slack && apart >= -Nanos(k_press_slack)))
                return;
        }
        // What was not on a schedule, and is no news any more, is the business of the schedule.
        if (claim.event->utc + k_press_news > now_ || known(claim.event->id) != nullptr)
            claims_[claim.event->id].push_back(claim);
    }

    Event built(const std::vector<Claim>& claims) {
        Event event = *claims.front().event;
        const Rank rank = claims.front().rank;
        int official = is_official(rank) ? 1 : 0;
        bool on = !event.cancelled();
        event.sources.clear();
        for (const Claim& claim : claims) {
            event.sources.insert(event.sources.end(), claim.event->sources.begin(),
                                 claim.event->sources.end());
            if (&claim == &claims.front() || !is_official(claim.rank) || !is_official(rank))
                continue;
            if (claim.event->cancelled() == event.cancelled() &&
                (event.cancelled() || same_time(event, *claim.event))) {
                ++official;
                continue;
            }
            on = on || !claim.event->cancelled();
            disagree(event, claims.front(), claim);
        }
        missed(event, claims);
        if (rank >= Rank::estimate)
            event.status = Status::estimated;
        else if (!on)
            event.status = Status::cancelled;
        else
            event.status = official > 1 ? Status::confirmed : Status::published;
        if (rank == Rank::press && event.series == k_statement)
            emergency(event);
        if (event.series == k_payrolls && rank < Rank::estimate && !event.cancelled() &&
            !over(event, now_))
            compare_with_rule(event);
        return aged(std::move(event));
    }

    // A report that is not where its rule has it may be one that a shutdown moved, or a slip of
    // its source: somebody should look. It counts as the source has it.
    void compare_with_rule(Event& event) {
        const auto period = event.period();
        const auto first = events::parse_day(std::string(period) + "-01");
        if (!first)
            return;
        const std::chrono::year_month_day reference(*first);
        const auto rule = events::employment_situation(reference.year() / reference.month());
        if (day_of_event(event) == rule)
            return;
        event.tags.emplace_back(k_off_rule);
        alarm(MergeAlarm::Kind::odd_date, event.id,
              "it is at " + when(event) + ", and by its rule it would be on " +
                  events::format_day(rule));
    }

    // One official source has it, and another one that lists all events of that day has not.
    void missed(const Event& event, const std::vector<Claim>& claims) {
        if (!is_official(claims.front().rank) || event.cancelled() || over(event, now_))
            return;
        const events::Day day = day_of_event(event);
        for (const Parsed* const other : statements_) {
            const bool has = std::any_of(claims.begin(), claims.end(), [&](const Claim& claim) {
                return claim.source == other->source;
            });
            if (!has && is_official(rank_of(other->source)) &&
                events::covers(other->coverage, event.series, day, day))
                alarm(MergeAlarm::Kind::disagreement, event.id,
                      std::string(claims.front().source) + " says " + when(event) + ", and " +
                          other->source + ", which lists that day in full, does not; it counts");
        }
    }

    void disagree(Event& event, const Claim& first, const Claim& other) {
        if (!other.event->cancelled())
            event.other_times.push_back({other.event->local, other.event->zone, other.event->utc,
                                         std::string(other.source)});
        if (over(event, now_) && over(*other.event, now_))
            return;
        const auto says = [](const Claim& claim) {
            return std::string(claim.source) + " says " +
                   (claim.event->cancelled() ? "cancelled" : when(*claim.event));
        };
        alarm(MergeAlarm::Kind::disagreement, event.id,
              says(first) + ", " + says(other) + "; both times count");
    }

    void emergency(const Event& event) {
        if (known(event.id) == nullptr)
            alarm(MergeAlarm::Kind::emergency, event.id,
                  "'" + event.title + "' came at " + when(event) + " and was on no schedule");
    }

    // With what was known of it before.
    Event aged(Event event) {
        const Event* const before = known(event.id);
        std::optional<UtcTime> seen;
        for (const events::Origin& origin : event.sources)
            seen = std::max(seen.value_or(origin.fetched), origin.fetched);
        event.last_seen = seen;
        event.first_seen = before != nullptr ? before->first_seen : now_;
        if (before != nullptr)
            compare(event, *before);
        if (over(event, now_) && !event.cancelled() && event.status != Status::estimated)
            event.status = Status::released;
        return event;
    }

    void compare(Event& event, const Event& before) {
        event.revision = before.revision;
        event.last_changed = before.last_changed;
        event.previous_local = before.previous_local;
        // Sources rewrite the time of what is over to when it came out; that is no news.
        if (over(event, now_) && over(before, now_)) {
            event.local = before.local;
            event.utc = before.utc;
            event.zone = before.zone;
            event.precision = before.precision;
            return;
        }
        const bool moved = event.local != before.local || event.zone != before.zone;
        const bool turned = event.cancelled() != before.cancelled();
        if (moved)
            event.previous_local = before.local;
        if (moved || turned || event.importance != before.importance) {
            ++event.revision;
            event.last_changed = now_;
        }
        const bool was_published = before.status != Status::estimated;
        const bool stays_moved = before.status == Status::moved && !turned;
        if (!event.cancelled() && event.status != Status::estimated &&
            ((moved && was_published) || (!moved && stays_moved)))
            event.status = Status::moved;
    }

    // No source states it now.
    void unclaimed(const Event& before) {
        Event event = before;
        if (over(event, now_)) {
            if (!event.cancelled() && event.status != Status::estimated)
                event.status = Status::released;
            if (event.status != Status::estimated)
                add(std::move(event));
            return;
        }
        if (event.status == Status::estimated && !rule_is_silent(event))
            return;  // it was never published, and now there is better knowledge
        if (!event.cancelled() && event.status != Status::estimated)
            lose(event);
        add(std::move(event));
    }

    // Whether whoever estimated it was not asked this time, so that it stands.
    bool rule_is_silent(const Event& event) const {
        return !stated(event) &&
               std::none_of(event.sources.begin(), event.sources.end(), [&](const auto& origin) {
                   return statement_of(origin.source) != nullptr;
               });
    }

    const Parsed* statement_of(std::string_view source) const {
        for (const Parsed* const statement : statements_) {
            if (statement->source == source)
                return statement;
        }
        return nullptr;
    }

    void lose(Event& event) {
        bool heard = false;
        bool complete = false;
        for (const events::Origin& origin : event.sources) {
            const Parsed* const statement = statement_of(origin.source);
            if (statement == nullptr)
                continue;
            heard = true;
            complete = complete || lists_day(*statement, event);
        }
        if (!heard)
            return;  // none of its sources was there: nothing new is known
        // What is not confirmed stays so until a source states it again, or an operator cancels it.
        if (event.status == Status::unconfirmed)
            return;
        event.status = complete ? Status::cancelled : Status::unconfirmed;
        event.last_changed = now_;
        ++event.revision;
        alarm(MergeAlarm::Kind::vanished, event.id,
              "'" + event.title + "' at " + when(event) + " is not stated any more: " +
                  (complete ? "its source lists that day in full, so it counts as cancelled"
                            : "it is kept, and not confirmed"));
    }

    bool lists_day(const Parsed& statement, const Event& event) const {
        const events::Day day = day_of_event(event);
        return rank_of(statement.source) <= Rank::official_page &&
               events::covers(statement.coverage, event.series, day, day) &&
               vanished_too_many(last_, statement, now_).empty();
    }

    const Calendar& last_;
    UtcTime now_;
    std::vector<const Parsed*> statements_;  // by rank and name
    std::unordered_map<std::string_view, const Event*> before_;
    std::map<std::string, std::vector<Claim>> claims_;  // the best first
    std::set<std::string> renamed_;                     // ids that are another one's now
    std::vector<Claim> releases_;                       // statements among the press releases
    Merged out_;
};

}  // namespace

Merged merge(const Calendar& last, const std::vector<Parsed>& statements, UtcTime now) {
    return Merge(last, statements, now).run();
}

Parsed employment_estimates(const Zones& zones, UtcTime now) {
    Context context;
    context.zones = &zones;
    context.fetched = now;
    Collector collector(k_rule, context);
    const events::Day today = floor<days>(now);
    const int first = month_index(today) - 1;
    for (int month = first; month <= month_index(today + k_estimates_ahead); ++month) {
        const std::chrono::year_month reference(
            std::chrono::year(month / 12),
            std::chrono::month(static_cast<unsigned>(month % 12) + 1));
        Row row;
        row.series = k_payrolls;
        row.period = month_text(month);
        row.day = events::employment_situation(reference);
        row.time = std::chrono::hours(8) + std::chrono::minutes(30);
        row.status = Status::estimated;
        row.raw = "by the rule of publication";
        if (row.day >= today)
            collector.add(std::move(row));
    }
    return collector.finish();
}

namespace {

// By series: when the events are that the calendar did not have under these names.
std::multimap<std::string_view, UtcTime> new_ones(const Calendar& last, const Parsed& fresh) {
    std::set<std::string_view> known;
    for (const Event& event : last.events)
        known.insert(event.id);
    std::multimap<std::string_view, UtcTime> all;
    for (const Event& event : fresh.events) {
        if (!known.contains(event.id))
            all.emplace(event.series, event.utc);
    }
    return all;
}

}  // namespace

std::string vanished_too_many(const Calendar& last, const Parsed& fresh, UtcTime now) {
    std::set<std::string_view> listed;
    for (const Event& event : fresh.events)
        listed.insert(event.id);
    std::multimap<std::string_view, UtcTime> added = new_ones(last, fresh);
    // What has no period of its own is another event after a move.
    const auto moved = [&](const Event& event) {
        const auto [from, to] = added.equal_range(event.series);
        const auto found = std::find_if(from, to, [&](const auto& one) {
            return one.second - event.utc <= k_moved_max && event.utc - one.second <= k_moved_max;
        });
        const bool is = found != to;
        if (is)
            added.erase(found);
        return is;
    };
    std::size_t had = 0;
    std::size_t lost = 0;
    for (const Event& event : last.events) {
        const bool stated = std::any_of(
            event.sources.begin(), event.sources.end(),
            [&](const events::Origin& origin) { return origin.source == fresh.source; });
        if (!stated || over(event, now) || event.cancelled() || event.status == Status::unconfirmed)
            continue;
        ++had;
        lost += listed.contains(event.id) || moved(event) ? 0U : 1U;
    }
    // A single event may always be taken back.
    if (lost <= 1 || lost * 100 <= had * k_vanished_percent_max)
        return {};
    return std::to_string(lost) + " of " + std::to_string(had) +
           " events that were announced for the future are missing";
}

}  // namespace bullpen::calendar
