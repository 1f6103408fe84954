#include "tests/support/hostile_bodies.hpp"

#include <functional>

#include "common/base/random.hpp"

namespace bullpen::test {

namespace {

using Unit = std::function<std::string(std::size_t)>;

class Bodies {
  public:
    Bodies(std::size_t size, std::string_view beginning) : size_(size), beginning_(beginning) {}

    // `head`, as many of `unit` as there is room for, `tail`.
    void add(std::string name, std::string_view head, const Unit& unit, std::string_view tail) {
        if (!name.starts_with(beginning_))
            return;
        HostileBody made{std::move(name), std::string(head)};
        made.body.reserve(size_);
        for (std::size_t i = 0;; ++i) {
            const std::string next = unit(i);
            if (made.body.size() + next.size() + tail.size() >= size_)
                break;
            made.body += next;
        }
        made.body += tail;
        all_.push_back(std::move(made));
    }
    void repeat(std::string name, std::string_view unit) { repeat(std::move(name), "", unit, ""); }
    void repeat(std::string name, std::string_view head, std::string_view unit,
                std::string_view tail) {
        add(
            std::move(name), head, [unit](std::size_t) { return std::string(unit); }, tail);
    }
    std::vector<HostileBody> all() && { return std::move(all_); }

  private:
    std::size_t size_;
    std::string_view beginning_;
    std::vector<HostileBody> all_;
};

std::string two_digits(std::size_t value) {
    return {static_cast<char>('0' + value / 10 % 10), static_cast<char>('0' + value % 10)};
}
std::string year(std::size_t i) {
    return std::to_string(2000 + i / 336 % 100);
}
std::string month(std::size_t i) {
    return two_digits(1 + i / 28 % 12);
}
std::string day(std::size_t i) {
    return two_digits(1 + i % 28);
}
std::string date(std::size_t i) {
    return year(i) + "-" + month(i) + "-" + day(i);
}

void add_any(Bodies& out) {
    SeededRandom random(1);
    const auto noise = [&](std::size_t) {
        return std::string(1, static_cast<char>(random.next()));
    };
    out.add("any random bytes", "", noise, "");
    const auto letters = [&](std::size_t) {
        return std::string(1, static_cast<char>(' ' + random.next() % 95));
    };
    out.add("any random letters", "", letters, "");
    out.repeat("any one line of letters", "a");
    out.repeat("any blanks", " ");
    out.repeat("any wide blanks", "\xC2\xA0");
    out.repeat("any line ends", "\r\n");
    out.repeat("any digits", "1");
    out.repeat("any broken UTF-8", "\xFF\xFE");
    out.repeat("any zeros", std::string_view("\0", 1));
}

void add_markup(Bodies& out) {
    for (const char* const unit : {"<",
                                   "</",
                                   "<!",
                                   "<!-->",
                                   "<?",
                                   "<a>",
                                   "<b/>",
                                   "<p>",
                                   "<p>a</p>",
                                   "<i></i>",
                                   "<div>",
                                   "<br>",
                                   "<table><tr><td>",
                                   "<b><i>",
                                   "<a b c d e=f>",
                                   "<script>",
                                   "</script>",
                                   "</p>",
                                   "&#",
                                   "&lt;",
                                   "&amp;",
                                   "&#65;",
                                   "&nosuchthing",
                                   "<a b='c'/>x",
                                   "<option>",
                                   "<a\xFF>",
                                   "<form><p>",
                                   "<td class=\"month\">May</td><td class=\"day\">1-2</td>",
                                   "<li><ul>",
                                   "\xC3\xA9<p>",
                                   "<tr><td class=\"release-title\">x"})
        out.repeat("html " + std::string(unit), unit);
    out.repeat("html a tag of one long name", "<", "a", "></html>");
    out.repeat("html a tag of one long value", "<a class=\"", "a ", "\">Last Update</html>");
    out.add(
        "html a tag of many attributes", "<a",
        [](std::size_t i) { return " a" + std::to_string(i) + "=''"; }, ">Last Update</html>");
    out.repeat("html one long comment", "<!--", "- -", "--></html>");
    out.repeat("html one long script", "<script>", "</ ", "</script></html>");
    out.repeat("html one long text", "<html><p>", "a &lt; ", "</p>Last Update</html>");
}

void add_pages(Bodies& out) {
    const std::string_view end = "Last Update</body></html>";
    out.repeat("html rows of an FOMC page",
               "<html><body><div class=\"panel-heading\">2026 FOMC Meetings</div>",
               "<div class=\"fomc-meeting__month\">May</div>"
               "<div class=\"fomc-meeting__date\">5-6</div>",
               end);
    out.add(
        "html different meetings of an FOMC page",
        "<html><body><div class=\"panel-heading\">2026 FOMC Meetings</div>",
        [](std::size_t i) {
            return "<p class=fomc-meeting__month>" + std::to_string(1 + i / 28 % 12) +
                   "<p class=fomc-meeting__date>" + day(i);
        },
        end);
    out.add(
        "html years of an FOMC page", "<html><body>",
        [](std::size_t i) {
            return "<p class=panel-heading>" + std::to_string(1000 + i % 9000) + " FOMC Meetings";
        },
        end);
    out.repeat("html classes that are nearly those of an FOMC page", "<html><body>",
               "<p class='fomc-meeting__mont fomc-meeting__months xmonth panel-headings'>", end);
    out.repeat("html cells within cells of an FOMC page",
               "<html><body><div class=\"panel-heading\">2026 FOMC Meetings</div>",
               "<b class=fomc-meeting__month>May ", end);
    out.add(
        "html rows of a BEA page", "<table><th>Year 2026</th>",
        [](std::size_t i) {
            return "<tr><td class=release-date>May " + day(i) +
                   "<small>8:30 AM</small><td class=release-title>A" + std::to_string(i) + "</tr>";
        },
        "</table></html>");
}

void add_xml(Bodies& out) {
    out.repeat("xml <a>", "<a>");
    out.repeat("xml tiny tags", "<rss>", "<a/>", "</rss>");
    out.repeat("xml tiny items", "<rss>", "<item/>", "</rss>");
    out.repeat("xml entities", "<rss><item>", "&lt;", "</item></rss>");
    out.repeat("xml numbers of characters", "<rss><item>", "&#65;", "</item></rss>");
    out.repeat("xml tiny pieces of text", "<rss>", "a<a/>", "</rss>");
    out.repeat("xml literal text", "<rss>", "<![CDATA[a]]>", "</rss>");
    out.repeat("xml remarks", "<rss>", "<!---->", "</rss>");
    out.repeat("xml instructions", "<rss>", "<?a?>", "</rss>");
    out.repeat("xml a text of one line", "<rss><item><title>", "FOMC ", "</title></item></rss>");
    out.add(
        "xml a tag of many attributes", "<rss",
        [](std::size_t i) { return " a" + std::to_string(i) + "=''"; }, "></rss>");
    out.add(
        "xml many names of tags", "<rss>",
        [](std::size_t i) { return "<a" + std::to_string(i) + "/>"; }, "</rss>");
    out.add(
        "xml many name spaces", "<rss>",
        [](std::size_t i) { return "<a xmlns='" + std::to_string(i) + "'/>"; }, "</rss>");
    out.repeat("xml titles within an item", "<rss><item>", "<title>a</title>", "</item></rss>");
    out.repeat("xml dates within an item", "<rss><item>",
               "<pubDate>Wed, 27 Jul 2016 18:00:00 GMT</pubDate>", "</item></rss>");
    out.repeat("xml the same statement", "<rss><channel>",
               "<item><title>FOMC statement</title>"
               "<pubDate>Wed, 27 Jul 2016 18:00:00 GMT</pubDate></item>",
               "</channel></rss>");
    out.add(
        "xml different statements", "<rss><channel>",
        [](std::size_t i) {
            return "<item><title>FOMC statement</title><date>" + date(i) +
                   "T18:00:00Z</date></item>";
        },
        "</channel></rss>");
}

void add_json(Bodies& out) {
    for (const char* const unit : {"[", "{\"a\":", "\"", "\\", "1,", "-"})
        out.repeat("json " + std::string(unit), unit);
    out.repeat("json a list of lists", "[", "[],", "0]");
    out.repeat("json a list of objects", "[", "{},", "0]");
    out.repeat("json a list of numbers", "[", "1,", "0]");
    out.repeat("json a list of fractions", "[", "1.23456789e-9,", "0]");
    out.repeat("json a long number", "[", "9", "]");
    out.repeat("json a list of texts", "[", "\"\",", "0]");
    out.repeat("json a list of rows that are none", "{\"events\":[", "{\"a\":0},", "{}]}");
    out.repeat("json an escaped text", "{\"events\":[{\"title\":\"", "\\u0041", "\"}]}");
    out.repeat("json a text with marks", "{\"events\":[{\"title\":\"", "&lt;", "\"}]}");
    out.repeat("json a text with tags", "{\"events\":[{\"title\":\"", "<a>", "\"}]}");
    out.repeat("json a text with opened tags", "{\"events\":[{\"title\":\"", "<", "\"}]}");
    out.add(
        "json an object of many names", "{",
        [](std::size_t i) { return "\"" + std::to_string(i) + "\":0,"; }, "\"a\":0}");
    out.add(
        "json a list of many days", R"({"events":[{"title":"A","month":"2026-10","days":")",
        [](std::size_t i) { return day(i) + ","; }, "1\"}]}");
}

void add_rows(Bodies& out) {
    out.repeat("json the same FOMC meeting", "{\"events\":[",
               R"({"title":"FOMC Meeting","month":"2026-05","days":"6","type":"FOMC"},)", "{}]}");
    out.add(
        "json different FOMC meetings", "{\"events\":[",
        [](std::size_t i) {
            return R"({"title":"FOMC Meeting","month":")" + year(i) + "-" + month(i) +
                   R"(","days":")" + day(i) + R"(","type":"FOMC"},)";
        },
        "{}]}");
    out.repeat("json the same speech", "{\"events\":[",
               R"({"title":"Speech - A","month":"2026-05","days":"6","type":"Speeches"},)", "{}]}");
    out.add(
        "json different events of the Fed", "{\"events\":[",
        [](std::size_t i) {
            return R"({"title":")" + std::to_string(i) + R"(","month":"2026-05","days":"6"},)";
        },
        "{}]}");
    out.repeat(
        "json statistics of many days", "{\"events\":[",
        R"({"title":"H - A","month":"2026-05","days":"1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16",)"
        R"("type":"Stat"},)",
        "{}]}");
    out.repeat("json dates of the BEA", "{\"Gross Domestic Product\":{\"release_dates\":[",
               "\"2026-01-22T13:30:00+00:00\",", "\"\"]}}");
    out.add(
        "json many names of the BEA", "{",
        [](std::size_t i) {
            return "\"" + std::to_string(i) + R"(":{"release_dates":["2026-01-22T13:30:00Z"]},)";
        },
        "\"a\":0}");
    out.add(
        "json dates of many names of the BEA", "{",
        [](std::size_t i) {
            std::string one = "\"" + std::to_string(i) + R"(":{"release_dates":[)";
            for (std::size_t n = 0; n < 1500; ++n)
                one += "\"" + date(n) + "T13:30:00Z\",";
            one.back() = ']';
            return one + "},";
        },
        "\"a\":0}");
    out.repeat(
        "json the same row of a week", "[",
        R"({"title":"A","country":"EUR","date":"2026-09-01T10:00:00-04:00","impact":"Low"},)",
        "{}]");
    out.add(
        "json different rows of a week", "[",
        [](std::size_t i) {
            return R"({"title":")" + std::to_string(i) +
                   R"(","country":"E","date":"2026-09-01T10:00Z","impact":"Low"},)";
        },
        "{}]");
    out.repeat("json empty rows of a week", "[",
               R"({"title":"","country":"","date":"","impact":""},)", "{}]");
    out.add(
        "json entries of an old file", "{\"events\":[",
        [](std::size_t i) {
            return R"({"date":")" + date(i) + R"(","time":"8:30am","event":")" + std::to_string(i) +
                   "\"},";
        },
        "{}]}");
    out.add(
        "json holidays", "{\"FO\":[],\"CM\":[",
        [](std::size_t i) { return R"({"tradingDate":")" + day(i) + "-May-" + year(i) + "\"},"; },
        "{}]}");
}

void add_ical(Bodies& out) {
    for (const char* const unit :
         {"BEGIN:VEVENT\n", "BEGIN:VCALENDAR\n", "DTSTART:", "END:VEVENT\n"})
        out.repeat("ics " + std::string(unit), unit);
    const std::string_view head = "BEGIN:VCALENDAR\n";
    const std::string_view tail = "END:VCALENDAR\n";
    out.repeat("ics the same event", head,
               "BEGIN:VEVENT\nDTSTART;TZID=US-Eastern:20260110T083000\nSUMMARY:A\nEND:VEVENT\n",
               tail);
    out.repeat("ics tiny events", head, "BEGIN:VEVENT\nEND:VEVENT\n", tail);
    out.repeat("ics tiny events with a day", head, "BEGIN:VEVENT\nDTSTART:20260110\nEND:VEVENT\n",
               tail);
    out.repeat("ics tiny components", head, "BEGIN:A\nEND:A\n", tail);
    out.add(
        "ics different names", head,
        [](std::size_t i) {
            return "BEGIN:VEVENT\nDTSTART:20260110T083000Z\nSUMMARY:" + std::to_string(i) +
                   "\nEND:VEVENT\n";
        },
        tail);
    out.add(
        "ics different days", head,
        [](std::size_t i) {
            return "BEGIN:VEVENT\nDTSTART:" + year(i) + month(i) + day(i) +
                   "T083000Z\nSUMMARY:Consumer Price Index\nEND:VEVENT\n";
        },
        tail);
    out.repeat("ics a folded line", "BEGIN:VCALENDAR\nX-A:", "folded\n ", "\nEND:VCALENDAR\n");
    out.repeat("ics a line folded at each letter", "BEGIN:VCALENDAR\nX-A:", "a\n ",
               "\nEND:VCALENDAR\n");
    out.repeat("ics folded lines", head, "X-A:b\n c\n", tail);
    out.repeat("ics one long line", "BEGIN:VCALENDAR\nX-A:", "a", "\nEND:VCALENDAR\n");
    out.repeat("ics tiny lines", head, "A:\n", tail);
    out.repeat("ics damaged lines", head, "a\n", tail);
    out.repeat("ics lines of an event", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "X-A:b\n",
               "END:VEVENT\nEND:VCALENDAR\n");
    out.repeat("ics beginnings of an event", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n",
               "DTSTART:20260110\n", "END:VEVENT\nEND:VCALENDAR\n");
    out.repeat("ics damaged beginnings", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "DTSTART:x\n",
               "END:VEVENT\nEND:VCALENDAR\n");
    out.repeat("ics rules", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "RRULE:FREQ=DAILY;COUNT=9\n",
               "END:VEVENT\nEND:VCALENDAR\n");
    out.repeat("ics many dates", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nRDATE:", "20260110,",
               "20260110\nEND:VEVENT\nEND:VCALENDAR\n");
    out.repeat("ics one long rule", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nRRULE:FREQ=DAILY;BYDAY=", "MO,",
               "MO\nEND:VEVENT\nEND:VCALENDAR\n");
    out.repeat("ics many categories", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nCATEGORIES:", "A,",
               "A\nEND:VEVENT\nEND:VCALENDAR\n");
    out.repeat("ics parameters", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART", ";X-A=b",
               ":20260110\nEND:VEVENT\nEND:VCALENDAR\n");
    out.repeat("ics damaged parameters", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART", ";",
               ":20260110\nEND:VEVENT\nEND:VCALENDAR\n");
    out.repeat("ics quotes", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;TZID=\"", "\"\"",
               ":20260110\nEND:VEVENT\nEND:VCALENDAR\n");
    out.repeat("ics one long name",
               "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260110\nSUMMARY:", "a ",
               "\nEND:VEVENT\nEND:VCALENDAR\n");
    out.repeat("ics an escaped name",
               "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260110\nSUMMARY:", "\\n",
               "\nEND:VEVENT\nEND:VCALENDAR\n");
    out.repeat("ics time zones", head,
               "BEGIN:VTIMEZONE\nTZID:A\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
               "TZOFFSETFROM:-0500\nTZOFFSETTO:-0500\nEND:STANDARD\nEND:VTIMEZONE\n",
               tail);
    out.repeat("ics attachments", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "ATTACH:a\n",
               "END:VEVENT\nEND:VCALENDAR\n");
}

}  // namespace

std::vector<HostileBody> hostile_bodies(std::size_t size, std::string_view beginning) {
    Bodies out(size, beginning);
    add_any(out);
    add_markup(out);
    add_pages(out);
    add_xml(out);
    add_json(out);
    add_rows(out);
    add_ical(out);
    return std::move(out).all();
}

}  // namespace bullpen::test
