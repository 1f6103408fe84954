// The pieces of a page or a feed in the order in which they stand there: tags and stretches of
// text. Each byte is looked at a fixed number of times, whatever the body is made of. A reader
// belongs to one thread and points into the body, which must outlive it.
#pragma once

#include <cstdint>
#include <string_view>

namespace bullpen::calendar {

struct MarkupToken {
    enum class Kind : std::uint8_t {
        start,     // of an element
        end,       // of an element
        text,      // with references to characters
        verbatim,  // text without
    };
    Kind kind = Kind::text;
    std::string_view text;     // the text, or the name of the element, as written
    std::string_view classes;  // the value of `class`, of a start
    std::string_view id;       // the value of `id`, of a start
    bool closed = false;       // a start that is the end, too
};

enum class MarkupStep : std::uint8_t { token, done, damaged };

// Reads as browsers do: whatever stands there is something.
class HtmlTokens {
  public:
    explicit HtmlTokens(std::string_view body) : body_(body) {}
    // Never damaged.
    MarkupStep next(MarkupToken& token);
    // After a start: all up to the end of the element of that name is text.
    void text_until_end_of(std::string_view name) { until_ = name; }

  private:
    bool tag(MarkupToken& token);
    bool attributes(MarkupToken& token);
    bool attribute(MarkupToken& token);
    void text(MarkupToken& token);
    void raw_text(MarkupToken& token);
    void pass(std::string_view end, std::size_t from);

    std::string_view body_;
    std::size_t at_ = 0;
    std::string_view until_;
};

// Reads what is well-formed; anything else is damaged. A document type is damage.
class XmlTokens {
  public:
    explicit XmlTokens(std::string_view body) : body_(body) {}
    MarkupStep next(MarkupToken& token);

  private:
    MarkupStep tag(MarkupToken& token);
    MarkupStep end_tag(MarkupToken& token);
    bool attribute(MarkupToken& token);
    bool pass(std::string_view end, std::size_t from);
    std::string_view name();

    std::string_view body_;
    std::size_t at_ = 0;
};

// Whether every '&' begins a reference that XML has without a document type.
bool has_good_references(std::string_view text);

}  // namespace bullpen::calendar
