#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <vector>

#include "common/config/issue.hpp"
#include "common/launch/obstacles.hpp"
#include "common/log/audit_log.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/fleet_view.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 1> k_check_options = {
    {{'\0', "audit", "", "also whether the audit logs are as they were written"}}};

// One that is written, or put away, at this very moment may look broken once.
constexpr int k_tries = 3;

struct AuditLook {
    std::string path;
    std::uint64_t entries = 0;
    std::string trouble;  // where its chain breaks; empty: nowhere
};

AuditLook look_at_audit(const std::string& path) {
    storage::SystemFileSystem files;
    AuditLook look{path, 0, {}};
    for (int tried = 0; tried < k_tries; ++tried) {
        const auto entries = log::verify_audit(files, path);
        look.trouble = entries ? "" : entries.error().message();
        if (entries) {
            look.entries = *entries;
            break;
        }
    }
    return look;
}

// The daemon's, and that of each account that has one.
std::vector<AuditLook> look_at_audits(const Home& home) {
    std::vector<std::string> paths{home.audit_log()};
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(home.accounts(), code)) {
        if (const auto id = AccountId::parse(entry.path().filename().string()))
            paths.push_back(home.account(*id).audit_log);
    }
    std::sort(paths.begin() + 1, paths.end());
    std::vector<AuditLook> looks;
    for (const auto& path : paths) {
        if (::access(path.c_str(), F_OK) == 0)
            looks.push_back(look_at_audit(path));
    }
    return looks;
}

void append_audits_json(std::string& out, const std::vector<AuditLook>& audits) {
    JsonWriter json(out);
    json.begin_array();
    for (const auto& audit : audits) {
        json.begin_object();
        json.key("file").string(audit.path);
        json.key("entries").unsigned_number(audit.entries);
        json.key("trouble").text_or_null(audit.trouble);
        json.end_object();
    }
    json.end_array();
}

int run_check(Context& context) {
    if (const auto there = look_into(context.home); !there)
        return report(context, there.error(), ExitCode::config);
    const auto issues = launch::check_home(context.home);
    const bool broken = config::has_errors(issues);
    const bool asked = context.arguments.has("audit");
    const auto audits = asked ? look_at_audits(context.home) : std::vector<AuditLook>{};
    const bool changed = std::any_of(audits.begin(), audits.end(),
                                     [](const auto& audit) { return !audit.trouble.empty(); });
    const auto code = value(broken    ? ExitCode::config
                            : changed ? ExitCode::failed
                                      : ExitCode::done);
    if (context.globals.json) {
        context.out += std::string("{\"ok\":") + (code != 0 ? "false" : "true") +
                       ",\"problems\":" + config::json(issues);
        if (asked) {
            context.out += ",\"audit\":";
            append_audits_json(context.out.buffer(), audits);
        }
        context.out += "}\n";
        return code;
    }
    for (const auto& issue : issues) {
        const bool error = issue.severity == config::Severity::error;
        context.out.line(printable(config::text(issue)), error ? Colour::red : Colour::yellow);
    }
    if (!broken)
        context.out.line("The settings of " + context.home.root() + " are in order.");
    for (const auto& audit : audits) {
        const bool whole = audit.trouble.empty();
        context.out.line(printable(whole ? audit.path + ": " + std::to_string(audit.entries) +
                                               " entries, each as it was written"
                                         : audit.trouble),
                         whole ? Colour::none : Colour::red);
    }
    return code;
}

}  // namespace

const Command k_check = {
    .name = "check",
    .synopsis = "",
    .text =
        "Reads bullpen.toml, venue.toml and all of accounts.d and lists all errors, each with "
        "file, "
        "line,\n"
        "key and the known key that is nearest; also what would keep an account from starting or\n"
        "trading: a broken table in shared/, an instrument, rule pack, strategy or broker that is "
        "not\n"
        "known, a rule pack that forbids servers and is not acknowledged, a market file or "
        "program\n"
        "that is not there. Needs no daemon and changes nothing.\n"
        "\n"
        "With --audit it also follows the chain of hashes through the audit logs, the daemon's and "
        "each\n"
        "account's: a line that was changed or taken out shows.\n",
    .exit_codes =
        "  0   the settings are in order; there may be notes\n"
        "  1   an audit log is not as it was written\n"
        "  64  wrong arguments\n"
        "  78  there are errors; also a home that is not there or may not be looked into\n",
    .examples =
        "  bullpenctl check && bullpenctl update\n"
        "  bullpenctl check --audit\n",
    .options = k_check_options,
    .operands_min = 0,
    .operands_max = 0,
    .run = run_check,
    .looks_into_home = false,
};

}  // namespace bullpen::ctl
