#include "worker/broker/share_budget.hpp"

#include <algorithm>

namespace bullpen::broker {

namespace {

constexpr std::size_t k_hundred = 100;
constexpr std::array<std::string_view, ShareBudget::k_limits> k_codes{"second", "minute", "day"};

std::size_t orders_of(ShareBudget::Limit limit) {
    return ShareBudget::k_orders.at(static_cast<std::size_t>(limit));
}

}  // namespace

std::string_view code(ShareBudget::Limit limit) {
    return k_codes.at(static_cast<std::size_t>(limit));
}

std::string text_of(ShareBudget::Limit limit) {
    return std::string(ShareBudget::k_reason) + ": " + std::to_string(orders_of(limit)) +
           " orders a " + std::string(code(limit)) +
           " are taken, and a fifth of them is kept for exits";
}

void ShareBudget::resume(const Kept& kept, Instant now) {
    today_ = kept;
    today_.recent.clear();
    sent_.clear();
    for (const auto at : kept.recent) {
        const auto age = std::max(now.utc - at, Nanos(0));
        sent_.push_back({now.utc - age, now.mono - age});
    }
}

std::size_t ShareBudget::used(Limit limit, MonoTime now) const {
    if (limit == Limit::day)
        return today_.sent;
    const Nanos length =
        limit == Limit::second ? Nanos(std::chrono::seconds(1)) : Nanos(std::chrono::minutes(1));
    return static_cast<std::size_t>(std::count_if(
        sent_.begin(), sent_.end(), [&](const Instant& at) { return now - at.mono < length; }));
}

std::optional<ShareBudget::Limit> ShareBudget::take(Lane lane, std::chrono::sys_days day,
                                                    Instant now) {
    if (day != today_.day) {
        today_ = {};
        today_.day = day;
    }
    while (!sent_.empty() && now.mono - sent_.front().mono >= std::chrono::minutes(1))
        sent_.pop_front();
    for (const auto limit : {Limit::second, Limit::minute, Limit::day}) {
        const auto orders = orders_of(limit);
        const auto room = lane == Lane::exit ? orders : orders * k_entry_percent / k_hundred;
        if (used(limit, now.mono) >= room) {
            ++today_.refused.at(static_cast<std::size_t>(limit));
            return limit;
        }
    }
    sent_.push_back(now);
    ++today_.sent;
    return std::nullopt;
}

ShareBudget::Kept ShareBudget::kept() const {
    auto kept = today_;
    for (const auto& at : sent_)
        kept.recent.push_back(at.utc);
    return kept;
}

}  // namespace bullpen::broker
