#include "common/watch/usage.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/base/service.hpp"

namespace bullpen::watch {

namespace {

// Older output that is kept beside a log.
constexpr int k_older_stdio_logs = 1;

// The built-in worker starts no process, and tells its own memory with each beat.
bool is_measured(const config::AccountSettings& settings) {
    const auto& limits = settings.limits;
    return settings.heartbeat != config::HeartbeatKind::zmq || limits.memory_max > 0 ||
           (!settings.command.empty() && (limits.processes_max > 0 || limits.disk_max > 0));
}

bool is_below(std::string_view path, std::string_view directory) {
    return path.starts_with(directory) &&
           (path.size() == directory.size() || directory.ends_with('/') ||
            path[directory.size()] == '/');
}

// Those that are not below another of them, or the account's directory: each file counts once.
std::vector<std::string> elsewhere(const std::string& directory,
                                   const std::vector<std::string>& write_paths) {
    auto paths = write_paths;
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> others;
    for (auto& path : paths) {
        if (!is_below(path, directory) &&
            std::none_of(others.begin(), others.end(),
                         [&](const auto& other) { return is_below(path, other); }))
            others.push_back(std::move(path));
    }
    return others;
}

}  // namespace

Excess excess_of(const process::SessionUse& use, const config::LimitSettings& limits) {
    if (limits.processes_max > 0 && use.tasks > static_cast<std::uint64_t>(limits.processes_max)) {
        return {model::Reason::process_limit,
                std::to_string(use.tasks) + " processes and threads, " +
                    std::to_string(limits.processes_max) + " allowed"};
    }
    if (limits.memory_max > 0 && use.bytes > limits.memory_max) {
        return {model::Reason::memory_limit, std::to_string(use.bytes >> 20U) + " MiB used, " +
                                                 std::to_string(limits.memory_max >> 20U) +
                                                 " MiB allowed"};
    }
    return {};
}

void Usage::add(const Home& home, const config::AccountSettings& settings, pid_t leader,
                std::uint64_t stdio_lag) {
    const auto paths = home.account(settings.id);
    if (!is_service(settings.id))
        places_.push_back({settings.id, paths.directory, settings.limits.disk_max,
                           elsewhere(paths.directory, settings.write_paths), 0});
    if (leader == 0)
        return;
    if (is_measured(settings)) {
        sessions_.emplace(leader, process::SessionUse{});
        trees_.emplace(leader, Tree{settings.id, settings.limits});
    }
    outputs_.push_back(
        {settings.id, process::StdioKeeper(paths.stdio_log, settings.limits.stdio_max,
                                           k_older_stdio_logs, stdio_lag)});
}

void Usage::look() {
    if (!sessions_.empty())
        process::scan_sessions(sessions_);
    std::map<AccountId, std::uint64_t> removed;
    for (const auto& [leader, use] : std::exchange(sessions_, {})) {
        const auto& tree = trees_.at(leader);
        auto& found = finding(tree.account);
        found.leader = leader;
        found.memory = use.bytes;
        found.excess = excess_of(use, tree.limits);
        if (use.removed > 0)
            removed[tree.account] = use.removed;
    }
    trees_.clear();
    for (auto& output : std::exchange(outputs_, {})) {
        // A log that cannot be cut now is tried again with the next look.
        const auto cut =
            output.keeper.due() ? output.keeper.trim() : process::StdioKeeper::Trimmed{};
        if (cut && cut->dropped > 0)
            finding(output.account).stdio_dropped = cut->dropped;
    }
    auto places = std::exchange(places_, {});
    for (auto& place : places) {
        if (const auto found = removed.find(place.account); found != removed.end())
            place.removed = found->second;
    }
    for (auto& seen : disk_.look(places, k_entries, clock_, clock_.mono() + k_disk_time_max))
        finding(seen.account).disk = std::move(seen);
}

std::vector<Finding> Usage::take() {
    std::vector<Finding> all;
    all.reserve(findings_.size());
    for (auto& [account, found] : std::exchange(findings_, {}))
        all.push_back(std::move(found));
    return all;
}

Finding& Usage::finding(const AccountId& account) {
    return findings_.try_emplace(account, Finding{account, 0, 0, {}, 0, std::nullopt})
        .first->second;
}

}  // namespace bullpen::watch
