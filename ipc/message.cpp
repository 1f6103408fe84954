#include "ipc/message.hpp"

#include <algorithm>
#include <array>

namespace bullpen::ipc {

namespace {

constexpr std::size_t k_nonce_digits_shown = 12;

// In the order of the variant.
constexpr std::array<std::string_view, 13> k_type_names = {
    "ready",  "hello",  "welcome", "heartbeat", "ping",   "drain",  "halt",
    "reduce", "resume", "grant",   "run_job",   "payout", "goodbye"};
static_assert(k_type_names.size() == std::variant_size_v<Message>);

}  // namespace

std::optional<int> agree_protocol(int their_min, int their_max, int our_min, int our_max) {
    const int best = std::min(their_max, our_max);
    if (best < std::max(their_min, our_min))
        return std::nullopt;
    return best;
}

std::string_view type_name(const Message& message) {
    return k_type_names.at(message.index());
}

std::string routing_id(const AccountId& account, const LaunchToken& launch) {
    return account.str() + "/" + launch.nonce.hex().substr(0, k_nonce_digits_shown);
}

}  // namespace bullpen::ipc
