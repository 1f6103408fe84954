// Orders and fills as plain values. Nothing here allocates: an order is made in the loop that
// trades.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/model/money.hpp"
#include "common/model/price.hpp"

namespace bullpen::model {

enum class Side : std::uint8_t { buy, sell };
enum class OrderType : std::uint8_t {
    market,
    limit,
    stop,  // becomes a market order when the price is reached
};
enum class TimeInForce : std::uint8_t { day, gtc, ioc };

// What an order is for. An entry makes a position greater; all others may only make it smaller, and
// are never larger than what is held.
enum class Purpose : std::uint8_t {
    entry,
    protective_stop,
    target,
    partial_exit,
    exit,
    flatten,  // by an operator, a limit, the session's end, or because a stop cannot be placed
};

constexpr Side opposite(Side side) {
    return side == Side::buy ? Side::sell : Side::buy;
}
// +1 for a buy, -1 for a sell.
constexpr std::int64_t sign(Side side) {
    return side == Side::buy ? 1 : -1;
}

std::string_view code(Side side);
std::string_view code(OrderType type);
std::string_view code(TimeInForce time_in_force);
std::string_view code(Purpose purpose);
std::optional<Side> side_from(std::string_view code);
std::optional<OrderType> order_type_from(std::string_view code);
std::optional<TimeInForce> time_in_force_from(std::string_view code);
std::optional<Purpose> purpose_from(std::string_view code);

// A text of at most N characters with its own storage.
template <std::size_t N>
class ShortText {
  public:
    static constexpr std::size_t k_size_max = N;

    constexpr ShortText() = default;
    // Errc::too_large beyond N characters.
    static Result<ShortText> parse(std::string_view text);
    // What does not fit is cut off: for texts that are shown and never compared.
    static constexpr ShortText cut(std::string_view text) {
        ShortText made;
        made.size_ = static_cast<std::uint8_t>(text.size() < N ? text.size() : N);
        for (std::size_t i = 0; i < made.size_; ++i)
            made.text_[i] = text[i];
        return made;
    }

    [[nodiscard]] constexpr std::string_view view() const { return {text_.data(), size_}; }
    [[nodiscard]] std::string str() const { return std::string(view()); }
    [[nodiscard]] constexpr bool empty() const { return size_ == 0; }
    // What is behind the text is zero: so all bytes are compared, which is a few instructions.
    friend bool operator==(const ShortText& a, const ShortText& b) {
        static_assert(sizeof(ShortText) == N + 1);
        return std::memcmp(&a, &b, sizeof(ShortText)) == 0;
    }
    friend auto operator<=>(const ShortText&, const ShortText&) = default;

  private:
    static_assert(N < 256);
    std::array<char, N> text_{};
    std::uint8_t size_ = 0;
};

// What this side calls an order. Unique for ever: a tag of four characters from the roster, the
// fence of the launch, and a number counted up within the launch, in base32 (digits and A-V, the
// alphabet of RFC 4648 section 7, so that ids of one launch sort by age). At most 20 alphanumerics,
// the least that any broker takes.
class ClientOrderId {
  public:
    static constexpr std::size_t k_size_max = 20;
    static constexpr std::size_t k_tag_size = 4;
    static constexpr std::size_t k_fence_digits = 7;     // 2^35 launches
    static constexpr std::size_t k_sequence_digits = 9;  // 2^45 orders of one launch

    ClientOrderId() = default;  // names no order
    // `tag`: k_tag_size of 0-9 and A-Z. A fence or number that does not fit is a programmer's
    // error.
    static ClientOrderId make(std::string_view tag, Fence fence, std::uint64_t sequence);
    // Any 1 to 20 alphanumerics: ids of other programs are read back from a broker too.
    static Result<ClientOrderId> parse(std::string_view text);

    [[nodiscard]] std::string_view view() const { return text_.view(); }
    [[nodiscard]] std::string str() const { return text_.str(); }
    [[nodiscard]] bool empty() const { return text_.empty(); }
    // Tag, fence and number again; none when the id is not of our making.
    struct Parts {
        std::array<char, k_tag_size> tag{};
        Fence fence;
        std::uint64_t sequence = 0;
    };
    [[nodiscard]] std::optional<Parts> parts() const;
    friend auto operator<=>(const ClientOrderId&, const ClientOrderId&) = default;

  private:
    ShortText<k_size_max> text_;
};

using BrokerOrderId = ShortText<40>;
using ExecutionId = ShortText<40>;
using Symbol = ShortText<15>;

// The name of a decision: the same decision has the same key however often it is taken, so that a
// restart or a bar seen twice does not make a second order. Unique in an account's journal.
struct IntentKey {
    Symbol strategy;  // "vwap_bounce"
    Symbol symbol;
    UtcTime signal_bar{};       // start of the bar that the decision was taken on
    Purpose leg{};              // entry, protective_stop, ...
    std::uint32_t attempt = 0;  // counted up only after the attempt before was proven not_sent, or
                                // when the leg is to be replaced
    friend auto operator<=>(const IntentKey&, const IntentKey&) = default;
};
// "vwap_bounce/MES/2025-04-07T13:31:00.000Z/entry/0".
std::string text(const IntentKey& key);
Result<IntentKey> intent_key_from(std::string_view text);

// What is asked of a broker. A price that the type does not use is zero.
struct OrderTerms {
    ClientOrderId id;
    IntentKey key;
    Symbol symbol;
    Side side{};
    OrderType type{};
    TimeInForce time_in_force{};
    Purpose purpose{};
    std::int64_t quantity = 0;  // contracts, above zero
    Price limit;
    Price stop;
    friend bool operator==(const OrderTerms&, const OrderTerms&) = default;
};

// One execution. Applied once however often it is told: its identity is (account, execution id).
struct Fill {
    ExecutionId execution;
    ClientOrderId order;  // empty when the broker did not say
    BrokerOrderId broker_order;
    Symbol symbol;
    Side side{};
    std::int64_t quantity = 0;  // contracts, above zero
    Price price;
    UtcTime time{};  // by the broker
    Money fee;       // paid; a rebate is negative
    friend bool operator==(const Fill&, const Fill&) = default;
};

}  // namespace bullpen::model
