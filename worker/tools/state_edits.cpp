// `bullpen-worker state set|remove|reset-day|session`: an operator puts an account's records right.
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "worker/jobs/share_edits.hpp"
#include "worker/tools/state_files.hpp"
#include "worker/trader_setup.hpp"

namespace bullpen::tools {

namespace {

using nlohmann::ordered_json;

Result<jobs::ShareChange> change_asked_for(const AskedState& asked) {
    jobs::ShareChange change;
    const auto& words = asked.words;
    if (words.has("--own")) {
        BULLPEN_TRY(const auto own, words.count("--own"));
        change.own = static_cast<std::int64_t>(own);
    }
    if (words.has("--gtt")) {
        BULLPEN_TRY(change.gtt, words.count("--gtt"));
    }
    if (words.has("--no-gtt")) {
        BULLPEN_TRY(change.no_gtt, words.count("--no-gtt"));
    }
    change.traded = words.has("--traded");
    if (!change.own && !change.gtt && !change.no_gtt && !change.traded)
        return fail(Errc::invalid, "set takes --own N, --gtt NUMBER, --no-gtt NUMBER or --traded");
    return change;
}

Result<jobs::StateEdit> plan_session(const AskedState& asked, const jobs::ShareState& before) {
    const auto& key = asked.more.front();
    const bool gone = asked.words.has("--delete");
    if (gone == (asked.more.size() > 1))
        return fail(Errc::invalid, "session takes KEY VALUE, or KEY --delete");
    const auto value = gone ? std::nullopt : std::optional(asked.more[1]);
    jobs::StateEdit edit;
    edit.after = before;
    BULLPEN_TRY(edit.after.carried, jobs::with_session_value(before.carried, key, value));
    if (!(edit.after == before))
        edit.changes.push_back("session data " + key + (gone ? ": deleted" : ": set"));
    return edit;
}

Result<jobs::StateEdit> plan(storage::FileSystem& files, const AskedState& asked,
                             const jobs::ShareState& before) {
    if (asked.verb == "session") {
        if (asked.more.empty())
            return fail(Errc::invalid, "session --delete needs a KEY");
        return plan_session(asked, before);
    }
    BULLPEN_TRY(const auto held, held_by_broker(files, asked));
    if (asked.verb == "reset-day")
        return jobs::plan_reset_day(before, held);
    if (asked.verb == "remove")
        return jobs::plan_remove(before, asked.more.front(), held);
    BULLPEN_TRY(const auto change, change_asked_for(asked));
    return jobs::plan_set(before, asked.more.front(), change, held,
                          worker::order_tag(asked.settings));
}

std::string told(const AskedState& asked, const jobs::StateEdit& edit, const std::string& backup) {
    const bool done = !backup.empty();
    if (asked.words.has("--json")) {
        const ordered_json out = {{"account", asked.id().str()},
                                  {"done", done},
                                  {"changes", edit.changes},
                                  {"doubts", edit.doubts},
                                  {"backup", done ? ordered_json(backup) : ordered_json(nullptr)}};
        return documents::json_text(out) + "\n";
    }
    std::string text;
    for (const auto& change : edit.changes)
        text += change + "\n";
    for (const auto& doubt : edit.doubts)
        text += "against it: " + doubt + "\n";
    if (edit.changes.empty())
        return text + "nothing changes\n";
    return text + (done ? "done; what was before is in " + backup + "\n"
                        : "nothing was done: --dry-run\n");
}

// What the orders files of the day say was ordered counts as the records do: they are set aside.
Result<void> set_files_aside(storage::FileSystem& files, const AskedState& asked, std::string day) {
    std::erase(day, '-');
    const auto& directory = asked.paths.orders;
    const auto names = files.list(directory);
    for (const auto& name : names ? *names : std::vector<std::string>()) {
        if (name.starts_with("orders_") && name.find("_" + day + "_") != std::string::npos)
            BULLPEN_CHECK(
                files.rename(directory + "/" + name, directory + "/before_reset_" + name));
    }
    return {};
}

}  // namespace

Result<std::string> edit_state(const AskedState& asked, const Clock& clock) {
    storage::SystemFileSystem files;
    BULLPEN_TRY(const auto before, known_state(files, asked));
    BULLPEN_TRY(const auto edit, plan(files, asked, before));
    const bool accepted = asked.words.has("--accept");
    if (asked.words.has("--dry-run") || edit.changes.empty())
        return told(asked, edit, {});
    if (!edit.doubts.empty() && !accepted) {
        std::string why;
        for (const auto& doubt : edit.doubts)
            why += (why.empty() ? "" : "; ") + doubt;
        return fail(Errc::refused, why + ". Nothing was done; --accept does it nevertheless");
    }
    BULLPEN_TRY(const auto backup,
                replace_state(files, asked, {before, edit.after, edit.changes, accepted}, clock));
    if (asked.verb == "reset-day") {
        BULLPEN_TRY(const auto held, held_by_broker(files, asked));
        BULLPEN_CHECK(set_files_aside(files, asked, jobs::newest_day(before.records, held)));
    }
    return told(asked, edit, backup);
}

}  // namespace bullpen::tools
