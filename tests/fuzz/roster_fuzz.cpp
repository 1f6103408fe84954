// Any bytes as a settings file: they are taken or refused, and what is taken can be written, read
// back and edited.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/base/assert.hpp"
#include "common/config/applied.hpp"
#include "common/config/careful_file.hpp"
#include "common/config/home_setup.hpp"
#include "common/config/issue.hpp"
#include "common/config/keys.hpp"
#include "common/config/roster_files.hpp"

using namespace bullpen;
using namespace bullpen::config;

namespace {

const AccountId& account() {
    static const AccountId id = AccountId::parse("alpha").value();
    return id;
}

void try_account(std::string_view bytes) {
    const SettingsFile file = parse_account_file(account(), bytes);
    for (const Issue& issue : file.issues)
        BULLPEN_ASSERT(!text(issue).empty() && issue.line >= 0, "an issue says something");
    BULLPEN_ASSERT(!json(file.issues).empty(), "issues are JSON whatever is in them");
    const AccountSettings settings = resolve(account(), {}, file.own);
    const SettingsFile again = parse_account_file(account(), to_toml(settings));
    BULLPEN_ASSERT(again.good(), "what was taken can be written");
    BULLPEN_ASSERT(resolve(account(), {}, again.own) == settings, "and reads back to itself");
    if (const auto edited = set_enabled(bytes, false)) {
        const SettingsFile off = parse_account_file(account(), *edited);
        if (file.good())
            BULLPEN_ASSERT(off.good() && !resolve(account(), {}, off.own).enabled,
                           "a good file can be disabled");
    }
}

void try_daemon(std::string_view bytes) {
    const SettingsFile file = parse_daemon_file(bytes);
    const DaemonSettings settings = resolve(file.own);
    const SettingsFile again = parse_daemon_file(to_toml(settings));
    BULLPEN_ASSERT(again.good() && resolve(again.own) == settings,
                   "daemon settings read back to themselves");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (size > k_account_file_size_max)
        return 0;
    (void)parse_applied(bytes);
    // The reader refuses these before they are parsed.
    if (first_bad_line(bytes) != 0)
        return 0;
    try_account(bytes);
    try_daemon(bytes);
    return 0;
}
