// The words of `bullpenctl credentials`, one function each. What changes a sealed file writes it
// whole, opens it again to see that it can be, and tells a running daemon, which then looks at that
// account alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/ids.hpp"
#include "common/config/settings.hpp"
#include "common/vault/credentials.hpp"
#include "ctl/command.hpp"
#include "ctl/vault_session.hpp"

namespace bullpen::ctl {

int credentials_set(Context& context);
int credentials_remove(Context& context);
int credentials_rotate(Context& context);
int credentials_unlock(Context& context);
int credentials_list(Context& context);
int credentials_verify(Context& context);

// What was sealed for an account that has another name now is sealed for that, if the key is at
// hand: nobody is asked for a passphrase.
Result<void> seal_for_new_name(const Context& context, const AccountId& from, const AccountId& to);

// Seals an account's credentials under the key in use, and sees that they open.
Result<void> seal_anew(const Home& home, VaultSession& session, vault::Credentials credentials);

// One account that the words mean; `settings` is none for one that has left the roster.
struct Holder {
    AccountId id;
    std::optional<config::AccountSettings> settings;
};
// The account that the second word names, or every account with credentials or a need of some.
Result<std::vector<Holder>> holders(Context& context);
// The third word; empty when there is none. Errc::invalid when there is one for all accounts.
Result<std::string> named_field(const Context& context);
// The account that the second word names, with its settings.
Result<config::AccountSettings> named_account(Context& context);

}  // namespace bullpen::ctl
