#include "ctl/holdings_view.hpp"

#include <fstream>
#include <sstream>

#include "ipc/json_reader.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::size_t k_size_max = 4UL * 1024 * 1024;
constexpr int k_depth_max = 4;
constexpr std::size_t k_shares_max = 5000;
constexpr std::size_t k_symbol_max = 32;
// Of shares, and of paise for one.
constexpr std::int64_t k_count_max = std::int64_t{1} << 40U;
constexpr std::int64_t k_price_max = std::int64_t{1} << 40U;

}  // namespace

std::optional<std::vector<HeldShare>> parse_holdings(std::string_view text) {
    const auto document = ipc::JsonDocument::parse(text, {k_size_max, k_depth_max});
    if (!document)
        return std::nullopt;
    std::vector<HeldShare> held;
    ipc::Fields fields(*document, 0, "holdings");
    fields.each_object("shares", ipc::Need::required, k_shares_max, [&](std::size_t node) {
        ipc::Fields line(*document, node, "share");
        HeldShare share;
        std::int64_t quantity = 0;
        std::int64_t intraday = 0;
        std::int64_t last = 0;
        line.text("symbol", &share.symbol, k_symbol_max, ipc::Need::required);
        line.whole("quantity", &quantity, 0, k_count_max, ipc::Need::required);
        line.whole("intraday", &intraday, -k_count_max, k_count_max);
        line.whole("last", &last, 0, k_price_max, ipc::Need::required);
        std::int64_t paise = 0;
        if (line.ok() && !__builtin_mul_overflow(quantity + intraday, last, &paise)) {
            share.paise = paise;
            held.push_back(std::move(share));
        }
        return line.status();
    });
    return fields.ok() ? std::optional(std::move(held)) : std::nullopt;
}

std::optional<std::vector<HeldShare>> read_holdings(const Home& home, const AccountId& account) {
    std::ifstream file(home.account(account).directory + "/holdings.json");
    std::ostringstream text;
    if (!file || !(text << file.rdbuf()))
        return std::nullopt;
    return parse_holdings(text.str());
}

}  // namespace bullpen::ctl
