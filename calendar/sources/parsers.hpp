// The parsers, one for each source, behind the one interface of source.hpp. Each reads a body into
// rows and applies what is to be checked of this source alone; nothing else calls them.
#pragma once

#include <string_view>

#include "calendar/source.hpp"

namespace bullpen::calendar {

// The FOMC's page of meetings, in the layout until 2016 and in the one since.
Parsed parse_fomc_html(std::string_view body, const Context& context);
// The Federal Reserve's calendar: meetings, minutes, press conferences, speeches, statistics.
Parsed parse_fed_json(std::string_view body, const Context& context);
// The Federal Reserve's press releases on monetary policy, RSS 1.0 or 2.0.
Parsed parse_fed_rss(std::string_view body, const Context& context);
// The release schedule of the Bureau of Labor Statistics, an iCalendar file.
Parsed parse_bls_ics(std::string_view body, const Context& context);
// The release dates of the Bureau of Economic Analysis.
Parsed parse_bea_json(std::string_view body, const Context& context);
// The same bureau's page for people, with names of the estimates.
Parsed parse_bea_html(std::string_view body, const Context& context);
// A third party's events of one week, of all currencies.
Parsed parse_forexfactory_json(std::string_view body, const Context& context);
// The holiday list of the National Stock Exchange of India.
Parsed parse_nse_holidays(std::string_view body, const Context& context);
// The calendar file that earlier bots kept: dates by rules that do not hold.
Parsed parse_bot_file(std::string_view body, const Context& context);
// The FOMC's decision days as published before this program was built; the body is not looked at.
Parsed fomc_table(std::string_view body, const Context& context);

}  // namespace bullpen::calendar
