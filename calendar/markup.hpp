// Markup: the elements of a page or a feed as a flat list in document order, so that what looks for
// rows needs to know nothing of tags. HTML is read forgivingly, as browsers do, XML strictly.
// Nothing outside of the body is ever loaded, and no entity of a body's own is expanded. It is read
// by our own code: the time of the libraries for it grows with the square of what hostile bodies
// hold.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"

namespace bullpen::calendar {

struct Element {
    std::string name;           // lower case, without a prefix
    std::string classes;        // of HTML, as written
    std::string id;             // of HTML
    std::size_t end = 0;        // the elements below it are those from its own place + 1 to here
    std::size_t text_from = 0;  // its text, with all below it: a stretch of Markup::text
    std::size_t text_to = 0;

    // Whether `wanted` is one of the blank-separated classes.
    [[nodiscard]] bool has_class(std::string_view wanted) const;
};

struct Markup {
    static constexpr std::size_t k_elements_max = 20'000;
    static constexpr std::size_t k_depth_max = 128;
    static constexpr std::size_t k_cell_max = 512;  // bytes

    std::vector<Element> elements;
    std::string text;  // of the whole document; scripts and styles left out

    [[nodiscard]] std::string_view text_of(const Element& element) const {
        return std::string_view(text).substr(element.text_from,
                                             element.text_to - element.text_from);
    }
    // The same without superfluous blanks, and no more than a cell may hold: pages nest cells
    // within cells.
    [[nodiscard]] std::string cell(const Element& element) const;
};

// Errc::too_large when it is nested too deeply, or has too many elements: what is over a limit must
// not be missing without a sign. Errc::corrupt when there is no document in it. Bytes that are no
// UTF-8 become the sign for that.
Result<Markup> read_html(std::string_view body);
// Errc::corrupt when it is not well-formed, or brings entities of its own.
Result<Markup> read_xml(std::string_view body);

}  // namespace bullpen::calendar
