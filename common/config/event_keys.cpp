#include "common/config/event_keys.hpp"

#include <algorithm>
#include <array>

#include "common/base/errc.hpp"
#include "common/base/trimmed.hpp"
#include "common/config/event_names.hpp"
#include "common/config/nearest.hpp"
#include "common/config/rules.hpp"
#include "common/config/units.hpp"

namespace bullpen::config {

namespace {

using A = AccountSettings;
using D = DaemonSettings;
using C = CalendarSettings;
using E = EventSettings;

constexpr std::int64_t k_second = 1'000'000'000;
constexpr std::size_t k_url_max = 512;
constexpr int k_slip_max = 2;  // letters
constexpr std::array<std::string_view, 7> k_sources = {
    "fomc-html", "fed-json", "fed-rss", "bls-ics", "bea-json", "bea-html", "forexfactory-json"};

// The next part up to `separator`, which is taken away with it.
std::string_view cut(std::string_view& rest, char separator) {
    const auto at = rest.find(separator);
    const auto part = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
    return trimmed(part);
}

Result<Nanos> span(std::string_view part, std::string_view side) {
    if (part.ends_with(side) && part.size() > side.size()) {
        const auto value = parse_duration(trimmed(part.substr(0, part.size() - side.size())));
        if (value && *value <= EventWindow::k_span_max)
            return *value;
    }
    return fail(Errc::invalid, "'" + std::string(part) + "' is no time of at most 24 h " +
                                   std::string(side) + " the event");
}

bool set_action(EventActions& actions, std::string_view word) {
    if (word == "cancel_resting")
        actions.cancel_resting = true;
    else if (word == "forbid_modifications")
        actions.forbid_modifications = true;
    else if (word == "reduce")
        actions.reduce = true;
    else if (word == "flatten")
        actions.flatten = true;
    else
        return word == "block_entries";
    return true;
}

// "us.bls.cpi", "cpi", "high".
bool is_events_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    });
}

bool is_currency(std::string_view text) {
    return text.size() == 3 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_source(std::string_view text) {
    return std::find(k_sources.begin(), k_sources.end(), text) != k_sources.end();
}

// Plain HTTP only to this machine, for a mirror that runs on it.
bool is_source_url(std::string_view text) {
    const bool safe = text.starts_with("https://") || text.starts_with("http://127.0.0.1:") ||
                      text.starts_with("http://localhost:");
    return safe && is_printable(text) && text.find(' ') == std::string_view::npos &&
           !holds_credentials(text);
}

// A mail address or a page, put into the User-Agent: nothing that could end that header.
bool is_contact(std::string_view text) {
    return is_trimmed(text) && text.find_first_of("()<>\\ ") == std::string_view::npos;
}

template <auto member>
Key<D> url(std::string_view name, std::string_view description) {
    return key<D, &D::calendar, member>({.name = name,
                                         .length_max = k_url_max,
                                         .fits = is_source_url,
                                         .may_be_empty = false,
                                         .shape = "an address with https://",
                                         .description = description});
}

void add_schedule(std::vector<Key<D>>& all) {
    all.push_back(key<D, &D::calendar, &C::refresh>(
        {.name = "calendar.refresh",
         .type = KeyType::word,
         .description = "How often the daemon has the economic calendar fetched: on the 1st of "
                        "the month (`monthly`), on that day and every other (`daily`), or only "
                        "when `bullpenctl calendar refresh` asks for it."}));
    all.push_back(key<D, &D::calendar, &C::at>({.name = "calendar.at",
                                                .length_max = 5,
                                                .fits = is_time_of_day,
                                                .may_be_empty = false,
                                                .shape = "a time of day, as in \"17:00\"",
                                                .description = "When, on the clock of "
                                                               "`calendar.zone`."}));
    all.push_back(key<D, &D::calendar, &C::zone>({.name = "calendar.zone",
                                                  .length_max = 64,
                                                  .fits = is_time_zone,
                                                  .may_be_empty = false,
                                                  .shape = "an IANA time zone",
                                                  .description = "The zone of `calendar.at`."}));
    all.push_back(key<D, &D::calendar, &C::contact>(
        {.name = "calendar.contact",
         .length_max = 128,
         .fits = is_contact,
         .shape = "a mail address or a page without blanks and brackets",
         .empty = "nothing is fetched",
         .description = "How those who publish the calendars can reach you. It is sent with every "
                        "request; they ask for it, and without it none is made."}));
    all.push_back(key<D, &D::calendar, &C::deadline>(
        {.name = "calendar.deadline",
         .type = KeyType::duration,
         .min = 5 * k_second,
         .max = 600 * k_second,
         .description = "After this a run of `bullpen-calendar` is ended."}));
    all.push_back(key<D, &D::calendar, &C::watch_every>(
        {.name = "calendar.watch_every",
         .type = KeyType::duration,
         .min = 60 * k_second,
         .max = 3600 * k_second,
         .zero = "they are not watched",
         .description = "How often the press releases of the Federal Reserve are looked through "
                        "for an unscheduled decision."}));
}

}  // namespace

std::string_view code(OnUnknown on_unknown) {
    return word(on_unknown);
}
std::string_view code(CalendarRefresh refresh) {
    return word(refresh);
}

Result<EventWindow> parse_event_window(std::string_view text) {
    EventWindow window;
    window.events = cut(text, ':');
    if (!is_events_name(window.events))
        return fail(Errc::invalid, "it begins with no series, class or importance and a ':'");
    BULLPEN_TRY(window.before, span(cut(text, ','), "before"));
    BULLPEN_TRY(window.after, span(cut(text, ','), "after"));
    if (window.before + window.after == Nanos{0})
        return fail(Errc::invalid, "the window is empty");
    do {
        const auto word = cut(text, ',');
        if (!set_action(window.actions, word))
            return fail(Errc::invalid, "'" + std::string(word) + "' is no action");
    } while (!text.empty());
    return window;
}

std::span<const std::string_view> event_names() {
    static constexpr std::array<std::string_view, 30> k_names{"high",
                                                              "medium",
                                                              "low",
                                                              "nfp",
                                                              "cpi",
                                                              "ppi",
                                                              "fomc",
                                                              "fomc_minutes",
                                                              "gdp",
                                                              "pce",
                                                              "eci",
                                                              "jolts",
                                                              "beige",
                                                              "fed_speech",
                                                              "other",
                                                              "us.bea.gdp.adv",
                                                              "us.bea.gdp.second",
                                                              "us.bea.gdp.third",
                                                              "us.bea.pce",
                                                              "us.bls.cpi",
                                                              "us.bls.eci",
                                                              "us.bls.empsit",
                                                              "us.bls.jolts",
                                                              "us.bls.ppi",
                                                              "us.fed.beige",
                                                              "us.fed.fomc.minutes",
                                                              "us.fed.fomc.presser",
                                                              "us.fed.fomc.statement",
                                                              "us.fed.speech",
                                                              "us.fed.testimony"};
    return k_names;
}

std::string windows_trouble(const std::vector<std::string>& windows) {
    std::vector<std::string> seen;
    for (const std::string& text : windows) {
        const auto window = parse_event_window(text);
        if (!window)
            continue;
        const std::string& name = window->events;
        if (std::find(seen.begin(), seen.end(), name) != seen.end())
            return "has two windows for '" + name + "', and only one can count";
        seen.push_back(name);
        const auto names = event_names();
        if (std::find(names.begin(), names.end(), name) != names.end())
            continue;
        const auto meant = nearest(name, names);
        // Sources and operators have series of their own; a slip of the pen is none.
        const bool series = name.find('.') != std::string::npos;
        if (!series || (!meant.empty() && edit_distance(name, meant) <= k_slip_max))
            return "names '" + name + "', which is no importance, class or series that is known" +
                   (meant.empty() ? "" : "; did you mean " + std::string(meant) + "?");
    }
    return {};
}

namespace {

// Which sources state all events of what a window may name. That of the FOMC is built in; beige,
// fed_speech and other are stated by nobody, and nobody waits for a statement.
struct StatedBy {
    std::string_view name;
    std::string_view prefix;  // of the series, with which a window may name it, too
    std::vector<std::string_view> sources;
};
const std::vector<StatedBy>& statements() {
    static const std::vector<StatedBy> k_all{{"nfp", "us.bls.empsit", {"bls-ics"}},
                                             {"cpi", "us.bls.cpi", {"bls-ics"}},
                                             {"ppi", "us.bls.ppi", {"bls-ics"}},
                                             {"eci", "us.bls.eci", {"bls-ics"}},
                                             {"jolts", "us.bls.jolts", {"bls-ics"}},
                                             {"gdp", "us.bea.gdp.", {"bea-json", "bea-html"}},
                                             {"pce", "us.bea.pce", {"bea-json", "bea-html"}},
                                             {"fomc_minutes", "us.fed.fomc.minutes", {"fed-json"}},
                                             {"high", "", {"bls-ics"}},
                                             {"high", "", {"bea-json", "bea-html"}},
                                             {"medium", "", {"bea-json", "bea-html"}}};
    return k_all;
}

bool one_is_asked(const std::vector<std::string_view>& sources, const CalendarSettings& calendar) {
    return std::any_of(sources.begin(), sources.end(), [&](std::string_view source) {
        return std::find(calendar.sources.begin(), calendar.sources.end(), source) !=
               calendar.sources.end();
    });
}

}  // namespace

std::vector<Unstatable> unstatable(const EventSettings& events, const CalendarSettings& calendar) {
    std::vector<Unstatable> all;
    if (!events.enabled || events.windows.empty())
        return all;
    const auto say = [&](std::string_view key, std::string_view what,
                         const std::vector<std::string_view>& sources) {
        std::string text = "names " + std::string(what) + ", and calendar.sources lacks ";
        for (const std::string_view source : sources)
            text += (source == sources.front() ? "" : " and ") + std::string(source);
        all.push_back({key, text + (sources.size() > 1 ? ", one of which" : ", which") +
                                " could state it: the calendar's answer is always unknown"});
    };
    const bool dollars = events.currencies.empty() ||
                         std::find(events.currencies.begin(), events.currencies.end(), "USD") !=
                             events.currencies.end();
    for (const std::string& text : events.windows) {
        const auto window = parse_event_window(text);
        if (!window || !dollars)
            continue;
        for (const StatedBy& one : statements()) {
            const bool named = window->events == one.name ||
                               (!one.prefix.empty() && window->events.starts_with(one.prefix));
            if (named && !one_is_asked(one.sources, calendar))
                say("events.windows", window->events, one.sources);
        }
    }
    constexpr std::string_view k_weeks = "forexfactory-json";
    for (const std::string& currency : events.currencies) {
        if (currency != "USD" && !one_is_asked({k_weeks}, calendar))
            say("events.currencies", currency, {k_weeks});
    }
    return all;
}

bool is_event_window(std::string_view text) {
    return is_printable(text) && parse_event_window(text).has_value();
}

void add_event_keys(std::vector<Key<A>>& all) {
    const auto add = [&](Key<A> key) {
        key.row.effect = Effect::worker_restart;
        all.push_back(key);
    };
    add(key<A, &A::events, &E::enabled>(
        {.name = "events.enabled",
         .type = KeyType::flag,
         .description = "Whether the account stands aside around economic events."}));
    add(key<A, &A::events, &E::windows>(
        {.name = "events.windows",
         .type = KeyType::texts,
         .length_max = 160,
         .fits = is_event_window,
         .shape = "\"EVENTS: TIME before, TIME after, ACTION, ...\"",
         .empty = "it stands aside around no event that is known",
         .description = "For which events the account stands aside, from when to when, and how. "
                        "EVENTS is a series (`us.bls.cpi`), a class (`cpi`, `nfp`, `fomc`) or an "
                        "importance (`high`, `medium`, `low`); of several that fit an event the "
                        "most particular counts. ACTION is `block_entries`, `cancel_resting`, "
                        "`forbid_modifications`, `reduce` or `flatten`; entries are blocked in "
                        "any case. `docs/calendar.md` says more."}));
    add(key<A, &A::events, &E::currencies>(
        {.name = "events.currencies",
         .type = KeyType::texts,
         .length_max = 3,
         .fits = is_currency,
         .shape = "three capital letters, as in \"USD\"",
         .empty = "those of all currencies",
         .description = "Events of which currencies count. One without a currency always does."}));
    add(key<A, &A::events, &E::on_unknown>(
        {.name = "events.on_unknown",
         .type = KeyType::word,
         .description = "What the account does when the calendar cannot say whether an event is "
                        "near: stand aside on business days around 8:30, 10:00 and 14:00 of New "
                        "York (`slots`), stand aside until it can say it (`block`), or go on as if "
                        "there were none (`trade`)."}));
}

void add_calendar_keys(std::vector<Key<D>>& all) {
    add_schedule(all);
    all.push_back(key<D, &D::calendar, &C::sources>(
        {.name = "calendar.sources",
         .type = KeyType::texts,
         .length_max = 32,
         .fits = is_source,
         .shape = "names of sources: fomc-html, fed-json, fed-rss, bls-ics, bea-json, "
                  "bea-html, forexfactory-json",
         .empty = "only the built-in tables and the override file",
         .description = "What is fetched. The built-in table, the rule for the employment report "
                        "and the override file always count."}));
    all.push_back(url<&C::fomc_html_url>("calendar.fomc_html_url",
                                         "The page with the meetings of the FOMC."));
    all.push_back(
        url<&C::fed_json_url>("calendar.fed_json_url", "The calendar of the Federal Reserve."));
    all.push_back(url<&C::fed_rss_url>("calendar.fed_rss_url",
                                       "The Federal Reserve's press releases on monetary policy."));
    all.push_back(url<&C::bls_ics_url>("calendar.bls_ics_url",
                                       "The release calendar of the Bureau of Labor Statistics."));
    all.push_back(url<&C::bea_json_url>("calendar.bea_json_url",
                                        "The release dates of the Bureau of Economic Analysis."));
    all.push_back(
        url<&C::bea_html_url>("calendar.bea_html_url", "The page with the Bureau's schedule."));
    all.push_back(url<&C::forexfactory_json_url>(
        "calendar.forexfactory_json_url",
        "This week's events of all currencies, for who adds `forexfactory-json`."));
}

}  // namespace bullpen::config
