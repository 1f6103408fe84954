// Standing: whether an account has the credentials that it needs, and why not. Pure.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "common/config/settings.hpp"
#include "common/model/reason.hpp"
#include "common/vault/key.hpp"
#include "common/vault/sealed_file.hpp"

namespace bullpen::vault {

// The fields without which the account is not started, by name. The built-in worker needs what its
// broker does. A program of its own brings its credentials itself, unless it has some in the vault
// or its settings put some into its environment. A field that the broker takes and does not need is
// not among them; where it was set it counts until it is removed, and ends like the others.
std::vector<std::string> needed_fields(const config::AccountSettings& settings, bool has_sealed);

struct Standing {
    // none: it may start. vault_locked: there is something sealed, and no key. token_missing: a
    // field that it needs is missing or over, or what is sealed cannot be used.
    model::Reason reason = model::Reason::none;
    std::string detail;                 // a sentence with what to do; empty with none
    std::optional<UtcTime> good_until;  // when a field that it needs ends next
    bool sealed = false;                // there is something to hand over
    std::string ends_first{};           // the field that good_until is of

    // Both reasons, first the one that stands: it is shut before the other one opens. With neither
    // shut, for however short, the account would start.
    [[nodiscard]] std::array<model::Reason, 2> gates() const;
    friend bool operator==(const Standing&, const Standing&) = default;
};

// `file`: what load_newest() gave. `keys`: null when the vault is locked; then `locked` says why.
Standing standing(const config::AccountSettings& settings,
                  const Result<std::optional<SealedFile>>& file, const KeyRing* keys,
                  const std::string& locked, UtcTime now);

}  // namespace bullpen::vault
