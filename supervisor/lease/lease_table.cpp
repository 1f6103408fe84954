#include "supervisor/lease/lease_table.hpp"

#include "common/base/assert.hpp"

namespace bullpen::lease {

std::optional<Lease> LeaseTable::grant(const AccountId& account, LaunchNumber launch) {
    BULLPEN_ASSERT(!leases_.contains(account), "an account has one lease at a time");
    const auto fence = fences_.take();
    if (!fence)
        return std::nullopt;
    const Lease lease{launch, *fence};
    leases_.emplace(account, lease);
    return lease;
}

void LeaseTable::adopt(const AccountId& account, Lease lease) {
    fences_.observe(lease.fence);
    leases_[account] = lease;
}

void LeaseTable::release(const AccountId& account, LaunchNumber launch) {
    const auto found = leases_.find(account);
    if (found != leases_.end() && found->second.launch == launch)
        leases_.erase(found);
}

std::optional<Lease> LeaseTable::holder(const AccountId& account) const {
    const auto found = leases_.find(account);
    if (found == leases_.end())
        return std::nullopt;
    return found->second;
}

}  // namespace bullpen::lease
