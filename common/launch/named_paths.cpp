#include "common/launch/named_paths.hpp"

#include <algorithm>
#include <string>

#include "common/base/errc.hpp"
#include "common/sandbox/system_files.hpp"

namespace bullpen::launch {

namespace {

using sandbox::Access;
using sandbox::FileId;
using sandbox::FoundPath;

bool is_below(const std::string& path, const std::string& directory) {
    return path.starts_with(directory) &&
           (path.size() == directory.size() || path[directory.size()] == '/' || directory == "/");
}

bool changes(Access access) {
    return access == Access::change || access == Access::own || access == Access::all;
}

// Where the account may have made, or left, what is there.
struct Theirs {
    std::vector<FileId> ids;
    std::vector<std::string> real;  // of those that no link of its own leads to

    Theirs(const Home& home, const config::AccountSettings& settings) {
        auto paths = settings.write_paths;
        paths.push_back(home.account(settings.id).directory);
        for (const auto& path : paths) {
            if (const auto found = sandbox::find_path(path, {}); found.open.error == 0)
                ids.push_back(sandbox::file_id(found.open));
        }
        for (const auto& path : paths) {
            auto found = sandbox::find_path(path, ids);
            if (found.link.empty() && !found.real.empty())
                real.push_back(std::move(found.real));
        }
    }

    // What it reaches without this: a link of its own there gives it nothing.
    [[nodiscard]] bool reaches(const FoundPath& found, Access access) const {
        const auto around = [&](const std::string& directory) {
            return is_below(found.real, directory);
        };
        const auto system = sandbox::system_programs();
        return std::any_of(real.begin(), real.end(), around) ||
               (!changes(access) && std::any_of(system.begin(), system.end(), around));
    }
};

// Empty: it may be reached.
std::string why_not(const Home& home, const AccountId& account, const NamedPath& named,
                    const FoundPath& found, const Theirs& theirs) {
    const auto access = named.reach.access;
    // No rule is made of these.
    if (found.open.error != 0 || (access == Access::file && found.open.is_directory))
        return {};
    const auto& path = named.reach.path;
    const auto leads = "leads to " + found.real;
    if (found.real.empty())
        return "is where nobody can tell where that is (/proc); name another path";
    if (!found.link.empty() && !theirs.reaches(found, access))
        return leads + " by the link " + found.link +
               ", which the account may have made itself, because it may change what is there; "
               "name the file that is meant, or keep it beside what the account may write";
    if (named.may_name_home && config::opens_home(home, account, path, false))
        return {};
    const auto why = config::why_closed(home, account, found.real, changes(access));
    return why.empty() || found.real == path ? why : leads + ", which " + why;
}

}  // namespace

NamedPaths open_named(const Home& home, const config::AccountSettings& settings,
                      const std::vector<NamedPath>& named) {
    NamedPaths all;
    if (named.empty())
        return all;
    const Theirs theirs(home, settings);
    for (const auto& one : named) {
        auto found = sandbox::find_path(one.reach.path, theirs.ids);
        auto why = why_not(home, settings.id, one, found, theirs);
        if (why.empty())
            all.open.push_back({one.reach, std::move(found.open)});
        else
            all.refused.push_back({one.key, one.reach.path, std::move(why)});
    }
    return all;
}

Error refusal(const AccountId& account, const config::RefusedPath& refused) {
    return Error(Errc::refused, "account " + account.str() + ": " + std::string(refused.key) +
                                    " '" + refused.path + "' " + refused.why);
}

}  // namespace bullpen::launch
