// `bullpen-worker state`: the records of an account of shares out to a file, and in from one.
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "common/base/errc.hpp"
#include "common/config/roster.hpp"
#include "common/documents/json_text.hpp"
#include "common/storage/atomic_file.hpp"
#include "ipc/account_lock.hpp"
#include "worker/jobs/share_state_file.hpp"
#include "worker/tools/known_jobs.hpp"
#include "worker/tools/out_file.hpp"
#include "worker/tools/tool.hpp"
#include "worker/tools/words.hpp"
#include "worker/trader_setup.hpp"
#include "worker/version.hpp"

namespace bullpen::tools {

namespace {

using nlohmann::ordered_json;

constexpr std::string_view k_state_usage =
    "usage: bullpenctl state export ACCOUNT [FILE] [--shape user|shared]\n"
    "       bullpenctl state import ACCOUNT FILE [--dry-run] [--json]\n"
    "\n"
    "Writes what an account of shares remembers to a file that tools of the older bots read, and\n"
    "takes such a file over. docs/jobs.md says what becomes of what.\n"
    "\n"
    "  --shape SHAPE  user: a user's own file (default); shared: the one that all users had\n"
    "  --dry-run      say what would change, and change nothing\n"
    "\n"
    "Example:\n"
    "  bullpenctl state export nse01 trading_state_nse01.json\n";
constexpr std::array<Known, 4> k_state_options = {
    {{"--home"}, {"--shape"}, {"--dry-run", false}, {"--json", false}}};
constexpr std::size_t k_file_max = std::size_t{16} << 20;  // bytes

struct AskedState {
    Words words;
    bool import = false;
    Home home;
    config::AccountSettings settings;
    AccountPaths paths;
    std::string file;  // empty: standard output
};

Result<AskedState> ask_state(std::span<const std::string_view> words) {
    BULLPEN_TRY(auto taken, take_words(words, k_state_options, 3));
    const auto& named = taken.operands;
    if (named.size() < 2 || (named[0] != "export" && named[0] != "import") ||
        (named[0] == "import" && named.size() < 3))
        return fail(Errc::invalid, "state takes export ACCOUNT [FILE], or import ACCOUNT FILE");
    BULLPEN_TRY(const auto account, AccountId::parse(named[1]));
    if (!taken.has("--home"))
        return fail(Errc::invalid, "--home DIR is needed");
    BULLPEN_TRY(auto home, Home::at(taken.value("--home")));
    BULLPEN_TRY(auto settings, config::read_account(home, account));
    if (settings.trading != config::TradingKind::shares)
        return fail(Errc::refused, account.str() + " trades no shares: it has no such records");
    auto paths = home.account(account);
    return AskedState{taken,
                      named[0] == "import",
                      std::move(home),
                      std::move(settings),
                      std::move(paths),
                      named.size() > 2 ? std::string(named[2]) : std::string()};
}

Result<jobs::ShareState> known_state(storage::FileSystem& files, const AskedState& asked) {
    const auto& directory = asked.paths.directory;
    const auto& id = asked.settings.id;
    BULLPEN_TRY(auto records,
                jobs::load_share_records(files, jobs::share_records_path(directory), id));
    BULLPEN_TRY(auto watch,
                jobs::load_watch_records(files, jobs::watch_records_path(directory), id));
    return jobs::ShareState{std::move(records.records), std::move(watch.records)};
}

Result<std::string> write_out(const AskedState& asked, UtcTime now) {
    storage::SystemFileSystem files;
    const auto word = asked.words.value("--shape");
    if (!word.empty() && word != "user" && word != "shared")
        return fail(Errc::invalid, "--shape is user or shared");
    BULLPEN_TRY(const auto known, known_state(files, asked));
    const auto shape = word == "shared" ? jobs::StateShape::shared : jobs::StateShape::user;
    auto text = jobs::state_file_text(known, asked.settings.id, shape, now);
    if (asked.file.empty() || asked.file == "-")
        return text;
    BULLPEN_CHECK(write_file(asked.file, text));
    return std::string();
}

// A run that was begun and has not ended would find other records than those it began with.
Result<void> check_no_attempt(storage::FileSystem& files, const AskedState& asked) {
    BULLPEN_TRY(const auto book, known_jobs(files, asked.paths, asked.settings.id));
    for (std::size_t i = 0; i < config::k_jobs; ++i) {
        const auto kind = static_cast<config::JobKind>(i);
        if (book.of(kind).running) {
            return fail(Errc::refused, "an attempt of " + std::string(config::code(kind)) +
                                           " is under way or was cut short; start the account, so "
                                           "that it ends, stop it, and give the command again");
        }
    }
    return {};
}

ipc::LockFacts facts_for(const AskedState& asked, const Clock& clock) {
    auto facts = ipc::facts_of_this_process(clock);
    facts.home = asked.home.root();
    facts.account = asked.settings.id.str();
    facts.program = "bullpenctl state";
    facts.version = std::string(worker::k_version);
    return facts;
}

Result<ipc::AccountLock> hold(const AskedState& asked, const Clock& clock) {
    auto lock =
        ipc::AccountLock::acquire(asked.paths.lock, facts_for(asked, clock), ipc::k_name_wait);
    if (!lock && lock.error().code() == make_error_code(Errc::locked)) {
        return fail(Errc::locked, asked.settings.id.str() + " runs; `bullpenctl stop " +
                                      asked.settings.id.str() +
                                      "` first: " + lock.error().message());
    }
    return lock;
}

// What an older bot may have called it.
jobs::StateOwner owner_of(const config::AccountSettings& settings) {
    jobs::StateOwner owner{settings.id, {settings.id.str()}, worker::order_tag(settings)};
    for (const auto& name : {settings.label, settings.login, settings.broker_account}) {
        if (!name.empty())
            owner.names.push_back(name);
    }
    return owner;
}

std::string told(const AskedState& asked, const jobs::StateImport& made,
                 const std::string& backup) {
    if (asked.words.has("--json")) {
        const ordered_json out = {
            {"account", asked.settings.id.str()},
            {"done", !backup.empty()},
            {"changes", made.changes},
            {"left_out", made.left_out},
            {"backup", backup.empty() ? ordered_json(nullptr) : ordered_json(backup)}};
        return documents::json_text(out) + "\n";
    }
    std::string text;
    for (const auto& change : made.changes)
        text += change + "\n";
    for (const auto& left : made.left_out)
        text += "left out: " + left + "\n";
    if (made.changes.empty())
        text += "nothing would change\n";
    else if (backup.empty())
        text += "nothing was done: --dry-run\n";
    else
        text += "done; what was before is in " + backup + "\n";
    return text;
}

// What was before is beside what is now; the watchdog's records too, where it had any.
Result<std::string> replace_state(storage::FileSystem& files, const AskedState& asked,
                                  const jobs::ShareState& before, const jobs::ShareState& after,
                                  UtcTime now) {
    const auto& id = asked.settings.id;
    auto stamp = format_utc(now).substr(0, 19);
    std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
    const auto suffix = ".before-import-" + stamp;
    const auto records = jobs::share_records_path(asked.paths.directory);
    const auto watch = jobs::watch_records_path(asked.paths.directory);
    BULLPEN_CHECK(storage::replace_file(files, records + suffix, encode(before.records, id)));
    if (!(before.watch == after.watch)) {
        BULLPEN_CHECK(storage::replace_file(files, watch + suffix, encode(before.watch, id)));
        BULLPEN_CHECK(jobs::save(files, watch, id, after.watch));
    }
    BULLPEN_CHECK(jobs::save(files, records, id, after.records));
    return records + suffix;
}

Result<std::string> read_in(const AskedState& asked, const Clock& clock) {
    storage::SystemFileSystem files;
    const bool dry = asked.words.has("--dry-run");
    BULLPEN_TRY(const auto text, files.read(asked.file, k_file_max));
    std::optional<ipc::AccountLock> lock;
    if (!dry) {
        BULLPEN_TRY(lock, hold(asked, clock));
        BULLPEN_CHECK(check_no_attempt(files, asked));
    }
    BULLPEN_TRY(const auto before, known_state(files, asked));
    auto made = jobs::plan_state_import(text, owner_of(asked.settings), before);
    if (!made)
        return fail(std::move(made).error().wrap(asked.file));
    std::string backup;
    if (!dry && !made->changes.empty()) {
        BULLPEN_TRY(backup, replace_state(files, asked, before, made->after, clock.utc()));
    }
    if (lock)
        BULLPEN_CHECK(lock->mark_ended(clock.utc()));
    return told(asked, *made, backup);
}

ExitCode run_state(std::span<const std::string_view> words, const Clock& clock) {
    const auto asked = ask_state(words);
    auto text = !asked          ? Result<std::string>(fail(asked.error()))
                : asked->import ? read_in(*asked, clock)
                                : write_out(*asked, clock.utc());
    if (!text) {
        const bool wrong_words = text.error().code() == make_error_code(Errc::invalid);
        return complain("state", wrong_words ? ExitCode::usage : ExitCode::failed, text.error());
    }
    std::fwrite(text->data(), 1, text->size(), stdout);
    return ExitCode::done;
}

}  // namespace

const Tool k_state{"state", k_state_usage, run_state};

}  // namespace bullpen::tools
