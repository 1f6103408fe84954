#include "worker/jobs/day_loss.hpp"

#include <algorithm>

#include "worker/jobs/share_own.hpp"

namespace bullpen::jobs {

namespace {

constexpr std::int64_t k_million = 1'000'000;
constexpr std::int64_t k_paisa = 10'000;  // millionths
constexpr std::int64_t k_hundred = 100;

std::string name_of_day(std::chrono::sys_days day) {
    return format_utc(UtcTime(day)).substr(0, 10);
}

// Of what is held without a price nothing is counted: the limit is the stricter for it.
model::Money worth(const ShareWorld& world) {
    std::int64_t paise = 0;
    for (const auto& [symbol, held] : world.held) {
        const auto quote = world.quotes.find(symbol);
        if (quote != world.quotes.end())
            paise += (held.holding.all() + held.intraday) * quote->second.last.ticks;
    }
    return {world.available.millionths + paise * k_paisa, model::k_inr};
}

}  // namespace

std::optional<model::Money> loss_limit(const LossRules& rules, const ShareWorld& world,
                                       const std::optional<model::Money>& day_pnl) {
    std::optional<std::int64_t> limit;
    if (rules.amount_max > 0)
        limit = rules.amount_max * k_million;
    if (rules.percent > 0 && day_pnl) {
        const auto began = worth(world).millionths - day_pnl->millionths;
        const auto part = std::max<std::int64_t>(began, 0) / k_hundred * rules.percent;
        limit = std::min(limit.value_or(part), part);
    }
    if (!limit)
        return std::nullopt;
    return model::Money{*limit, model::k_inr};
}

bool is_doubted(const ShareWorld& world) {
    return std::any_of(world.doubted.begin(), world.doubted.end(),
                       [&](const auto& symbol) { return world.held.contains(symbol); });
}

bool judge_loss(ShareRecords& records, const ShareWorld& world, const LossRules& rules,
                std::chrono::sys_days day) {
    const auto today = name_of_day(day);
    bool other = false;
    if (records.loss && records.loss->day < today) {
        records.loss.reset();
        other = true;
    }
    const auto pnl = profit_of_day(world, day);
    const auto limit = loss_limit(rules, world, pnl);
    // It is for the whole day: one price far off the others does not bring it about.
    if (records.loss || is_doubted(world) || !pnl || !limit || pnl->millionths >= 0 ||
        -pnl->millionths < limit->millionths)
        return other;
    records.loss = LossReached{today, world.at, {-pnl->millionths, model::k_inr}, *limit};
    return true;
}

bool is_loss_reached(const ShareRecords& records, const std::string& day) {
    return records.loss && records.loss->day == day;
}

std::string text_of(const LossReached& reached) {
    return "daily_loss_reached: on " + reached.day + " the account had lost " +
           model::text(reached.loss) + " INR, its limit is " + model::text(reached.limit) +
           " INR. Nothing is bought until the next trading day; what protects and sells goes on";
}

}  // namespace bullpen::jobs
