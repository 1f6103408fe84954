#include <array>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/config/roster.hpp"
#include "common/documents/json_text.hpp"
#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/fleet_view.hpp"
#include "ctl/table.hpp"

namespace bullpen::ctl {

namespace {

using nlohmann::json;

constexpr std::array<Option, 2> k_config_options = {
    {{'o', "origin", "", "show which file and line each value comes from"},
     {'f', "files", "", "as the files say now, not as the daemon has applied them"}}};

Result<std::vector<config::Origin>> from_files(const Context& context, const AccountId* account) {
    config::RosterReader reader(context.home);
    static_cast<void>(reader.read(context.clock.utc()));
    if (account == nullptr)
        return reader.daemon_origin();
    return reader.origin(*account);
}

Result<std::vector<config::Origin>> from_daemon(const Context& context, const AccountId* account) {
    BULLPEN_TRY(auto client, ControlClient::connect(context.home, context.clock));
    ipc::Request request;
    request.command = "config";
    if (account != nullptr)
        request.args.accounts = {*account};
    BULLPEN_TRY(const auto reply, client.ask(std::move(request)));
    const auto data = documents::parse_json(reply.data);
    const auto* key = account != nullptr ? "account" : "daemon";
    if (!reply.ok || !data.is_object() || !data.contains(key) || !data[key].is_array())
        return fail(Errc::not_found, account != nullptr
                                         ? "the daemon has no account " + account->str()
                                         : "the daemon did not tell its settings");
    std::vector<config::Origin> origins;
    for (const auto& one : data[key]) {
        const auto text = [&](const char* name) {
            const auto found = one.is_object() ? one.find(name) : one.end();
            return found != one.end() && found->is_string() ? found->get<std::string>()
                                                            : std::string();
        };
        origins.push_back({text("key"), text("value"), text("source")});
    }
    return origins;
}

int run_config(Context& context) {
    const auto& words = context.arguments.operands;
    if (words[0] != "show")
        return report(context, "config takes the word show", ExitCode::usage);
    std::optional<AccountId> account;
    if (words.size() > 1) {
        auto id = AccountId::parse(words[1]);
        if (!id)
            return report(context, id.error(), ExitCode::usage);
        account = std::move(*id);
    }
    const auto* wanted = account ? &*account : nullptr;
    const auto view = FleetView::read(context.home, context.clock.now(), nullptr);
    if (!view)
        return report(context, view.error(), ExitCode::failed);
    const bool files = context.arguments.has("files") || view->daemon().state == DaemonState::down;
    const auto origins = files ? from_files(context, wanted) : from_daemon(context, wanted);
    if (!origins)
        return report(context, origins.error(), exit_code_of(origins.error()));
    if (context.globals.json) {
        context.out += "{\"source\":\"" + std::string(files ? "files" : "daemon") +
                       "\",\"settings\":" + config::json(*origins) + "}\n";
        return 0;
    }
    const bool with_origin = context.arguments.has("origin");
    Table table({{"KEY", false, 0, 0}, {"VALUE", false, 0, 0}, {"ORIGIN", false, 0, 0}});
    std::size_t longest = 0;
    for (const auto& origin : *origins) {
        table.add({{origin.key}, {origin.value}, {origin.source}});
        longest = std::max(longest, origin.key.size());
    }
    if (with_origin) {
        context.out += table.render(0, context.out.coloured());
        return 0;
    }
    for (const auto& origin : *origins) {
        std::string line = origin.key;
        line.resize(longest, ' ');
        context.out.line(line + " = " + origin.value);
    }
    return 0;
}

}  // namespace

const Command k_config = {
    .name = "config",
    .synopsis = "show [ACCOUNT]",
    .text =
        "Prints every setting of the daemon, or of one account, with its value; with --origin "
        "also\n"
        "where the value comes from: the account's file and line, [defaults] in bullpen.toml, a "
        "kept\n"
        "good version, or Bullpen's own default. A running daemon is asked; without one, or with\n"
        "--files, the files are read.\n",
    .exit_codes =
        "  0   done\n"
        "  1   there is no such account\n"
        "  64  wrong arguments\n"
        "  75  the daemon runs and does not answer\n",
    .examples =
        "  bullpenctl config show                    the daemon's settings\n"
        "  bullpenctl config show --origin mes01     an account's, with their origin\n",
    .options = k_config_options,
    .operands_min = 1,
    .operands_max = 2,
    .run = run_config,
};

}  // namespace bullpen::ctl
