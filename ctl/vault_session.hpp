// VaultSession: the vault of a home, opened by an operator: its lock, its key, and the passphrase
// asked for where it has one. Lives for one command.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/config/settings.hpp"
#include "common/storage/file_system.hpp"
#include "common/vault/key_source.hpp"
#include "common/vault/store.hpp"
#include "ctl/command.hpp"

namespace bullpen::ctl {

// What load_keys() gives, without asking anybody.
Result<vault::KeyRing> keys_at_hand(const Context& context);

class VaultSession {
  public:
    // `may_make`: a home in which nothing is sealed yet gets its first key.
    static Result<VaultSession> open(Context& context, bool may_make);
    VaultSession(VaultSession&&) noexcept = default;
    VaultSession& operator=(VaultSession&&) = delete;
    ~VaultSession() = default;

    [[nodiscard]] const vault::KeyRing& keys() const { return keys_; }
    [[nodiscard]] vault::Store store() { return {context_.home, *files_, lock_}; }
    // What the operator is to know of a key that was made, or nothing.
    [[nodiscard]] const std::string& note() const { return note_; }
    // Whether the daemon has no other way to the key than to be given it.
    [[nodiscard]] bool by_passphrase() const {
        return source_.kind == config::VaultSource::passphrase;
    }

    // A new key is in use when it returns, and on disk beside the one before. Goes on with a
    // rotation that was cut short.
    Result<void> begin_rotation();
    // Nothing is sealed by an older key any more: forgets those.
    Result<void> end_rotation();

  private:
    VaultSession(Context& context, vault::KeySource source, vault::StoreLock lock,
                 vault::KeyRing keys)
        : context_(context),
          source_(std::move(source)),
          lock_(std::move(lock)),
          keys_(std::move(keys)) {}

    Context& context_;
    vault::KeySource source_;
    vault::StoreLock lock_;
    vault::KeyRing keys_;
    std::vector<vault::Derivation> derivations_;  // of a passphrase
    std::unique_ptr<storage::FileSystem> files_ = std::make_unique<storage::SystemFileSystem>();
    std::string note_;
};

}  // namespace bullpen::ctl
