#include "calendar/markup.hpp"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>

#include <memory>

#include "calendar/text.hpp"
#include "common/base/errc.hpp"

namespace bullpen::calendar {

namespace {

struct FreeDocument {
    void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using Document = std::unique_ptr<xmlDoc, FreeDocument>;

std::string_view view(const xmlChar* text) {
    return text == nullptr ? std::string_view()
                           : std::string_view(reinterpret_cast<const char*>(text));
}

std::string attribute(xmlNode* node, const char* name) {
    for (const xmlAttr* attr = node->properties; attr != nullptr; attr = attr->next) {
        if (view(attr->name) == name && attr->children != nullptr)
            return std::string(view(attr->children->content));
    }
    return {};
}

bool hides_text(std::string_view name) {
    return name == "script" || name == "style" || name == "noscript" || name == "template";
}

// The node after `node` in document order, `below` saying whether its children are wanted. Closes
// every element that ends on the way.
template <class Close>
xmlNode* next_node(xmlNode* node, bool below, const Close& close) {
    if (below && node->children != nullptr)
        return node->children;
    for (;;) {
        if (node->type == XML_ELEMENT_NODE)
            close();
        if (node->next != nullptr)
            return node->next;
        node = node->parent;
        if (node == nullptr || node->type == XML_DOCUMENT_NODE ||
            node->type == XML_HTML_DOCUMENT_NODE)
            return nullptr;
    }
}

Result<Markup> flattened(xmlDoc* document) {
    Markup markup;
    std::vector<std::size_t> open;
    const auto close = [&] {
        Element& element = markup.elements[open.back()];
        element.end = markup.elements.size();
        element.text_to = markup.text.size();
        open.pop_back();
    };
    xmlNode* node = document->children;
    while (node != nullptr) {
        bool below = false;
        if (node->type == XML_ELEMENT_NODE) {
            if (markup.elements.size() >= Markup::k_elements_max)
                return fail(
                    Errc::too_large,
                    "it has more than " + std::to_string(Markup::k_elements_max) + " elements");
            Element element;
            element.name = lower(view(node->name));
            element.classes = attribute(node, "class");
            element.id = attribute(node, "id");
            // A word of one element is not glued to that of the next.
            markup.text += ' ';
            element.text_from = markup.text.size();
            below = !hides_text(element.name);
            open.push_back(markup.elements.size());
            markup.elements.push_back(std::move(element));
        } else if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
            markup.text += view(node->content);
        }
        node = next_node(node, below, close);
    }
    return markup;
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
    return squeezed(text_of(element).substr(0, k_cell_max));
}

Result<Markup> read_html(std::string_view body) {
    body = without_bom(body);
    struct Free {
        void operator()(htmlParserCtxt* context) const { htmlFreeParserCtxt(context); }
    };
    const std::unique_ptr<htmlParserCtxt, Free> parser(htmlNewParserCtxt());
    if (parser == nullptr)
        return fail(Errc::exhausted, "there is no memory for a parser");
    constexpr int k_options =
        HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET;
    const Document document(htmlCtxtReadMemory(
        parser.get(), body.data(), static_cast<int>(body.size()), nullptr, "UTF-8", k_options));
    // The parser goes on after what pages get wrong, but stops for good at a depth of 256 elements
    // and drops what follows; only its last error says so.
    const xmlError* const error = xmlCtxtGetLastError(parser.get());
    if (error != nullptr &&
        (error->code == XML_ERR_INTERNAL_ERROR || error->level == XML_ERR_FATAL))
        return fail(Errc::too_large, "it is nested too deeply, or too damaged to be read whole");
    if (document == nullptr || document->children == nullptr)
        return fail(Errc::corrupt, "there is no page in it");
    return flattened(document.get());
}

Result<Markup> read_xml(std::string_view body) {
    body = without_bom(body);
    if (contains(body, "<!DOCTYPE") || contains(body, "<!ENTITY"))
        return fail(Errc::corrupt, "it brings a document type of its own");
    struct Free {
        void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
    };
    const std::unique_ptr<xmlParserCtxt, Free> parser(xmlNewParserCtxt());
    if (parser == nullptr)
        return fail(Errc::exhausted, "there is no memory for a parser");
    constexpr int k_options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    const Document document(xmlCtxtReadMemory(
        parser.get(), body.data(), static_cast<int>(body.size()), nullptr, nullptr, k_options));
    if (document != nullptr && document->intSubset != nullptr)
        return fail(Errc::corrupt, "it brings a document type of its own");
    if (document == nullptr || parser->wellFormed == 0)
        return fail(Errc::corrupt, "it is no well-formed XML");
    return flattened(document.get());
}

}  // namespace bullpen::calendar
