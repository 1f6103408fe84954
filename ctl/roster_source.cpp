#include "ctl/roster_source.hpp"

#include <sys/stat.h>

#include <memory>

#include "common/config/roster.hpp"
#include "common/log/redactor.hpp"
#include "common/vault/key_source.hpp"
#include "common/vault/scrub.hpp"
#include "common/vault/store.hpp"

namespace bullpen::ctl {

namespace {

// What is sealed may be replaced while a log is followed, so it is looked at for each line.
class SealedWords {
  public:
    SealedWords(const Home& home, const AccountId& account, vault::KeyRing keys)
        : home_(home), account_(account), keys_(std::move(keys)) {}

    Result<void> learn() {
        stamp_ = stamp();
        for (const auto& load : {vault::load_sealed, vault::load_previous}) {
            BULLPEN_TRY(const auto file, load(home_, account_));
            if (!file)
                continue;
            auto credentials = vault::open(*file, keys_, account_);
            // What was sealed by a key before this one has the values of the one after it.
            if (!credentials && load != vault::load_previous)
                return fail(credentials.error());
            if (credentials)
                vault::make_known(redactor_, *credentials);
        }
        return {};
    }

    std::string hide(std::string_view line) {
        if (stamp() != stamp_)
            static_cast<void>(learn());
        return redactor_.hide_known(std::string(line));
    }

  private:
    [[nodiscard]] std::pair<ino_t, std::int64_t> stamp() const {
        struct stat facts {};
        if (::stat(home_.account(account_).secrets.c_str(), &facts) != 0)
            return {};
        return {facts.st_ino, facts.st_mtim.tv_sec * 1'000'000'000LL + facts.st_mtim.tv_nsec};
    }

    Home home_;
    AccountId account_;
    vault::KeyRing keys_;
    std::pair<ino_t, std::int64_t> stamp_;
    log::Redactor redactor_;
};

}  // namespace

std::vector<KnownAccount> ConfigRosterSource::accounts(const Home& home) const {
    config::RosterReader reader(home);
    const auto roster = reader.read(clock_.utc());
    std::vector<KnownAccount> known;
    for (const auto& [id, settings] : roster.accounts)
        known.push_back({id, settings.group, settings.label, settings.owner, settings.enabled});
    for (const auto& id : roster.invalid)
        known.push_back({id, {}, {}, {}, true});
    return known;
}

Result<Mask> ConfigRosterSource::mask(const Home& home, const AccountId& account,
                                      std::string_view credentials_directory) const {
    BULLPEN_TRY(const auto settings, config::read_daemon(home));
    const auto source =
        vault::KeySource::of(home, settings.vault, std::string(credentials_directory));
    BULLPEN_TRY(auto keys, vault::load_keys(source));
    auto words = std::make_shared<SealedWords>(home, account, std::move(keys));
    BULLPEN_CHECK(words->learn());
    return Mask([words](std::string_view line) { return words->hide(line); });
}

}  // namespace bullpen::ctl
