#include "ctl/calendar_view.hpp"

#include <algorithm>

#include "common/config/roster.hpp"
#include "common/events/blackout.hpp"
#include "common/events/home_calendar.hpp"

namespace bullpen::ctl {

namespace {

// An account's own time counts when it is so far from the clock's.
constexpr Nanos k_live_within = std::chrono::hours(24 * 5);
constexpr Nanos k_bar = std::chrono::minutes(1);
constexpr Nanos k_standing_span = std::chrono::hours(24 * 3);

}  // namespace

using events::CalendarAlarm;
using events::Day;
using std::chrono::days;

Result<CalendarView> CalendarView::read(const Home& home, UtcTime now) {
    storage::SystemFileSystem files;
    BULLPEN_TRY(auto new_york, time::Zone::load("America/New_York"));
    CalendarView view{{}, {}, {}, {}, std::move(new_york), now, true};
    // Settings that cannot be read are told by the commands that are about them.
    if (const auto settings = config::read_daemon(home))
        view.asks = !settings->calendar.contact.empty();
    auto loaded =
        events::load_snapshot(files, home.shared() + "/" + std::string(events::k_snapshot_name));
    auto overrides =
        events::load_overrides(files, home.shared() + "/" + std::string(events::k_overrides_name));
    for (events::CalendarAlarm& alarm : events::file_alarms(loaded, overrides, now))
        view.troubles.push_back(std::move(alarm.sentence));
    if (loaded.snapshot)
        view.events = loaded.snapshot->events;
    view.snapshot = std::move(loaded.snapshot);
    if (overrides)
        view.overrides = std::move(*overrides);
    events::apply(view.overrides, now, view.events);
    return view;
}

Day CalendarView::day_of(UtcTime at) const {
    return Day(std::chrono::floor<days>(new_york.local(at).time_since_epoch()));
}

Day CalendarView::today() const {
    return day_of(now);
}

UtcTime CalendarView::begin_of(Day day) const {
    return new_york.read(time::LocalTime(Nanos(day.time_since_epoch()))).earliest;
}

const events::Event* CalendarView::find(std::string_view id) const {
    const auto found = std::find_if(events.begin(), events.end(),
                                    [&](const events::Event& event) { return event.id == id; });
    return found == events.end() ? nullptr : &*found;
}

std::vector<CalendarAlarm> CalendarView::alarms() const {
    std::vector<CalendarAlarm> all;
    for (const std::string& trouble : troubles)
        all.push_back({CalendarAlarm::Kind::snapshot_bad, "files", trouble});
    if (!asks)
        all.push_back(
            {CalendarAlarm::Kind::nobody_asked, "calendar.contact",
             "calendar.contact is not set, so no source is asked: only dates that were published "
             "long ago are known, and accounts that mind other events stand aside. Put contact = "
             "\"you@example.org\" under [calendar] in HOME/bullpen.toml, and type bullpenctl "
             "calendar refresh"});
    if (snapshot) {
        auto ages = events::alarms(snapshot->sources, snapshot->coverage, now, today());
        if (!asks)
            ages = events::without_ages(std::move(ages));
        all.insert(all.end(), ages.begin(), ages.end());
        for (const events::RaisedAlarm& raised : snapshot->alarms) {
            if (raised.at + events::k_raised_kept > now)
                all.push_back(raised.alarm);
        }
    } else {
        all.push_back({CalendarAlarm::Kind::coverage_lacks, "calendar",
                       "there is no calendar: nothing was fetched for this home"});
    }
    if (auto old = events::tzdata_alarm(time::tzdata_version(), now))
        all.push_back(std::move(*old));
    return all;
}

std::string when_text(events::LocalMinute local) {
    constexpr std::string_view k_days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    const Day day(std::chrono::floor<days>(local.time_since_epoch()));
    std::string text(k_days[std::chrono::weekday(day).c_encoding()]);
    text += " " + events::format_local(local);
    text[14] = ' ';
    return text;
}

std::string when_text(const events::Event& event) {
    std::string text = when_text(event.local);
    if (event.precision == events::Precision::date)
        text.resize(14);
    return text;
}

std::string standing_text(const Home& home, const AccountId& account, UtcTime last_bar,
                          UtcTime now) {
    const auto settings = config::read_account(home, account);
    const auto view = CalendarView::read(home, now);
    if (!settings || !view)
        return {};
    const auto rules = events::AccountRules::from(settings->events);
    if (!rules)
        return {};
    // As a worker asks: about the end of the bar after its last one, where that is its time.
    const bool live = last_bar == UtcTime{} || std::chrono::abs(now - last_bar) < k_live_within;
    const UtcTime at = live ? now : last_bar + 2 * k_bar;
    events::Timeline::Input input;
    input.snapshot = view->snapshot ? &*view->snapshot : nullptr;
    input.overrides = &view->overrides;
    input.rules = &*rules;
    input.new_york = &view->new_york;
    input.now = now;
    input.from = at - k_standing_span;
    input.to = at + k_standing_span;
    const auto line = events::Timeline::build(input);
    const auto answer = line.query(at);
    const std::string until = ", until " + events::format_instant(answer.to);
    if (answer.event != nullptr)
        return answer.event->title + " (" + answer.event->id + "), " + when_text(*answer.event) +
               " " + answer.event->zone + until;
    return answer.entries ? std::string() : std::string(answer.why) + until;
}

std::string new_york_text(const CalendarView& view, UtcTime at) {
    const auto local = std::chrono::floor<std::chrono::minutes>(view.new_york.local(at));
    std::string text = events::format_local(local);
    text[10] = ' ';
    return text;
}

}  // namespace bullpen::ctl
