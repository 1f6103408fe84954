#include "notify/message.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "common/base/utf8.hpp"

namespace bullpen::notify {
namespace {

const UtcTime k_now = parse_utc("2026-11-22T07:01:33Z").value();

Delivery delivery(const std::string& text, Form form = Form::full) {
    Delivery made;
    made.number = 3;
    made.alert = make_alert(Kind::crash_loop, k_now, "mes01", text);
    made.alert.id = "00112233445566ff";
    made.target = Target::smtp;
    made.form = form;
    made.recipients = {form == Form::brief ? "sms:555@gw.example.org" : "anna@example.org"};
    return made;
}

std::string mail_of(const Delivery& from) {
    return mail(from, "bullpen@example.org", "home one", k_now);
}

// Without the soft ends of lines.
std::string joined(std::string text) {
    for (auto at = text.find("=\r\n"); at != std::string::npos; at = text.find("=\r\n"))
        text.erase(at, 3);
    return text;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST_CASE("a mail says who, what, since when and what to do") {
    const auto text = mail_of(delivery("it died"));
    CAPTURE(text);
    CHECK(
        text.starts_with("Date: Sun, 22 Nov 2026 07:01:33 +0000\r\nFrom: bullpen@example.org\r\n"
                         "To: anna@example.org\r\n"
                         "Subject: [home one] CRITICAL crash_loop mes01: it died\r\n"));
    CHECK(has(text, "\r\nMessage-ID: <00112233445566ff.3@alerts.bullpen.invalid>\r\n"));
    CHECK(has(text, "\r\n\r\nit died\r\n"));
    CHECK(has(joined(text), "bullpenctl start mes01"));
    CHECK_FALSE(has(text, "NAME"));
}

TEST_CASE("an alert of several says how many more, and since when") {
    auto one = delivery("it died");
    one.alert.more = 12;
    one.alert.since = k_now;
    CHECK(headline(one.alert) == "CRITICAL crash_loop mes01 (and 12 more): it died");
    CHECK(has(joined(mail_of(one)), "and 12 more since 2026-11-22T07:01:33.000Z"));
}

TEST_CASE("nothing in an alert's text ends a header or a line") {
    for (const std::string text :
         {"x\r\nBcc: all@example.org", "x\nBcc: all@example.org\n\n.\nQUIT", "x\r.\r\n",
          "\x1b[2J\x80\xff",
          "ünïcödé, which makes a header longer than a line is: ünïcödé ünïcödé ünïcödé ünïcödé"}) {
        CAPTURE(text);
        const auto made = mail_of(delivery(text));
        const auto head = made.substr(0, made.find("\r\n\r\n"));
        CHECK_FALSE(has(head, "\nBcc"));
        std::size_t begin = 0;
        while (begin < made.size()) {
            const auto end = made.find("\r\n", begin);
            REQUIRE(end != std::string::npos);
            const auto line = made.substr(begin, end - begin);
            CHECK(line.size() <= 250);
            for (const char c : line)
                CHECK((c >= ' ' && c < '\x7f'));
            begin = end + 2;
        }
    }
}

TEST_CASE("a brief one fits a text message and has no subject") {
    const auto one = delivery(std::string(500, 'x'), Form::brief);
    CHECK(brief(one.alert).size() == k_brief_max);
    const auto text = mail_of(one);
    CHECK_FALSE(has(text, "Subject:"));
    CHECK(has(text, "To: 555@gw.example.org\r\n"));
    CHECK(has(text, "CRITICAL crash_loop mes01: xxx"));
}

TEST_CASE("the JSON of an alert has each of its keys, and is valid whatever is in it") {
    auto alert = delivery("a \"quoted\" \xff line\n").alert;
    const auto read = nlohmann::json::parse(json(alert, "home"));
    CHECK(read["v"] == 1);
    CHECK(read["id"] == alert.id);
    CHECK(read["alert"] == "crash_loop");
    CHECK(read["severity"] == "critical");
    CHECK(read["account"] == "mes01");
    CHECK(read["home"] == "home");
    CHECK(read["at"] == "2026-11-22T07:01:33.000Z");
    CHECK(read["more"] == 0);
    CHECK(read["since"].is_null());
    CHECK(read["subject"].is_null());
    CHECK(has(read["advice"].get<std::string>(), "mes01"));
}

TEST_CASE("a text is cut to what is kept, at a character's border") {
    std::string text;
    while (text.size() < 2 * k_text_max)
        text += "ü";
    const auto alert = make_alert(Kind::alarm, k_now, "a", text, text);
    CHECK(alert.text.size() <= k_text_max);
    CHECK(alert.subject.size() <= k_subject_max);
    CHECK(cut_utf8(alert.text, alert.text.size()) == alert.text);
    CHECK(make_alert(Kind::recap, k_now, "", text).text == text);
}

TEST_CASE("the id of an alert is of all that it is made of") {
    const auto one = make_alert(Kind::alarm, k_now, "a", "text", "s");
    CHECK(id_of(one, "here") == id_of(one, "here"));
    CHECK(id_of(one, "here").size() == 16);
    CHECK(id_of(one, "here") != id_of(one, "there"));
    CHECK(id_of(one, "here") != id_of(make_alert(Kind::alarm, k_now, "at", "ext", "s"), "here"));
    CHECK(id_of(one, "here") !=
          id_of(make_alert(Kind::alarm, k_now + Nanos(1), "a", "text", "s"), "here"));
}

}  // namespace
}  // namespace bullpen::notify
