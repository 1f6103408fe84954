// What the commands of `bullpen-worker state` have in common: whose records they are about, and how
// those are read and replaced. Inside this library only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/home.hpp"
#include "common/config/settings.hpp"
#include "common/storage/file_system.hpp"
#include "worker/jobs/holdings.hpp"
#include "worker/jobs/share_state_file.hpp"
#include "worker/tools/words.hpp"

namespace bullpen::tools {

struct AskedState {
    Words words;
    std::string verb;
    Home home;
    config::AccountSettings settings;
    AccountPaths paths;
    std::vector<std::string> more;  // operands behind the account

    [[nodiscard]] const AccountId& id() const { return settings.id; }
};

Result<jobs::ShareState> known_state(storage::FileSystem& files, const AskedState& asked);
// As the worker last saw the broker; none: it has not looked yet.
Result<std::optional<jobs::Holdings>> held_by_broker(storage::FileSystem& files,
                                                     const AskedState& asked);

// What is to be done to the records, and who is told.
struct StateChange {
    jobs::ShareState before;
    jobs::ShareState after;
    std::vector<std::string> changes;
    bool accepted = false;  // against what spoke against it
};
// The account's lock, held until `act` is done: nothing else writes the records meanwhile.
// Errc::locked while its worker runs. Where records are replaced whole, Errc::refused after an
// attempt of a job that was cut short.
Result<std::string> with_lock(const AskedState& asked, const Clock& clock,
                              Result<std::string> (*act)(const AskedState&, const Clock&));
// Notes it in the audit log, keeps what was before beside what is now, and says where that is.
Result<std::string> replace_state(storage::FileSystem& files, const AskedState& asked,
                                  const StateChange& change, const Clock& clock);

// --- the commands: each gives what is to be printed ---------------------------------------------

Result<std::string> show_state(const AskedState& asked);
Result<std::string> edit_state(const AskedState& asked, const Clock& clock);
Result<std::string> show_session(const AskedState& asked);

}  // namespace bullpen::tools
