// The settings of [events] in an account's file and of [calendar] in bullpen.toml, part of
// settings.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"

namespace bullpen::config {

// What an account does when the calendar cannot say whether an event is near.
enum class OnUnknown : std::uint8_t {
    slots,  // it stands aside around the times of day at which events usually are
    block,  // it stands aside for as long as that is so
    trade,  // it goes on as if there were none
};

// How often the daemon has the calendar fetched.
enum class CalendarRefresh : std::uint8_t { off, monthly, daily };

std::string_view code(OnUnknown on_unknown);
std::string_view code(CalendarRefresh refresh);

// What an account does around an event, besides that it makes no new entries.
struct EventActions {
    bool cancel_resting = false;        // entries that rest at the broker are cancelled
    bool forbid_modifications = false;  // orders that stand are left as they are
    bool reduce = false;                // the account is reducing, as if an operator had said so
    bool flatten = false;               // positions are closed when the window begins
    friend bool operator==(const EventActions&, const EventActions&) = default;
};

// One line of events.windows: "high: 30 min before, 60 min after, block_entries".
struct EventWindow {
    static constexpr Nanos k_span_max = std::chrono::hours(24);

    std::string events;  // a series, a class of events, or an importance
    Nanos before{};
    Nanos after{};
    EventActions actions;
    friend bool operator==(const EventWindow&, const EventWindow&) = default;
};
Result<EventWindow> parse_event_window(std::string_view text);
bool is_event_window(std::string_view text);

struct EventSettings {
    bool enabled = true;
    std::vector<std::string> windows = {"high: 30 min before, 60 min after, block_entries"};
    std::vector<std::string> currencies = {"USD"};
    OnUnknown on_unknown = OnUnknown::slots;
    friend bool operator==(const EventSettings&, const EventSettings&) = default;
};

struct CalendarSettings {
    CalendarRefresh refresh = CalendarRefresh::daily;
    std::string at = "17:00";
    std::string zone = "America/New_York";
    std::string contact;                           // empty: nothing is fetched
    Nanos deadline = std::chrono::seconds(120);    // of one run of bullpen-calendar
    Nanos watch_every = std::chrono::seconds(90);  // the press releases; 0 = not watched
    std::vector<std::string> sources = {"fomc-html", "fed-json", "fed-rss",
                                        "bls-ics",   "bea-json", "bea-html"};
    std::string fomc_html_url = "https://www.federalreserve.gov/monetarypolicy/fomccalendars.htm";
    std::string fed_json_url = "https://www.federalreserve.gov/json/calendar.json";
    std::string fed_rss_url = "https://www.federalreserve.gov/feeds/press_monetary.xml";
    std::string bls_ics_url = "https://www.bls.gov/schedule/news_release/bls.ics";
    std::string bea_json_url = "https://apps.bea.gov/API/signup/release_dates.json";
    std::string bea_html_url = "https://www.bea.gov/news/schedule";
    std::string forexfactory_json_url = "https://nfs.faireconomy.media/ff_calendar_thisweek.json";
    friend bool operator==(const CalendarSettings&, const CalendarSettings&) = default;
};

}  // namespace bullpen::config
