// Packed values for records and snapshots: integers as zigzag varints, texts with a length byte.
// One list of fields serves both directions: fields(archive, value) is written once for each type
// and called with a Writer or a Reader. A Reader never reads beyond its bytes; a value out of range
// or missing sets failed() and leaves zeros.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/model/money.hpp"
#include "common/model/order.hpp"

namespace bullpen::execution {

class Writer {
  public:
    static constexpr bool k_reads = false;
    void integer(std::int64_t& value) {
        auto rest = static_cast<std::uint64_t>(value) << 1U ^
                    static_cast<std::uint64_t>(value < 0 ? -1 : 0);
        for (; rest >= 0x80U; rest >>= 7U)
            bytes_ += static_cast<char>(rest | 0x80U);
        bytes_ += static_cast<char>(rest);
    }
    void text(std::string_view text) {
        bytes_ += static_cast<char>(text.size());
        bytes_ += text;
    }
    std::string take() { return std::move(bytes_); }

  private:
    std::string bytes_;
};

class Reader {
  public:
    static constexpr bool k_reads = true;
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}
    void integer(std::int64_t& value) {
        std::uint64_t read = 0;
        for (unsigned shift = 0;; shift += 7U) {
            if (at_ == bytes_.size() || shift > 63)
                return fail();
            const auto byte = static_cast<std::uint8_t>(bytes_[at_++]);
            read |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
            if (byte < 0x80U)
                break;
        }
        value = static_cast<std::int64_t>(read >> 1U) ^ -static_cast<std::int64_t>(read & 1U);
    }
    // Empty when there are not as many bytes, or more than `size_max`.
    std::string_view text(std::size_t size_max) {
        if (at_ == bytes_.size())
            return fail(), std::string_view();
        const auto size = static_cast<std::size_t>(static_cast<std::uint8_t>(bytes_[at_++]));
        if (size > size_max || size > bytes_.size() - at_)
            return fail(), std::string_view();
        at_ += size;
        return bytes_.substr(at_ - size, size);
    }
    void fail() {
        failed_ = true;
        at_ = bytes_.size();
    }
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }

  private:
    std::string_view bytes_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

// Whether what a later version added at the end follows: it is written only where there is some, so
// that what has none can be read by the version before.
inline bool has_more(const Reader& reader, bool /*is_empty*/) {
    return !reader.at_end();
}
inline bool has_more(const Writer& /*writer*/, bool is_empty) {
    return !is_empty;
}

template <class A>
void fields(A& a, std::int64_t& value) {
    a.integer(value);
}
template <class A, class T>
requires(std::is_integral_v<T> && !std::is_same_v<T, std::int64_t>) void fields(A& a, T& value) {
    auto wide = static_cast<std::int64_t>(value);
    a.integer(wide);
    if constexpr (A::k_reads) {
        value = static_cast<T>(wide);
        if (static_cast<std::int64_t>(value) != wide)
            a.fail();
    }
}
// An enumeration whose values run from 0 to below `count`.
template <class A, class E>
void choice(A& a, E& value, int count) {
    auto wide = static_cast<std::int64_t>(value);
    a.integer(wide);
    if constexpr (A::k_reads) {
        if (wide < 0 || wide >= count)
            return a.fail();
        value = static_cast<E>(wide);
    }
}
template <class A>
void fields(A& a, UtcTime& value) {
    std::int64_t nanos = unix_nanos(value);
    a.integer(nanos);
    value = utc_from_nanos(nanos);
}
template <class A>
void fields(A& a, Fence& value) {
    fields(a, value.value);
}
template <class A>
void fields(A& a, model::Price& value) {
    a.integer(value.ticks);
}
// None is a price beyond all that there are.
template <class A>
void fields(A& a, std::optional<model::Price>& value) {
    constexpr std::int64_t k_none = -model::k_price_ticks_max - 1;
    std::int64_t ticks = value ? value->ticks : k_none;
    a.integer(ticks);
    if constexpr (A::k_reads)
        value = ticks == k_none ? std::nullopt : std::optional(model::Price{ticks});
}
template <class A>
void fields(A& a, model::Money& value) {
    a.integer(value.millionths);
    if constexpr (A::k_reads) {
        const auto currency = model::Currency::parse(a.text(3));
        if (!currency)
            return a.fail();
        value.currency = *currency;
    } else {
        a.text(value.currency.code());
    }
}
template <class A, std::size_t N>
void fields(A& a, model::ShortText<N>& value) {
    if constexpr (A::k_reads)
        value = model::ShortText<N>::cut(a.text(N));
    else
        a.text(value.view());
}
template <class A>
void fields(A& a, model::ClientOrderId& value) {
    if constexpr (A::k_reads) {
        const auto text = a.text(model::ClientOrderId::k_size_max);
        if (text.empty()) {
            value = {};
            return;
        }
        const auto parsed = model::ClientOrderId::parse(text);
        if (!parsed)
            return a.fail();
        value = *parsed;
    } else {
        a.text(value.view());
    }
}
template <class A>
void fields(A& a, model::IntentKey& value) {
    fields(a, value.strategy);
    fields(a, value.symbol);
    fields(a, value.signal_bar);
    choice(a, value.leg, 6);
    fields(a, value.attempt);
}
template <class A>
void fields(A& a, model::OrderTerms& value) {
    fields(a, value.id);
    fields(a, value.key);
    fields(a, value.symbol);
    choice(a, value.side, 2);
    choice(a, value.type, 3);
    choice(a, value.time_in_force, 3);
    choice(a, value.purpose, 6);
    fields(a, value.quantity);
    fields(a, value.limit);
    fields(a, value.stop);
}
template <class A>
void fields(A& a, model::Fill& value) {
    fields(a, value.execution);
    fields(a, value.order);
    fields(a, value.broker_order);
    fields(a, value.symbol);
    choice(a, value.side, 2);
    fields(a, value.quantity);
    fields(a, value.price);
    fields(a, value.time);
    fields(a, value.fee);
}

}  // namespace bullpen::execution
