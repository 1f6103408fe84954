#include <array>

#include "calendar/parse_report.hpp"
#include "tests/unit/calendar/bodies.hpp"

namespace bullpen::calendar {
namespace {

struct Body {
    const char* source;
    const char* file;
    int year_now;
};
constexpr std::array k_bodies{Body{"fomc-html", "fomc_new.html", 2022},
                              Body{"fomc-html", "fomc_old.html", 2014},
                              Body{"fed-json", "fed.json", 2026},
                              Body{"fed-rss", "press_rss1.xml", 2020},
                              Body{"fed-rss", "press_rss2.xml", 2020},
                              Body{"bls-ics", "bls.ics", 2026},
                              Body{"bea-json", "bea.json", 2026},
                              Body{"bea-html", "bea.html", 2026},
                              Body{"forexfactory-json", "forexfactory.json", 2026},
                              Body{"nse-holidays", "nse_holidays.json", 2026},
                              Body{"bot-file", "bot_calendar.json", 2026}};

TEST_CASE("every source's body gives exactly the events that stand in it") {
    for (const Body& body : k_bodies) {
        CAPTURE(body.file);
        const Parsed parsed = parse_as(body.source, golden(body.file), body.year_now);
        CHECK(parsed.accepted);
        CHECK(text_report(parsed) == golden(std::string(body.file) + ".expected"));
    }
}

TEST_CASE("a body that is cut off at any KiB is refused") {
    constexpr std::size_t k_step = 1024;
    for (const Body& body : k_bodies) {
        const std::string whole = golden(body.file);
        for (std::size_t size = 0; size < whole.size(); size += k_step) {
            CAPTURE(body.file);
            CAPTURE(size);
            const Parsed parsed =
                parse_as(body.source, std::string_view(whole).substr(0, size), body.year_now);
            CHECK_FALSE(parsed.accepted);
            CHECK_FALSE(parsed.reasons.empty());
            CHECK(parsed.coverage.empty());
            CHECK_FALSE(parsed.covered_to.has_value());
        }
        // Short of its last characters, too.
        const auto end = whole.find_last_not_of(" \r\n\t");
        const std::string_view short_of = std::string_view(whole).substr(0, end - 1);
        CAPTURE(body.file);
        CHECK_FALSE(parse_as(body.source, short_of, body.year_now).accepted);
    }
}

TEST_CASE("a page that says access denied is no calendar, for any source") {
    const std::string denied = golden("access_denied.html");
    const std::string padded = denied + std::string(4096, ' ');
    for (const Source& source : all_sources()) {
        if (source.name == "fomc-table")
            continue;
        CAPTURE(source.name);
        CHECK_FALSE(parse_as(source.name, denied, 2026).accepted);
        CHECK_FALSE(parse_as(source.name, padded, 2026).accepted);
        CHECK_FALSE(parse_as(source.name, "", 2026).accepted);
    }
}

TEST_CASE("a byte order mark and ends of lines in the Windows way change nothing") {
    for (const Body& body : k_bodies) {
        CAPTURE(body.file);
        std::string text = golden(body.file);
        if (!text.starts_with("\xEF\xBB\xBF"))
            text.insert(0, "\xEF\xBB\xBF");
        const Parsed plain = parse_as(body.source, golden(body.file), body.year_now);
        const Parsed marked = parse_as(body.source, replaced(text, "\n", "\r\n"), body.year_now);
        CHECK(text_report(marked) == text_report(plain));
    }
}

TEST_CASE("a body nested without end is refused, and quickly") {
    constexpr std::size_t k_depth = 100'000;
    std::string divs;
    std::string lists;
    std::string components;
    for (std::size_t i = 0; i < k_depth; ++i) {
        divs += "<div>";
        lists += '[';
        if (i % 2 == 0)
            components += "BEGIN:VEVENT\n";
    }
    const std::string page =
        replaced_once(golden("fomc_new.html"), "</head>\n<body>", "</head>\n<body>" + divs);
    CHECK(refused_for(parse_as("fomc-html", page, 2022), "nested too deeply"));
    const std::string feed = replaced_once(golden("fed.json"), "{\n", "{\"a\":" + lists + ",\n");
    CHECK(refused_for(parse_as("fed-json", feed, 2026), "nested too deeply"));
    CHECK(refused_for(parse_as("bls-ics", "BEGIN:VCALENDAR\n" + components + "END:VCALENDAR", 2026),
                      "nested too deeply"));
    std::string tags;
    for (std::size_t i = 0; i < k_depth; ++i)
        tags += "<item>";
    CHECK_FALSE(parse_as("fed-rss", "<?xml version=\"1.0\"?><rss>" + tags, 2026).accepted);
}

TEST_CASE("a body of a mebibyte or more is refused") {
    const std::string body = golden("bls.ics") + std::string(k_body_size_max, '\n');
    CHECK(refused_for(parse_as("bls-ics", body, 2026), "too many"));
}

TEST_CASE("the report for programs is one JSON object that says what the table says") {
    const std::string line = json_report(parse_as("bls-ics", golden("bls.ics"), 2026));
    CHECK(line.starts_with(R"({"source":"bls-ics","accepted":true,"reasons":[],"notes":[],)"
                           R"("covered_from":"2025-01-01","covered_to":"2026-12-31",)"));
    CHECK(line.find(R"("id":"us.bls.empsit:2025-12","series":"us.bls.empsit")") !=
          std::string::npos);
    CHECK(line.find(R"("local":"2026-01-09T08:30","tz":"America/New_York",)"
                    R"("utc":"2026-01-09T13:30:00Z")") != std::string::npos);
    const std::string denied = json_report(parse_as("bls-ics", golden("access_denied.html"), 2026));
    CHECK(denied.find(R"("accepted":false)") != std::string::npos);
    CHECK(denied.find(R"("covered_from":null,"covered_to":null)") != std::string::npos);
}

}  // namespace
}  // namespace bullpen::calendar
