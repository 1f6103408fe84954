#include "common/vault/key_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/base/errc.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/vault/private_file.hpp"

namespace bullpen::vault {

namespace {

std::string pipe_path(const Home& home) {
    return home.run() + "/unlock";
}

Result<KeyRing> ring_of(const Secret& text, const std::string& path) {
    auto ring = KeyRing::parse(text);
    if (!ring)
        return fail(ring.error().wrap(path));
    return ring;
}

std::string advice(const KeySource& source) {
    switch (source.kind) {
        case config::VaultSource::file:
            return "; put the key file back, or set vault.key_file in bullpen.toml. `bullpenctl "
                   "credentials set` makes a key where nothing is sealed yet";
        case config::VaultSource::systemd:
            return "; the unit needs LoadCredential=bullpen-vault-key:FILE, and a file with a key: "
                   "64 hexadecimal digits";
        case config::VaultSource::passphrase: break;
    }
    return "; `bullpenctl credentials set` asks for a new passphrase";
}

}  // namespace

KeySource KeySource::of(const Home& home, const config::VaultSettings& settings,
                        const std::string& credentials_directory) {
    switch (settings.source) {
        case config::VaultSource::file:
            return {settings.source,
                    settings.key_file.empty() ? home.secrets() + "/vault.key" : settings.key_file};
        case config::VaultSource::systemd:
            return {settings.source,
                    (credentials_directory.empty() ? k_unit_credentials : credentials_directory) +
                        "/" + k_credential_name};
        case config::VaultSource::passphrase: break;
    }
    return {settings.source, home.secrets() + "/vault.kdf"};
}

Result<KeyRing> load_keys(const KeySource& source) {
    if (source.kind == config::VaultSource::passphrase) {
        return fail(Errc::unavailable,
                    "the vault is locked with a passphrase; bullpenctl credentials unlock");
    }
    const auto keeper =
        source.kind == config::VaultSource::systemd ? Keeper::service_manager : Keeper::user;
    auto text = read_private(source.path, KeyRing::k_text_max, keeper);
    if (!text && text.error().code() == Errc::not_found)
        return fail(Errc::not_found, text.error().context() + advice(source));
    if (!text)
        return fail(text.error());
    return ring_of(*text, source.path);
}

Result<std::vector<Derivation>> load_derivations(const KeySource& source) {
    auto text = read_private(source.path, KeyRing::k_text_max, Keeper::user);
    if (!text && text.error().code() == Errc::not_found)
        return fail(Errc::not_found, text.error().context() + advice(source));
    if (!text)
        return fail(text.error());
    auto derivations = parse_derivations(text->reveal());
    if (!derivations)
        return fail(derivations.error().wrap(source.path));
    return derivations;
}

Result<void> save_keys(storage::FileSystem& files, const KeySource& source, const KeyRing& keys) {
    return storage::replace_file(files, source.path, keys.text().reveal());
}

Result<void> save_derivations(storage::FileSystem& files, const KeySource& source,
                              const std::vector<Derivation>& derivations) {
    return storage::replace_file(files, source.path, format(derivations));
}

Result<KeyPipe> KeyPipe::give(const Home& home, const KeyRing& keys) {
    const auto path = pipe_path(home);
    // One that an earlier giver left when it was killed holds nothing: a pipe's bytes go with it.
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return fail_errno("cannot remove " + path);
    if (::mkfifo(path.c_str(), 0600) != 0)
        return fail_errno("cannot make the pipe " + path);
    // For both ends, so that neither opening nor writing waits for a reader.
    const int fd = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    KeyPipe pipe(path, Descriptor(fd));
    if (fd < 0)
        return fail_errno("cannot open the pipe " + path);
    BULLPEN_CHECK(write_all(fd, keys.text().reveal()));
    return pipe;
}

Result<KeyRing> KeyPipe::take(const Home& home) {
    const auto path = pipe_path(home);
    const Descriptor pipe(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    if (!pipe.valid())
        return fail_errno("cannot open the pipe " + path);
    struct stat status {};
    if (::fstat(pipe.get(), &status) != 0 || !S_ISFIFO(status.st_mode) ||
        (status.st_uid != ::geteuid() && ::geteuid() != 0) ||
        (status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fail(Errc::refused, path + " is no pipe of this user's alone");
    ::unlink(path.c_str());
    Secret text = Secret::of_size(KeyRing::k_text_max);
    const auto got = ::read(pipe.get(), text.writable().data(), text.size());
    if (got < 0)
        return fail_errno("cannot read the pipe " + path);
    text.cut(static_cast<std::size_t>(got));
    return ring_of(text, path);
}

void KeyPipe::leave_to_next_program() {
    const int fd = pipe_.release();
    ::fcntl(fd, F_SETFD, ::fcntl(fd, F_GETFD) & ~FD_CLOEXEC);
}

void leave_keys(const Home& home, const KeyRing& keys) {
    if (auto pipe = KeyPipe::give(home, keys))
        pipe->leave_to_next_program();
}

KeyPipe::~KeyPipe() {
    if (pipe_.valid())
        ::unlink(path_.c_str());
}

}  // namespace bullpen::vault
