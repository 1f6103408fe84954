#include "ctl/vault_session.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "common/base/errc.hpp"
#include "common/config/roster.hpp"
#include "common/users/capabilities.hpp"
#include "ctl/secret_prompt.hpp"

namespace bullpen::ctl {

namespace {

Result<vault::KeySource> source_of(const Context& context) {
    BULLPEN_TRY(const auto settings, config::read_daemon(context.home));
    return vault::KeySource::of(context.home, settings.vault,
                                std::string(context.credentials_directory));
}

// Whether this home has something that only the right key opens.
Result<bool> holds_something(const Home& home) {
    storage::SystemFileSystem files;
    BULLPEN_TRY(const auto names, files.list(home.secrets()));
    for (const auto& name : names) {
        if (name.find(".sealed") != std::string::npos)
            return true;
    }
    return false;
}

Result<Secret> passphrase(Context& context, const std::string& question) {
    return at_terminal() ? ask_secret(context, question) : read_secret_line();
}

Result<Secret> new_passphrase(Context& context) {
    BULLPEN_TRY(Secret first, passphrase(context, "New passphrase of the vault: "));
    if (first.size() < vault::k_passphrase_min)
        return fail(Errc::invalid, "a passphrase has at least 8 bytes; nothing was done");
    if (!at_terminal())
        return first;
    BULLPEN_TRY(const Secret second, ask_secret(context, "The same again: "));
    if (!same_bytes(first, second))
        return fail(Errc::invalid, "the two are not the same; nothing was done");
    return first;
}

// A key, and how it follows from a passphrase that is new.
Result<vault::VaultKey> derive_new(Context& context, vault::Derivation& how) {
    BULLPEN_TRY(const Secret typed, new_passphrase(context));
    how = vault::Derivation::fresh();
    BULLPEN_TRY(auto key, vault::derive_in_child(typed, how));
    how.key_id = key.id();
    return key;
}

Result<vault::VaultKey> derive_known(Context& context, const vault::Derivation& how,
                                     const std::string& question) {
    BULLPEN_TRY(const Secret typed, passphrase(context, question));
    BULLPEN_TRY(auto key, vault::derive_in_child(typed, how));
    if (key.id() != how.key_id)
        return fail(Errc::refused, "that is not the passphrase of this vault; nothing was done");
    return key;
}

}  // namespace

Result<vault::KeyRing> keys_at_hand(const Context& context) {
    BULLPEN_TRY(const auto source, source_of(context));
    return vault::load_keys(source);
}

Result<VaultSession> VaultSession::open(Context& context, bool may_make) {
    BULLPEN_TRY(auto lock, vault::StoreLock::take(context.home));
    BULLPEN_TRY(auto source, source_of(context));
    std::vector<vault::Derivation> derivations;
    const bool typed = source.kind == config::VaultSource::passphrase;
    const auto load = [&]() -> Result<vault::KeyRing> {
        if (!typed)
            return vault::load_keys(source);
        BULLPEN_TRY(derivations, vault::load_derivations(source));
        BULLPEN_TRY(auto key,
                    derive_known(context, derivations.front(), "Passphrase of the vault: "));
        return vault::KeyRing(std::move(key));
    };
    auto keys = load();
    if (keys) {
        VaultSession session(context, std::move(source), std::move(lock), std::move(*keys));
        session.derivations_ = std::move(derivations);
        return session;
    }
    if (keys.error().code() != Errc::not_found)
        return fail(keys.error());
    BULLPEN_TRY(const bool needed, holds_something(context.home));
    if (!may_make || needed || source.kind == config::VaultSource::systemd)
        return fail(keys.error());
    vault::Derivation how;
    auto key =
        typed ? derive_new(context, how) : Result<vault::VaultKey>(vault::VaultKey::random());
    if (!key)
        return fail(key.error());
    VaultSession session(context, std::move(source), std::move(lock),
                         vault::KeyRing(std::move(*key)));
    if (typed) {
        session.derivations_ = {how};
        BULLPEN_CHECK(
            vault::save_derivations(*session.files_, session.source_, session.derivations_));
        session.note_ = "The vault has this passphrase from now on; nobody can find it out again.";
    } else {
        BULLPEN_CHECK(vault::save_keys(*session.files_, session.source_, session.keys_));
        session.note_ = "Made the vault's key, " + session.source_.path +
                        ": without it nothing here can be opened. Keep a copy where backups of "
                        "this home are not.";
    }
    return session;
}

Result<void> VaultSession::begin_rotation() {
    switch (source_.kind) {
        case config::VaultSource::file:
            if (keys_.size() > 1)  // one that was cut short goes on
                return {};
            BULLPEN_CHECK(keys_.put_first(vault::VaultKey::random()));
            return vault::save_keys(*files_, source_, keys_);
        case config::VaultSource::systemd:
            if (keys_.size() > 1)
                return {};
            return fail(Errc::refused,
                        "the service manager gives the key, so you do: write a new line of 64 "
                        "hexadecimal digits above the one in the credential's file, restart "
                        "bullpend, and rotate again");
        case config::VaultSource::passphrase: break;
    }
    if (derivations_.size() > 1) {
        BULLPEN_TRY(auto before, derive_known(context_, derivations_.back(),
                                              "The passphrase before, of the rotation that was "
                                              "cut short: "));
        return keys_.put_last(std::move(before));
    }
    vault::Derivation how;
    BULLPEN_TRY(auto key, derive_new(context_, how));
    BULLPEN_CHECK(keys_.put_first(std::move(key)));
    derivations_.insert(derivations_.begin(), how);
    return vault::save_derivations(*files_, source_, derivations_);
}

Result<void> VaultSession::end_rotation() {
    keys_.drop_older();
    switch (source_.kind) {
        case config::VaultSource::file: return vault::save_keys(*files_, source_, keys_);
        case config::VaultSource::systemd:
            note_ =
                "Nothing is sealed by the older key any more: take its line out of the "
                "credential's file.";
            return {};
        case config::VaultSource::passphrase: break;
    }
    derivations_.resize(1);
    return vault::save_derivations(*files_, source_, derivations_);
}

}  // namespace bullpen::ctl
