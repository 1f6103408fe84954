#include <unistd.h>

#include "common/base/service.hpp"
#include "common/config/home_setup.hpp"
#include "common/config/roster.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/roster_edit.hpp"

namespace bullpen::ctl {

namespace {

// What the account's file clashes with in the roster; empty: nothing.
std::string clashes(const Context& context, const AccountId& id) {
    const auto roster = config::RosterReader(context.home).read(context.clock.utc());
    std::string text;
    if (!roster.invalid.contains(id))
        return text;
    for (const auto& issue : roster.problems) {
        if (issue.account == id && issue.severity == config::Severity::error)
            text += (text.empty() ? "" : "; ") + config::text(issue);
    }
    return text.empty() ? id.str() + " cannot be an account of this roster" : text;
}

int run_add(Context& context) {
    const auto& words = context.arguments.operands;
    const auto id = AccountId::parse(words[0]);
    if (!id)
        return report(context, id.error(), ExitCode::usage);
    if (is_service(*id))
        return report(context, std::string(k_service_names), ExitCode::usage);
    std::vector<std::pair<std::string, std::string>> keys;
    for (const auto word : std::span(words).subspan(1)) {
        const auto equals = word.find('=');
        if (equals == std::string_view::npos || equals == 0)
            return report(context,
                          "settings are written KEY=VALUE, not '" + std::string(word) + "'",
                          ExitCode::usage);
        keys.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    }
    const auto text = config::new_account_text(*id, keys);
    if (!text)
        return report(context, text.error(), ExitCode::config);
    const auto made = config::create_account_file(context.home, *id, *text);
    if (!made && made.error().code() == std::errc::file_exists) {
        return report(context,
                      "there is an account " + id->str() +
                          " already: " + context.home.account(*id).roster_file,
                      ExitCode::failed);
    }
    if (!made)
        return report(context, made.error(), ExitCode::failed);
    if (const auto trouble = clashes(context, *id); !trouble.empty()) {
        const auto& file = context.home.account(*id).roster_file;
        const bool gone = ::unlink(file.c_str()) == 0;
        return report(context, trouble + (gone ? "; nothing was added" : "; " + file + " is there"),
                      ExitCode::config);
    }
    return apply_edit(context, {*id}, "wrote " + context.home.account(*id).roster_file);
}

}  // namespace

const Command k_add = {
    .name = "add",
    .synopsis = "NAME [KEY=VALUE...]",
    .text =
        "Writes accounts.d/NAME.toml with these settings, each checked as a line of the file "
        "would\n"
        "be, and has the daemon apply it if it runs. When other changes are pending as well, "
        "nothing\n"
        "is applied and it says so. docs/configuration.md and bullpen.toml(5) list the keys.\n",
    .exit_codes =
        "  0   done\n"
        "  1   there is such an account, or it did not start\n"
        "  64  wrong arguments\n"
        "  75  the daemon runs and does not answer\n"
        "  78  a key or value is wrong, or clashes with another account; nothing was added\n",
    .examples =
        "  bullpenctl add mes01 group=futures 'label=Joan MES' feed.instrument=MES\n"
        "  bullpenctl add old-bot 'command=[\"/opt/bot/run.py\"]' enabled=false\n",
    .options = {},
    .operands_min = 1,
    .operands_max = k_operands_any,
    .run = run_add,
    .writes_home = true,
};

}  // namespace bullpen::ctl
