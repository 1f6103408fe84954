#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

#include "ctl/commands/commands.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/program.hpp"
#include "ctl/table.hpp"
#include "ctl/targets.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

struct LogFile {
    std::string account;  // empty: the daemon's
    std::string path;
    std::uint64_t size = 0;
    UtcTime changed{};
    bool bundle = false;
};

constexpr std::size_t k_files_max = 100'000;

void add_files(std::vector<LogFile>& files, const std::string& account,
               const std::string& directory, bool bundles) {
    const std::unique_ptr<DIR, int (*)(DIR*)> handle(::opendir(directory.c_str()), ::closedir);
    const auto first = static_cast<std::ptrdiff_t>(files.size());
    while (const auto* entry = handle ? ::readdir(handle.get()) : nullptr) {
        const std::string name = entry->d_name;
        const auto path = directory + "/" + name;
        struct stat facts {};
        if (name.starts_with('.') || ::stat(path.c_str(), &facts) != 0 ||
            files.size() >= k_files_max)
            continue;
        if (bundles != S_ISDIR(facts.st_mode))
            continue;
        const auto changed = std::chrono::seconds(facts.st_mtim.tv_sec);
        files.push_back(
            {account, path, static_cast<std::uint64_t>(facts.st_size), UtcTime(changed), bundles});
    }
    std::sort(files.begin() + first, files.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
}

void print_json(Context& context, const std::vector<LogFile>& files) {
    JsonWriter json(context.out.buffer());
    json.begin_object().key("files").begin_array();
    for (const auto& file : files) {
        json.begin_object();
        json.key("account").text_or_null(file.account);
        json.key("kind").string(file.bundle ? "crash" : "log");
        json.key("path").string(file.path);
        json.key("bytes");
        file.bundle ? json.null() : json.unsigned_number(file.size);
        json.key("changed").string(format_utc(file.changed));
        json.end_object();
    }
    json.end_array().end_object();
    context.out += "\n";
}

void print_table(Context& context, const std::vector<LogFile>& files, UtcTime now) {
    Table table({{"ACCOUNT", false, 0, 0},
                 {"KIND", false, 2, 0},
                 {"SIZE", true, 1, 0},
                 {"CHANGED", true, 0, 0},
                 {"PATH", false, 0, 0}});
    for (const auto& file : files) {
        table.add({{file.account.empty() ? "(bullpend)" : std::string_view(file.account)},
                   {file.bundle ? "crash" : "log", file.bundle ? Colour::red : Colour::none},
                   {file.bundle ? std::string() : bytes_text(file.size)},
                   {duration_text(now - file.changed) + " ago"},
                   {file.path}});
    }
    if (table.rows() != 0)
        context.out += table.render(0, context.out.coloured());
    else
        context.err.line("There are no logs yet.");
}

int run_logs(Context& context) {
    const auto now = context.clock.now();
    const auto view = FleetView::read(context.home, now, context.roster);
    if (!view)
        return report(context, view.error(), ExitCode::failed);
    if (!view->has_board() && context.roster == nullptr)
        static_cast<void>(exec_control(context.argv));
    auto targets = choose(*view, context.arguments.operands);
    std::vector<LogFile> files;
    if (context.arguments.operands.empty()) {
        add_services(*view, targets);
        add_files(files, "", context.home.logs(), false);
    }
    for (const auto& chosen : targets.rows) {
        const auto id = AccountId::parse(chosen.row->slot->account.view());
        if (!id)
            continue;
        const auto paths = context.home.account(*id);
        add_files(files, id->str(), paths.logs, false);
        add_files(files, id->str(), paths.crash, true);
    }
    if (context.globals.json)
        print_json(context, files);
    else
        print_table(context, files, now.utc);
    report_unmatched(context, targets);
    return value(targets.unmatched.empty() ? ExitCode::done : ExitCode::failed);
}

}  // namespace

const Command k_logs = {
    .name = "logs",
    .synopsis = "[NAME|GROUP|GLOB...]",
    .text =
        "Lists the log files of the daemon, of all accounts and of services, or of the named "
        "ones,\n"
        "with size and age, and the crash bundles; `tail` and `maintail` show what is in the "
        "logs.\n",
    .exit_codes =
        "  0   done\n"
        "  1   a name matches nothing, or there is no such home\n"
        "  64  wrong arguments\n",
    .examples =
        "  bullpenctl logs                everything\n"
        "  bullpenctl logs mes01          of one account\n",
    .options = {},
    .operands_min = 0,
    .operands_max = k_operands_any,
    .run = run_logs,
};

}  // namespace bullpen::ctl
