// OwnerGuard: which entries of an owner's accounts may stand beside each other. It knows what each
// account may hold, from its beats, and what it was granted and has not told of yet; it decides one
// wish after the other, so that no two that stand against each other are granted. Pure.
//
// A grant has no end in time: it stands for what the account may hold until a beat of the account
// says what came of it. What was never heard counts against an entry. An account that holds no
// grant can only come closer to flat, so what it said last stays true when its process is gone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "common/base/ids.hpp"
#include "common/config/settings.hpp"
#include "ipc/message.hpp"

namespace bullpen::guard {

class OwnerGuard {
  public:
    // An account as its settings have it: of the roster, new or changed. One that sends no orders
    // of its own through Bullpen stands against nobody.
    void put(const config::AccountSettings& settings);
    void remove(const AccountId& account) { holdings_.erase(account); }
    // It runs, or held something when it was heard of last, and this daemon has not heard of it.
    void doubt(const AccountId& account);

    struct Heard {
        std::optional<ipc::Grant> answer;  // to the wish in the beat
        // Whom the account stands against since this beat: told once, for as long as it does.
        std::string opposed;
    };
    Heard hear(const AccountId& account, LaunchNumber launch, const ipc::Heartbeat& beat);

  private:
    struct Holding {
        std::string owner;
        config::Opposite opposite = config::Opposite::allow;
        bool trades = false;
        bool known = true;  // `stake` and `claim` are all that it may hold
        std::optional<ipc::Stake> stake;
        std::optional<ipc::EntryWish> claim;  // granted, and not told of yet
        LaunchNumber launch;                  // of the claim
        std::string opposed;                  // as told
    };

    [[nodiscard]] static bool may_hold(const Holding& holding, const std::string& product,
                                       std::int64_t sign);
    // Who of the same owner may stand against `sign` in the product; empty when nobody does.
    [[nodiscard]] std::string against(const AccountId& account, const Holding& own,
                                      const std::string& product, std::int64_t sign,
                                      bool unknown_counts) const;
    [[nodiscard]] std::optional<ipc::Grant> judge(const AccountId& account, Holding& own,
                                                  const ipc::EntryWish& wish) const;

    std::map<AccountId, Holding> holdings_;
};

}  // namespace bullpen::guard
