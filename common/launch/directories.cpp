#include "common/launch/directories.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "common/base/descriptor.hpp"
#include "common/base/no_links.hpp"
#include "common/base/service.hpp"

namespace bullpen::launch {

namespace {

constexpr mode_t k_closed_mode = 0700;

}  // namespace

Result<void> make_home_directories(const Home& home) {
    for (const auto& directory :
         {home.run(), home.locks(), home.accounts(), home.shared(), home.logs(), home.secrets()}) {
        BULLPEN_CHECK(make_directories(directory, k_closed_mode));
    }
    if (::chmod(home.run().c_str(), k_closed_mode) != 0)
        return fail_errno("cannot make " + home.run() + " private");
    return {};
}

Result<void> make_account_directories(const AccountId& account, const AccountPaths& paths) {
    std::vector<const std::string*> all = {&paths.logs, &paths.tmp, &paths.crash};
    if (!is_service(account))
        all.insert(all.end(), {&paths.journal, &paths.inbox, &paths.orders, &paths.reports});
    for (const auto* directory : all) {
        BULLPEN_CHECK(make_directories(*directory, k_closed_mode));
        // The account's process may change its directory; the daemon writes below it.
        BULLPEN_CHECK(check_no_link(*directory));
    }
    return {};
}

std::vector<AccountId> make_known_directories(const Home& home) {
    std::vector<AccountId> made;
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(home.roster(), code)) {
        const auto id = AccountId::parse(entry.path().stem().string());
        if (!id || entry.path().extension() != ".toml")
            continue;
        const auto paths = home.account(*id);
        if (::access(paths.directory.c_str(), F_OK) == 0 && make_account_directories(*id, paths))
            made.push_back(*id);
    }
    return made;
}

}  // namespace bullpen::launch
