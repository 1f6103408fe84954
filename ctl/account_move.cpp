#include "ctl/account_move.hpp"

#include <unistd.h>

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/config/home_setup.hpp"
#include "common/documents/json_text.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/storage/journal.hpp"
#include "common/storage/state_store.hpp"
#include "common/users/numbers.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::size_t k_settings_size_max = 1UL << 20;
constexpr std::size_t k_records_size_max = 64UL << 20;
// Of an account of shares.
constexpr std::array<const char*, 5> k_records = {"shares.json", "watch.json", "carried.json",
                                                  "order_budget.json", "holdings.json"};
// Beside the journal while it is written anew for the new name.
constexpr const char* k_journal_anew = ".renamed";
constexpr const char* k_journal_before = ".before-rename";

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

// The comment that `add` begins a file with names the account.
std::string with_heading(std::string text, const AccountId& from, const AccountId& to) {
    const auto heading = [](const AccountId& account) {
        return "# The account " + account.str() + ".";
    };
    if (text.starts_with(heading(from)))
        text.replace(0, heading(from).size(), heading(to));
    return text;
}

}  // namespace

AccountMove::AccountMove(storage::FileSystem& files, const Home& home, AccountId from, AccountId to)
    : files_(files),
      home_(home),
      from_(std::move(from)),
      to_(std::move(to)),
      old_(home.account(from_)),
      new_(home.account(to_)),
      parked_(home.roster() + "/" + from_.str() + ".renaming-to-" + to_.str()),
      roster_(home.roster()),
      secrets_(home.secrets()),
      accounts_(home.accounts()) {}

bool AccountMove::begun() const {
    return exists(parked_);
}

Result<void> AccountMove::possible() const {
    if (begun())
        return {};
    if (!exists(old_.roster_file))
        return fail(Errc::not_found, "there is no " + old_.roster_file);
    for (const auto& taken : {new_.roster_file, new_.directory, new_.secrets}) {
        if (exists(taken))
            return fail(Errc::refused, "the name " + to_.str() + " is taken: there is " + taken);
    }
    return {};
}

Result<void> AccountMove::run() {
    BULLPEN_CHECK(possible());
    BULLPEN_CHECK(leave_roster());
    const auto directory = exists(new_.directory) ? new_.directory : old_.directory;
    if (exists(directory)) {
        BULLPEN_CHECK(rewrite_states(directory));
        BULLPEN_CHECK(rewrite_records(directory));
        BULLPEN_CHECK(rewrite_journal(directory));
    }
    BULLPEN_CHECK(move_directory());
    BULLPEN_CHECK(move_secrets());
    BULLPEN_CHECK(users::move_number(home_, from_, to_));
    return enter_roster();
}

Result<void> AccountMove::leave_roster() {
    if (begun())
        return {};
    BULLPEN_CHECK(files_.rename(old_.roster_file, parked_));
    return files_.sync_directory(roster_);
}

// The state file, the one before, and copies of older schemas, each in place.
Result<void> AccountMove::rewrite_states(const std::string& directory) {
    BULLPEN_TRY(const auto names, files_.list(directory));
    for (const auto& name : names) {
        if (!name.starts_with("state.json") || name.ends_with(".tmp"))
            continue;
        const auto path = directory + "/" + name;
        const auto parsed = storage::peek_state(files_, path);
        if (!parsed) {
            // A damaged copy is of no use under either name; a damaged state is for an operator.
            if (name != "state.json")
                continue;
            return fail(parsed.error().wrap("the state of " + from_.str() + " cannot be moved"));
        }
        if (parsed->account == to_.str())
            continue;
        if (parsed->account != from_.str()) {
            return fail(Errc::wrong_account, path + " belongs to " + parsed->account);
        }
        BULLPEN_CHECK(
            storage::replace_file(files_, path, storage::format_state(to_, parsed->record)));
    }
    return {};
}

// What an account of shares remembers names it, too. A file that cannot be read is left as it is:
// the worker says of it what is to be said.
Result<void> AccountMove::rewrite_records(const std::string& directory) {
    for (const auto* records : k_records) {
        for (const auto& name : {std::string(records), storage::previous_of(records)}) {
            const auto path = directory + "/" + name;
            const auto text = files_.read(path, k_records_size_max);
            if (!text && storage::is_missing(text.error()))
                continue;
            if (!text)
                return fail(text.error());
            auto object = documents::parse_json(*text);
            if (!object.is_object() || !object.contains("account") ||
                object["account"] != from_.str())
                continue;
            object["account"] = to_.str();
            BULLPEN_CHECK(
                storage::replace_file(files_, path, documents::json_text(object, 1) + "\n"));
        }
    }
    return {};
}

// Copied record for record, with its numbers, into a journal of the new name, which then takes the
// old one's place; the old one is deleted last.
Result<void> AccountMove::rewrite_journal(const std::string& directory) {
    const auto live = directory + "/journal";
    const auto anew = live + k_journal_anew;
    const auto before = live + k_journal_before;
    std::error_code code;
    if (!exists(live) && exists(anew) && exists(before))
        BULLPEN_CHECK(files_.rename(anew, live));
    std::filesystem::remove_all(anew, code);
    if (exists(live)) {
        auto journal = storage::Journal::open(files_, live, from_);
        const bool moved = !journal && journal.error().code() == Errc::wrong_account &&
                           storage::Journal::open(files_, live, to_).has_value();
        if (!journal && !moved)
            return fail(journal.error().wrap("the journal of " + from_.str()));
        if (journal) {
            BULLPEN_TRY(auto copy,
                        storage::Journal::open(files_, anew, to_, {}, journal->first_sequence()));
            const auto copy_one = [&](const storage::JournalRecord& record) -> Result<void> {
                const auto number = copy.append(record.kind, record.body);
                return number ? Result<void>() : fail(number.error());
            };
            BULLPEN_CHECK(journal->read(journal->first_sequence(), copy_one));
            BULLPEN_CHECK(copy.sync());
            if (copy.next_sequence() != journal->next_sequence())
                return fail(Errc::corrupt, "the journal's copy has other numbers than the journal");
            BULLPEN_CHECK(files_.rename(live, before));
            BULLPEN_CHECK(files_.rename(anew, live));
            BULLPEN_CHECK(files_.sync_directory(directory));
        }
    }
    std::filesystem::remove_all(before, code);
    if (code)
        return fail(code, "deleting " + before);
    return {};
}

Result<void> AccountMove::move_directory() {
    if (!exists(old_.directory))
        return {};
    if (exists(new_.directory))
        return fail(Errc::refused, "both " + old_.directory + " and " + new_.directory + " exist");
    BULLPEN_CHECK(files_.rename(old_.directory, new_.directory));
    return files_.sync_directory(accounts_);
}

Result<void> AccountMove::move_secrets() {
    if (!exists(old_.secrets))
        return {};
    BULLPEN_CHECK(files_.rename(old_.secrets, new_.secrets));
    return files_.sync_directory(secrets_);
}

Result<void> AccountMove::enter_roster() {
    BULLPEN_TRY(const auto text, files_.read(parked_, k_settings_size_max));
    BULLPEN_TRY(const auto fitted, config::set_account(text, to_));
    BULLPEN_CHECK(
        storage::replace_file(files_, new_.roster_file, with_heading(fitted, from_, to_)));
    BULLPEN_CHECK(files_.remove(parked_));
    return files_.sync_directory(roster_);
}

}  // namespace bullpen::ctl
