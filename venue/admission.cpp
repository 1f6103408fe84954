#include "venue/admission.hpp"

#include <sys/socket.h>

#include "common/base/descriptor.hpp"
#include "common/process/process_facts.hpp"
#include "ipc/cookie.hpp"
#include "ipc/identity.hpp"
#include "ipc/venue_message.hpp"
#include "venue/settings.hpp"

namespace bullpen::venue {

Peer peer_of(int socket) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0)
        return {};
    Peer peer;
    peer.pid = credentials.pid;
    if (const auto stat = process::read_stat(peer.pid); stat && !stat->dead()) {
        peer.session = stat->session;
        peer.start_time = stat->start_time;
    }
    return peer;
}

std::optional<std::string> objection(const Peer& peer, const Result<ipc::LockFacts>& facts,
                                     ipc::LockProbe lock, std::string_view boot_id) {
    if (peer.pid <= 0 || peer.start_time == 0)
        return "the process that connected has ended";
    if (lock == ipc::LockProbe::free)
        return "no process holds the account's lock";
    if (!facts)
        return "the account's lock does not say who holds it: " + facts.error().message();
    if (facts->pid <= 0 || facts->boot_id != boot_id)
        return "the account's lock does not say who holds it";
    const bool itself =
        peer.pid == facts->pid && (facts->start_time == 0 || facts->start_time == peer.start_time);
    // A session's number is nobody else's process while one of it lives.
    if (itself || peer.session == facts->pid)
        return std::nullopt;
    return "pid " + std::to_string(peer.pid) + " is not the account's worker, which is pid " +
           std::to_string(facts->pid);
}

Admission::Admission(const Home& home) : home_(home), boot_id_(ipc::boot_id()) {}

Result<Admission> Admission::open(const Home& home) {
    BULLPEN_CHECK(make_directories(home.run(), 0700));
    BULLPEN_CHECK(ipc::keep_cookie(ipc::venue_socket(home)));
    return Admission(home);
}

bool Admission::is_operator(std::string_view cookie) const {
    return !cookie.empty() && ipc::same_cookie(cookie, ipc::read_cookie(ipc::venue_socket(home_)));
}

void Admission::learn(Instant now) {
    recorded_ = roster_time(home_);
    read_ = now.mono;
    const auto roster = roster_in_force(home_, now.utc);
    // Whoever trades there comes before one that merely could.
    for (const bool trades : {false, true}) {
        for (const auto& [id, account] : roster) {
            if (config::trades_on_paper(account) == trades)
                owners_.insert_or_assign(name_at_venue(account), id);
        }
    }
}

std::optional<std::string> Admission::objection_to(const Peer& peer, const std::string& name,
                                                   Instant now) {
    // One that no daemon has recorded is in the files, whose changes nothing tells.
    const auto recorded = roster_time(home_);
    const bool unrecorded = recorded == UtcTime{};
    if (recorded_ != recorded ||
        (unrecorded && !owners_.contains(name) && now.mono - read_ >= k_read_interval))
        learn(now);
    const auto found = owners_.find(name);
    if (found == owners_.end())
        return "no account of the roster is called '" + name + "'";
    const auto path = home_.account(found->second).lock;
    const auto lock = ipc::AccountLock::probe(path);
    if (!lock)
        return lock.error().message();
    return objection(peer, ipc::AccountLock::read_facts(path), *lock, boot_id_);
}

}  // namespace bullpen::venue
