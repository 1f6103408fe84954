// The built-in rule packs: the same as etc/rule_packs.toml, which a test compares.
#include <chrono>

#include "common/model/rule_pack.hpp"

namespace bullpen::model {

namespace {

constexpr std::string_view k_version = "2026-11-21";

constexpr Money dollars(std::int64_t whole) {
    return {whole * 1'000'000, k_usd};
}

RulePack plain() {
    RulePack pack;
    pack.name = "plain";
    pack.version = k_version;
    pack.title = "no firm";
    return pack;
}

// What all accounts of Topstep have in common.
RulePack topstep(std::string name, std::string title, BalanceFrame frame, std::int64_t nominal,
                 std::int64_t allowance, std::int64_t daily_loss, std::int32_t lots) {
    RulePack pack;
    pack.name = std::move(name);
    pack.version = k_version;
    pack.title = std::move(title);
    pack.floor = {FloorModel::end_of_day_trailing,
                  frame,
                  dollars(nominal),
                  dollars(allowance),
                  true,
                  dollars(0)};
    pack.daily_loss_max = dollars(daily_loss);
    pack.lots_max = lots;
    // 15:10 in Chicago, on New York's wall clock.
    pack.flat_by = std::chrono::hours(16) + std::chrono::minutes(10);
    pack.hosting_allowed = false;
    pack.tag_orders = true;
    pack.opposite_positions_allowed = false;
    return pack;
}

RulePack express(std::string name, std::string title, std::int64_t nominal, std::int64_t allowance,
                 std::int64_t daily_loss, std::vector<ScalingStep> scaling) {
    RulePack pack = topstep(std::move(name), std::move(title), BalanceFrame::relative, nominal,
                            allowance, daily_loss, scaling.back().lots);
    pack.scaling = std::move(scaling);
    return pack;
}

RulePacks make() {
    std::vector<RulePack> packs;
    packs.push_back(plain());
    packs.push_back(topstep("topstep_50k", "Topstep Combine 50K", BalanceFrame::absolute, 50'000,
                            2'000, 1'000, 5));
    packs.push_back(topstep("topstep_100k", "Topstep Combine 100K", BalanceFrame::absolute, 100'000,
                            3'000, 2'000, 10));
    packs.push_back(topstep("topstep_150k", "Topstep Combine 150K", BalanceFrame::absolute, 150'000,
                            4'500, 3'000, 15));
    packs.push_back(express("topstep_express_50k", "Topstep Express Funded 50K", 50'000, 2'000,
                            1'000, {{dollars(0), 2}, {dollars(1'500), 3}, {dollars(2'000), 5}}));
    packs.push_back(
        express("topstep_express_100k", "Topstep Express Funded 100K", 100'000, 3'000, 2'000,
                {{dollars(0), 3}, {dollars(1'500), 4}, {dollars(2'000), 5}, {dollars(3'000), 10}}));
    packs.push_back(express("topstep_express_150k", "Topstep Express Funded 150K", 150'000, 4'500,
                            3'000,
                            {{dollars(0), 3},
                             {dollars(1'500), 4},
                             {dollars(2'000), 5},
                             {dollars(3'000), 10},
                             {dollars(4'500), 15}}));
    return RulePacks(std::string(k_version), std::move(packs));
}

}  // namespace

const RulePacks& RulePacks::built_in() {
    static const RulePacks packs = make();
    return packs;
}

}  // namespace bullpen::model
