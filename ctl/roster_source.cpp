#include "ctl/roster_source.hpp"

#include <sys/stat.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/base/hex.hpp"
#include "common/config/roster.hpp"
#include "common/documents/json_text.hpp"
#include "common/log/redactor.hpp"
#include "common/vault/key_source.hpp"
#include "common/vault/scrub.hpp"
#include "common/vault/store.hpp"
#include "ctl/control_client.hpp"
#include "ipc/board_wire.hpp"

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

Result<FleetView> ConfigRosterSource::far_view(const Globals& globals, Instant* now) const {
    BULLPEN_TRY(auto client, ControlClient::connect(globals, clock_));
    ipc::Request request;
    request.command = "board";
    std::string bytes;
    BULLPEN_TRY(const auto last, client.ask(std::move(request), [&bytes](const ipc::Reply& reply) {
        const auto data = documents::parse_json(reply.data);
        const auto part = data.is_object() ? data.find("part") : data.end();
        if (part != data.end() && part->is_string())
            bytes += bytes_from_hex(part->get<std::string>()).value_or("");
    }));
    if (!last.ok)
        return fail(last.code == "not_allowed" ? Errc::refused : Errc::unavailable, last.message);
    BULLPEN_TRY(auto far, ipc::board_from(bytes));
    *now = far.taken;
    return FleetView::of_far_board(std::move(far.board), far.taken, globals.host + far.home);
}

}  // namespace bullpen::ctl
