// Store: the sealed files of a home, one for each account. Writing is durable and leaves the file
// before it as <file>.previous; a crash leaves the old or the new. Who writes holds the StoreLock.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/base/descriptor.hpp"
#include "common/base/home.hpp"
#include "common/base/result.hpp"
#include "common/storage/file_system.hpp"
#include "common/vault/sealed_file.hpp"

namespace bullpen::vault {

// None when the account has no sealed file. Errors name the file; Errc::refused when somebody else
// could have read or written it.
Result<std::optional<SealedFile>> load_sealed(const Home& home, const AccountId& account);

// The one before it, in the same way.
Result<std::optional<SealedFile>> load_previous(const Home& home, const AccountId& account);

// load_sealed(), and Errc::refused when it is older than the last one that was written in this
// home: somebody put a whole older file back, which proves itself as well as the newer one. The
// number of the last one is in HOME/run/sealed/<account>, apart from what copies of secrets/ bring
// back; whoever changes both files is not found out, and without a number there is nothing to
// compare.
Result<std::optional<SealedFile>> load_newest(const Home& home, const AccountId& account);
// Of all accounts: what is restored from a backup is older, and meant to be.
Result<void> forget_newest(const Home& home);

// The accounts that have a sealed file, by name.
Result<std::vector<AccountId>> sealed_accounts(const Home& home, storage::FileSystem& files);

// One writer of the home's credentials at a time; freed when it goes.
class StoreLock {
  public:
    // Errc::locked at once when another holds it.
    static Result<StoreLock> take(const Home& home);

  private:
    explicit StoreLock(Descriptor file) : file_(std::move(file)) {}
    Descriptor file_;
};

class Store {
  public:
    Store(const Home& home, storage::FileSystem& files, const StoreLock& held)
        : home_(home), files_(files) {
        static_cast<void>(held);
    }

    Result<void> save(const SealedFile& file);
    // The file and the one before; no error when there is none.
    Result<void> remove(const AccountId& account);
    // The one before alone.
    Result<void> remove_previous(const AccountId& account);

  private:
    const Home& home_;
    storage::FileSystem& files_;
};

}  // namespace bullpen::vault
