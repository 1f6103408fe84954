#include "worker/risk/rule_pack.hpp"

#include <algorithm>
#include <utility>

#include "common/base/errc.hpp"

namespace bullpen::risk {

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

std::optional<std::int64_t> contracts_allowed(const RulePack& pack,
                                              const model::Instrument& instrument,
                                              model::Money day_end_profit) {
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

}  // namespace bullpen::risk
