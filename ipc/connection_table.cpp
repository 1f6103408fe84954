#include "ipc/connection_table.hpp"

#include <algorithm>
#include <iterator>

namespace bullpen::ipc {

std::string text(const Crowd& crowd) {
    return "its processes connect to the daemon again and again: " + std::to_string(crowd.refused) +
           " connections beyond the " + std::to_string(k_connections_of_one_max) +
           " that anybody may have at a socket were refused";
}

void ConnectionTable::count(Session& session, const IsOpen& is_open) {
    std::erase_if(session.connections, [&](const Connection& one) { return !is_open(one); });
}

void ConnectionTable::sweep(const IsOpen& is_open) {
    for (auto at = sessions_.begin(); at != sessions_.end();) {
        count(at->second, is_open);
        at = at->second.connections.empty() ? sessions_.erase(at) : std::next(at);
    }
    sweep_at_ = std::max(k_sessions_before_a_sweep, 2 * sessions_.size());
}

bool ConnectionTable::admit(const std::string& socket, pid_t session, const Connection& connection,
                            MonoTime now, const IsOpen& is_open) {
    if (sessions_.size() >= sweep_at_)
        sweep(is_open);
    auto& of_one = sessions_[{socket, session}];
    const bool counts = !of_one.counted || now - *of_one.counted >= k_recount_interval;
    if (of_one.connections.size() >= k_connections_of_one_max && counts) {
        count(of_one, is_open);
        of_one.counted = now;
    }
    if (of_one.connections.size() >= k_connections_of_one_max) {
        refused(session);
        return false;
    }
    of_one.connections.push_back(connection);
    return true;
}

void ConnectionTable::refused(pid_t session) {
    if (refusals_.size() < k_crowds_max || refusals_.contains(session))
        ++refusals_[session].count;
}

std::vector<Crowd> ConnectionTable::take(MonoTime now) {
    std::vector<Crowd> crowds;
    for (auto at = refusals_.begin(); at != refusals_.end();) {
        auto& [session, refusals] = *at;
        const bool due = !refusals.told || now - *refusals.told >= k_tell_interval;
        if (due && refusals.count == 0) {
            at = refusals_.erase(at);
            continue;
        }
        if (due) {
            crowds.push_back({session, refusals.count});
            refusals = {0, now};
        }
        ++at;
    }
    return crowds;
}

}  // namespace bullpen::ipc
