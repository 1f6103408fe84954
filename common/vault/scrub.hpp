// Takes the values of an account's credentials out of a text that is kept: crash bundles, logs. Any
// thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/log/redactor.hpp"
#include "common/vault/credentials.hpp"
#include "common/vault/key.hpp"
#include "common/vault/reading.hpp"

namespace bullpen::vault {

// From now on the redactor masks the values, wherever they occur.
void make_known(log::Redactor& redactor, const Credentials& credentials);

using Scrub = std::function<std::string(std::string)>;
// Holds no value in the clear until it is called. Without a file or a key it leaves the text as it
// is.
Scrub scrub_with(const AccountId& account, LoadedFile file, std::shared_ptr<const KeyRing> keys);

}  // namespace bullpen::vault
