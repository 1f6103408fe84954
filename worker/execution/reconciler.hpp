// Reconciler: compares what this side holds with what the broker says, and says what is to be done.
// Pure. A difference is acted upon only when it was seen twice in a row with nothing under way that
// could explain it; what the broker does not know changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "common/base/clock.hpp"
#include "common/model/order.hpp"
#include "worker/broker/port.hpp"

namespace bullpen::execution {

// What is done with a position that this side cannot explain.
enum class UnexpectedPolicy : std::uint8_t {
    alert,    // touch nothing, enter nothing, tell
    adopt,    // take it over as it is
    protect,  // take it over and put a stop behind it
    flatten,  // take it over and close it
};
std::string_view code(UnexpectedPolicy policy);
std::optional<UnexpectedPolicy> unexpected_policy_from(std::string_view code);

// This side's view of one symbol.
struct OwnPosition {
    model::Symbol symbol;
    std::int64_t held = 0;      // with what was reported and not told
    bool under_way = false;     // an order of it is pending, unknown, or just changed
    std::uint64_t version = 0;  // counted up with every change of it
};

enum class Finding : std::uint8_t {
    agrees,
    under_way,    // differs, and an order may explain it: ask again
    seen_once,    // differs: ask again
    broker_flat,  // confirmed: the broker holds nothing, we do
    unexpected,   // confirmed: the broker holds something, we do not
    different,    // confirmed: both hold something else
};
std::string_view code(Finding finding);

struct Comparison {
    model::Symbol symbol;
    Finding finding{};
    std::int64_t held = 0;
    std::int64_t broker = 0;
    std::optional<model::Price> average;  // the broker's
};

class Reconciler {
  public:
    // A difference must last this long to be confirmed.
    static constexpr Nanos k_confirm = std::chrono::seconds(2);
    // What is under way explains a difference for this long.
    static constexpr Nanos k_grace = std::chrono::seconds(30);

    // One entry for each symbol that either side names. Without positions (unknown) nothing is
    // compared and what was seen before is kept.
    std::vector<Comparison> compare(
        std::span<const OwnPosition> own,
        const std::optional<std::vector<broker::PositionReport>>& positions, MonoTime now);
    // A difference was seen and is not settled.
    [[nodiscard]] bool doubts() const { return !doubts_.empty(); }
    [[nodiscard]] bool doubts(const model::Symbol& symbol) const;
    void forget() { doubts_.clear(); }

  private:
    struct Doubt {
        model::Symbol symbol;
        std::int64_t held = 0;
        std::int64_t broker = 0;
        std::uint64_t version = 0;
        MonoTime first{};  // seen with these numbers
        MonoTime since{};  // seen at all
    };
    Finding judge(const OwnPosition& own, std::int64_t broker, MonoTime now);

    std::vector<Doubt> doubts_;
};

}  // namespace bullpen::execution
