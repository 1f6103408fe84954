#include "common/model/order.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"

namespace bullpen::model {

namespace {

constexpr std::string_view k_base32 = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
constexpr std::array<std::string_view, 2> k_sides{"buy", "sell"};
constexpr std::array<std::string_view, 3> k_types{"market", "limit", "stop"};
constexpr std::array<std::string_view, 3> k_times{"day", "gtc", "ioc"};
constexpr std::array<std::string_view, 6> k_purposes{
    "entry", "protective_stop", "target", "partial_exit", "exit", "flatten"};

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& codes, std::string_view code) {
    const auto found = std::find(codes.begin(), codes.end(), code);
    if (found == codes.end())
        return std::nullopt;
    return static_cast<Enum>(found - codes.begin());
}

template <class Enum, std::size_t N>
std::string_view at(const std::array<std::string_view, N>& codes, Enum value) {
    return codes.at(static_cast<std::size_t>(value));
}

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

void put_base32(std::uint64_t value, char* digits, std::size_t count) {
    for (std::size_t i = count; i-- > 0; value >>= 5U)
        digits[i] = k_base32[value & 31U];
    BULLPEN_ASSERT(value == 0, "a fence and a number fit into their digits of an order id");
}

std::optional<std::uint64_t> take_base32(std::string_view digits) {
    std::uint64_t value = 0;
    for (const char c : digits) {
        const auto digit = k_base32.find(c);
        if (digit == std::string_view::npos)
            return std::nullopt;
        value = value << 5U | digit;
    }
    return value;
}

}  // namespace

std::string_view code(Side side) {
    return at(k_sides, side);
}
std::string_view code(OrderType type) {
    return at(k_types, type);
}
std::string_view code(TimeInForce time_in_force) {
    return at(k_times, time_in_force);
}
std::string_view code(Purpose purpose) {
    return at(k_purposes, purpose);
}
std::optional<Side> side_from(std::string_view code) {
    return find<Side>(k_sides, code);
}
std::optional<OrderType> order_type_from(std::string_view code) {
    return find<OrderType>(k_types, code);
}
std::optional<TimeInForce> time_in_force_from(std::string_view code) {
    return find<TimeInForce>(k_times, code);
}
std::optional<Purpose> purpose_from(std::string_view code) {
    return find<Purpose>(k_purposes, code);
}

template <std::size_t N>
Result<ShortText<N>> ShortText<N>::parse(std::string_view text) {
    if (text.size() > N) {
        return fail(Errc::too_large, "'" + std::string(text.substr(0, N)) + "...' has more than " +
                                         std::to_string(N) + " characters");
    }
    return cut(text);
}
template class ShortText<15>;
template class ShortText<20>;
template class ShortText<40>;

ClientOrderId ClientOrderId::make(std::string_view tag, Fence fence, std::uint64_t sequence) {
    BULLPEN_ASSERT(tag.size() == k_tag_size && std::all_of(tag.begin(), tag.end(), is_alphanumeric),
                   "the tag of an account is four letters or digits");
    std::array<char, k_size_max> text{};
    std::copy(tag.begin(), tag.end(), text.begin());
    put_base32(fence.value, text.data() + k_tag_size, k_fence_digits);
    put_base32(sequence, text.data() + k_tag_size + k_fence_digits, k_sequence_digits);
    ClientOrderId id;
    id.text_ = ShortText<k_size_max>::cut({text.data(), text.size()});
    return id;
}

Result<ClientOrderId> ClientOrderId::parse(std::string_view text) {
    if (text.empty() || text.size() > k_size_max ||
        !std::all_of(text.begin(), text.end(), is_alphanumeric))
        return fail(Errc::invalid, "an order id has 1 to 20 letters and digits");
    ClientOrderId id;
    id.text_ = ShortText<k_size_max>::cut(text);
    return id;
}

std::optional<ClientOrderId::Parts> ClientOrderId::parts() const {
    const auto text = view();
    if (text.size() != k_size_max)
        return std::nullopt;
    const auto fence = take_base32(text.substr(k_tag_size, k_fence_digits));
    const auto sequence = take_base32(text.substr(k_tag_size + k_fence_digits));
    if (!fence || !sequence)
        return std::nullopt;
    Parts parts;
    std::copy_n(text.begin(), k_tag_size, parts.tag.begin());
    parts.fence = Fence{*fence};
    parts.sequence = *sequence;
    return parts;
}

std::string text(const IntentKey& key) {
    std::string made = key.strategy.str() + "/" + key.symbol.str() + "/";
    made += format_utc(key.signal_bar);
    made += "/";
    made += code(key.leg);
    return made + "/" + std::to_string(key.attempt);
}

Result<IntentKey> intent_key_from(std::string_view text) {
    std::vector<std::string_view> parts;
    for (std::size_t from = 0; from <= text.size() && parts.size() < 6;) {
        const auto slash = std::min(text.find('/', from), text.size());
        parts.push_back(text.substr(from, slash - from));
        from = slash + 1;
    }
    const auto bad = [&] {
        return fail(Errc::invalid, "'" + std::string(text.substr(0, 80)) + "' is no intent key");
    };
    if (parts.size() != 5)
        return bad();
    IntentKey key;
    BULLPEN_TRY(key.strategy, Symbol::parse(parts[0]));
    BULLPEN_TRY(key.symbol, Symbol::parse(parts[1]));
    BULLPEN_TRY(key.signal_bar, parse_utc(parts[2]));
    const auto leg = purpose_from(parts[3]);
    const char* const end = parts[4].data() + parts[4].size();
    const auto [rest, error] = std::from_chars(parts[4].data(), end, key.attempt);
    if (!leg || error != std::errc() || rest != end || key.strategy.empty() || key.symbol.empty())
        return bad();
    key.leg = *leg;
    return key;
}

}  // namespace bullpen::model
