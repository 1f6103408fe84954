// `bullpenctl migrate`: the shared state of the old equity bot, divided among the accounts of its
// users. moving/split decides; this reads, asks, and writes in an order that can be cut short at
// any point and gone through again: backup with checksum, what the users' files were, the files,
// the check, and last the source's other name. The accounts' locks are held meanwhile.
//
// What was done is in HOME/imported/split-<12 digits of the source's SHA-256>/: record.json,
// unassigned.json, and what each file was before. One thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/storage/file_system.hpp"
#include "ctl/command.hpp"
#include "moving/split_files.hpp"

namespace bullpen::ctl {

// One user's part in a migration.
struct MigrationTarget {
    std::string user;
    std::string account;
    std::string path;           // the user's state file
    std::string kept;           // what it was is kept under this name, beside the record
    bool was_there = false;     // before
    std::string before_sha256;  // empty: it was not there
    std::string after_sha256;
};

enum class MigrationPhase { begun, done, rolled_back };

// record.json.
struct MigrationRecord {
    std::string source;  // absolute
    std::string sha256;
    std::string backup;   // beside the source
    std::string renamed;  // what the source is called afterwards
    std::string utc;
    MigrationPhase phase = MigrationPhase::begun;
    std::vector<MigrationTarget> targets;
};
std::string_view word(MigrationPhase phase);
std::string format(const MigrationRecord& record);
// Errc::corrupt when it is no such record.
Result<MigrationRecord> parse_migration(const std::string& text);

// A record with the directory that it is in.
struct FoundMigration {
    std::string directory;
    MigrationRecord record;
};
// Every migration of the home, the oldest first.
Result<std::vector<FoundMigration>> migrations(const Context& context);
// The record as accounts are called now: one that was renamed since is found by the user whom its
// imported.json names.
MigrationRecord resolved(const Context& context, MigrationRecord record);
// The users of imported equity accounts. Errc::not_found when there are none.
Result<std::map<std::string, AccountId>> imported_users(const Context& context);
// Where that of a source with this checksum is.
std::string migration_directory(const Context& context, const std::string& sha256);

// The texts of the users' files as they are now; one that is not there is left out.
Result<std::map<std::string, std::string>> texts_of(const MigrationRecord& record);

// Errc::refused, with what to do, where a pid file of the bot whose state the source is names a
// process that lives, or none that can be read: it writes its state as a whole, with everything
// that was divided. Nothing is looked at with --stopped.
Result<void> old_bot_stands(const Context& context, const std::string& source);

int migrate_split(Context& context);
int migrate_verify(Context& context);
int migrate_rollback(Context& context);

inline constexpr std::size_t k_state_max = std::size_t{8} << 20;  // bytes of one state file

}  // namespace bullpen::ctl
