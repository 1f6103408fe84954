#include "supervisor/guard/owner_guard.hpp"

namespace bullpen::guard {

void OwnerGuard::put(const config::AccountSettings& settings) {
    auto& holding = holdings_[settings.id];
    holding.owner = settings.owner;
    holding.opposite = settings.opposite;
    holding.trades = settings.trading == config::TradingKind::on && settings.command.empty();
}

void OwnerGuard::doubt(const AccountId& account) {
    if (const auto found = holdings_.find(account); found != holdings_.end())
        found->second.known = false;
}

bool OwnerGuard::may_hold(const Holding& holding, const std::string& product, std::int64_t sign) {
    const auto& claim = holding.claim;
    if (claim && claim->product == product && claim->quantity * sign > 0)
        return true;
    const auto& stake = holding.stake;
    return stake && stake->product == product &&
           (sign > 0 ? stake->highest > 0 : stake->lowest < 0);
}

std::string OwnerGuard::against(const AccountId& account, const Holding& own,
                                const std::string& product, std::int64_t sign,
                                bool unknown_counts) const {
    if (own.owner.empty())
        return {};
    for (const auto& [other, holding] : holdings_) {
        if (other == account || !holding.trades || holding.owner != own.owner)
            continue;
        if (may_hold(holding, product, -sign)) {
            return other.str() + (sign > 0 ? " is or may be short " : " is or may be long ") +
                   product;
        }
        if (!holding.known && unknown_counts)
            return other.str() + " has not said yet what it holds";
    }
    return {};
}

std::optional<ipc::Grant> OwnerGuard::judge(const AccountId& account, Holding& own,
                                            const ipc::EntryWish& wish) const {
    const bool again = own.claim && own.claim->number == wish.number;
    const auto sign = wish.quantity > 0 ? 1 : -1;
    const auto who = own.opposite == config::Opposite::allow
                         ? ""
                         : against(account, own, wish.product, sign, true);
    if (!again && own.opposite == config::Opposite::refuse && !who.empty())
        return ipc::Grant{wish.number, false, who};
    own.claim = wish;
    return ipc::Grant{wish.number, true, who};
}

OwnerGuard::Heard OwnerGuard::hear(const AccountId& account, LaunchNumber launch,
                                   const ipc::Heartbeat& beat) {
    const auto found = holdings_.find(account);
    if (found == holdings_.end() || !found->second.trades)
        return {};
    auto& own = found->second;
    // What an earlier process was granted is over when its successor knows what there is.
    const bool same =
        own.claim && own.launch == launch && beat.wish && beat.wish->number == own.claim->number;
    if (!same && beat.stake)
        own.claim.reset();
    if (beat.stake) {
        own.stake = beat.stake;
        own.known = true;
    }
    Heard heard;
    if (beat.wish) {
        own.launch = launch;
        if (beat.wish->granted)
            own.claim = beat.wish;
        else
            heard.answer = judge(account, own, *beat.wish);
    }
    std::string now;
    if (own.stake && own.stake->highest > 0)
        now = against(account, own, own.stake->product, 1, false);
    if (own.stake && own.stake->lowest < 0)
        now += against(account, own, own.stake->product, -1, false);
    if (now != own.opposed && own.opposite != config::Opposite::allow)
        heard.opposed = now;
    own.opposed = now;
    return heard;
}

}  // namespace bullpen::guard
