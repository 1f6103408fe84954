// LeaseTable: which launch holds which account, under which fencing token. Pure; owned by the
// fleet. An account has at most one lease, and every lease of an account carries a greater token
// than the one before.
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>

#include "common/base/ids.hpp"
#include "supervisor/lease/fence_allocator.hpp"

namespace bullpen::lease {

struct Lease {
    LaunchNumber launch;
    Fence fence;
};

class LeaseTable {
  public:
    explicit LeaseTable(FenceAllocator fences) : fences_(fences) {}

    // A lease for a new launch; none while no reserved token is left. The account must be free.
    std::optional<Lease> grant(const AccountId& account, LaunchNumber launch);
    // The lease of a worker that an earlier daemon launched.
    void adopt(const AccountId& account, Lease lease);
    // The launch's tree is gone. Does nothing when another launch holds the account.
    void release(const AccountId& account, LaunchNumber launch);

    [[nodiscard]] std::optional<Lease> holder(const AccountId& account) const;
    [[nodiscard]] std::size_t size() const { return leases_.size(); }
    [[nodiscard]] FenceAllocator& fences() { return fences_; }
    [[nodiscard]] const FenceAllocator& fences() const { return fences_; }

  private:
    FenceAllocator fences_;
    std::unordered_map<AccountId, Lease> leases_;
};

}  // namespace bullpen::lease
