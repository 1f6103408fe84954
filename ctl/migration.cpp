// `bullpenctl migrate split`.
#include "ctl/migration.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "common/base/errc.hpp"
#include "common/storage/atomic_file.hpp"
#include "ctl/act.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/old_folder.hpp"
#include "ctl/roster_edit.hpp"
#include "ctl/table.hpp"
#include "ctl/text.hpp"
#include "moving/digest.hpp"
#include "moving/orders_file.hpp"
#include "moving/text_files.hpp"

namespace bullpen::ctl {

namespace {

using moving::Match;

constexpr std::size_t k_order_files_max = 5000;
// Sorts behind every name that a file can have.
constexpr const char* k_newest = "\xFF";

struct Work {
    std::string path;  // of the source, absolute
    moving::SplitSource source;
    std::vector<moving::Claimant> users;
    std::map<std::string, AccountId> accounts;  // by user
    moving::Split split;
    moving::SplitFiles files;
    MigrationRecord record;
    std::string directory;
    bool from_broker = false;
    std::vector<std::string> unread;  // order files that could not be read
    std::vector<std::string> odd;     // numbers that are none, where they stand
};

std::string absolute(std::string_view path) {
    std::error_code code;
    return std::filesystem::weakly_canonical(std::string(path), code).string();
}

void note_odd(Work& work, const std::string& path, const std::string& text) {
    if (const auto what = moving::no_numbers_in(text); !what.empty())
        work.odd.push_back(path + ": " + what);
}

// Where the order files are: as told, or beside the folder that the source is in.
std::vector<std::string> order_folders(const Context& context, const std::string& source) {
    if (const auto told = context.arguments.value("orders"))
        return {absolute(*told)};
    const auto root = storage::directory_of(storage::directory_of(source));
    return {root + "/Current_Orders", root + "/Daily/Current_Orders"};
}

// A user's order files by their names, which end in their times: the newest first.
using OrderPaths = std::map<std::pair<std::string, std::string>, std::string, std::greater<>>;
struct OrderPlaces {
    std::map<std::string, OrderPaths> by_user;
    std::size_t count = 0;
};

Result<void> find_orders(const std::string& folder, OrderPlaces& found) {
    storage::SystemFileSystem files;
    const auto users = files.list(folder);
    if (!users)
        return storage::is_missing(users.error()) ? Result<void>() : fail(users.error());
    for (const auto& user : *users) {
        const auto inner = folder + "/" + user;
        const auto names = files.list(inner);
        if (!names && names.error().code() == std::errc::not_a_directory)
            continue;  // a file beside the users' folders
        // Which there are nobody knows, so the newest one of all may be one of them.
        if (!names)
            found.by_user[user].insert({{k_newest, inner}, inner});
        for (const auto& name : names ? *names : std::vector<std::string>()) {
            if (!name.ends_with(".json"))
                continue;
            if (++found.count > k_order_files_max)
                return fail(Errc::too_large, folder + " has more than 5000 order files");
            found.by_user[user].insert({{name, inner}, inner + "/" + name});
        }
    }
    return {};
}

moving::OrderClaims read_orders(Work& work, const std::string& user, const OrderPaths& paths) {
    storage::SystemFileSystem files;
    std::vector<std::optional<moving::OrderFile>> read;
    const auto beginning = "/orders_" + user + "_";
    for (const auto& [key, path] : paths) {
        const auto text = files.read(path, k_state_max);
        auto parsed = text ? moving::parse_orders(*text) : fail(text.error());
        if (!parsed) {
            work.unread.push_back(path + ": " + parsed.error().message());
            // Without a time in its name it may be the newest one.
            const bool timed = path.find(beginning) != std::string::npos;
            read.insert(timed ? read.end() : read.begin(), std::nullopt);
            continue;
        }
        read.emplace_back(std::move(*parsed));
        note_odd(work, path, *text);
    }
    return moving::claims_of(read);
}

Result<void> read_users(Context& context, Work& work) {
    BULLPEN_TRY(work.accounts, imported_users(context));
    OrderPlaces orders;
    for (const auto& folder : order_folders(context, work.path))
        BULLPEN_CHECK(find_orders(folder, orders));
    std::map<std::string, std::map<std::string, std::int64_t>> holdings;
    if (const auto path = context.arguments.value("holdings")) {
        BULLPEN_TRY(const auto text, read_file(absolute(*path), k_state_max));
        auto parsed = moving::parse_holdings(text);
        if (!parsed)
            return fail(parsed.error().wrap(*path));
        note_odd(work, absolute(*path), text);
        holdings = std::move(*parsed);
        work.from_broker = true;
    }
    std::map<std::string, moving::Claimant> users;
    for (const auto& [user, id] : work.accounts)
        users[user].user = user;
    for (const auto& [user, paths] : orders.by_user) {
        auto claims = read_orders(work, user, paths);
        users[user] = {user, std::nullopt, std::move(claims.net), std::move(claims.unsure)};
    }
    for (auto& [user, held] : holdings) {
        users[user].user = user;
        users[user].holdings = std::move(held);
    }
    for (auto& [user, claimant] : users)
        work.users.push_back(std::move(claimant));
    return {};
}

// Whoever gets something has an account to get it.
Result<void> all_have_accounts(const Work& work) {
    for (const auto& division : work.split.divisions) {
        for (const auto& part : division.parts) {
            if (!work.accounts.contains(part.user))
                return fail(Errc::refused, division.ticker + " is " + part.user +
                                               "'s, and no account of this home is: import that "
                                               "user first");
        }
    }
    return {};
}

std::string state_path(const Context& context, const Work& work, const std::string& user) {
    return context.home.account(work.accounts.at(user)).directory + "/data/trading_state_" + user +
           ".json";
}

Result<void> plan(Context& context, Work& work) {
    work.source.name = work.path;
    BULLPEN_TRY(work.source.text, read_file(work.path, k_state_max));
    work.source.sha256 = moving::sha256(work.source.text);
    const auto state = moving::parse_equity_state(work.source.text);
    if (!state)
        return fail(state.error().wrap(work.path));
    note_odd(work, work.path, work.source.text);
    if (!state->user.empty())
        return fail(Errc::invalid, work.path + " is the file of " + state->user +
                                       " alone: there is nothing to divide");
    BULLPEN_CHECK(read_users(context, work));
    work.split = moving::divide(*state, work.users);
    BULLPEN_CHECK(all_have_accounts(work));
    std::erase_if(work.users, [&](const auto& user) { return !work.accounts.contains(user.user); });
    for (const auto& user : work.users) {
        MigrationTarget target;
        target.user = user.user;
        target.account = work.accounts.at(user.user).str();
        target.path = state_path(context, work, user.user);
        target.kept = "before-" + target.account + ".json";
        work.record.targets.push_back(std::move(target));
    }
    BULLPEN_TRY(const auto before, texts_of(work.record));
    auto files = moving::split_files(work.source, work.split, work.users, before);
    if (!files)
        return fail(files.error());
    work.files = std::move(*files);
    return {};
}

void show_json(Context& context, const Work& work) {
    JsonWriter json(context.out.buffer());
    json.begin_object().key("source").string(work.path);
    json.key("sha256").string(work.source.sha256);
    json.key("matches").boolean(work.split.matches() && work.files.collisions.empty());
    json.key("divisions").begin_array();
    for (const auto& one : work.split.divisions) {
        json.begin_object().key("ticker").string(one.ticker);
        json.key("quantity").number(one.quantity).key("match").string(word(one.match));
        json.key("claimed").number(one.claimed).key("parts").begin_array();
        for (const auto& part : one.parts) {
            json.begin_object().key("user").string(part.user);
            json.key("account").string(work.accounts.at(part.user).str());
            json.key("quantity").number(part.quantity).end_object();
        }
        json.end_array().key("unassigned").number(one.unassigned).end_object();
    }
    json.end_array().key("unknown").begin_array();
    for (const auto& one : work.split.unknown) {
        json.begin_object().key("ticker").string(one.ticker).key("user").string(one.user);
        json.key("quantity").number(one.quantity).end_object();
    }
    json.end_array().key("unsure").begin_array();
    for (const auto& one : work.split.unsure) {
        json.begin_object().key("ticker").string(one.ticker);
        json.key("user").string(one.user).end_object();
    }
    json.end_array().key("collisions").begin_array();
    for (const auto& one : work.files.collisions) {
        json.begin_object().key("ticker").string(one.ticker);
        json.key("user").string(one.user).end_object();
    }
    json.end_array().key("unread").begin_array();
    for (const auto& sentence : work.unread)
        json.string(sentence);
    json.end_array().key("no_numbers").begin_array();
    for (const auto& sentence : work.odd)
        json.string(sentence);
    json.end_array().end_object();
    context.out += "\n";
}

void show(Context& context, const Work& work) {
    if (context.globals.json)
        return show_json(context, work);
    Table table({{"TICKER"}, {"QUANTITY", true}, {"WHOSE"}, {"UNASSIGNED", true}, {"MATCH"}});
    for (const auto& one : work.split.divisions) {
        std::string whose;
        for (const auto& part : one.parts)
            whose += (whose.empty() ? "" : ", ") + part.user +
                     (one.match == Match::record ? "" : " " + std::to_string(part.quantity));
        const bool wrong = !moving::matches(one);
        table.add({{one.ticker},
                   {std::to_string(one.quantity)},
                   {whose},
                   {std::to_string(one.unassigned)},
                   {std::string(word(one.match)) +
                        (wrong ? ", " + std::to_string(one.claimed) + " claimed" : ""),
                    wrong ? Colour::red : Colour::none}});
    }
    table.append_to(context.out.buffer(), 0, context.out.coloured());
    context.out.line(work.from_broker
                         ? "Whose it is: from the broker's holdings, else from order files."
                         : "Whose it is: from order files alone. --holdings says what the broker "
                           "says.");
    for (const auto& one : work.split.unknown)
        context.out.line(
            printable(one.user + " has " + std::to_string(one.quantity) + " " + one.ticker +
                      ", which the state does not: nothing is made of it"),
            Colour::yellow);
    for (const auto& one : work.files.collisions)
        context.out.line(
            printable(one.ticker + " is in the file of " + one.user + " already, from elsewhere"),
            Colour::red);
    for (const auto& sentence : work.unread)
        context.out.line(printable("not read: " + sentence), Colour::red);
    for (const auto& one : work.split.unsure)
        context.out.line(
            printable("what " + one.user + " has of " + one.ticker +
                      " is not counted: a newer order file, or the newest order, does not say"),
            Colour::red);
    for (const auto& sentence : work.odd)
        context.out.line(printable(sentence), Colour::yellow);
}

// Errc::refused with the reason, when what does not fit was not accepted.
Result<void> acceptable(const Context& context, const Work& work) {
    if (context.arguments.has("accept"))
        return {};
    const char* how =
        "; nothing was done. --accept divides nevertheless, and leaves what is not clear in "
        "unassigned.json";
    for (const auto& one : work.split.divisions) {
        if (moving::matches(one))
            continue;
        return fail(Errc::refused, "what users have is not what the state has: of " + one.ticker +
                                       " there are " + std::to_string(one.quantity) + ", and " +
                                       std::to_string(one.claimed) + " are claimed" + how);
    }
    if (!work.files.collisions.empty())
        return fail(Errc::refused, std::string("a user's file has a ticker already") + how);
    if (!work.unread.empty())
        return fail(Errc::refused, std::string("an order file could not be read") + how);
    return {};
}

Result<void> back_up(storage::FileSystem& files, Work& work, const std::string& stamp) {
    const auto folder = storage::directory_of(work.path);
    work.record.backup = folder + "/trading_state_backup_" + stamp + ".json";
    BULLPEN_CHECK(storage::replace_file(files, work.record.backup, work.source.text));
    const auto name = work.record.backup.substr(folder.size() + 1);
    BULLPEN_CHECK(storage::replace_file(files, work.record.backup + ".sha256",
                                        work.source.sha256 + "  " + name + "\n"));
    BULLPEN_TRY(const auto again, files.read(work.record.backup, k_state_max));
    if (moving::sha256(again) != work.source.sha256)
        return fail(Errc::corrupt, "the backup is not what the file is");
    return {};
}

// What each file was, and what was meant: before anything is changed.
Result<void> write_record(Context& context, storage::FileSystem& files, Work& work,
                          const std::string& stamp) {
    work.directory = migration_directory(context, work.source.sha256);
    BULLPEN_CHECK(make_directories(work.directory, 0700));
    BULLPEN_TRY(const auto before, texts_of(work.record));
    std::vector<MigrationTarget> targets;
    for (auto& target : work.record.targets) {
        const auto after = work.files.users.find(target.user);
        if (after == work.files.users.end())
            continue;
        if (const auto found = before.find(target.user); found != before.end()) {
            target.was_there = true;
            target.before_sha256 = moving::sha256(found->second);
            BULLPEN_CHECK(
                storage::replace_file(files, work.directory + "/" + target.kept, found->second));
        }
        target.after_sha256 = moving::sha256(after->second);
        targets.push_back(target);
    }
    work.record.targets = std::move(targets);
    work.record.source = work.path;
    work.record.sha256 = work.source.sha256;
    work.record.renamed = work.path + ".migrated-" + stamp;
    work.record.utc = format_utc(context.clock.utc());
    return storage::replace_file(files, work.directory + "/record.json", format(work.record));
}

Result<void> write_files(storage::FileSystem& files, const Work& work) {
    for (const auto& target : work.record.targets) {
        const auto& text = work.files.users.at(target.user);
        BULLPEN_CHECK(make_directories(storage::directory_of(target.path), 0700));
        BULLPEN_CHECK(storage::replace_file(files, target.path, text));
    }
    return storage::replace_file(files, work.directory + "/unassigned.json", work.files.unassigned);
}

Result<void> close(storage::FileSystem& files, Work& work) {
    BULLPEN_TRY(const auto written, texts_of(work.record));
    BULLPEN_TRY(const auto unassigned,
                files.read(work.directory + "/unassigned.json", k_state_max));
    const auto wrong = moving::check_split(work.source, written, unassigned);
    if (!wrong.empty())
        return fail(Errc::corrupt, "what was written does not add up (" + wrong.front() +
                                       "); bullpenctl migrate rollback " + work.path +
                                       " goes back");
    BULLPEN_CHECK(files.rename(work.path, work.record.renamed));
    BULLPEN_CHECK(files.sync_directory(storage::directory_of(work.path)));
    work.record.phase = MigrationPhase::done;
    return storage::replace_file(files, work.directory + "/record.json", format(work.record));
}

// A migration of this source that was cut short: the files are put back to what they were, and it
// begins anew.
Result<void> undo_begun(Context& context, storage::FileSystem& files, Work& work) {
    BULLPEN_TRY(const auto known, migrations(context));
    for (const auto& one : known) {
        if (one.record.sha256 != work.source.sha256 || one.record.phase != MigrationPhase::begun)
            continue;
        for (const auto& target : one.record.targets) {
            auto now = files.read(target.path, k_state_max);
            if (!now || moving::sha256(*now) != target.after_sha256)
                continue;
            if (!target.was_there) {
                BULLPEN_CHECK(files.remove(target.path));
                continue;
            }
            BULLPEN_TRY(const auto before,
                        files.read(one.directory + "/" + target.kept, k_state_max));
            BULLPEN_CHECK(storage::replace_file(files, target.path, before));
        }
    }
    return {};
}

Result<void> carry_out(Context& context, Work& work) {
    BULLPEN_CHECK(old_bot_stands(context, work.path));
    std::vector<ipc::AccountLock> locks;
    for (const auto& [user, id] : work.accounts) {
        BULLPEN_TRY(auto lock, hold_account(context, id, "bullpenctl migrate"));
        locks.push_back(std::move(lock));
    }
    storage::SystemFileSystem files;
    BULLPEN_CHECK(undo_begun(context, files, work));
    // With the locks held nothing changes under it any more: what is written is planned from that.
    Work held;
    held.path = work.path;
    BULLPEN_CHECK(plan(context, held));
    if (held.source.sha256 != work.source.sha256)
        return fail(Errc::refused, work.path + " changed meanwhile; nothing was done");
    BULLPEN_CHECK(acceptable(context, held));
    work = std::move(held);
    auto stamp = format_utc(context.clock.utc());
    std::erase_if(stamp, [](char c) { return c == ':' || c == '-' || c == '.'; });
    BULLPEN_CHECK(back_up(files, work, stamp));
    BULLPEN_CHECK(write_record(context, files, work, stamp));
    BULLPEN_CHECK(write_files(files, work));
    BULLPEN_CHECK(close(files, work));
    for (auto& lock : locks)
        BULLPEN_CHECK(lock.mark_ended(context.clock.utc()));
    return {};
}

// Whether the source has its other name: the last step but the record's own.
bool is_over(const FoundMigration& one) {
    if (one.record.phase == MigrationPhase::rolled_back ||
        ::access(one.record.source.c_str(), F_OK) == 0 ||
        ::access(one.record.renamed.c_str(), F_OK) != 0)
        return false;
    auto record = one.record;
    record.phase = MigrationPhase::done;
    storage::SystemFileSystem files;
    return one.record.phase == MigrationPhase::done ||
           storage::replace_file(files, one.directory + "/record.json", format(record)).has_value();
}

int said(Context& context, const std::string& sentence, const Work* work) {
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key("ok").boolean(true);
        json.key("done").string(sentence);
        json.key("backup").text_or_null(work != nullptr ? work->record.backup : "");
        json.key("unassigned")
            .text_or_null(work != nullptr ? work->directory + "/unassigned.json" : "");
        json.end_object();
        context.out += "\n";
        return 0;
    }
    context.out.line(printable(sentence));
    if (work != nullptr) {
        context.out.line(printable("backup: " + work->record.backup));
        context.out.line(printable("what is nobody's: " + work->directory + "/unassigned.json"));
    }
    return 0;
}

}  // namespace

Result<void> old_bot_stands(const Context& context, const std::string& source) {
    if (context.arguments.has("stopped"))
        return {};
    // The source is in data/ of the bot's folder, or of its Daily/.
    auto root = storage::directory_of(storage::directory_of(source));
    if (root.ends_with("/Daily"))
        root = storage::directory_of(root);
    BULLPEN_TRY(const auto locks, pid_files(root));
    const auto sign = sign_of_life(locks);
    return sign.empty() ? Result<void>() : fail(Errc::refused, sign + "; nothing was done");
}

int migrate_split(Context& context) {
    if (context.arguments.operands.size() < 2)
        return report(context, "the FILE to divide is missing", ExitCode::usage);
    Work work;
    work.path = absolute(context.arguments.operands[1]);
    const auto known = migrations(context);
    if (!known)
        return report(context, known.error(), ExitCode::failed);
    for (const auto& one : *known) {
        if (one.record.source != work.path || !is_over(one))
            continue;
        return said(context, "it was divided already, at " + one.record.utc + "; nothing was done",
                    nullptr);
    }
    if (const auto planned = plan(context, work); !planned)
        return report(context, planned.error(), exit_code_of(planned.error()));
    const bool dry = context.arguments.has("dry-run");
    if (dry || !context.globals.json)
        show(context, work);
    context.out.flush();
    const auto fits = acceptable(context, work);
    const auto stands = old_bot_stands(context, work.path);
    if (dry && !stands && !context.globals.json)
        context.out.line(printable("Before the split: " + stands.error().context()), Colour::red);
    if (dry && (fits || context.globals.json))
        return value(fits ? ExitCode::done : ExitCode::failed);
    if (!fits)
        return report(context, fits.error().context(), ExitCode::failed);
    if (!stands)
        return report(context, stands.error().context(), ExitCode::failed);
    if (!context.arguments.has("yes") && !confirmed(context, "Type yes to divide it so: ", "yes"))
        return report(context, "not confirmed; nothing was done. --yes does it without a question",
                      ExitCode::failed);
    if (const auto done = carry_out(context, work); !done)
        return report(context, done.error(), exit_code_of(done.error()));
    return said(context,
                "divided among " + std::to_string(work.record.targets.size()) + " accounts; " +
                    work.path + " is called " + work.record.renamed + " now",
                &work);
}

}  // namespace bullpen::ctl
