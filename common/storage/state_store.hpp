// StateStore: the state file of one account, a checkpoint of its journal. JSON, with a header that
// names the account and the schema, a checksum, the journal's sequence number, and a marker of a
// clean exit. Replaced atomically; the one before is kept. The format is in docs/state-file.md.
//
// Owned by the account's context; used by the one thread that owns the account, which holds the
// account lock.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::storage {

inline constexpr std::size_t k_state_size_max = 4 * 1024 * 1024;

// What a process said when it ended by itself; the daemon reads it when it cannot wait for the
// process, because an earlier daemon launched it.
struct LastWords {
    int exit_code = 0;
    std::string reason;    // code of a model::Reason
    std::string sentence;  // for people
    friend bool operator==(const LastWords&, const LastWords&) = default;
};

struct StateRecord {
    std::uint32_t schema = 1;            // of `data`
    std::uint64_t journal_sequence = 0;  // the last record that `data` includes; 0 = none
    bool clean_exit = false;             // written by a worker that ended in order
    UtcTime saved{};
    std::string program;  // version of the program that wrote it
    std::string launch;   // launch number of the writer, in decimal; empty when started by hand
    Fence fence;          // the greatest the account was ever given; 0 when none
    std::optional<LastWords> last_words;
    std::string data = "{}";  // one JSON object
    friend bool operator==(const StateRecord&, const StateRecord&) = default;
};

enum class StateOrigin {
    none,        // there is no state file: a first start
    current,     // the state file
    previous,    // the one before: the state file was damaged or missing
    older_copy,  // the copy kept at a migration: the state file is of a newer schema
};

struct LoadedState {
    std::optional<StateRecord> record;
    StateOrigin origin = StateOrigin::none;
    // Why `current` was not used, for the log and an alarm; empty when all is well.
    std::string trouble;
    // The schema found on disk when it was older than the program's; 0 otherwise.
    std::uint32_t migrated_from = 0;
};

// Turns `data` of schema n into `data` of schema n + 1.
using Migration = std::function<Result<std::string>(std::string data)>;

class StateStore {
  public:
    // `schema` is the newest this program writes; `migrations[i]` leads from schema i + 1 to
    // i + 2, so there are schema - 1 of them.
    StateStore(FileSystem& files, std::string path, AccountId account, std::uint32_t schema = 1,
               std::vector<Migration> migrations = {});

    // Errors: wrong_account when it belongs to another account or user, newer_version when a newer
    // program wrote it and left no copy that this one understands, corrupt when neither the file
    // nor the one before can be used.
    Result<LoadedState> load();

    // Durable when it returns. `record.schema` is set to the store's own.
    Result<void> save(StateRecord record);

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::uint32_t schema() const { return schema_; }
    // Where the copy of an old schema is kept at a migration.
    [[nodiscard]] std::string copy_path(std::uint32_t schema) const;

  private:
    Result<StateRecord> read_one(const std::string& path);
    Result<LoadedState> load_copy(const StateRecord& newer);
    Result<void> migrate(LoadedState& loaded);
    Result<void> keep_copy_of(const std::string& path, std::uint32_t schema);

    FileSystem& files_;
    std::string path_;
    AccountId account_;
    std::uint32_t schema_;
    std::vector<Migration> migrations_;
};

// The file's text for `record`, and back. `account` is what the header names. parse_state's errors:
// corrupt, too_large; whose it is and which schema it has are for the caller to judge.
std::string format_state(const AccountId& account, const StateRecord& record);
struct ParsedState {
    std::string account;
    StateRecord record;
};
Result<ParsedState> parse_state(std::string_view text);

// Reads a state file without owning the account: for the daemon and the control tool.
Result<ParsedState> peek_state(FileSystem& files, const std::string& path);

}  // namespace bullpen::storage
