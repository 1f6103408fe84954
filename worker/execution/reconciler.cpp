#include "worker/execution/reconciler.hpp"

#include <algorithm>
#include <array>

namespace bullpen::execution {

namespace {

constexpr std::array<std::string_view, 4> k_policies{"alert", "adopt", "protect", "flatten"};
constexpr std::array<std::string_view, 6> k_findings{"agrees",      "under_way",  "seen_once",
                                                     "broker_flat", "unexpected", "different"};

}  // namespace

std::string_view code(UnexpectedPolicy policy) {
    return k_policies.at(static_cast<std::size_t>(policy));
}

std::optional<UnexpectedPolicy> unexpected_policy_from(std::string_view code) {
    const auto* const found = std::find(k_policies.begin(), k_policies.end(), code);
    if (found == k_policies.end())
        return std::nullopt;
    return static_cast<UnexpectedPolicy>(found - k_policies.begin());
}

std::string_view code(Finding finding) {
    return k_findings.at(static_cast<std::size_t>(finding));
}

bool Reconciler::doubts(const model::Symbol& symbol) const {
    return std::any_of(doubts_.begin(), doubts_.end(),
                       [&](const Doubt& doubt) { return doubt.symbol == symbol; });
}

Finding Reconciler::judge(const OwnPosition& own, std::int64_t broker, MonoTime now) {
    auto doubt = std::find_if(doubts_.begin(), doubts_.end(),
                              [&](const Doubt& other) { return other.symbol == own.symbol; });
    if (own.held == broker) {
        if (doubt != doubts_.end())
            doubts_.erase(doubt);
        return Finding::agrees;
    }
    if (doubt == doubts_.end()) {
        doubts_.push_back({own.symbol, own.held, broker, own.version, now, now});
        return own.under_way ? Finding::under_way : Finding::seen_once;
    }
    if (doubt->held != own.held || doubt->broker != broker || doubt->version != own.version) {
        doubt->held = own.held;
        doubt->broker = broker;
        doubt->version = own.version;
        doubt->first = now;
    }
    if (own.under_way && now - doubt->since < k_grace)
        return Finding::under_way;
    if (now - doubt->first < k_confirm)
        return Finding::seen_once;
    doubts_.erase(doubt);
    if (broker == 0)
        return Finding::broker_flat;
    return own.held == 0 ? Finding::unexpected : Finding::different;
}

std::vector<Comparison> Reconciler::compare(
    std::span<const OwnPosition> own,
    const std::optional<std::vector<broker::PositionReport>>& positions, MonoTime now) {
    std::vector<Comparison> compared;
    if (!positions)
        return compared;
    for (const OwnPosition& position : own) {
        Comparison comparison{position.symbol, Finding::agrees, position.held, 0, std::nullopt};
        for (const auto& report : *positions) {
            if (report.symbol == position.symbol) {
                comparison.broker += report.quantity;
                comparison.average = report.average;
            }
        }
        comparison.finding = judge(position, comparison.broker, now);
        compared.push_back(comparison);
    }
    for (const auto& report : *positions) {
        const bool known = std::any_of(own.begin(), own.end(), [&](const OwnPosition& position) {
            return position.symbol == report.symbol;
        });
        if (known)
            continue;
        const OwnPosition nothing{report.symbol, 0, false, 0};
        compared.push_back({report.symbol, judge(nothing, report.quantity, now), 0, report.quantity,
                            report.average});
    }
    return compared;
}

}  // namespace bullpen::execution
