#include "calendar/markup.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "calendar/markup_tokens.hpp"
#include "calendar/text.hpp"
#include "common/base/errc.hpp"
#include "common/base/trimmed.hpp"
#include "common/base/utf8.hpp"

namespace bullpen::calendar {

namespace {

// Names as numbers, so that a stack of open elements is searched in no time. Two names of one
// number would be taken for each other, which changes what a hostile page says, and no more.
using Key = std::uint32_t;
constexpr Key key(std::string_view name) {
    Key sum = 2166136261U;
    for (const char c : name)
        sum = (sum ^ static_cast<unsigned char>(c)) * 16777619U;
    return sum;
}
template <class... Names>
constexpr auto keys(Names... names) {
    std::array<Key, sizeof...(names)> all{key(names)...};
    std::sort(all.begin(), all.end());
    return all;
}
template <std::size_t size>
bool among(const std::array<Key, size>& all, Key one) {
    return std::binary_search(all.begin(), all.end(), one);
}

constexpr auto k_empty = keys("area", "base", "br", "col", "embed", "hr", "img", "input", "link",
                              "meta", "source", "track", "wbr");
constexpr auto k_hides_text = keys("script", "style", "noscript", "template");
constexpr auto k_raw_text = keys("script", "style", "textarea", "title", "xmp", "iframe");
// What ends a paragraph that was not ended.
constexpr auto k_blocks =
    keys("address", "article", "aside", "blockquote", "center", "details", "dialog", "dd", "dir",
         "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3",
         "h4", "h5", "h6", "header", "hr", "li", "main", "menu", "nav", "ol", "p", "pre", "section",
         "summary", "table", "ul");
constexpr auto k_cells = keys("td", "th");
constexpr auto k_rows = keys("tr");
constexpr auto k_row_groups = keys("tbody", "thead", "tfoot");
constexpr auto k_in_tables = keys("td", "th", "tr", "tbody", "thead", "tfoot", "caption");
constexpr auto k_table = keys("table");
// No tag within one of these ends what is open around it.
constexpr auto k_walls = keys("table", "td", "th", "caption", "template");
constexpr auto k_lists = keys("ul", "ol", "menu", "dl", "table", "td", "th", "caption");
constexpr auto k_terms = keys("dt", "dd");
constexpr auto k_item = keys("li");
constexpr auto k_paragraph = keys("p");
constexpr auto k_option = keys("option");

// Builds the list. Elements within one that hides its text are followed, and not listed.
class Builder {
  public:
    Result<void> start(const MarkupToken& token, std::string name, Key its_key) {
        if (open_.size() >= Markup::k_depth_max)
            return fail(Errc::too_large, "it is nested too deeply");
        if (markup_.elements.size() >= Markup::k_elements_max)
            return fail(Errc::too_large,
                        "it has more than " + std::to_string(Markup::k_elements_max) + " elements");
        Open open{its_key, std::nullopt};
        if (hidden_from_ > open_.size()) {
            open.element = markup_.elements.size();
            Element element;
            element.name = std::move(name);
            element.classes = unescaped(token.classes);
            element.id = unescaped(token.id);
            // A word of one element is not glued to that of the next.
            markup_.text += ' ';
            element.text_from = markup_.text.size();
            markup_.elements.push_back(std::move(element));
        }
        open_.push_back(open);
        return {};
    }
    // What comes within the element that was started last is not listed.
    void hide() { hidden_from_ = std::min(hidden_from_, open_.size()); }

    void text(std::string_view text) {
        if (hidden_from_ > open_.size())
            markup_.text += text;
    }
    void end_to(std::size_t depth) {
        while (open_.size() > depth) {
            if (const auto at = open_.back().element) {
                markup_.elements[*at].end = markup_.elements.size();
                markup_.elements[*at].text_to = markup_.text.size();
            }
            open_.pop_back();
        }
        if (hidden_from_ > depth)
            hidden_from_ = k_nothing;
    }
    // Ends the nearest open element among `ended`, and all within it, unless one of `walls` is
    // nearer.
    template <std::size_t a, std::size_t b>
    void end_nearest(const std::array<Key, a>& ended, const std::array<Key, b>& walls) {
        for (std::size_t i = open_.size(); i > 0; --i) {
            if (among(ended, open_[i - 1].key))
                return end_to(i - 1);
            if (among(walls, open_[i - 1].key))
                return;
        }
    }
    [[nodiscard]] std::size_t depth() const { return open_.size(); }

    Result<Markup> finish() {
        end_to(0);
        if (markup_.elements.empty())
            return fail(Errc::corrupt, "there is no page in it");
        return std::move(markup_);
    }

  private:
    static constexpr std::size_t k_nothing = SIZE_MAX;
    struct Open {
        Key key;
        std::optional<std::size_t> element;
    };
    Markup markup_;
    std::vector<Open> open_;
    std::size_t hidden_from_ = k_nothing;  // what is deeper than this is not listed
};

void end_what_a_start_ends(Builder& builder, Key name) {
    if (among(k_item, name))
        builder.end_nearest(k_item, k_lists);
    else if (among(k_terms, name))
        builder.end_nearest(k_terms, k_lists);
    else if (among(k_cells, name))
        builder.end_nearest(k_cells, keys("tr", "table"));
    else if (among(k_rows, name))
        builder.end_nearest(k_rows, k_table);
    else if (name == key("option"))
        builder.end_nearest(k_option, keys("select", "optgroup", "table", "td", "th", "div"));
    if (among(k_row_groups, name)) {
        builder.end_nearest(k_rows, k_table);
        builder.end_nearest(k_row_groups, k_table);
    }
    if (among(k_blocks, name))
        builder.end_nearest(k_paragraph, k_walls);
}

void end_tag(Builder& builder, Key name) {
    const std::array<Key, 1> wanted{name};
    if (name == key("table"))
        builder.end_nearest(wanted, std::array<Key, 0>());
    else if (among(k_in_tables, name))
        builder.end_nearest(wanted, k_table);
    else
        builder.end_nearest(wanted, k_walls);
}

std::string name_in_html(std::string_view written) {
    constexpr std::size_t k_name_max = 64;  // bytes; longer names are of no element there is
    return lower(written.substr(0, k_name_max));
}

Result<Markup> html_of(std::string_view body) {
    Builder builder;
    HtmlTokens tokens(body);
    MarkupToken token;
    while (tokens.next(token) == MarkupStep::token) {
        if (token.kind == MarkupToken::Kind::text) {
            builder.text(contains(token.text, "&") ? unescaped(token.text)
                                                   : std::string(token.text));
            continue;
        }
        std::string name = name_in_html(token.text);
        const Key its_key = key(name);
        if (token.kind == MarkupToken::Kind::end) {
            end_tag(builder, its_key);
            continue;
        }
        end_what_a_start_ends(builder, its_key);
        BULLPEN_CHECK(builder.start(token, std::move(name), its_key));
        if (token.closed || among(k_empty, its_key)) {
            builder.end_to(builder.depth() - 1);
            continue;
        }
        if (among(k_hides_text, its_key))
            builder.hide();
        if (among(k_raw_text, its_key))
            tokens.text_until_end_of(token.text);
    }
    return builder.finish();
}

// "dc:date" -> "date".
std::string name_in_xml(std::string_view written) {
    return name_in_html(written.substr(written.rfind(':') + 1));
}

Unexpected not_well_formed() {
    return fail(Errc::corrupt, "it is no well-formed XML");
}

Result<Markup> xml_of(std::string_view body) {
    Builder builder;
    XmlTokens tokens(body);
    MarkupToken token;
    std::vector<std::string_view> open;
    bool begun = false;
    MarkupStep step = tokens.next(token);
    for (; step == MarkupStep::token; step = tokens.next(token)) {
        const bool is_start = token.kind == MarkupToken::Kind::start;
        // One element holds everything, and around it are blanks alone.
        if (open.empty() && (is_start ? begun : !trimmed(token.text).empty()))
            return not_well_formed();
        if (is_start) {
            begun = true;
            BULLPEN_CHECK(builder.start(token, name_in_xml(token.text), 0));
            open.push_back(token.text);
        } else if (token.kind == MarkupToken::Kind::end && open.back() != token.text) {
            return not_well_formed();
        } else if (token.kind == MarkupToken::Kind::text) {
            builder.text(unescaped(token.text));
        } else if (token.kind == MarkupToken::Kind::verbatim) {
            builder.text(token.text);
        }
        if (token.kind == MarkupToken::Kind::end || token.closed) {
            open.pop_back();
            builder.end_to(open.size());
        }
    }
    if (step == MarkupStep::damaged || !open.empty() || !begun)
        return not_well_formed();
    return builder.finish();
}

// What the first line says of the bytes; empty when it says nothing.
std::string encoding_of(std::string_view xml) {
    if (!xml.starts_with("<?xml"))
        return {};
    const std::string line = lower(xml.substr(0, xml.find("?>")));
    const auto at = line.find("encoding=");
    if (at == std::string::npos)
        return {};
    const std::string_view value = std::string_view(line).substr(at + 9);
    return std::string(value.substr(0, 1) == "'" || value.substr(0, 1) == "\""
                           ? value.substr(1, value.find_first_of("'\"", 1) - 1)
                           : value);
}

std::string from_latin1(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80)
            out += static_cast<char>(0xC0U | byte >> 6U);
        out += byte >= 0x80 ? static_cast<char>(0x80U | (byte & 0x3FU)) : c;
    }
    return out;
}

}  // namespace

bool Element::has_class(std::string_view wanted) const {
    const std::string_view all = classes;
    for (std::size_t at = all.find(wanted); at != std::string_view::npos;
         at = all.find(wanted, at + 1)) {
        const std::size_t after = at + wanted.size();
        if ((at == 0 || all[at - 1] == ' ') && (after == all.size() || all[after] == ' '))
            return true;
    }
    return false;
}

std::string Markup::cell(const Element& element) const {
    return squeezed(cut_utf8(text_of(element), k_cell_max));
}

Result<Markup> read_html(std::string_view body) {
    body = without_bom(body);
    std::string readable;
    return html_of(as_utf8(body, readable));
}

Result<Markup> read_xml(std::string_view body) {
    body = without_bom(body);
    if (contains(body, "<!DOCTYPE") || contains(body, "<!ENTITY"))
        return fail(Errc::corrupt, "it brings a document type of its own");
    const std::string encoding = encoding_of(body);
    if (encoding == "iso-8859-1" || encoding == "latin1") {
        const std::string readable = from_latin1(body);
        if (!is_utf8(readable))  // a zero byte
            return not_well_formed();
        return xml_of(readable);
    }
    const bool controls = std::any_of(body.begin(), body.end(), [](char c) {
        return c >= 0 && c < ' ' && c != '\t' && c != '\n' && c != '\r';
    });
    if (controls)
        return not_well_formed();
    const bool known = encoding.empty() || encoding == "utf-8" || encoding == "us-ascii";
    if (!known || !is_utf8(body))
        return fail(Errc::corrupt,
                    "it is no well-formed XML: its bytes are not the characters that "
                    "it says they are");
    return xml_of(body);
}

}  // namespace bullpen::calendar
