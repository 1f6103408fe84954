#include "ipc/trading_order.hpp"

#include <algorithm>
#include <array>

#include "common/model/reason.hpp"

namespace bullpen::ipc {

namespace {

constexpr std::array<std::string_view, 5> k_codes{"halt", "reduce", "flatten", "resume",
                                                  "restart_floor"};

bool is_ordered(const Heartbeat& beat) {
    for (const auto reason : {model::Reason::operator_halt, model::Reason::operator_reduce,
                              model::Reason::order_trouble}) {
        if (beat.reason == model::code(reason))
            return true;
    }
    return false;
}

}  // namespace

std::string_view code(TradingOrder order) {
    return k_codes.at(static_cast<std::size_t>(order));
}

std::optional<TradingOrder> trading_order_from(std::string_view command) {
    const auto* const found = std::find(k_codes.begin(), k_codes.end(), command);
    if (found == k_codes.end())
        return std::nullopt;
    return static_cast<TradingOrder>(found - k_codes.begin());
}

Message message_of(TradingOrder order) {
    switch (order) {
        case TradingOrder::halt: return Halt{};
        case TradingOrder::reduce: return Reduce{};
        case TradingOrder::flatten: {
            Reduce reduce;
            reduce.flatten = true;
            return reduce;
        }
        case TradingOrder::restart_floor: return Resume{.restart_floor = true};
        case TradingOrder::resume: break;
    }
    return Resume{};
}

// A mode that is stricter for another reason is none that an order was taken by: a worker tells of
// the order by `latched`.
bool is_done(TradingOrder order, const Heartbeat& beat) {
    const bool reduced = beat.latched == "reducing" || beat.latched == "halted";
    switch (order) {
        case TradingOrder::halt: return beat.latched == "halted" && beat.flat;
        case TradingOrder::reduce: return reduced;
        case TradingOrder::flatten: return reduced && beat.flat;
        case TradingOrder::resume:
        case TradingOrder::restart_floor:
            return beat.latched.empty() && !is_ordered(beat) &&
                   (order == TradingOrder::resume || !beat.floor_reached);
    }
    return false;
}

}  // namespace bullpen::ipc
