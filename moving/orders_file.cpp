#include "moving/orders_file.hpp"

#include <optional>

#include "common/base/errc.hpp"
#include "moving/json_impl.hpp"
#include "moving/text_files.hpp"

namespace bullpen::moving {

namespace {

constexpr std::size_t k_orders_max = 100'000;

// Whether it was delivered: shares of the day are another position. Older files do not say.
bool is_delivery(const Json& order) {
    for (const auto* name : {"product", "product_type"}) {
        const auto product = lower(text_of(order, name));
        if (!product.empty() && product != "cnc")
            return false;
    }
    return true;
}

// What an order of the broker's list did to the position; none for one that is of no account.
std::optional<std::int64_t> synced_quantity(const Json& order) {
    const auto status = lower(text_of(order, "status"));
    if ((!status.empty() && status != "complete") || !is_delivery(order))
        return std::nullopt;
    auto quantity = whole_of(member(order, "filled_quantity"));
    if (!quantity || *quantity == 0)
        quantity = whole_of(member(order, "quantity"));
    if (!quantity)
        return std::nullopt;
    return lower(text_of(order, "transaction_type")) == "sell" ? -*quantity : *quantity;
}

std::optional<std::int64_t> placed_quantity(const Json& order) {
    if (flag_of(member(order, "order_success")) != true || !is_delivery(order))
        return std::nullopt;
    return whole_of(member(order, "position_size"));
}

std::string profile_of(const Json& value) {
    const auto& profile = member(value, "user_profile");
    if (profile.is_string())
        return profile.get<std::string>();
    for (const auto* name : {"user_id", "user_name", "user"}) {
        if (auto text = text_of(profile, name); !text.empty())
            return text;
    }
    return {};
}

}  // namespace

Result<OrderFile> parse_orders(std::string_view text) {
    BULLPEN_TRY(const Json value, parse_json(text));
    const auto& orders = member(value, "orders");
    if (!orders.is_array())
        return fail(Errc::invalid, "it has no list `orders`");
    if (orders.size() > k_orders_max)
        return fail(Errc::invalid, "it has more than 100000 orders");
    OrderFile file;
    file.user_profile = profile_of(value);
    std::map<std::string, std::int64_t> placed;
    for (const auto& order : orders) {
        if (const auto symbol = text_of(order, "tradingsymbol"); !symbol.empty()) {
            if (const auto quantity = synced_quantity(order))
                file.net[symbol] += *quantity;
            ++file.synced;
        } else if (const auto ticker = text_of(order, "ticker"); !ticker.empty()) {
            if (const auto quantity = placed_quantity(order))
                placed[ticker] += *quantity;
            ++file.placed;
        } else {
            ++file.odd;
        }
    }
    file.net.insert(placed.begin(), placed.end());
    return file;
}

std::map<std::string, std::int64_t> net_of(const std::vector<OrderFile>& files) {
    std::map<std::string, std::int64_t> net;
    for (const auto& file : files)
        net.insert(file.net.begin(), file.net.end());
    return net;
}

}  // namespace bullpen::moving
