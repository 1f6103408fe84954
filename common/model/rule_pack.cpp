#include "common/model/rule_pack.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/errc.hpp"

namespace bullpen::model {

namespace {

constexpr std::array<std::string_view, 4> k_models = {"none", "fixed", "end_of_day_trailing",
                                                      "intraday_trailing"};
constexpr std::array<std::string_view, 2> k_frames = {"absolute", "relative"};

}  // namespace

std::string_view code(FloorModel model) {
    return k_models[static_cast<std::size_t>(model)];
}

std::optional<FloorModel> floor_model_from(std::string_view code) {
    const auto found = std::find(k_models.begin(), k_models.end(), code);
    if (found == k_models.end())
        return std::nullopt;
    return static_cast<FloorModel>(found - k_models.begin());
}

std::span<const std::string_view> floor_model_codes() {
    return k_models;
}

std::string_view code(BalanceFrame frame) {
    return k_frames[static_cast<std::size_t>(frame)];
}

std::optional<BalanceFrame> balance_frame_from(std::string_view code) {
    const auto found = std::find(k_frames.begin(), k_frames.end(), code);
    if (found == k_frames.end())
        return std::nullopt;
    return static_cast<BalanceFrame>(found - k_frames.begin());
}

RulePacks::RulePacks(std::string revision, std::vector<RulePack> packs)
    : revision_(std::move(revision)), packs_(std::move(packs)) {}

Result<const RulePack*> RulePacks::find(std::string_view name) const {
    std::string known;
    for (const RulePack& pack : packs_) {
        if (pack.name == name)
            return &pack;
        known += (known.empty() ? "" : ", ") + pack.name;
    }
    return fail(Errc::not_found,
                "no rule pack '" + std::string(name.substr(0, 32)) + "'; known are " + known);
}

std::optional<std::int64_t> contracts_allowed(const RulePack& pack, const Instrument& instrument,
                                              Money day_end_profit) {
    std::optional<std::int64_t> lots = pack.lots_max;
    std::optional<std::int64_t> step;
    for (const ScalingStep& scaling : pack.scaling) {
        if (!step || scaling.profit <= day_end_profit)
            step = scaling.lots;
    }
    if (step)
        lots = std::min(lots.value_or(*step), *step);
    if (!lots)
        return std::nullopt;
    return *lots * (pack.micros_by_ratio ? instrument.micro_ratio : 1);
}

Hosting hosting(const RulePack& pack, std::string_view acknowledgement) {
    if (pack.hosting_allowed)
        return Hosting::allowed;
    return acknowledgement == k_hosting_acknowledgement ? Hosting::acknowledged : Hosting::refused;
}

std::string hosting_text(const RulePack& pack, Hosting hosting) {
    switch (hosting) {
        case Hosting::allowed: return "the rules of " + pack.title + " do not forbid servers";
        case Hosting::acknowledged:
            return "the rules of " + pack.title +
                   " forbid servers; the account's file acknowledges it: \"" +
                   std::string(k_hosting_acknowledgement) + "\"";
        case Hosting::refused: break;
    }
    return "the rules of " + pack.title +
           " forbid servers; to trade, risk.hosting_acknowledged must be \"" +
           std::string(k_hosting_acknowledgement) + "\"";
}

}  // namespace bullpen::model
