// Pages of prices read in one pass: what is read so is what the careful way reads.
#include "ipc/price_page.hpp"

#include <doctest/doctest.h>

#include "common/base/random.hpp"
#include "ipc/venue_message.hpp"
#include "tests/support/seed.hpp"

using namespace bullpen;
using namespace bullpen::ipc;

namespace {

// Without its newline.
std::string line_of(const ShareReply& reply, std::uint64_t id, const std::string& account) {
    VenueReply line;
    line.kind = VenueReplyKind::shares;
    line.id = id;
    line.account = account;
    line.result = encode(reply);
    auto text = encode(line);
    text.pop_back();
    return text;
}

std::string any_symbol(SeededRandom& random) {
    constexpr std::string_view k_letters = "ABCXYZ019&-";
    std::string symbol;
    const auto size = random.between(1, static_cast<std::int64_t>(k_share_symbol_size_max));
    for (std::int64_t i = 0; i < size; ++i)
        symbol.push_back(k_letters[random.below(k_letters.size())]);
    return symbol;
}

model::Price any_price(SeededRandom& random) {
    return {random.chance(0.1) ? random.chance(0.5) ? 0 : model::k_price_ticks_max
                               : random.between(1, 1'000'000)};
}

ShareReply any_page(SeededRandom& random) {
    ShareReply page;
    page.command = ShareCommand::quotes;
    const auto count = random.between(1, static_cast<std::int64_t>(k_share_page_max));
    for (std::int64_t i = 0; i < count; ++i) {
        page.quotes.push_back({any_symbol(random),
                               any_price(random),
                               any_price(random),
                               any_price(random),
                               {random.between(1, 1'000)},
                               any_price(random),
                               any_price(random)});
    }
    page.market_time = *parse_utc("2026-07-06T03:45:00Z") + Nanos(random.between(0, 1'000'000'000));
    page.open = random.chance(0.5);
    page.more = random.chance(0.5);
    return page;
}

// The same by the careful way; none: it is no such line.
std::optional<ShareReply> careful(const std::string& text, std::uint64_t* id,
                                  std::string* account) {
    const auto line = decode_venue_reply(text);
    if (!line || line->kind != VenueReplyKind::shares)
        return std::nullopt;
    const auto reply = decode_share_reply(line->result);
    if (!reply)
        return std::nullopt;
    *id = line->id;
    *account = line->account;
    return *reply;
}

void check_same(const std::string& text, const PricePage& quick) {
    CAPTURE(text);
    std::uint64_t id = 0;
    std::string account;
    const auto slow = careful(text, &id, &account);
    REQUIRE(slow.has_value());
    REQUIRE(quick.reply == *slow);
    REQUIRE(quick.id == id);
    REQUIRE(quick.account == account);
}

}  // namespace

TEST_CASE("every page of prices that the exchange writes is read in one pass, to the same") {
    SeededRandom random(test::seed("price pages"));
    for (int i = 0; i < 500; ++i) {
        const auto page = any_page(random);
        const auto id = random.below(1'000'000);
        const auto text = line_of(page, id, i % 2 == 0 ? "anna" : "ACC-1.x_9");
        const auto quick = read_price_page(text);
        REQUIRE(quick.has_value());
        CHECK(quick->reply == page);
        check_same(text, *quick);
    }
}

TEST_CASE("a changed line is read to the same as the careful way reads it, or left to that") {
    SeededRandom random(test::seed("changed price pages"));
    constexpr std::string_view k_bytes = "{}[]\",:0123456789-+.eE tfn\\AZ\n";
    int read = 0;
    for (int i = 0; i < 20'000; ++i) {
        auto page = any_page(random);
        page.quotes.resize(std::min<std::size_t>(page.quotes.size(), 3));
        auto text = line_of(page, random.below(100), "anna");
        const auto at = random.below(text.size());
        switch (random.below(4)) {
            case 0: text[at] = k_bytes[random.below(k_bytes.size())]; break;
            case 1: text.erase(at, random.below(9) + 1); break;
            case 2: text.insert(at, 1, k_bytes[random.below(k_bytes.size())]); break;
            default: text.insert(at, text.substr(at, random.below(40) + 1)); break;
        }
        const auto quick = read_price_page(text);
        if (!quick)
            continue;
        ++read;
        check_same(text, *quick);
    }
    MESSAGE(read << " of 20,000 changed lines were pages of prices still");
    CHECK(read > 100);
}

TEST_CASE("whatever else comes is left to the careful way") {
    ShareReply page;
    page.command = ShareCommand::quotes;
    CHECK_FALSE(read_price_page(line_of(page, 1, "anna")));  // no prices at all
    page.quotes.push_back({"INFY", {1}, {1}, {1}, {5}, {1}, {1}});
    page.market_time = *parse_utc("2026-07-06T03:45:00Z");
    CHECK(read_price_page(line_of(page, 1, "anna")));
    CHECK_FALSE(read_price_page(line_of(page, 1, "an na")));
    page.refusal = "by_rule";
    CHECK_FALSE(read_price_page(line_of(page, 1, "anna")));
    page.refusal.clear();
    page.command = ShareCommand::account;
    CHECK_FALSE(read_price_page(line_of(page, 1, "anna")));
    page.command = ShareCommand::quotes;
    page.quotes.front().tick = {0};
    CHECK_FALSE(read_price_page(line_of(page, 1, "anna")));
    page.quotes.front().tick = {5};
    page.quotes.assign(k_share_page_max + 1, page.quotes.front());
    CHECK_FALSE(read_price_page(line_of(page, 1, "anna")));
}
