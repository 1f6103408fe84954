// Where the key of a home's vault comes from, by [vault] of bullpen.toml: a key file, a credential
// of the service manager, or a passphrase. Errors name the file and what to do.
#pragma once

#include <string>
#include <vector>

#include "common/base/descriptor.hpp"
#include "common/base/home.hpp"
#include "common/base/result.hpp"
#include "common/config/settings.hpp"
#include "common/storage/file_system.hpp"
#include "common/vault/derivation.hpp"
#include "common/vault/key.hpp"

namespace bullpen::vault {

// The name of the service manager's credential: LoadCredential=bullpen-vault-key:/path.
inline constexpr const char* k_credential_name = "bullpen-vault-key";
// Where the unit's credentials are for programs that it did not start.
inline constexpr const char* k_unit_credentials = "/run/credentials/bullpend.service";

struct KeySource {
    config::VaultSource kind = config::VaultSource::file;
    std::string path;  // of the key, or of how it is derived

    // `credentials_directory`: $CREDENTIALS_DIRECTORY; empty: the unit's own.
    static KeySource of(const Home& home, const config::VaultSettings& settings,
                        const std::string& credentials_directory);
};

// Errc::not_found when there is no key yet; Errc::unavailable when a passphrase is needed.
Result<KeyRing> load_keys(const KeySource& source);
// Of a source that is a passphrase. Errc::not_found when none was ever set.
Result<std::vector<Derivation>> load_derivations(const KeySource& source);

// Writes the key file, or how keys are derived; durable, for this user alone.
Result<void> save_keys(storage::FileSystem& files, const KeySource& source, const KeyRing& keys);
Result<void> save_derivations(storage::FileSystem& files, const KeySource& source,
                              const std::vector<Derivation>& derivations);

// A ring by way of a named pipe in HOME/run, from bullpenctl to the daemon, so that it is on no
// disk, in no message and in no argument. The giver makes it and writes before it says so; reading
// never waits, and takes the pipe away.
class KeyPipe {
  public:
    static Result<KeyPipe> give(const Home& home, const KeyRing& keys);
    static Result<KeyRing> take(const Home& home);
    // The pipe, with what is in it, stays open in the program that this process becomes next.
    void leave_to_next_program();
    KeyPipe(KeyPipe&& other) noexcept = default;
    KeyPipe& operator=(KeyPipe&&) = delete;
    // Takes the pipe away, if nobody did.
    ~KeyPipe();

  private:
    KeyPipe(std::string path, Descriptor pipe) : path_(std::move(path)), pipe_(std::move(pipe)) {}
    std::string path_;
    Descriptor pipe_;
};

// Leaves a ring in the pipe for the program that this process becomes next; without one, that
// program asks for the passphrase again.
void leave_keys(const Home& home, const KeyRing& keys);

}  // namespace bullpen::vault
