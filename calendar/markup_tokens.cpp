#include "calendar/markup_tokens.hpp"

#include <algorithm>
#include <array>

#include "calendar/text.hpp"

namespace bullpen::calendar {

namespace {

constexpr std::string_view k_blanks = " \t\n\r\f";
constexpr auto k_none = std::string_view::npos;

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_blank(char c) {
    return k_blanks.find(c) != k_none;
}
// Of the names of XML; bytes beyond ASCII belong to letters.
bool begins_name(char c) {
    return is_letter(c) || c == '_' || c == ':' || static_cast<unsigned char>(c) >= 0x80;
}
bool goes_on_in_name(char c) {
    return begins_name(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

bool same_letters(std::string_view a, std::string_view b) {
    const auto same = [](char one, char other) {
        const auto folded = [](char c) { return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c + 0; };
        return folded(one) == folded(other);
    };
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), same);
}

std::size_t end_of_blanks(std::string_view body, std::size_t at) {
    return std::min(body.find_first_not_of(k_blanks, at), body.size());
}

// The first attribute of a name counts.
void keep(MarkupToken& token, std::string_view name, std::string_view value) {
    if (same_letters(name, "class") && token.classes.empty())
        token.classes = value;
    else if (same_letters(name, "id") && token.id.empty())
        token.id = value;
}

}  // namespace

// ---- HTML

MarkupStep HtmlTokens::next(MarkupToken& token) {
    token = {};
    while (at_ < body_.size()) {
        if (!until_.empty()) {
            raw_text(token);
            if (!token.text.empty())
                return MarkupStep::token;
            continue;
        }
        const char follows = at_ + 1 < body_.size() ? body_[at_ + 1] : '\0';
        if (body_[at_] != '<') {
            text(token);
            return MarkupStep::token;
        }
        if (is_letter(follows)) {
            if (tag(token))
                return MarkupStep::token;
        } else if (follows == '/' && at_ + 2 < body_.size() && is_letter(body_[at_ + 2])) {
            ++at_;
            if (tag(token)) {
                token.kind = MarkupToken::Kind::end;
                return MarkupStep::token;
            }
        } else if (body_.substr(at_, 4) == "<!--") {
            pass("-->", at_ + 2);  // "<!-->" is a whole remark
        } else if (follows == '!' || follows == '?' || follows == '/') {
            pass(">", at_);
        } else {
            text(token);
            return MarkupStep::token;
        }
    }
    return MarkupStep::done;
}

void HtmlTokens::pass(std::string_view end, std::size_t from) {
    const auto found = body_.find(end, from);
    at_ = found == k_none ? body_.size() : found + end.size();
}

void HtmlTokens::text(MarkupToken& token) {
    const auto end = std::min(body_.find('<', at_ + 1), body_.size());
    token.text = body_.substr(at_, end - at_);
    at_ = end;
}

// Up to "</name"; without one, all the rest.
void HtmlTokens::raw_text(MarkupToken& token) {
    std::size_t end = at_;
    for (;; ++end) {
        end = body_.find("</", end);
        if (end == k_none || end + 2 + until_.size() >= body_.size()) {
            end = body_.size();
            break;
        }
        const char behind = body_[end + 2 + until_.size()];
        if ((is_blank(behind) || behind == '>' || behind == '/') &&
            same_letters(body_.substr(end + 2, until_.size()), until_))
            break;
    }
    token.text = body_.substr(at_, end - at_);
    at_ = end;
    until_ = {};
}

// From the letter behind '<' or '/'; false when the body ends within the tag.
bool HtmlTokens::tag(MarkupToken& token) {
    token.kind = MarkupToken::Kind::start;
    const auto begin = ++at_;
    at_ = std::min(body_.find_first_of(" \t\n\r\f/>", begin), body_.size());
    token.text = body_.substr(begin, at_ - begin);
    return attributes(token);
}

bool HtmlTokens::attributes(MarkupToken& token) {
    while (at_ < body_.size()) {
        const char c = body_[at_];
        if (c == '>') {
            ++at_;
            return true;
        }
        token.closed = c == '/';
        if (is_blank(c) || c == '/')
            ++at_;
        else if (!attribute(token))
            return false;
    }
    return false;
}

// A quote that strayed before a name is a name itself.
bool HtmlTokens::attribute(MarkupToken& token) {
    const auto begin = at_;
    at_ = std::min(body_.find_first_of(" \t\n\r\f/>=", begin + 1), body_.size());
    const std::string_view name = body_.substr(begin, at_ - begin);
    const auto equals = end_of_blanks(body_, at_);
    if (equals == body_.size() || body_[equals] != '=')
        return equals < body_.size();
    at_ = end_of_blanks(body_, equals + 1);
    if (at_ == body_.size())
        return false;
    const char quote = body_[at_];
    const bool quoted = quote == '"' || quote == '\'';
    const auto from = quoted ? at_ + 1 : at_;
    const auto to = quoted ? body_.find(quote, from)
                           : std::min(body_.find_first_of(" \t\n\r\f>", from), body_.size());
    if (to == k_none) {
        at_ = body_.size();
        return false;
    }
    keep(token, name, body_.substr(from, to - from));
    at_ = quoted ? to + 1 : to;
    return true;
}

// ---- XML

MarkupStep XmlTokens::next(MarkupToken& token) {
    token = {};
    while (at_ < body_.size()) {
        const std::string_view here = body_.substr(at_, 9);
        if (here.front() != '<') {
            const auto end = std::min(body_.find('<', at_), body_.size());
            token.text = body_.substr(at_, end - at_);
            at_ = end;
            return has_good_references(token.text) ? MarkupStep::token : MarkupStep::damaged;
        }
        if (here == "<![CDATA[") {
            const auto begin = at_ + here.size();
            if (!pass("]]>", begin))
                return MarkupStep::damaged;
            token.kind = MarkupToken::Kind::verbatim;
            token.text = body_.substr(begin, at_ - begin - 3);
            return MarkupStep::token;
        }
        if (here.starts_with("</"))
            return end_tag(token);
        if (here.size() < 2 || begins_name(here[1]))
            return tag(token);
        const bool remark = here.starts_with("<!--");
        if (!remark && !here.starts_with("<?"))
            return MarkupStep::damaged;
        if (!pass(remark ? "-->" : "?>", at_ + (remark ? 4 : 2)))
            return MarkupStep::damaged;
    }
    return MarkupStep::done;
}

bool XmlTokens::pass(std::string_view end, std::size_t from) {
    const auto found = body_.find(end, from);
    at_ = found == k_none ? body_.size() : found + end.size();
    return found != k_none;
}

std::string_view XmlTokens::name() {
    const auto begin = at_;
    if (at_ < body_.size() && begins_name(body_[at_])) {
        while (at_ < body_.size() && goes_on_in_name(body_[at_]))
            ++at_;
    }
    return body_.substr(begin, at_ - begin);
}

MarkupStep XmlTokens::end_tag(MarkupToken& token) {
    at_ += 2;
    token.kind = MarkupToken::Kind::end;
    token.text = name();
    at_ = end_of_blanks(body_, at_);
    const bool ends = at_ < body_.size() && body_[at_++] == '>';
    return ends && !token.text.empty() ? MarkupStep::token : MarkupStep::damaged;
}

MarkupStep XmlTokens::tag(MarkupToken& token) {
    ++at_;
    token.kind = MarkupToken::Kind::start;
    token.text = name();
    while (!token.text.empty() && at_ < body_.size()) {
        const auto blanks = at_;
        at_ = end_of_blanks(body_, at_);
        const std::string_view here = body_.substr(at_, 2);
        token.closed = here == "/>";
        if (token.closed || here.starts_with('>')) {
            at_ += token.closed ? 2 : 1;
            return MarkupStep::token;
        }
        if (at_ == blanks || !attribute(token))
            return MarkupStep::damaged;
    }
    return MarkupStep::damaged;
}

bool XmlTokens::attribute(MarkupToken& token) {
    const std::string_view of = name();
    at_ = end_of_blanks(body_, at_);
    if (of.empty() || at_ == body_.size() || body_[at_] != '=')
        return false;
    at_ = end_of_blanks(body_, at_ + 1);
    if (at_ == body_.size() || (body_[at_] != '"' && body_[at_] != '\''))
        return false;
    const auto from = at_ + 1;
    const auto to = body_.find(body_[at_], from);
    if (to == k_none)
        return false;
    const std::string_view value = body_.substr(from, to - from);
    keep(token, of, value);
    at_ = to + 1;
    return !contains(value, "<") && has_good_references(value);
}

bool has_good_references(std::string_view text) {
    constexpr std::size_t k_reference_max = 12;  // bytes
    constexpr std::array<std::string_view, 5> k_named{"lt", "gt", "amp", "quot", "apos"};
    for (auto at = text.find('&'); at != k_none; at = text.find('&', at + 1)) {
        const std::string_view rest = text.substr(at + 1, k_reference_max);
        const std::string_view name = rest.substr(0, rest.find(';'));
        const bool named = std::find(k_named.begin(), k_named.end(), name) != k_named.end();
        if (name.size() == rest.size() || (!named && !name.starts_with('#')))
            return false;
    }
    return true;
}

}  // namespace bullpen::calendar
