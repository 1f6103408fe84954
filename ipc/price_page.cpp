#include "ipc/price_page.hpp"

#include <algorithm>
#include <cstring>

#include "ipc/venue_message.hpp"

namespace bullpen::ipc {

namespace {

constexpr std::int64_t k_tick_max = 100'000;

bool is_name_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
}

// Walks through a line from left to right. Each step says whether the line went on as expected.
class Walk {
  public:
    explicit Walk(std::string_view line) : rest_(line) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }

    // Of a size that the compiler knows, so that it is compared in place.
    template <std::size_t size>
    bool word(const char (&expected)[size]) {
        constexpr auto length = size - 1;
        if (rest_.size() < length || std::memcmp(rest_.data(), expected, length) != 0)
            return false;
        rest_.remove_prefix(length);
        return true;
    }
    // Up to a quote, and over it.
    bool text(std::string_view* out, std::size_t size_max) {
        const auto* const text = rest_.data();
        const auto most = std::min(rest_.size(), size_max + 1);
        std::size_t end = 0;
        while (end < most && text[end] != '"')
            ++end;
        if (end == most)
            return false;
        *out = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        return true;
    }
    // Of less than 18 digits, which overflow nothing.
    template <class Integer>
    bool whole(Integer* out, std::int64_t min, std::int64_t max) {
        constexpr std::size_t k_digits_max = 18;
        std::int64_t value = 0;
        std::size_t digits = 0;
        const auto* const text = rest_.data();
        const auto size = std::min(rest_.size(), k_digits_max);
        for (; digits < size && text[digits] >= '0' && text[digits] <= '9'; ++digits)
            value = value * 10 + (text[digits] - '0');
        const bool leads_with_zero = digits > 1 && text[0] == '0';
        if (digits == 0 || digits == k_digits_max || leads_with_zero || value < min || value > max)
            return false;
        rest_.remove_prefix(digits);
        *out = static_cast<Integer>(value);
        return true;
    }
    bool price(model::Price* out) { return whole(&out->ticks, 0, model::k_price_ticks_max); }
    bool boolean(bool* out) {
        *out = word("true");
        return *out || word("false");
    }

  private:
    std::string_view rest_;
};

bool walk_quote(Walk& walk, ShareQuoteTold* out) {
    std::string_view symbol;
    if (!walk.word(R"({"symbol":")") || !walk.text(&symbol, k_share_symbol_size_max) ||
        !is_share_symbol(symbol))
        return false;
    out->symbol = symbol;
    return walk.word(R"(,"last":)") && walk.price(&out->last) && walk.word(R"(,"lower":)") &&
           walk.price(&out->lower) && walk.word(R"(,"upper":)") && walk.price(&out->upper) &&
           walk.word(R"(,"tick":)") && walk.whole(&out->tick.value, 1, k_tick_max) &&
           walk.word(R"(,"low_before":)") && walk.price(&out->low_before) &&
           walk.word(R"(,"close_before":)") && walk.price(&out->close_before) && walk.word("}");
}

bool walk_quotes(Walk& walk, std::vector<ShareQuoteTold>* out) {
    out->reserve(k_share_page_max);
    do {
        if (out->size() == k_share_page_max || !walk_quote(walk, &out->emplace_back()))
            return false;
    } while (walk.word(","));
    return walk.word("]");
}

bool walk_end(Walk& walk, ShareReply* out) {
    constexpr std::size_t k_time_size_max = 30;
    std::string_view text;
    if (!walk.word(R"(,"market_time":")") || !walk.text(&text, k_time_size_max))
        return false;
    const auto time = parse_utc(text);
    if (!time)
        return false;
    out->market_time = *time;
    return walk.word(R"(,"open":)") && walk.boolean(&out->open) && walk.word(R"(,"more":)") &&
           walk.boolean(&out->more) && walk.word("}}") && walk.at_end();
}

}  // namespace

std::optional<PricePage> read_price_page(std::string_view line) {
    if (line.size() > k_venue_line_max)
        return std::nullopt;
    Walk walk(line);
    std::optional<PricePage> page(std::in_place);
    page->reply.command = ShareCommand::quotes;
    const bool read =
        walk.word(R"({"v":1,"type":"shares","id":)") && walk.whole(&page->id, 0, INT64_MAX) &&
        walk.word(R"(,"account":")") && walk.text(&page->account, k_venue_account_max) &&
        std::all_of(page->account.begin(), page->account.end(), is_name_letter) &&
        walk.word(R"(,"result":{"command":"quotes","number":0,"available":0,"cash":0,)"
                  R"("unsettled":0,"quotes":[)") &&
        walk_quotes(walk, &page->reply.quotes) && walk_end(walk, &page->reply);
    if (!read)
        page.reset();
    return page;
}

}  // namespace bullpen::ipc
