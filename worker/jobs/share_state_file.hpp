// The state of an account of shares as a file that people and tools of the older bots read: in the
// shape of a user's own file (trading_state_<user>.json) or of the one that all users shared. Our
// own records go along whole, the watchdog's too, so that a file of ours comes back as it was; and
// so does what an older bot's file had and no job of ours uses (see carried_state.hpp). Pure.
//
// Source of the shapes: the state files of the older bots, each of which is read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "worker/jobs/carried_state.hpp"
#include "worker/jobs/share_records.hpp"
#include "worker/jobs/watch_records.hpp"

namespace bullpen::jobs {

enum class StateShape : std::uint8_t {
    user,    // names its user, and has the triggers of all shares in `gtt_orders`
    shared,  // names nobody, and has each share's trigger with its position
};

// All that an account of shares remembers.
struct ShareState {
    ShareRecords records;
    WatchRecords watch;
    CarriedState carried{};
    friend bool operator==(const ShareState&, const ShareState&) = default;
};

// The newest order that was meant for a share; null when there is none.
const MeantOrder* newest_order(const ShareRecords& records, const std::string& symbol);

// What is known of a share's prices; nought: it is not.
struct KnownPrices {
    model::Price entry;  // what the newest order of a job paid on average
    model::Price stop;   // the highest of the account's own at the broker, when it was looked at
    model::Price signal_entry;  // of that order's signal
    model::Price signal_stop;
};
KnownPrices known_prices(const ShareRecords& records, const std::string& symbol);

// The prices of a position are what was paid and where its stop stands; where that is not known,
// the signal's.
std::string state_file_text(const ShareState& state, const AccountId& account, StateShape shape,
                            UtcTime now);

// Whom a file may be of.
struct StateOwner {
    AccountId account;
    std::vector<std::string> names;  // that an older bot may have called the account by
    std::string tag;                 // of its order ids
};

// What an import comes to.
struct StateImport {
    ShareState after;
    std::vector<std::string> changes;   // for people, one for each thing that is other than before
    std::vector<std::string> left_out;  // what no job is to look after, with the reason
};

// A file of ours replaces the records. Of an older bot's each position for delivery that is open
// becomes the account's own, its trigger the account's own stop, and what was traded on its day is
// not bought again on that day; the rest of the records stays. What the watchdog knew of a position
// that is another one now is forgotten: it begins anew with it. Whatever else such a file has is
// carried along.
//
// Errc::wrong_account for a file that is another one's or names nobody; Errc::corrupt for what is
// no such file; Errc::newer_version.
Result<StateImport> plan_state_import(std::string_view text, const StateOwner& owner,
                                      const ShareState& before);

}  // namespace bullpen::jobs
