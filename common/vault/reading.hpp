// One look at a home's vault on disk: its key and what is sealed of accounts. Any thread; what came
// of it is then judged in memory.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "common/base/home.hpp"
#include "common/base/result.hpp"
#include "common/vault/key_source.hpp"
#include "common/vault/sealed_file.hpp"

namespace bullpen::vault {

// As load_newest() gave it; shared, for what was read is not changed any more.
using LoadedFile = std::shared_ptr<const Result<std::optional<SealedFile>>>;

enum class KeyWish {
    none,    // the key is not looked at
    source,  // from where the settings say
    given,   // from the pipe, if somebody gave one
};

struct Reading {
    KeySource source;
    KeyWish wish = KeyWish::none;
    std::optional<Result<KeyRing>> keys;  // none when it was not looked at
    std::map<AccountId, LoadedFile> files;
};

Reading read_vault(const Home& home, KeySource source, KeyWish wish,
                   const std::vector<AccountId>& accounts);

}  // namespace bullpen::vault
