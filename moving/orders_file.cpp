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

// Whether a number stands there that is none: it would have said how many.
bool is_no_number(const Json& value) {
    return !value.is_null() && !whole_of(value);
}

// What an order did to the position of a ticker, if it is of any account.
struct Effect {
    bool counts = false;
    std::optional<std::int64_t> quantity;  // none: nobody knows
};

Effect synced(const Json& order) {
    const auto status = lower(text_of(order, "status"));
    if ((!status.empty() && status != "complete") || !is_delivery(order))
        return {};
    const auto& filled = member(order, "filled_quantity");
    if (is_no_number(filled))
        return {true, std::nullopt};
    auto quantity = whole_of(filled);
    if (!quantity || *quantity == 0)
        quantity = whole_of(member(order, "quantity"));
    if (quantity && lower(text_of(order, "transaction_type")) == "sell")
        quantity = -*quantity;
    return {true, quantity};
}

Effect placed(const Json& order) {
    const auto& success = member(order, "order_success");
    const auto went = flag_of(success);
    const bool unknown = !went && success.is_number();  // NaN
    if ((went != true && !unknown) || !is_delivery(order))
        return {};
    return {true, unknown ? std::nullopt : whole_of(member(order, "position_size"))};
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
    std::map<std::string, std::int64_t> by_bot;
    const auto count = [&](const Effect& effect, const std::string& ticker, auto& net) {
        if (effect.counts && effect.quantity)
            net[ticker] += *effect.quantity;
        else if (effect.counts)
            file.unclear.insert(ticker);
    };
    for (const auto& order : orders) {
        if (const auto symbol = text_of(order, "tradingsymbol"); !symbol.empty()) {
            count(synced(order), symbol, file.net);
            ++file.synced;
        } else if (const auto ticker = text_of(order, "ticker"); !ticker.empty()) {
            count(placed(order), ticker, by_bot);
            ++file.placed;
        } else {
            ++file.odd;
        }
    }
    file.net.insert(by_bot.begin(), by_bot.end());
    return file;
}

OrderClaims claims_of(const std::vector<std::optional<OrderFile>>& files) {
    OrderClaims claims;
    bool blind = false;  // a newer file could not be read
    for (const auto& file : files) {
        if (!file) {
            blind = true;
            continue;
        }
        for (const auto& [ticker, quantity] : file->net) {
            if (claims.net.contains(ticker) || claims.unsure.contains(ticker))
                continue;
            if (!blind && !file->unclear.contains(ticker))
                claims.net.emplace(ticker, quantity);
            else
                claims.unsure.insert(ticker);
        }
        for (const auto& ticker : file->unclear) {
            if (!claims.net.contains(ticker))
                claims.unsure.insert(ticker);
        }
    }
    return claims;
}

}  // namespace bullpen::moving
