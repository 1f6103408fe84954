// However much of whatever is thrown at a parser, its verdict comes soon.
#include <sys/resource.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/unit/calendar/bodies.hpp"

namespace bullpen::calendar {
namespace {

// Of the processor, for one body of a mebibyte: far more than one takes, and far less than what a
// time that grows faster than the body would be.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::chrono::milliseconds k_time_max{5000};
#elif defined(__OPTIMIZE__)
constexpr std::chrono::milliseconds k_time_max{1000};
#else
constexpr std::chrono::milliseconds k_time_max{3000};
#endif

std::chrono::microseconds processor_time() {
    rusage usage{};
    REQUIRE(::getrusage(RUSAGE_SELF, &usage) == 0);
    return std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

std::string filled(const std::string& head, const std::string& unit, const std::string& tail) {
    std::string body = head;
    while (body.size() + unit.size() + tail.size() < k_body_size_max - 1)
        body += unit;
    return body + tail;
}

std::vector<std::string> bodies() {
    std::vector<std::string> all;
    for (const char* const unit :
         {"<",        "<div>",
          "<p>a</p>", "<td class=\"month\">May</td><td class=\"day\">1-2</td>",
          "[",        "{\"a\":",
          "\"",       "&#",
          "&lt;",     "BEGIN:VEVENT\n",
          "DTSTART:", "\\",
          " ",        "\xC2\xA0",
          "1",        "-",
          "\xFF\xFE", "<tr><td class=\"release-title\">x",
          "<item>",   "<a b c d e=f>"})
        all.push_back(filled("", unit, ""));
    all.push_back(filled("<html><body><div class=\"panel-heading\">2026 FOMC Meetings</div>",
                         "<div class=\"fomc-meeting__month\">May</div>"
                         "<div class=\"fomc-meeting__date\">5-6</div>",
                         "Last Update</body></html>"));
    all.push_back(filled("{\"events\":[",
                         R"({"title":"FOMC Meeting","month":"2026-05","days":"6","type":"FOMC"},)",
                         "{}]}"));
    all.push_back(filled(
        "{\"events\":[",
        R"({"title":"Speech - A","month":"2026-05","days":"6","type":"Speeches"},)", "{}]}"));
    all.push_back(filled("BEGIN:VCALENDAR\n",
                         "BEGIN:VEVENT\nDTSTART;TZID=US-Eastern:20260110T083000\nSUMMARY:A\n"
                         "END:VEVENT\n",
                         "END:VCALENDAR\n"));
    all.push_back(filled("BEGIN:VCALENDAR\nX-A:", "folded\n ", "\nEND:VCALENDAR\n"));
    all.push_back(filled("<?xml version=\"1.0\"?><rss><channel>",
                         "<item><title>FOMC statement</title>"
                         "<pubDate>Wed, 27 Jul 2016 18:00:00 GMT</pubDate></item>",
                         "</channel></rss>"));
    all.push_back(filled("{\"Gross Domestic Product\":{\"release_dates\":[",
                         "\"2026-01-22T13:30:00+00:00\",", "\"\"]}}"));
    all.push_back(filled("[",
                         R"({"title":"A","country":"EUR","date":"2026-09-01T10:00:00-04:00",)"
                         R"("impact":"Low"},)",
                         "{}]"));
    return all;
}

void give(const Source& source, const std::string& body) {
    const auto begin = processor_time();
    const Parsed parsed = parse_as(source.name, body, 2026);
    const auto took = processor_time() - begin;
    CAPTURE(source.name);
    CAPTURE(body.substr(0, 60));
    CHECK(took.count() < std::chrono::microseconds(k_time_max).count());
    CHECK(parsed.events.size() <= 5000);
}

TEST_CASE("a mebibyte of brackets, tags or rows gets its verdict in a moment") {
    const std::vector<std::string> all = bodies();
    const auto ending = [&](std::size_t from_end) { return all.at(all.size() - from_end); };
    give(*find_source("fomc-html"), all.at(0));
    give(*find_source("fomc-html"), all.at(1));
    give(*find_source("fomc-html"), ending(8));
    give(*find_source("fed-json"), all.at(4));
    give(*find_source("fed-json"), ending(6));
    give(*find_source("bls-ics"), ending(5));
    give(*find_source("bls-ics"), ending(4));
    give(*find_source("fed-rss"), ending(3));
    give(*find_source("bea-json"), ending(2));
    give(*find_source("forexfactory-json"), ending(1));
}

TEST_SUITE("slow") {
    TEST_CASE("a mebibyte of anything gets its verdict in a moment, from every parser") {
        for (const std::string& body : bodies()) {
            for (const Source& source : all_sources())
                give(source, body);
        }
    }
}

}  // namespace
}  // namespace bullpen::calendar
