// What is read of pages and feeds, and where their reading ends.
#include "calendar/markup.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "calendar/text.hpp"
#include "common/base/errc.hpp"

namespace bullpen::calendar {
namespace {

// "div(p(a) p)" for a page of a division with two paragraphs.
std::string shape(const Markup& markup, std::size_t from, std::size_t to) {
    std::string out;
    for (std::size_t i = from; i < to; i = markup.elements[i].end) {
        out += (out.empty() ? "" : " ") + markup.elements[i].name;
        if (markup.elements[i].end > i + 1)
            out += "(" + shape(markup, i + 1, markup.elements[i].end) + ")";
    }
    return out;
}
std::string html_shape(std::string_view body) {
    const auto markup = read_html(body);
    return markup ? shape(*markup, 0, markup->elements.size()) : markup.error().context();
}
std::string html_text(std::string_view body) {
    const auto markup = read_html(body);
    return markup ? squeezed(markup->text) : markup.error().context();
}
std::string times(std::size_t count, std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i)
        out += text;
    return out;
}

TEST_CASE("elements end where browsers end them") {
    CHECK(html_shape("<div><p>a<p>b</div>") == "div(p p)");
    CHECK(html_shape("<p>a<div>b</div>") == "p div");
    CHECK(html_shape("<ul><li>a<li>b<ul><li>c</ul></ul>") == "ul(li li(ul(li)))");
    CHECK(html_shape("<dl><dt>a<dd>b<dt>c</dl>") == "dl(dt dd dt)");
    CHECK(html_shape("<table><tr><td>a<td>b<tr><th>c</table><p>") == "table(tr(td td) tr(th)) p");
    CHECK(html_shape("<table><thead><tr><td>a<tbody><tr><td>b</table>") ==
          "table(thead(tr(td)) tbody(tr(td)))");
    CHECK(html_shape("<select><option>a<option>b</select>") == "select(option option)");
    CHECK(html_shape("<div>a<br>b<img src=c>d</div>") == "div(br img)");
    CHECK(html_shape("<svg><path d='M0'/><g/></svg><a>") == "svg(path g) a");
    CHECK(html_shape("<b><i>a</b>c</i>") == "b(i)");
}

TEST_CASE("an end without a beginning ends nothing, and none reaches out of a cell") {
    CHECK(html_shape("<div></span></p>a<b></b></div>") == "div(b)");
    CHECK(html_shape("<div><table><tr><td></div>a<td></table></div>") == "div(table(tr(td td)))");
    CHECK(html_shape("<table><tr><td><table><tr><td>a</table><td>b</table>") ==
          "table(tr(td(table(tr(td))) td))");
}

TEST_CASE("quotes that strayed, values without quotes, and capitals change nothing of a tag") {
    const auto markup =
        read_html("<DIV CLASS=\"a row\" \">x<p class=b id='c' class=d>y<i a=\"<p>\">");
    REQUIRE(markup);
    REQUIRE(markup->elements.size() == 3);
    CHECK(markup->elements[0].name == "div");
    CHECK(markup->elements[0].has_class("row"));
    CHECK_FALSE(markup->elements[0].has_class("ro"));
    CHECK(markup->elements[1].classes == "b");
    CHECK(markup->elements[1].id == "c");
    CHECK(markup->cell(markup->elements[0]) == "x y");
}

TEST_CASE("remarks, scripts and styles are no text, and what looks like a tag in them is none") {
    CHECK(html_text("<p>a<!-- <p>b -->c<!-->d<!DOCTYPE html>e<?php f ?>g") == "acdeg");
    CHECK(html_shape("<p><script>if (a<b) '<div>';</script><b>") == "p(script b)");
    CHECK(html_text("<p>a<script>b</script>c<style>d</style>e") == "a c e");
    CHECK(html_text("<p>a<noscript>b<i>c</i></noscript>d") == "a d");
    CHECK(html_text("<title>a<b</title>c") == "a<bc");
    CHECK(html_text("<p>1 < 2 &lt; 3 &#65;&nbsp;&unknown;") == "1 < 2 < 3 A &unknown;");
}

TEST_CASE("a page without an element, or cut off within its only tag, is none") {
    for (const char* const body : {"", "text", "<", "<a href='", "<a b=", "</a>", "<!--"}) {
        CAPTURE(body);
        REQUIRE_FALSE(read_html(body));
        CHECK(read_html(body).error().code() == Errc::corrupt);
    }
}

TEST_CASE("bytes that are no UTF-8 become the sign for that") {
    CHECK(html_text("<p>a\xFF\xC3\xA9\xC3") == "a\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD");
    CHECK(html_text("<p>\xED\xA0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("a page has as many elements and levels as the limits say, and not one more") {
    CHECK(read_html(times(Markup::k_depth_max, "<div>")));
    CHECK(html_shape(times(Markup::k_depth_max + 1, "<div>")) == "it is nested too deeply");
    CHECK(read_html(times(Markup::k_elements_max, "<br>")));
    CHECK(html_shape(times(Markup::k_elements_max + 1, "<br>")) ==
          "it has more than 20000 elements");
    CHECK(read_xml("<a>" + times(Markup::k_elements_max - 1, "<b/>") + "</a>"));
    CHECK_FALSE(read_xml("<a>" + times(Markup::k_elements_max, "<b/>") + "</a>"));
    CHECK_FALSE(
        read_xml(times(Markup::k_depth_max + 1, "<a>") + times(Markup::k_depth_max + 1, "</a>")));
}

TEST_CASE("a tag of a hundred thousand attributes is one element") {
    std::string body = "<a";
    for (int i = 0; i < 100'000; ++i)
        body += " a" + std::to_string(i) + "=''";
    CHECK(html_shape(body + ">") == "a");
    const auto feed = read_xml(body + "></a>");
    REQUIRE(feed);
    CHECK(feed->elements.size() == 1);
}

TEST_CASE("a feed is read when it is well-formed") {
    const auto feed = read_xml(
        "\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<!-- a -->\n"
        "<r:RDF a=\"b>c\" d='e'><dc:date >x &amp; &#65;</dc:date>"
        "<t><![CDATA[<y> &amp;]]></t><u/></r:RDF>\n");
    REQUIRE(feed);
    CHECK(shape(*feed, 0, feed->elements.size()) == "rdf(date t u)");
    CHECK(feed->cell(feed->elements[1]) == "x & A");
    CHECK(feed->cell(feed->elements[2]) == "<y> &amp;");
    const auto latin = read_xml("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>");
    REQUIRE(latin);
    CHECK(latin->cell(latin->elements[0]) == "\xC3\xA9");
}

TEST_CASE("a feed that is not well-formed is refused") {
    for (const char* const body : {"",
                                   "a",
                                   "<a>",
                                   "<a></b>",
                                   "<a><b></a></b>",
                                   "</a>",
                                   "<a/><b/>",
                                   "<a/>b",
                                   "b<a/>",
                                   "<a b></a>",
                                   "<a b=c></a>",
                                   "<a b='c></a>",
                                   "<a b='c'd='e'/>",
                                   "<a b='<'/>",
                                   "<a",
                                   "<a/",
                                   "<1/>",
                                   "<a>&nbsp;</a>",
                                   "<a>&</a>",
                                   "<a>&lt</a>",
                                   "<a b='&c;'/>",
                                   "<!-- -><a/>",
                                   "<a><![CDATA[b]]</a>",
                                   "<?xml <a/>",
                                   "<!DOCTYPE a><a/>",
                                   "<a>\xFF</a>",
                                   "<a>\x0F</a>",
                                   "<?xml version='1.0' encoding='utf-16'?><a/>",
                                   "<a></a",
                                   "<a></a b>"}) {
        CAPTURE(body);
        REQUIRE_FALSE(read_xml(body));
        CHECK(read_xml(body).error().code() == Errc::corrupt);
    }
}

}  // namespace
}  // namespace bullpen::calendar
