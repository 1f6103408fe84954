#include <array>
#include <filesystem>

#include "common/base/errc.hpp"
#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/home_owner.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/moving_in.hpp"
#include "ctl/old_folder.hpp"
#include "ctl/old_program.hpp"
#include "ctl/roster_edit.hpp"
#include "ctl/text.hpp"
#include "moving/secret_search.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 6> k_import_options = {
    {{'\0', "dry-run", "", "show what would be made, and make nothing"},
     {'\0', "yes", "", "do not ask"},
     {'\0', "stopped", "", "I have looked: the old bot does not run"},
     {'\0', "only", "ID", "this broker account, or this user, alone"},
     {'\0', "links", "FOLDER", "make links in FOLDER by which it looks as the old one did"},
     {'\0', "command", "LINE",
      "run the old bot so; {user}, {account}, {broker_account} are filled in"}}};

std::string absolute(std::string_view path) {
    std::error_code code;
    auto whole = std::filesystem::weakly_canonical(std::string(path), code);
    return code ? std::string(path) : whole.string();
}

// What there is of the old bot.
struct Old {
    std::vector<moving::OldFile> files;
    LookedThrough seen;
    std::vector<std::string> command;
};

// The files of a bot are its user's alone, often; root reads them as that user.
Result<Old> read_old(const Context& context, OldBot bot, const std::string& directory) {
    BULLPEN_TRY(const auto home_owner, owner_of(context.home.root()));
    BULLPEN_TRY(const auto acting, ActingFor::the_owner_of(directory));
    Old old;
    BULLPEN_TRY(old.files, read_old_folder(directory, bot));
    if (const auto line = context.arguments.value("command")) {
        BULLPEN_TRY(old.command, command_words(*line, directory));
    }
    BULLPEN_TRY(old.seen,
                look_through(directory, bot, moving::known_secrets(old.files), home_owner));
    return old;
}

Result<moving::Plan> plan_of(const Context& context, OldBot bot, const std::string& directory,
                             Old& old) {
    moving::Wishes wishes;
    wishes.directory = directory;
    wishes.only = context.arguments.value("only").value_or("");
    wishes.command = std::move(old.command);
    const auto& files = old.files;
    auto& seen = old.seen;
    wishes.secret_files = std::move(seen.secret_files);
    if (!wishes.command.empty()) {
        wishes.program = std::move(seen.program);
        wishes.listed = std::move(seen.folders);
        wishes.left_out = std::move(seen.left_out);
    }
    BULLPEN_TRY(const auto taken, taken_accounts(context));
    auto plan = bot == OldBot::futures ? moving::plan_futures_bot(files, wishes, taken)
                                       : moving::plan_equity_bot(files, wishes, taken);
    if (plan && !seen.whole)
        plan->advice.push_back(
            "Not everything in the folder was looked through for credentials: it has more than " +
            std::string(k_looked_through_max) + ". Look for others yourself.");
    if (plan) {
        refuse_what_the_home_would(context, *plan);
        tell_ages(context, *plan);
        if (!wishes.command.empty() && !seen.closed.empty())
            plan->advice.push_back(directory + " is closed to the user of the home (mode " +
                                   seen.closed +
                                   "), so that no account could run the program in it. Let that "
                                   "user in: chmod o+rx, or a setfacl for it alone.");
        for (auto& line : unit_advice(context.home.root(), directory, !wishes.command.empty()))
            plan->advice.push_back(std::move(line));
    }
    return plan;
}

int close(Context& context, const CarriedOut& done, const Applied& applied,
          const std::vector<AccountId>& refused) {
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object();
        json.key("ok").boolean(applied.code == 0 && refused.empty());
        json.key("made").begin_array();
        for (const auto& id : done.made)
            json.string(id.str());
        json.end_array();
        json.key("finished").begin_array();
        for (const auto& id : done.finished)
            json.string(id.str());
        json.end_array();
        json.key("refused").begin_array();
        for (const auto& id : refused)
            json.string(id.str());
        json.end_array();
        json.key("applied").string(applied.word);
        json.key("message").text_or_null(
            done.note + (done.note.empty() || applied.message.empty() ? "" : "\n") +
            applied.message);
        json.end_object();
        context.out += "\n";
        return applied.code;
    }
    for (const auto& line : {done.note, applied.message}) {
        if (!line.empty())
            context.out.line(printable(line), applied.code == 0 ? Colour::none : Colour::red);
    }
    return applied.code;
}

// Accounts that were not made keep no other back, but they are not nothing.
int code_with(const moving::Plan& plan, int code) {
    return code == 0 && !plan.refused.empty() ? value(ExitCode::failed) : code;
}

// What is left for the user to do by hand, or would be after a dry run.
void advise(Context& context, const moving::Plan& plan, const std::string& directory) {
    if (context.globals.json)
        return;
    if (!plan.secret_files.empty()) {
        context.out.line(
            "These files still hold credentials in clear. Delete them as soon as the old bot does "
            "without:");
        for (const auto& file : plan.secret_files)
            context.out.line("  " + printable(directory + "/" + file));
    }
    for (const auto& sentence : plan.advice)
        context.out.line(printable(sentence));
}

int carry_on(Context& context, moving::Plan& plan, const std::string& directory) {
    if (const auto sign = sign_of_life(plan.locks);
        !sign.empty() && !context.arguments.has("stopped"))
        return report(context, sign, ExitCode::failed);
    if (!context.arguments.has("yes") && !confirmed(context, "Type yes to make this: ", "yes"))
        return report(context, "not confirmed; nothing was done. --yes does it without a question",
                      ExitCode::failed);
    const auto done = carry_out(context, plan, directory);
    if (!done)
        return report(context, done.error(), exit_code_of(done.error()));
    if (!context.globals.json) {
        for (const auto& id : done->made)
            context.out.line("made " + id.str(), Colour::green);
        for (const auto& id : done->finished)
            context.out.line("made before, and taken up now: " + id.str(), Colour::green);
    }
    context.out.flush();
    auto fresh = done->made;
    fresh.insert(fresh.end(), done->finished.begin(), done->finished.end());
    const auto applied = fresh.empty()
                             ? Result<Applied>(Applied{"yes", "Nothing was to be made.", 0})
                             : apply_edit_quietly(context, fresh);
    if (!applied)
        return report(context, applied.error(), exit_code_of(applied.error()));
    if (const auto folder = context.arguments.value("links")) {
        const auto linked = make_old_layout(context, plan, absolute(*folder));
        if (!linked)
            return report(context, linked.error(), ExitCode::failed);
        if (!context.globals.json)
            context.out.line("made " + std::to_string(linked->size()) + " links in " +
                             printable(absolute(*folder)));
    }
    advise(context, plan, directory);
    for (const auto& id : plan.refused) {
        if (!context.globals.json)
            context.out.line("not made: " + id.str(), Colour::red);
    }
    return code_with(plan, close(context, *done, *applied, plan.refused));
}

int run_import(Context& context) {
    const auto kind = context.arguments.operands[0];
    if (kind != "futures-bot" && kind != "equity-bot")
        return report(context,
                      "import knows futures-bot and equity-bot, not '" + std::string(kind) + "'",
                      ExitCode::usage);
    const auto bot = kind == "futures-bot" ? OldBot::futures : OldBot::equity;
    const auto directory = absolute(context.arguments.operands[1]);
    auto old = read_old(context, bot, directory);
    if (!old)
        return report(context, old.error(), ExitCode::failed);
    if (const auto taken = take_home(context); !taken)
        return report(context, taken.error(), ExitCode::failed);
    auto plan = plan_of(context, bot, directory, *old);
    wipe(old->files);
    if (!plan)
        return report(context, plan.error(), ExitCode::failed);
    const bool dry = context.arguments.has("dry-run");
    // With --json the plan is what a dry run prints; otherwise it is what was done.
    if (dry || !context.globals.json)
        show_plan(context, *plan, directory);
    if (dry) {
        advise(context, *plan, directory);
        if (const auto sign = sign_of_life(plan->locks); !sign.empty() && !context.globals.json)
            context.out.line(printable("Before the import: " + sign), Colour::red);
        return 0;
    }
    context.out.flush();
    return carry_on(context, *plan, directory);
}

}  // namespace

const Command k_import = {
    .name = "import",
    .synopsis = "futures-bot|equity-bot DIR",
    .text =
        "Takes over what an old bot has in DIR: accounts, settings, credentials, state, order "
        "files.\n"
        "Shows first what it makes of each thing, and what has no counterpart; nothing of the old\n"
        "bot's is changed or deleted. docs/moving.md lists what becomes of what.\n"
        "\n"
        "Without --command the accounts are disabled, for Bullpen's own worker has no session "
        "with\n"
        "their brokers yet. With it each runs the old bot unchanged, in a directory of its own,\n"
        "with its own credentials, once it is started. An account is named after the broker's id, "
        "or\n"
        "the user; a name that is taken gets -2, -3 behind it; an account that the home has "
        "already,\n"
        "by broker, login and broker account, is left alone.\n",
    .exit_codes =
        "  0   done, or shown\n"
        "  1   there is no such bot, it runs, it was not confirmed, it failed, or the roster "
        "would\n"
        "      refuse an account, which was not made while the others were\n"
        "  64  wrong arguments\n"
        "  75  the daemon runs and does not answer\n",
    .examples =
        "  bullpenctl import futures-bot ~/old-bot --dry-run\n"
        "  bullpenctl import futures-bot ~/old-bot --command 'python3 run.py'\n"
        "  bullpenctl import equity-bot ~/old-bot --command 'python3 watchdog.py --user {user}'\n",
    .options = k_import_options,
    .operands_min = 2,
    .operands_max = 2,
    .run = run_import,
    .takes_home_itself = true,
};

}  // namespace bullpen::ctl
