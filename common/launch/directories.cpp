#include "common/launch/directories.hpp"

#include <string>
#include <vector>

#include "common/base/descriptor.hpp"
#include "common/base/service.hpp"

namespace bullpen::launch {

namespace {

constexpr mode_t k_closed_mode = 0700;

}  // namespace

Result<void> make_account_directories(const AccountId& account, const AccountPaths& paths) {
    std::vector<const std::string*> all = {&paths.logs, &paths.tmp, &paths.crash};
    if (!is_service(account))
        all.insert(all.end(), {&paths.journal, &paths.inbox, &paths.orders, &paths.reports});
    for (const auto* directory : all)
        BULLPEN_CHECK(make_directories(*directory, k_closed_mode));
    return {};
}

}  // namespace bullpen::launch
