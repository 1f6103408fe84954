// The loss of a day at which an account of shares buys nothing more until the next trading day:
// pure. What protects and sells goes on. It is in the account's records from the moment it is
// reached, so that neither a better price nor another process lifts it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "worker/jobs/share_records.hpp"
#include "worker/jobs/share_world.hpp"

namespace bullpen::jobs {

struct LossRules {
    std::int64_t amount_max = 0;  // rupees; 0: none
    int percent = 0;              // of what the account was worth when the day began; 0: none
    friend bool operator==(const LossRules&, const LossRules&) = default;
};

// The stricter of the two; none without either. The worth of the account is the cash that is free
// and what is held, less what the day has brought.
std::optional<model::Money> loss_limit(const LossRules& rules, const ShareWorld& world,
                                       const std::optional<model::Money>& day_pnl);

// The price of something that is held needs a second look: no loss is judged by it.
bool is_doubted(const ShareWorld& world);

// What a look comes to: a limit of another day is forgotten, and one that is reached is noted.
// Whether the records are others now; they are to be kept then. `day`: the market's trading day. A
// day whose profit is not known reaches nothing.
bool judge_loss(ShareRecords& records, const ShareWorld& world, const LossRules& rules,
                std::chrono::sys_days day);

// Whether nothing may be bought on this day: "2026-11-20".
bool is_loss_reached(const ShareRecords& records, const std::string& day);

// "daily_loss_reached: on 2026-11-20 the account had lost 1,250.00 INR ..."
std::string text_of(const LossReached& reached);

}  // namespace bullpen::jobs
