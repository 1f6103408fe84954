#include "supervisor/daemon/vault_keeper.hpp"

#include "common/vault/standing.hpp"

namespace bullpen::daemon {

VaultKeeper::VaultKeeper(const Home& home, const Clock& clock, loop::Loop& loop, Accounts& accounts,
                         fleet::Fleet& fleet, std::string credentials_directory, Alarm alarm)
    : home_(home),
      clock_(clock),
      loop_(loop),
      accounts_(accounts),
      fleet_(fleet),
      credentials_directory_(std::move(credentials_directory)),
      alarm_(std::move(alarm)) {}

vault::Reading VaultKeeper::read(const config::Roster& roster) const {
    auto source = vault::KeySource::of(home_, roster.daemon.vault, credentials_directory_);
    // An earlier program of this very process may have left the key of a passphrase.
    const auto wish = source.kind == config::VaultSource::passphrase ? vault::KeyWish::given
                                                                     : vault::KeyWish::source;
    std::vector<AccountId> accounts;
    for (const auto& [id, settings] : roster.accounts)
        accounts.push_back(id);
    return vault::read_vault(home_, std::move(source), wish, accounts);
}

void VaultKeeper::take(vault::Reading reading) {
    if (reading.source.path != source_.path)
        keys_.reset();
    source_ = reading.source;
    locked_ = "the vault has a passphrase; bullpenctl credentials unlock";
    std::erase_if(known_, [&](const auto& one) { return !reading.files.contains(one.first); });
    finish(reading);
}

void VaultKeeper::look(std::vector<AccountId> accounts, bool unlock,
                       std::function<void(const std::string&)> done) {
    // The first credentials of a home come with its key.
    const bool all = accounts.empty() || unlock || !keys_;
    const auto passphrase = source_.kind == config::VaultSource::passphrase;
    const auto wish = unlock               ? vault::KeyWish::given
                      : all && !passphrase ? vault::KeyWish::source
                                           : vault::KeyWish::none;
    if (all) {
        accounts.clear();
        for (const auto& [id, known] : known_)
            accounts.push_back(id);
    }
    const auto reading = std::make_shared<vault::Reading>();
    loop_.offload(
        [this, reading, source = source_, wish, accounts = std::move(accounts)] {
            *reading = vault::read_vault(home_, source, wish, accounts);
        },
        [this, reading, done = std::move(done)] {
            finish(*reading);
            const bool failed = reading->keys && !*reading->keys;
            done(failed ? reading->keys->error().message() : std::string());
        });
}

void VaultKeeper::finish(vault::Reading& reading) {
    if (reading.keys && *reading.keys) {
        keys_ = std::make_shared<const vault::KeyRing>(std::move(**reading.keys));
    } else if (reading.wish == vault::KeyWish::source) {
        keys_.reset();
        locked_ = reading.keys->error().message();
    }
    for (const auto& [id, file] : reading.files) {
        known_[id].file.take(file);
        judge(id, known_[id]);
    }
}

std::string VaultKeeper::judge(const AccountId& id, Known& known) {
    const auto* account = accounts_.find(id);
    if (account == nullptr || !account->settings)
        return {};
    const auto now = clock_.now();
    const auto stands =
        vault::standing(*account->settings, *known.file.now(), keys_.get(), locked_, now.utc);
    known.expiry.follow(stands.ends_first, stands.good_until);
    for (const auto gate : stands.gates())
        fleet_.gate(now, id, gate, stands.reason == gate, stands.detail);
    return stands.detail;
}

void VaultKeeper::tick() {
    const auto now = clock_.utc();
    for (auto& [id, known] : known_) {
        if (const auto news = known.expiry.take_news(id.str(), now))
            alarm_(id, news->empty() ? judge(id, known) : *news);
    }
}

Result<vault::HandOver> VaultKeeper::hand_over(const config::AccountSettings& settings) const {
    const auto known = known_.find(settings.id);
    if (known == known_.end())  // one of the home's services
        return vault::HandOver();
    return vault::hand_over(settings, *known->second.file.now(), keys_.get(), locked_);
}

vault::Scrub VaultKeeper::scrub(const AccountId& id) const {
    const auto known = known_.find(id);
    const auto sealed = known == known_.end() ? vault::SealedHistory() : known->second.file;
    return vault::scrub_with(home_, id, sealed, keys_);
}

void VaultKeeper::leave_key_to_next_program() const {
    if (keys_ && source_.kind == config::VaultSource::passphrase)
        vault::leave_keys(home_, *keys_);
}

}  // namespace bullpen::daemon
