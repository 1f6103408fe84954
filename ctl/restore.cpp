// `bullpenctl restore`: see home_copy.hpp.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "common/base/errc.hpp"
#include "common/config/home_setup.hpp"
#include "common/documents/json_text.hpp"
#include "common/launch/unix_user.hpp"
#include "common/storage/fence_file.hpp"
#include "common/storage/file_system.hpp"
#include "common/vault/store.hpp"
#include "ctl/act.hpp"
#include "ctl/backup_sums.hpp"
#include "ctl/home_copy.hpp"
#include "ctl/home_owner.hpp"
#include "ctl/json_fields.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/roster_edit.hpp"
#include "ctl/text.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/allow_list.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::size_t k_facts_max = std::size_t{64} << 20;  // bytes
// More launches than there ever were between a backup and the loss of its home.
constexpr std::uint64_t k_fences_beyond = 1'000'000;

// What backup.json says of the backup.
struct Facts {
    std::vector<CopiedAccount> accounts;
    std::size_t files = 0;  // of the home
    bool counted = false;   // by the program that made it, which earlier ones did not do
};

Result<Facts> read_facts(const std::string& backup) {
    const auto path = backup + "/" + k_backup_facts;
    BULLPEN_TRY(const auto text, read_file(path, k_facts_max));
    const auto value = documents::parse_json(text);
    if (!value.is_object() || !value.contains("accounts") || !value["accounts"].is_array())
        return fail(Errc::corrupt, path + " does not say what is in the backup");
    Facts facts;
    facts.counted = value.contains("files");
    facts.files = facts.counted ? count_of(value, "files") : 0;
    for (const auto& one : value["accounts"]) {
        if (!one.is_object())
            return fail(Errc::corrupt, path + " has an account that is none");
        const auto state = text_of(one, "state");
        facts.accounts.push_back({text_of(one, "account"), count_of(one, "state_sequence"),
                                  count_of(one, "last_sequence"),
                                  state == word(CopyState::own)       ? CopyState::own
                                  : state == word(CopyState::damaged) ? CopyState::damaged
                                                                      : CopyState::whole});
    }
    return facts;
}

// The home in `root` has the accounts that the backup is to have, each as it was copied.
Result<void> check_accounts(const std::string& root, const std::vector<CopiedAccount>& expected) {
    BULLPEN_TRY(const auto found, accounts_in(root));
    std::set<std::string> names;
    for (const auto& id : found)
        names.insert(id.str());
    for (const auto& account : expected) {
        if (names.erase(account.account) == 0)
            return fail(Errc::corrupt, root + " lacks the account " + account.account);
        if (account.state != CopyState::whole)
            continue;
        BULLPEN_TRY(const auto id, AccountId::parse(account.account));
        BULLPEN_TRY(const auto now, look_through(root, id));
        if (now.state_sequence != account.state_sequence ||
            now.last_sequence != account.last_sequence)
            return fail(Errc::corrupt, "the state or journal of " + account.account + " in " +
                                           root + " ends elsewhere than when it was copied");
    }
    if (!names.empty())
        return fail(Errc::corrupt, root + " has an account that " + k_backup_facts +
                                       " does not name: " + *names.begin());
    return {};
}

// Before anything is written: nothing is missing, nothing is changed, nothing is more.
Result<Facts> check_backup(const std::string& backup, const std::vector<CopiedFile>& sums) {
    BULLPEN_CHECK(check_listed(backup, sums));
    BULLPEN_CHECK(check_sums(backup, sums));
    BULLPEN_TRY(auto facts, read_facts(backup));
    const auto of_home = std::count_if(sums.begin(), sums.end(), [](const CopiedFile& one) {
        return one.path.starts_with(k_home_prefix);
    });
    if (!facts.counted)
        facts.files = static_cast<std::size_t>(of_home);
    if (static_cast<std::size_t>(of_home) != facts.files)
        return fail(Errc::corrupt, backup + "/" + k_sums + " names " + std::to_string(of_home) +
                                       " files of the home, and " + std::to_string(facts.files) +
                                       " were copied: it was cut short or changed; nothing was "
                                       "done");
    BULLPEN_CHECK(check_accounts(backup + "/home", facts.accounts));
    return facts;
}

// Nothing of accounts may be there, for what is there may be newer.
Result<void> is_free(const Home& home) {
    storage::SystemFileSystem files;
    for (const auto& folder : {home.accounts(), home.roster(), home.secrets()}) {
        const auto names = files.list(folder);
        if (!names && !storage::is_missing(names.error()))
            return fail(names.error());
        for (const auto& name : names ? *names : std::vector<std::string>()) {
            const bool of_an_account =
                folder == home.accounts() || name.ends_with(".toml") || name.ends_with(".sealed");
            if (of_an_account)
                return fail(Errc::refused, home.root() + " has accounts: " + folder + "/" + name +
                                               ". A backup is restored into a home without any; "
                                               "--home names another one");
        }
    }
    return {};
}

// As long as it lives no daemon starts on the home. One that runs there has its own count of fences
// in memory, and would go on below those of the backup.
Result<ipc::AccountLock> hold_home(const Context& context) {
    const auto& home = context.home;
    auto facts = ipc::facts_of_this_process(context.clock);
    facts.home = home.root();
    facts.program = "bullpenctl restore";
    facts.version = BULLPEN_VERSION;
    // Where run/ is not there yet nothing runs, and the home is made with its own modes.
    if (::access(home.run().c_str(), F_OK) != 0)
        BULLPEN_CHECK(config::make_home(home));
    auto lock = ipc::AccountLock::acquire(home.daemon_lock(), facts, ipc::k_name_wait);
    if (!lock && lock.error().code() == Errc::locked)
        return fail(Errc::refused,
                    "bullpend runs on " + home.root() + " (" + lock.error().context() +
                        "): stop it first (systemctl stop bullpend, or bullpenctl shutdown), "
                        "restore, and start it then; nothing was done");
    return lock;
}

Result<void> write_home(const Context& context, const std::string& backup,
                        const std::vector<CopiedFile>& sums) {
    storage::SystemFileSystem files;
    const auto& home = context.home;
    BULLPEN_CHECK(config::make_home(home));
    for (const auto& file : sums) {
        if (!file.path.starts_with(k_home_prefix))
            continue;
        const auto to = home.root() + "/" + file.path.substr(k_home_prefix.size());
        BULLPEN_CHECK(make_directories(storage::directory_of(to), 0700));
        // What make_home() wrote gives way.
        if (::access(to.c_str(), F_OK) == 0)
            BULLPEN_CHECK(files.remove(to));
        BULLPEN_TRY(const auto copied, copy_file(backup + "/" + file.path, to));
        if (copied.sha256 != file.sha256)
            return fail(Errc::corrupt, to + " came out as something else");
        BULLPEN_CHECK(files.sync_directory(storage::directory_of(to)));
    }
    return {};
}

Result<storage::FenceFile> fences_of(const Home& home, Fence greatest_used) {
    return storage::FenceFile::open(home.fences(), storage::FenceFile::copy_in(home),
                                    greatest_used);
}

// What of the old home's numbers must not come again. `here`: how far the home itself had used
// fences before, if it is one whose accounts are gone.
Result<void> renumber(const Home& home, Fence here) {
    BULLPEN_CHECK(vault::forget_newest(home));
    // Fences of launches since the backup must not come again.
    BULLPEN_TRY(auto fences, fences_of(home, std::max(here, Fence{1})));
    return fences.reserve(Fence{fences.reserved().value + k_fences_beyond});
}

// How many files of the backup there are in the home now.
std::size_t files_there(const Home& home, const std::vector<CopiedFile>& sums) {
    return static_cast<std::size_t>(
        std::count_if(sums.begin(), sums.end(), [&](const CopiedFile& one) {
            return one.path.starts_with(k_home_prefix) &&
                   ::access((home.root() + "/" + one.path.substr(k_home_prefix.size())).c_str(),
                            F_OK) == 0;
        }));
}

void show(Context& context, const Facts& facts, bool dry) {
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key("ok").boolean(true).key("home").string(context.home.root());
        json.key("files").unsigned_number(facts.files).key("accounts").begin_array();
        for (const auto& one : facts.accounts) {
            json.begin_object().key("account").string(one.account);
            json.key("last_sequence").unsigned_number(one.last_sequence);
            json.key("state").string(word(one.state)).end_object();
        }
        json.end_array().end_object();
        context.out += "\n";
        return;
    }
    context.out.line(printable((dry ? "whole: " : "restored " + context.home.root() + ": ") +
                               std::to_string(facts.accounts.size()) + " accounts, " +
                               std::to_string(facts.files) + " files"));
    for (const auto& one : facts.accounts) {
        if (one.state == CopyState::damaged)
            context.out.line("The state of " + one.account +
                                 " was damaged when the backup was made, and is as it was then",
                             Colour::red);
    }
    if (dry)
        return;
    if (::geteuid() == 0)
        context.out.line("Its files are root's; --user makes a home of another user.",
                         Colour::yellow);
    context.out.line(
        "Before you start it: no daemon and no worker of the old home may run, on any "
        "host.");
    context.out.line(printable("The vault's key is to be put back: " + context.home.secrets() +
                               "/vault.key, unless bullpen.toml names another place."));
    if (::access((context.home.root() + "/remote/clients").c_str(), F_OK) == 0)
        context.out.line(printable(
            "The key by which clients of other hosts know this home is in no backup: put back a "
            "copy of your own as " +
            ipc::server_key_path(context.home) +
            ", or make a new one with `bullpenctl remote keygen` and tell each client."));
    context.out.line(
        "Each account asks its broker what happened since; compare before the next "
        "one starts.");
}

Result<Facts> run(Context& context, const std::string& backup, const std::vector<CopiedFile>& sums,
                  bool dry) {
    BULLPEN_TRY(auto facts, check_backup(backup, sums));
    if (dry)
        return facts;
    BULLPEN_CHECK(is_free(context.home));
    BULLPEN_TRY(auto lock, hold_home(context));
    // Once more, now that nobody adds any.
    BULLPEN_CHECK(is_free(context.home));
    const auto before = fences_of(context.home, Fence{});
    BULLPEN_CHECK(write_home(context, backup, sums));
    BULLPEN_CHECK(check_accounts(context.home.root(), facts.accounts));
    const auto there = files_there(context.home, sums);
    if (there != facts.files)
        return fail(Errc::corrupt, context.home.root() + " has " + std::to_string(there) + " of " +
                                       std::to_string(facts.files) + " files of the backup");
    BULLPEN_CHECK(renumber(context.home, before ? before->reserved() : Fence{}));
    BULLPEN_CHECK(lock.mark_ended(context.clock.utc()));
    return facts;
}

}  // namespace

// Whose the home is to be, before anything is read or written.
Result<void> take_user(const Context& context) {
    const auto user = context.arguments.value("user");
    if (!user)
        return become_owner(context.home);
    BULLPEN_TRY(const auto found, launch::find_unix_user(std::string(*user), "/etc/passwd"));
    return become_owner_to_be(context.home, {found.uid, found.gid});
}

int restore(Context& context) {
    if (const auto taken = take_user(context); !taken)
        return report(context, taken.error(), ExitCode::failed);
    std::error_code code;
    const auto backup =
        std::filesystem::weakly_canonical(std::string(context.arguments.operands[0]), code)
            .string();
    const auto files = read_sums(backup);
    if (!files)
        return report(context, files.error(), ExitCode::failed);
    const bool dry = context.arguments.has("dry-run");
    if (!dry && !context.arguments.has("yes") &&
        !confirmed(context, "Type yes to make " + context.home.root() + " of it: ", "yes"))
        return report(context, "not confirmed; nothing was done. --yes does it without a question",
                      ExitCode::failed);
    const auto facts = run(context, backup, *files, dry);
    if (!facts)
        return report(context, facts.error(), exit_code_of(facts.error()));
    show(context, *facts, dry);
    return 0;
}

}  // namespace bullpen::ctl
