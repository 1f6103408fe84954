#include "common/config/shared_names.hpp"

#include <array>
#include <cstdint>

namespace bullpen::config {

namespace {

// FNV-1a, the same on every machine and in every release.
std::uint64_t hash_of(const std::string& text) {
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001B3ULL;
    }
    return hash;
}

std::string hex(std::uint32_t number) {
    constexpr std::array<char, 17> k_digits{"0123456789abcdef"};
    std::string text(8, '0');
    for (std::size_t i = text.size(); i-- > 0; number >>= 4U)
        text[i] = k_digits.at(number & 0xFU);
    return text;
}

// Of an id's characters; symbols are capital letters and digits.
std::string lower(const std::string& symbol) {
    constexpr std::size_t k_symbol_max = 7;
    std::string text;
    for (const char c : symbol.substr(0, k_symbol_max)) {
        if (c >= 'A' && c <= 'Z')
            text += static_cast<char>(c - 'A' + 'a');
        else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            text += c;
    }
    return text;
}

}  // namespace

std::string market_name(const FeedSettings& feed) {
    // A market of ticks is another one, since its orders fill elsewhere. What is not set adds
    // nothing: a market keeps its name.
    const std::string ticks = feed.ticks ? " by ticks" : "";
    if (feed.kind == FeedKind::synthetic)
        return feed.instrument + " seed " + std::to_string(feed.seed) + ticks;
    const auto order = feed.date_order == DateOrder::unstated
                           ? std::string()
                           : " " + std::string(code(feed.date_order));
    const auto contract = feed.contract.empty() ? std::string() : " of " + feed.contract;
    return feed.instrument + " file " + feed.file + (feed.labels == BarLabel::end ? " end " : " ") +
           feed.time_zone + order + contract + ticks;
}

std::string signals_service(const AccountSettings& account) {
    const auto& strategy = *account.strategy;
    std::string key = market_name(account.feed) + "|" + std::to_string(account.feed.speed) + "|" +
                      std::to_string(account.feed.history) + "|" +
                      (trades_on_paper(account) ? "paper|" : "|") + strategy.name + "|" +
                      strategy.vwap_window;
    for (const int length : {strategy.rsi_length, strategy.trend_length, strategy.atr_length})
        key += "|" + std::to_string(length);
    return "bullpen-signals-" + lower(account.feed.instrument) + "-" +
           hex(static_cast<std::uint32_t>(hash_of(key)));
}

}  // namespace bullpen::config
