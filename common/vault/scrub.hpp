// Takes the values of an account's credentials out of a text that is kept or shown: crash bundles,
// logs, what a worker printed last. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/home.hpp"
#include "common/log/redactor.hpp"
#include "common/vault/credentials.hpp"
#include "common/vault/key.hpp"
#include "common/vault/reading.hpp"

namespace bullpen::vault {

// From now on the redactor masks the values, wherever they occur.
void make_known(log::Redactor& redactor, const Credentials& credentials);

// What is sealed of an account, and what was before: a worker that runs holds the values of its
// start, whatever was set or removed since. Copies share what was read. One thread at a time.
class SealedHistory {
  public:
    static constexpr std::size_t k_earlier_max = 16;

    // Read anew. The one before is remembered if there was something else in it.
    void take(LoadedFile file);
    // As it was read last; null before the first time.
    [[nodiscard]] const LoadedFile& now() const { return now_; }
    [[nodiscard]] const std::vector<LoadedFile>& earlier() const { return earlier_; }

  private:
    LoadedFile now_;
    std::vector<LoadedFile> earlier_;  // oldest first
};

// What stands in the place of words that were not kept.
inline constexpr const char* k_withheld =
    "not kept: the vault is closed, and with it which words are credentials";

// The text without them. None: the account has credentials and nobody can tell their values now,
// so no word of its worker's is to be kept.
using Scrub = std::function<std::optional<std::string>(std::string)>;
// Holds no value in the clear until it is called; then it also reads what the vault keeps of the
// account from before. `keys`: null when the vault is locked.
Scrub scrub_with(const Home& home, const AccountId& account, SealedHistory sealed,
                 std::shared_ptr<const KeyRing> keys);

}  // namespace bullpen::vault
