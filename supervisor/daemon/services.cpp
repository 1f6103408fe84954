#include "supervisor/daemon/services.hpp"

#include <array>
#include <map>
#include <utility>

#include "common/base/service.hpp"
#include "common/config/keys.hpp"
#include "common/config/shared_names.hpp"

namespace bullpen::daemon {

namespace {

using config::AccountSettings;

// A disk that is slow to sync may hold up a service, whose beats come from the loop that works.
constexpr Nanos k_late_after = std::chrono::seconds(5);
constexpr Nanos k_dead_after = std::chrono::seconds(15);
// A connection for each account.
constexpr int k_open_files_max = 4096;

// One kind of service.
struct Kind {
    const char* program;  // beside bullpend
    bool (*needed_by)(const AccountSettings& account);
    // Which one of its kind the account needs; accounts with equal names share it.
    std::string (*name)(const AccountSettings& account);
    // What its program is told beside the home, and what it depends on.
    void (*add)(AccountSettings& service, const AccountSettings& account);
};

bool wants_shared_signals(const AccountSettings& account) {
    return account.command.empty() && account.signals == config::SignalsKind::shared;
}

constexpr std::array<Kind, 2> k_kinds = {{
    {"bullpen-venue", config::trades_on_paper,
     [](const AccountSettings&) { return std::string("bullpen-venue"); },
     [](AccountSettings&, const AccountSettings&) {}},
    {"bullpen-signals", wants_shared_signals, config::signals_service,
     [](AccountSettings& service, const AccountSettings& account) {
         service.command.insert(service.command.end(), {"--like", account.id.str()});
     }},
}};

// `more`: what its program is told beside the home, for all that share it. `reads`: what of
// accounts it is let read; with other paths it is started anew.
AccountSettings make(const AccountId& id, std::string_view program, const Home& home,
                     const std::string& directory, const std::vector<std::string>& more = {},
                     std::vector<std::string> reads = {}) {
    AccountSettings service(id);
    service.read_paths = std::move(reads);
    service.priority = k_service_priority;
    service.late_after = k_late_after;
    service.dead_after = k_dead_after;
    service.limits.open_files_max = k_open_files_max;
    service.command = {std::string(program), "run", "--home", home.root()};
    service.command.insert(service.command.end(), more.begin(), more.end());
    // Neither where the programs are (an upgrade leaves what runs) nor which of the accounts that
    // share it was the first.
    service.fingerprint = config::fingerprint(service);
    service.command.front().insert(0, directory);
    return service;
}

// Of the home itself, whatever its accounts are; it reads the logs of all.
void add_notify(const config::Roster& roster, const Home& home, const std::string& directory,
                std::map<AccountId, AccountSettings>& found) {
    if (!roster.daemon.alerts.wanted())
        return;
    const auto id = AccountId::parse(k_notify_service).value();
    // Who runs programs is not confined: one that begins to, or ends, is started anew.
    const auto more = roster.daemon.alerts.command.empty()
                          ? std::vector<std::string>()
                          : std::vector<std::string>{"--with-command"};
    std::vector<std::string> logs;
    for (const auto& [account, settings] : roster.accounts)
        logs.push_back(home.account(account).logs);
    found.emplace(id, make(id, k_notify_service, home, directory, more, std::move(logs)));
}

}  // namespace

std::vector<AccountSettings> services(const config::Roster& roster, const Home& home,
                                      const std::string& directory) {
    std::map<AccountId, AccountSettings> found;
    add_notify(roster, home, directory, found);
    // With another address each is started anew.
    for (const auto& [name, listen] : {std::pair(k_remote_service, &roster.daemon.remote.listen),
                                       std::pair(k_health_service, &roster.daemon.health.listen)}) {
        if (const auto id = AccountId::parse(name); id && !listen->empty())
            found.emplace(*id, make(*id, name, home, directory, {"--listen", *listen}));
    }
    for (const auto& [account, settings] : roster.accounts) {
        for (const auto& kind : k_kinds) {
            if (!settings.enabled || !kind.needed_by(settings))
                continue;
            const auto id = AccountId::parse(kind.name(settings));
            if (!id || found.contains(*id))
                continue;
            const auto made = found.emplace(*id, make(*id, kind.program, home, directory)).first;
            kind.add(made->second, settings);
        }
    }
    std::vector<AccountSettings> all;
    for (auto& [id, settings] : found)
        all.push_back(std::move(settings));
    return all;
}

}  // namespace bullpen::daemon
