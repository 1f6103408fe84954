// `bullpen-worker state`: the records of an account of shares, shown, put right by an operator, out
// to a file and in from one.
#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/config/roster.hpp"
#include "common/documents/json_text.hpp"
#include "worker/tools/out_file.hpp"
#include "worker/tools/state_files.hpp"
#include "worker/tools/tool.hpp"
#include "worker/trader_setup.hpp"

namespace bullpen::tools {

namespace {

using nlohmann::ordered_json;

constexpr std::string_view k_state_usage =
    "usage: bullpenctl state show ACCOUNT [SYMBOL] [--product CNC|MIS] [--json]\n"
    "       bullpenctl state set ACCOUNT SYMBOL [--own N] [--gtt NUMBER] [--no-gtt NUMBER]\n"
    "                            [--traded] [--dry-run] [--accept] [--json]\n"
    "       bullpenctl state remove ACCOUNT SYMBOL [--dry-run] [--accept] [--json]\n"
    "       bullpenctl state reset-day ACCOUNT [--dry-run] [--accept] [--json]\n"
    "       bullpenctl state session ACCOUNT [KEY [VALUE]] [--delete] [--dry-run] [--json]\n"
    "       bullpenctl state export ACCOUNT [FILE] [--shape user|shared]\n"
    "       bullpenctl state import ACCOUNT FILE [--dry-run] [--json]\n"
    "\n"
    "What an account of shares remembers: shown, put right, out to a file that tools of the older\n"
    "bots read, and in from one. docs/jobs.md says what becomes of what.\n"
    "\n"
    "  --own N           of set: so many of the share are the account's own\n"
    "  --gtt NUMBER      of set: this trigger is the account's own stop\n"
    "  --no-gtt NUMBER   of set: this one is not, no job touches it\n"
    "  --traded          of set: the share is not bought again on the newest day\n"
    "  --product NAME    of show: only CNC, or only MIS\n"
    "  --delete          of session: the entry goes\n"
    "  --shape SHAPE     of export: user, a user's own file (default); shared: the one of all "
    "users\n"
    "  --dry-run         say what would change, and change nothing\n"
    "  --accept          do it although something speaks against it\n"
    "\n"
    "Example:\n"
    "  bullpenctl state remove nse01 INFY --dry-run\n";
constexpr std::array<Known, 11> k_state_options = {{{"--home"},
                                                    {"--shape"},
                                                    {"--own"},
                                                    {"--gtt"},
                                                    {"--no-gtt"},
                                                    {"--product"},
                                                    {"--traded", false},
                                                    {"--delete", false},
                                                    {"--accept", false},
                                                    {"--dry-run", false},
                                                    {"--json", false}}};
constexpr std::size_t k_file_max = std::size_t{16} << 20;  // bytes

// What each verb takes behind the account, and which options.
struct Verb {
    std::string_view name;
    std::size_t least = 0;
    std::size_t most = 0;
    std::string_view options;
    std::string_view synopsis;
};
constexpr std::array<Verb, 7> k_verbs = {{
    {"export", 0, 1, "--shape", "export ACCOUNT [FILE]"},
    {"import", 1, 1, "--dry-run", "import ACCOUNT FILE"},
    {"show", 0, 1, "--product", "show ACCOUNT [SYMBOL]"},
    {"set", 1, 1, "--own --gtt --no-gtt --traded --dry-run --accept", "set ACCOUNT SYMBOL"},
    {"remove", 1, 1, "--dry-run --accept", "remove ACCOUNT SYMBOL"},
    {"reset-day", 0, 0, "--dry-run --accept", "reset-day ACCOUNT"},
    {"session", 0, 2, "--delete --dry-run", "session ACCOUNT [KEY [VALUE]]"},
}};

Result<void> check_options(const Words& words, const Verb& verb) {
    for (const auto& [name, value] : words.options) {
        const auto text = " " + std::string(verb.options) + " --home --json ";
        if (text.find(" " + std::string(name) + " ") == std::string::npos) {
            return fail(Errc::invalid, std::string(name) + " is nothing for `state " +
                                           std::string(verb.name) + "`");
        }
    }
    return {};
}

Result<AskedState> ask_state(std::span<const std::string_view> words) {
    BULLPEN_TRY(auto taken, take_words(words, k_state_options, 4));
    const auto named = taken.operands;
    const auto* verb = std::find_if(k_verbs.begin(), k_verbs.end(), [&](const Verb& one) {
        return !named.empty() && named.front() == one.name;
    });
    if (verb == k_verbs.end()) {
        return fail(Errc::invalid,
                    "state takes show, set, remove, reset-day, session, export or import");
    }
    if (named.size() < 2 + verb->least || named.size() > 2 + verb->most)
        return fail(Errc::invalid, "it is `state " + std::string(verb->synopsis) + "`");
    BULLPEN_CHECK(check_options(taken, *verb));
    BULLPEN_TRY(const auto account, AccountId::parse(named[1]));
    if (!taken.has("--home"))
        return fail(Errc::invalid, "--home DIR is needed");
    BULLPEN_TRY(auto home, Home::at(taken.value("--home")));
    BULLPEN_TRY(auto settings, config::read_account(home, account));
    if (settings.trading != config::TradingKind::shares)
        return fail(Errc::refused, account.str() + " trades no shares: it has no such records");
    auto paths = home.account(account);
    return AskedState{std::move(taken),    named.front(),    std::move(home),
                      std::move(settings), std::move(paths), {named.begin() + 2, named.end()}};
}

Result<std::string> write_out(const AskedState& asked, const Clock& clock) {
    storage::SystemFileSystem files;
    const auto word = asked.words.value("--shape");
    if (!word.empty() && word != "user" && word != "shared")
        return fail(Errc::invalid, "--shape is user or shared");
    BULLPEN_TRY(const auto known, known_state(files, asked));
    const auto shape = word == "shared" ? jobs::StateShape::shared : jobs::StateShape::user;
    auto text = jobs::state_file_text(known, asked.id(), shape, clock.utc());
    if (asked.more.empty() || asked.more.front() == "-")
        return text;
    BULLPEN_CHECK(write_file(asked.more.front(), text));
    return std::string();
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
            {"account", asked.id().str()},
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

// The account's lock is held, unless it is a dry run.
Result<std::string> take_in(const AskedState& asked, const Clock& clock) {
    storage::SystemFileSystem files;
    const auto& file = asked.more.front();
    BULLPEN_TRY(const auto text, files.read(file, k_file_max));
    BULLPEN_TRY(const auto before, known_state(files, asked));
    auto made = jobs::plan_state_import(text, owner_of(asked.settings), before);
    if (!made)
        return fail(std::move(made).error().wrap(file));
    std::string backup;
    if (!asked.words.has("--dry-run") && !made->changes.empty()) {
        BULLPEN_TRY(backup,
                    replace_state(files, asked, {before, made->after, made->changes}, clock));
    }
    return told(asked, *made, backup);
}

Result<std::string> text_for(const AskedState& asked, const Clock& clock) {
    const bool dry = asked.words.has("--dry-run");
    const auto locked = [&](Result<std::string> (*act)(const AskedState&, const Clock&)) {
        return dry ? act(asked, clock) : with_lock(asked, clock, act);
    };
    if (asked.verb == "export")
        return write_out(asked, clock);
    if (asked.verb == "import")
        return locked(&take_in);
    if (asked.verb == "show")
        return show_state(asked);
    if (asked.verb == "session" && asked.more.size() < 2 && !asked.words.has("--delete"))
        return show_session(asked);
    return locked(&edit_state);
}

ExitCode run_state(std::span<const std::string_view> words, const Clock& clock) {
    const auto asked = ask_state(words);
    auto text = asked ? text_for(*asked, clock) : Result<std::string>(fail(asked.error()));
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
