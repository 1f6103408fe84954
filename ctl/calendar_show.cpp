// What `bullpenctl calendar` only looks at: list, today, next, show, sources, coverage, export.
#include <algorithm>
#include <map>
#include <utility>

#include "common/config/roster.hpp"
#include "common/events/icalendar.hpp"
#include "common/events/series.hpp"
#include "ctl/act.hpp"
#include "ctl/calendar_view.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/table.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

using events::Day;
using events::Event;

constexpr std::uint64_t k_days_max = 800;
constexpr std::uint64_t k_days_default = 7;
constexpr Nanos k_stretch_max = std::chrono::hours(24 * 14);

// The days to show, the first of them today.
struct Days {
    UtcTime from;
    UtcTime to;
};
Result<Days> days_of(const Context& context, const CalendarView& view) {
    std::uint64_t count = context.arguments.operands[0] == "today" ? 1 : k_days_default;
    if (context.arguments.operands[0] == "export")
        count = k_days_max;
    if (const auto wanted = context.arguments.value("days")) {
        BULLPEN_TRY(count, parse_count(*wanted, k_days_max));
    }
    const Day last = view.today() + std::chrono::days(count);
    return Days{view.begin_of(view.today()), view.begin_of(last)};
}

// The rules of the account that --account names; none without it.
Result<std::optional<events::AccountRules>> rules_of(const Context& context) {
    const auto name = context.arguments.value("account");
    if (!name)
        return std::optional<events::AccountRules>();
    BULLPEN_TRY(const auto id, AccountId::parse(*name));
    BULLPEN_TRY(const auto settings, config::read_account(context.home, id));
    BULLPEN_TRY(auto rules, events::AccountRules::from(settings.events));
    return std::optional(std::move(rules));
}

std::string actions_text(const config::EventActions& actions) {
    std::string text = "block_entries";
    if (actions.cancel_resting)
        text += ", cancel_resting";
    if (actions.forbid_modifications)
        text += ", forbid_modifications";
    if (actions.reduce)
        text += ", reduce";
    if (actions.flatten)
        text += ", flatten";
    return text;
}

std::string_view source_of(const Event& event) {
    if (event.override_mark)
        return "operator";
    return event.sources.empty() ? std::string_view("-") : event.sources.front().source;
}

Colour colour_of(const Event& event) {
    if (event.cancelled())
        return Colour::dim;
    return event.importance == Event::k_importance_max ? Colour::bold : Colour::none;
}

void write_alarms(JsonWriter& json, const CalendarView& view) {
    json.key("alarms").begin_array();
    for (const auto& alarm : view.alarms()) {
        json.begin_object().key("code").string(events::code(alarm.kind));
        json.key("subject").string(alarm.subject).key("sentence").string(alarm.sentence);
        json.end_object();
    }
    json.end_array();
}

void say_alarms(Context& context, const CalendarView& view) {
    for (const auto& alarm : view.alarms())
        context.err.line("! " + printable(events::told(alarm)), Colour::yellow);
}

std::optional<events::Timeline> timeline_of(const CalendarView& view,
                                            const std::optional<events::AccountRules>& rules,
                                            UtcTime from, UtcTime to) {
    if (!rules)
        return std::nullopt;
    events::Timeline::Input input;
    input.snapshot = view.snapshot ? &*view.snapshot : nullptr;
    input.overrides = &view.overrides;
    input.rules = &*rules;
    input.new_york = &view.new_york;
    input.now = view.now;
    input.from = from;
    input.to = to;
    return events::Timeline::build(input);
}

void write_answer(JsonWriter& json, const events::Answer& answer) {
    json.begin_object().key("standing").string(events::code(answer.standing));
    json.key("entries").boolean(answer.entries);
    json.key("from").string(events::format_instant(answer.from));
    json.key("to").string(events::format_instant(answer.to));
    json.key("event").text_or_null(answer.event != nullptr ? answer.event->id : "");
    json.key("why").text_or_null(answer.why);
    json.end_object();
}

std::string window_text(const CalendarView& view, const config::EventWindow& window,
                        const Event& event) {
    const auto from_to = [&](UtcTime from, UtcTime to) {
        return new_york_text(view, from).substr(11) + " - " + new_york_text(view, to).substr(11);
    };
    const bool day_only = event.precision == events::Precision::date;
    std::string text =
        day_only ? "all day" : from_to(event.utc - window.before, event.utc + window.after);
    for (const auto& other : event.other_times) {
        // Another day is said, another time of the same one is enough by itself.
        const std::string on = new_york_text(view, other.utc).substr(0, 11);
        const bool same = on == new_york_text(view, event.utc).substr(0, 11);
        text +=
            ", " + (same ? "" : on) + from_to(other.utc - window.before, other.utc + window.after);
    }
    return text + " " + actions_text(window.actions);
}

// What is known by its day only is of that day, in whatever zone.
bool within(const CalendarView& view, const Days& days, const Event& event) {
    const auto is_in = [&](UtcTime at) { return at >= days.from && at < days.to; };
    if (event.precision == events::Precision::date)
        return is_in(view.begin_of(
            Day(std::chrono::floor<std::chrono::days>(event.local.time_since_epoch()))));
    return is_in(event.utc) || std::any_of(event.other_times.begin(), event.other_times.end(),
                                           [&](const auto& other) { return is_in(other.utc); });
}

// What the account minds, or without one what is of high importance, and for which of the days
// from today to `last` nobody says whether it has an event.
std::vector<events::Unstated> unknown_until(const CalendarView& view,
                                            const std::optional<events::AccountRules>& rules,
                                            Day last) {
    std::vector<std::string> series;
    if (rules) {
        series = events::minded_series(*rules);
    } else {
        for (const events::Series& one : events::all_series()) {
            if (one.guarded)
                series.emplace_back(one.name);
        }
    }
    static const events::Snapshot k_none;
    return events::unstated(view.snapshot ? *view.snapshot : k_none, series, view.now, view.today(),
                            last);
}

void write_unknown(JsonWriter& json, const std::vector<events::Unstated>& unknown) {
    json.key("unknown").begin_array();
    for (const auto& one : unknown) {
        json.begin_object().key("series").string(one.series);
        json.key("from").string(events::format_day(one.from));
        json.key("to").string(events::format_day(one.to)).end_object();
    }
    json.end_array();
}

// A line for each stretch of days, with all that is not stated for it.
void say_unknown(Context& context, const std::vector<events::Unstated>& unknown) {
    std::map<std::pair<Day, Day>, std::string> lines;
    for (const auto& one : unknown) {
        std::string& series = lines[{one.from, one.to}];
        series += (series.empty() ? "" : ", ") + one.series;
    }
    for (const auto& [days, series] : lines) {
        const bool single = days.first == days.second;
        context.out.line("unknown " + std::string(single ? "on " : "from ") +
                         events::format_day(days.first) +
                         (single ? "" : " to " + events::format_day(days.second)) + ": " + series);
    }
}

// On the event's own clock, which is named where it is not New York's.
std::string all_times(const Event& event) {
    std::string text = when_text(event);
    if (event.zone != "America/New_York")
        text += " " + event.zone;
    for (const auto& other : event.other_times)
        text += " or " + when_text(other.local);
    return text;
}

void print_events(Context& context, const CalendarView& view,
                  const std::vector<const Event*>& shown,
                  const std::optional<events::AccountRules>& rules) {
    Table table({{"WHEN", false, 0, 0},
                 {"UTC", false, 3, 0},
                 {"IMP", true, 0, 0},
                 {"STATUS", false, 0, 0},
                 {"EVENT", false, 0, 20},
                 {"TITLE", false, 1, 12},
                 {"SOURCE", false, 2, 0},
                 {rules ? "STANDS ASIDE (New York)" : "CLASS", false, 0, 0}});
    for (const Event* event : shown) {
        const auto* window = rules ? rules->window(*event) : nullptr;
        std::string last(events::class_of(event->series));
        if (rules)
            last = window != nullptr && !event->cancelled() ? window_text(view, *window, *event)
                                                            : std::string();
        table.add({{all_times(*event), colour_of(*event)},
                   {events::format_instant(event->utc)},
                   {std::to_string(event->importance)},
                   {events::code(event->status)},
                   {event->id},
                   {event->title},
                   {source_of(*event)},
                   {last}});
    }
    context.out += table.render(context.width, context.out.coloured());
}

}  // namespace

int calendar_list(Context& context, const CalendarView& view) {
    const auto days = days_of(context, view);
    if (!days)
        return report(context, days.error(), ExitCode::usage);
    const auto rules = rules_of(context);
    if (!rules)
        return report(context, rules.error(), exit_code_of(rules.error()));
    std::vector<const Event*> shown;
    for (const Event& event : view.events) {
        const bool minded = !*rules || (*rules)->window(event) != nullptr;
        if (within(view, *days, event) && minded)
            shown.push_back(&event);
    }
    // A stretch may have begun before now, and end after the days that are shown.
    const auto line = timeline_of(view, *rules, view.now - k_stretch_max, view.now + k_stretch_max);
    const auto unknown =
        unknown_until(view, *rules, view.day_of(days->to - std::chrono::nanoseconds(1)));
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object();
        json.key("from").string(events::format_instant(days->from));
        json.key("to").string(events::format_instant(days->to));
        json.key("generation").unsigned_number(view.snapshot ? view.snapshot->generation : 0);
        if (line) {
            json.key("account").string(*context.arguments.value("account"));
            json.key("now");
            write_answer(json, line->query(view.now));
        }
        json.key("events").begin_array();
        for (const Event* event : shown)
            json.raw(events::encode(*event));
        json.end_array();
        write_unknown(json, unknown);
        write_alarms(json, view);
        json.end_object();
        context.out += "\n";
        return value(ExitCode::done);
    }
    if (shown.empty())
        context.out.line("no event is known for these days");
    else
        print_events(context, view, shown, *rules);
    say_unknown(context, unknown);
    if (line) {
        const auto answer = line->query(view.now);
        std::string text = "now: " + std::string(events::code(answer.standing));
        text += answer.entries ? ", entries" : ", no entries";
        text += " until " + new_york_text(view, answer.to) + " New York";
        if (!answer.why.empty())
            text += " (" + std::string(answer.why) + ")";
        context.out.line(text);
    }
    say_alarms(context, view);
    return value(ExitCode::done);
}

namespace {

// One of the times that are said of an event.
struct Occasion {
    const Event* event = nullptr;
    UtcTime utc{};
    std::string when;
};

// The first that is not over; what is known by its day only is over with that day.
Occasion next_of(const CalendarView& view, const std::optional<events::AccountRules>& rules) {
    Occasion next;
    const auto offer = [&](const Event& event, UtcTime utc, Nanos length, const std::string& when) {
        if (utc + length > view.now && (next.event == nullptr || utc < next.utc))
            next = {&event, utc, when};
    };
    for (const Event& event : view.events) {
        const bool minded =
            rules ? rules->window(event) != nullptr : event.importance == Event::k_importance_max;
        if (!minded || event.cancelled())
            continue;
        const bool day_only = event.precision == events::Precision::date;
        offer(event, event.utc, day_only ? Nanos(std::chrono::days(1)) : Nanos{},
              when_text(event) + " " + event.zone);
        for (const auto& other : event.other_times)
            offer(event, other.utc, Nanos{},
                  when_text(other.local) + " " + other.zone + ", says " + other.source);
    }
    return next;
}

}  // namespace

int calendar_next(Context& context, const CalendarView& view) {
    const auto rules = rules_of(context);
    if (!rules)
        return report(context, rules.error(), exit_code_of(rules.error()));
    const Occasion found = next_of(view, *rules);
    // What nobody knows may come before it.
    const auto unknown =
        unknown_until(view, *rules, found.event != nullptr ? view.day_of(found.utc) : view.today());
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key("event").raw(found.event != nullptr ? events::encode(*found.event)
                                                                    : "null");
        write_unknown(json, unknown);
        write_alarms(json, view);
        json.end_object();
        context.out += "\n";
    } else if (found.event == nullptr) {
        context.out.line("no event is known");
        say_unknown(context, unknown);
    } else {
        const std::string in =
            found.utc > view.now ? "in " + duration_text(found.utc - view.now) : "today";
        context.out.line(found.when + ", " + in + ": " + printable(found.event->title) + " (" +
                         found.event->id + ", " + std::string(events::code(found.event->status)) +
                         ")");
        say_unknown(context, unknown);
    }
    if (!context.globals.json)
        say_alarms(context, view);
    return value(found.event == nullptr ? ExitCode::failed : ExitCode::done);
}

int calendar_show(Context& context, const CalendarView& view) {
    if (context.arguments.operands.size() != 2)
        return report(context, "show takes the id of an event", ExitCode::usage);
    const auto id = context.arguments.operands[1];
    const Event* const event = view.find(id);
    if (event == nullptr)
        return report(context, "the calendar has no event " + std::string(id), ExitCode::failed);
    if (context.globals.json) {
        context.out += events::encode(*event) + "\n";
        return value(ExitCode::done);
    }
    const auto say = [&](std::string_view name, const std::string& text) {
        if (!text.empty())
            context.out.line(std::string(name) + std::string(14 - name.size(), ' ') +
                             printable(text));
    };
    say("event", event->id);
    say("title", event->title);
    say("when", when_text(*event) + " " + event->zone + ", " + events::format_instant(event->utc));
    say("importance", std::to_string(event->importance));
    say("currency", event->currency);
    say("status", std::string(events::code(event->status)));
    say("precision", std::string(events::code(event->precision)));
    if (event->previous_local)
        say("before", events::format_local(*event->previous_local));
    say("revision", std::to_string(event->revision));
    for (const auto& other : event->other_times)
        say("or", events::format_local(other.local) + " " + other.zone + ", says " + other.source);
    for (const auto& origin : event->sources)
        say("source", origin.source + ", fetched " + events::format_instant(origin.fetched) +
                          (origin.sha256.empty() ? "" : ", body " + origin.sha256) +
                          (origin.raw.empty() ? "" : ": " + origin.raw));
    if (event->override_mark)
        say("operator", event->override_mark->by + ": " + event->override_mark->reason);
    return value(ExitCode::done);
}

int calendar_sources(Context& context, const CalendarView& view) {
    static const std::vector<events::SourceStatus> k_none;
    const auto& sources = view.snapshot ? view.snapshot->sources : k_none;
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object();
        json.key("generation").unsigned_number(view.snapshot ? view.snapshot->generation : 0);
        json.key("written").utc_or_null(view.snapshot ? std::optional(view.snapshot->written)
                                                      : std::nullopt);
        json.key("tzdata").string(time::tzdata_version());
        json.key("sources").begin_array();
        for (const auto& source : sources) {
            json.begin_object().key("source").string(source.source);
            json.key("rung").string(events::code(events::rung_of(source, view.now)));
            json.key("accepted").utc_or_null(source.accepted);
            json.key("attempted").utc_or_null(source.attempted);
            json.key("failures").unsigned_number(source.failures);
            json.key("error").text_or_null(source.error);
            json.key("refused").boolean(source.refused).end_object();
        }
        json.end_array();
        write_alarms(json, view);
        json.end_object();
        context.out += "\n";
        return value(ExitCode::done);
    }
    Table table({{"SOURCE", false, 0, 0},
                 {"STATE", false, 0, 0},
                 {"ACCEPTED", false, 0, 0},
                 {"TRIED", false, 1, 0},
                 {"FAILURES", true, 0, 0},
                 {"ERROR", false, 0, 20}});
    const auto age = [&](const std::optional<UtcTime>& at) {
        return at ? duration_text(view.now - *at) + " ago" : std::string("never");
    };
    for (const auto& source : sources) {
        const auto rung = events::rung_of(source, view.now);
        table.add({{source.source},
                   {events::code(rung), rung >= events::Rung::alarm ? Colour::red : Colour::none},
                   {age(source.accepted)},
                   {age(source.attempted)},
                   {std::to_string(source.failures)},
                   {source.error}});
    }
    if (!sources.empty())
        context.out += table.render(context.width, context.out.coloured());
    say_alarms(context, view);
    return value(ExitCode::done);
}

int calendar_coverage(Context& context, const CalendarView& view) {
    static const std::vector<events::SeriesCoverage> k_none;
    const auto& rows = view.snapshot ? view.snapshot->coverage : k_none;
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key("coverage").begin_array();
        for (const auto& row : rows)
            json.raw(events::encode(row));
        json.end_array();
        write_alarms(json, view);
        json.end_object();
        context.out += "\n";
        return value(ExitCode::done);
    }
    Table table({{"SERIES", false, 0, 0},
                 {"FROM", false, 0, 0},
                 {"TO", false, 0, 0},
                 {"SOURCE", false, 0, 0},
                 {"STATED", false, 1, 0}});
    for (const auto& row : rows)
        table.add({{row.series},
                   {events::format_day(row.from)},
                   {events::format_day(row.to)},
                   {row.source},
                   {events::format_instant(row.stated)}});
    if (!rows.empty())
        context.out += table.render(context.width, context.out.coloured());
    say_alarms(context, view);
    return value(ExitCode::done);
}

int calendar_export(Context& context, const CalendarView& view) {
    if (!context.arguments.has("ics"))
        return report(context, "export knows one format: --ics", ExitCode::usage);
    const auto days = days_of(context, view);
    if (!days)
        return report(context, days.error(), ExitCode::usage);
    std::vector<Event> chosen;
    std::copy_if(view.events.begin(), view.events.end(), std::back_inserter(chosen),
                 [&](const Event& event) { return within(view, *days, event); });
    context.out += events::icalendar(chosen, view.snapshot ? view.snapshot->written : view.now);
    return value(ExitCode::done);
}

}  // namespace bullpen::ctl
