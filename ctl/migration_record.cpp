// The records of migrations, and going back by them.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/config/roster.hpp"
#include "common/documents/json_text.hpp"
#include "common/storage/atomic_file.hpp"
#include "ctl/act.hpp"
#include "ctl/json_fields.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/migration.hpp"
#include "ctl/roster_edit.hpp"
#include "ctl/text.hpp"
#include "moving/digest.hpp"

namespace bullpen::ctl {

namespace {

using nlohmann::ordered_json;

constexpr std::string_view k_folder = "/imported";
constexpr std::string_view k_prefix = "split-";

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0;
}

Result<std::string> text_now(storage::FileSystem& files, const std::string& path) {
    auto text = files.read(path, k_state_max);
    if (!text && storage::is_missing(text.error()))
        return std::string();
    return text;
}

// The migrations that the second word names by their source, or all.
Result<std::vector<FoundMigration>> named(Context& context) {
    BULLPEN_TRY(auto all, migrations(context));
    if (context.arguments.operands.size() > 1) {
        std::error_code code;
        const auto source =
            std::filesystem::weakly_canonical(std::string(context.arguments.operands[1]), code)
                .string();
        std::erase_if(all, [&](const FoundMigration& one) {
            return one.record.source != source && one.record.renamed != source;
        });
    }
    if (all.empty())
        return fail(Errc::not_found, "no such migration is known in " + context.home.root());
    return all;
}

struct Verdict {
    const FoundMigration* migration;
    std::vector<std::string> wrong;
};

std::vector<std::string> wrong_with(const Context& context, const FoundMigration& one) {
    if (one.record.phase != MigrationPhase::done)
        return {"it is " + std::string(word(one.record.phase))};
    storage::SystemFileSystem files;
    const auto backup = files.read(one.record.backup, k_state_max);
    if (!backup)
        return {backup.error().message()};
    if (moving::sha256(*backup) != one.record.sha256)
        return {one.record.backup + " is not what it was: its checksum is another one"};
    const auto users = texts_of(resolved(context, one.record));
    const auto unassigned = files.read(one.directory + "/unassigned.json", k_state_max);
    if (!users || !unassigned)
        return {(users ? unassigned.error() : users.error()).message()};
    return moving::check_split({one.record.source, *backup, one.record.sha256}, *users,
                               *unassigned);
}

// Neither as it was before nor as it was made, or gone: somebody has worked with it since. Of a
// division that was cut short a file may not have been made yet.
Result<std::vector<std::string>> changed_since(const MigrationRecord& record) {
    storage::SystemFileSystem files;
    std::vector<std::string> changed;
    for (const auto& target : record.targets) {
        BULLPEN_TRY(const auto text, text_now(files, target.path));
        const auto digest = text.empty() ? std::string() : moving::sha256(text);
        if (text.empty() && record.phase == MigrationPhase::done)
            changed.push_back(target.path + ", the file of " + target.user +
                              ", is not there any more: its positions may be elsewhere");
        else if (digest != target.after_sha256 && digest != target.before_sha256)
            changed.push_back(target.path + " was changed since");
    }
    return changed;
}

Result<bool> is_whole(storage::FileSystem& files, const std::string& path,
                      const MigrationRecord& record) {
    BULLPEN_TRY(const auto text, text_now(files, path));
    return moving::sha256(text) == record.sha256;
}

// The first file that is still what was divided: itself, under its other name, or the backup.
Result<std::string> whole_source(const MigrationRecord& record) {
    storage::SystemFileSystem files;
    for (const auto& path : {record.source, record.renamed, record.backup}) {
        BULLPEN_TRY(const bool whole, is_whole(files, path, record));
        if (whole)
            return path;
    }
    return fail(Errc::corrupt, "neither " + record.source + " nor " + record.renamed + " nor " +
                                   record.backup +
                                   " is what was divided: their checksums are others; nothing was "
                                   "done");
}

// What was written under the source's name since goes aside.
Result<void> put_source_back(storage::FileSystem& files, const MigrationRecord& record,
                             const std::string& from, const std::string& stamp) {
    if (from != record.source && exists(record.source))
        BULLPEN_CHECK(files.rename(record.source, record.source + ".before-rollback-" + stamp));
    if (from == record.backup) {
        BULLPEN_TRY(const auto text, files.read(from, k_state_max));
        BULLPEN_CHECK(storage::replace_file(files, record.source, text));
    } else if (from != record.source) {
        BULLPEN_CHECK(files.rename(from, record.source));
    }
    BULLPEN_CHECK(files.sync_directory(storage::directory_of(record.source)));
    BULLPEN_TRY(const bool whole, is_whole(files, record.source, record));
    if (!whole)
        return fail(Errc::corrupt, record.source + " is not what it was: its checksum is another");
    return {};
}

Result<void> restore(storage::FileSystem& files, const std::string& directory,
                     const MigrationTarget& target) {
    BULLPEN_TRY(const auto now, text_now(files, target.path));
    const auto digest = now.empty() ? std::string() : moving::sha256(now);
    if (digest == target.before_sha256)
        return {};
    if (!now.empty() && digest != target.after_sha256)
        BULLPEN_CHECK(storage::replace_file(files, target.path + ".before-rollback", now));
    if (!target.was_there) {
        BULLPEN_CHECK(files.remove(target.path));
        return files.sync_directory(storage::directory_of(target.path));
    }
    BULLPEN_TRY(const auto before, files.read(directory + "/" + target.kept, k_state_max));
    if (moving::sha256(before) != target.before_sha256)
        return fail(Errc::corrupt, "what " + target.path + " was is not what was kept of it");
    BULLPEN_CHECK(make_directories(storage::directory_of(target.path), 0700));
    return storage::replace_file(files, target.path, before);
}

// Nothing that somebody wrote since is gone back over unless that was said.
Result<void> may_go_back(const Context& context, const MigrationRecord& record,
                         const std::string& source) {
    BULLPEN_TRY(auto changed, changed_since(record));
    if (source != record.source && exists(record.source))
        changed.push_back(record.source + " was written anew since");
    if (changed.empty() || context.arguments.has("accept"))
        return {};
    return fail(Errc::refused, changed.front() +
                                   "; nothing was done. --accept goes back nevertheless, and keeps "
                                   "what is there now beside it as .before-rollback");
}

Result<void> write_phase(storage::FileSystem& files, FoundMigration& one, MigrationPhase phase) {
    one.record.phase = phase;
    return storage::replace_file(files, one.directory + "/record.json", format(one.record));
}

Result<void> roll_back(Context& context, FoundMigration& one) {
    BULLPEN_CHECK(old_bot_stands(context, one.record.source));
    const auto record = resolved(context, one.record);
    std::vector<ipc::AccountLock> locks;
    for (const auto& target : record.targets) {
        BULLPEN_TRY(const auto id, AccountId::parse(target.account));
        BULLPEN_TRY(auto lock, hold_account(context, id, "bullpenctl migrate"));
        locks.push_back(std::move(lock));
    }
    BULLPEN_TRY(const auto source, whole_source(record));
    BULLPEN_CHECK(may_go_back(context, record, source));
    storage::SystemFileSystem files;
    // Cut short from here on, it is what a division that was cut short is.
    BULLPEN_CHECK(write_phase(files, one, MigrationPhase::begun));
    for (const auto& target : record.targets)
        BULLPEN_CHECK(restore(files, one.directory, target));
    auto stamp = format_utc(context.clock.utc());
    std::erase_if(stamp, [](char c) { return c == ':' || c == '-' || c == '.'; });
    BULLPEN_CHECK(put_source_back(files, record, source, stamp));
    if (exists(one.directory + "/unassigned.json"))
        BULLPEN_CHECK(files.rename(one.directory + "/unassigned.json",
                                   one.directory + "/unassigned.json.rolled-back"));
    BULLPEN_CHECK(write_phase(files, one, MigrationPhase::rolled_back));
    for (auto& lock : locks)
        BULLPEN_CHECK(lock.mark_ended(context.clock.utc()));
    return {};
}

}  // namespace

std::string_view word(MigrationPhase phase) {
    switch (phase) {
        case MigrationPhase::begun: return "begun";
        case MigrationPhase::done: return "done";
        case MigrationPhase::rolled_back: return "rolled_back";
    }
    return "";
}

std::string format(const MigrationRecord& record) {
    ordered_json out = {{"v", 1},
                        {"source", record.source},
                        {"sha256", record.sha256},
                        {"backup", record.backup},
                        {"renamed", record.renamed},
                        {"utc", record.utc},
                        {"phase", word(record.phase)}};
    auto& targets = out["targets"] = ordered_json::array();
    for (const auto& target : record.targets)
        targets.push_back({{"user", target.user},
                           {"account", target.account},
                           {"path", target.path},
                           {"was_there", target.was_there},
                           {"before_sha256", target.before_sha256},
                           {"after_sha256", target.after_sha256}});
    return documents::json_text(out, 2) + "\n";
}

Result<MigrationRecord> parse_migration(const std::string& text) {
    const auto value = documents::parse_ordered_json(text);
    if (!value.is_object() || !value.contains("targets") || !value["targets"].is_array())
        return fail(Errc::corrupt, "it is no record of a migration");
    MigrationRecord record;
    record.source = text_of(value, "source");
    record.sha256 = text_of(value, "sha256");
    record.backup = text_of(value, "backup");
    record.renamed = text_of(value, "renamed");
    record.utc = text_of(value, "utc");
    const auto phase = text_of(value, "phase");
    record.phase = phase == "done"          ? MigrationPhase::done
                   : phase == "rolled_back" ? MigrationPhase::rolled_back
                                            : MigrationPhase::begun;
    for (const auto& one : value["targets"]) {
        MigrationTarget target;
        target.user = text_of(one, "user");
        target.account = text_of(one, "account");
        target.path = text_of(one, "path");
        target.kept = "before-" + target.account + ".json";
        target.before_sha256 = text_of(one, "before_sha256");
        target.was_there = !target.before_sha256.empty();
        target.after_sha256 = text_of(one, "after_sha256");
        record.targets.push_back(std::move(target));
    }
    return record;
}

std::string migration_directory(const Context& context, const std::string& sha256) {
    return context.home.root() + std::string(k_folder) + "/" + std::string(k_prefix) +
           sha256.substr(0, 12);
}

Result<std::vector<FoundMigration>> migrations(const Context& context) {
    storage::SystemFileSystem files;
    const auto folder = context.home.root() + std::string(k_folder);
    const auto names = files.list(folder);
    if (!names)
        return storage::is_missing(names.error()) ? Result<std::vector<FoundMigration>>({})
                                                  : fail(names.error());
    std::vector<FoundMigration> found;
    for (const auto& name : *names) {
        const auto directory = folder + "/" + name;
        if (!name.starts_with(k_prefix) || !exists(directory + "/record.json"))
            continue;
        BULLPEN_TRY(const auto text, files.read(directory + "/record.json", k_state_max));
        auto record = parse_migration(text);
        if (!record)
            return fail(record.error().wrap(directory + "/record.json"));
        found.push_back({directory, std::move(*record)});
    }
    std::sort(found.begin(), found.end(),
              [](auto& a, auto& b) { return a.record.utc < b.record.utc; });
    return found;
}

Result<std::map<std::string, AccountId>> imported_users(const Context& context) {
    storage::SystemFileSystem files;
    std::map<std::string, AccountId> users;
    for (const auto& [id, settings] :
         config::RosterReader(context.home).read(context.clock.utc()).accounts) {
        const auto text =
            files.read(context.home.account(id).directory + "/imported.json", k_state_max);
        const auto imported = documents::parse_json(text ? *text : "");
        if (imported.is_object() && text_of(imported, "kind") == "equity-bot")
            users.emplace(text_of(imported, "user"), id);
    }
    if (users.empty())
        return fail(Errc::not_found,
                    "no account of this home was imported from an equity bot: bullpenctl import "
                    "equity-bot comes first");
    return users;
}

MigrationRecord resolved(const Context& context, MigrationRecord record) {
    const auto users = imported_users(context);
    for (auto& target : record.targets) {
        const auto now = users ? users->find(target.user) : decltype(users->end()){};
        if (!users || now == users->end() || now->second.str() == target.account ||
            exists(target.path))
            continue;
        target.account = now->second.str();
        target.path = context.home.account(now->second).directory + "/data/trading_state_" +
                      target.user + ".json";
    }
    return record;
}

Result<std::map<std::string, std::string>> texts_of(const MigrationRecord& record) {
    storage::SystemFileSystem files;
    std::map<std::string, std::string> texts;
    for (const auto& target : record.targets) {
        BULLPEN_TRY(auto text, text_now(files, target.path));
        if (!text.empty())
            texts[target.user] = std::move(text);
    }
    return texts;
}

int migrate_verify(Context& context) {
    const auto found = named(context);
    if (!found)
        return report(context, found.error().context(), ExitCode::failed);
    bool ok = true;
    std::vector<Verdict> verdicts;
    for (const auto& one : *found) {
        verdicts.push_back({&one, wrong_with(context, one)});
        ok = ok && verdicts.back().wrong.empty();
    }
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key("ok").boolean(ok).key("migrations").begin_array();
        for (const auto& verdict : verdicts) {
            const auto& record = verdict.migration->record;
            json.begin_object().key("source").string(record.source);
            json.key("phase").string(word(record.phase));
            json.key("wrong").begin_array();
            for (const auto& sentence : verdict.wrong)
                json.string(sentence);
            json.end_array().end_object();
        }
        json.end_array().end_object();
        context.out += "\n";
        return ok ? 0 : value(ExitCode::failed);
    }
    for (const auto& verdict : verdicts) {
        const auto& record = verdict.migration->record;
        context.out.line(printable(record.source + ": " +
                                   (verdict.wrong.empty()
                                        ? "whole, in " + std::to_string(record.targets.size()) +
                                              " files and unassigned.json"
                                        : "not as it was divided")),
                         verdict.wrong.empty() ? Colour::green : Colour::red);
        for (const auto& sentence : verdict.wrong)
            context.out.line("  " + printable(sentence));
    }
    return ok ? 0 : value(ExitCode::failed);
}

int migrate_rollback(Context& context) {
    if (context.arguments.operands.size() < 2)
        return report(context, "the FILE that was divided is missing", ExitCode::usage);
    auto found = named(context);
    if (!found)
        return report(context, found.error().context(), ExitCode::failed);
    auto& one = found->back();
    if (one.record.phase == MigrationPhase::rolled_back)
        return report(context, "it was rolled back before; nothing was done", ExitCode::failed);
    if (!context.arguments.has("yes") && !context.arguments.has("dry-run") &&
        !confirmed(context, "Type yes to go back to one file: ", "yes"))
        return report(context, "not confirmed; nothing was done. --yes does it without a question",
                      ExitCode::failed);
    if (context.arguments.has("dry-run")) {
        for (const auto& target : resolved(context, one.record).targets)
            context.out.line(
                printable(target.path + (target.was_there ? " becomes what it was"
                                                          : " is removed: it was not there")));
        context.out.line(printable(one.record.source + " becomes what it was"));
        return 0;
    }
    if (const auto back = roll_back(context, one); !back)
        return report(context, back.error(), exit_code_of(back.error()));
    if (context.globals.json) {
        JsonWriter(context.out.buffer())
            .begin_object()
            .key("ok")
            .boolean(true)
            .key("source")
            .string(one.record.source)
            .end_object();
        context.out += "\n";
        return 0;
    }
    context.out.line(
        printable(one.record.source + " is as it was; its backup stays: " + one.record.backup));
    return 0;
}

}  // namespace bullpen::ctl
