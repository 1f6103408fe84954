// What moving in from an old bot will do, worked out before anything is done: which accounts are
// made, with which settings, credentials and files, and what is left behind and why. Nothing of the
// old bot's is ever changed. Pure: files come as texts, and what comes out is carried out by
// bullpenctl.
//
// Whatever the old files say is in exactly one place of the plan: taken, kept (no counterpart, but
// worth remembering), or left out with a reason. Values of credentials are in `credentials` alone.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/base/secret.hpp"
#include "moving/bot_state.hpp"

namespace bullpen::moving {

// A file of the old bot's folder, its path from there. Its text may hold secrets.
struct OldFile {
    std::string path;
    std::string text;
    bool read = false;    // false: only its name is known
    std::string trouble;  // why it could not be read
    // When it was last changed: nothing in it is of later.
    std::optional<UtcTime> changed{};
};

// An account that the home has.
struct TakenAccount {
    AccountId id;
    std::string broker;
    std::string login;
    std::string broker_account;
};

// A part of the old folder that an account which runs the program there may not read, and why:
// "holds a credential (api_key in line 3)".
struct LeftOut {
    std::string path;
    std::string why;
};

struct Wishes {
    std::string directory;             // the old bot's folder, absolute
    std::vector<std::string> command;  // how to run the old bot; empty: it is not run
    // What of the folder is program, from the folder: what an account that runs it may read.
    std::vector<std::string> program;
    // Folders whose program is found by its names, "" for the folder itself.
    std::vector<std::string> listed;
    std::vector<LeftOut> left_out;
    // Files with credentials in clear, found by what is in them.
    std::vector<std::string> secret_files;
    std::string only;  // the one broker account or user that is meant; empty: all
};

enum class Fate : std::uint8_t {
    taken,  // it is a setting of the account now
    kept,   // no counterpart; written into the account's imported.json
    left,   // of no use any more; the reason says why
    wrong   // it could not be taken, and somebody should look
};
std::string_view word(Fate fate);

// What became of one thing that the old files say.
struct Item {
    Fate fate = Fate::left;
    std::string account;  // empty: of the whole bot
    std::string file;
    std::string name;  // key, section or section.key
    std::string value;
    std::string becomes;  // the key of Bullpen's, with its value
    std::string why;
};

struct PlannedSecret {
    std::string field;
    Secret value;
    std::string file;
    std::string name;  // what the old bot called it
    // It is of then at the latest; none: nobody knows.
    std::optional<UtcTime> since{};
};

// A file that the account gets, in its own directory.
struct PlannedFile {
    std::string from;  // of the old folder; empty: made for the account
    std::string to;    // from the account's directory
    std::string text;
};

struct PlannedAccount {
    explicit PlannedAccount(AccountId name) : id(std::move(name)) {}
    AccountId id;
    bool there_already = false;  // the same broker account: nothing is made or changed
    std::string label;
    std::string user;         // what the old bot called the user
    std::string old_user_id;  // MD5-12; empty: none
    std::string broker;
    std::string login;
    std::string broker_account;
    std::vector<std::pair<std::string, std::string>> settings;  // key and value, checked
    std::vector<std::pair<std::string, std::string>> environment;
    std::string settings_text;  // the account's file, whole
    std::vector<PlannedSecret> credentials;
    std::vector<PlannedFile> files;
    std::vector<OldPosition> open;     // what the old bot held
    std::vector<std::string> remarks;  // what the user should know of this account, as sentences
};

// A lock or pid file that the old bot left.
struct OldLock {
    std::string file;
    std::int64_t pid = 0;  // 0: it names none that can be read, so whoever holds it may live
    std::string holder;
};

// What a pid file of the equity bot names.
OldLock pid_file(const OldFile& file);

struct Plan {
    std::string kind;  // "futures-bot" or "equity-bot"
    std::vector<PlannedAccount> accounts;
    std::vector<Item> items;
    std::vector<PlannedFile> shared;  // for HOME/shared
    std::vector<OldLock> locks;
    // Files with credentials in clear, for the user to delete afterwards.
    std::vector<std::string> secret_files;
    std::vector<std::string> advice;  // what to do next, as sentences
    // Accounts that are not made, because the roster would not take them; `items` say why.
    std::vector<AccountId> refused;
};

// Takes an account out of the plan that the roster would refuse, and says so: the others go on.
void refuse(Plan& plan, const AccountId& account, std::string_view why);

// Errc::not_found when the folder is not this bot's; Errc::invalid when its settings cannot be
// read: then there is nothing to plan by.
Result<Plan> plan_futures_bot(std::span<const OldFile> files, const Wishes& wishes,
                              std::span<const TakenAccount> taken);
Result<Plan> plan_equity_bot(std::span<const OldFile> files, const Wishes& wishes,
                             std::span<const TakenAccount> taken);

// The account's imported.json: where it is from, what was kept, what each file was (SHA-256).
std::string manifest(const Plan& plan, const PlannedAccount& account, std::string_view utc,
                     std::string_view directory);

// Whether an entry of an old bot's folder, or of its Daily/, is program: not settings or what holds
// credentials, and not what the bot writes for its users. Hidden entries are none, but for a
// Python environment.
bool is_program(std::string_view name);

// A name of the old bots' layout, and what it means now.
struct OldName {
    std::string name;    // from the folder that is to look like the old one
    std::string target;  // from the home
    friend bool operator==(const OldName&, const OldName&) = default;
};
// data/trading_state_<user>.json, logs/<user>, Current_Orders/<user>, data/shared and the like, for
// the plan's accounts, those that are there already too. None leads out of the folder.
std::vector<OldName> old_layout(const Plan& plan);

// HOME/imported/users.json: ids of MD5 and who they are, added to what the file has already. Empty
// `before`: there is none yet. Errc::corrupt when `before` is something else.
Result<std::string> merged_users(std::string_view before, const Plan& plan);

}  // namespace bullpen::moving
