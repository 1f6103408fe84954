#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "common/alerts/catalogue.hpp"
#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/config/roster.hpp"
#include "common/documents/json_text.hpp"
#include "common/log/sink.hpp"
#include "common/storage/atomic_file.hpp"
#include "ctl/act.hpp"
#include "ctl/alert_view.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/job_view.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/program.hpp"
#include "ctl/secret_prompt.hpp"
#include "ctl/table.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::size_t k_lines_default = 20;
constexpr std::size_t k_lines_max = 10'000;
constexpr std::size_t k_state_max = 32 * 1024 * 1024;    // bytes
constexpr std::size_t k_history_max = 32 * 1024 * 1024;  // bytes of one file
constexpr std::size_t k_secret_max = 4096;               // bytes
constexpr Nanos k_mute_default = std::chrono::hours(1);
constexpr std::string_view k_all = "all";

constexpr std::array<Option, 5> k_alerts_options = {
    {{'\0', "account", "NAME", "test, mute, unmute, history: of this account"},
     {'\0', "for", "TIME", "mute: how long; default 1h, at most 720h"},
     {'\0', "reason", "TEXT", "mute: why, for who finds it later"},
     {'\0', "to", "ADDRESS", "test: by mail to this address instead"},
     {'n', "lines", "N", "history: only the last N; default 20"}}};

std::string account_of(const Context& context) {
    return std::string(context.arguments.value("account").value_or(std::string_view()));
}

int list(Context& context) {
    const auto mutes = read_mutes(context.home);
    if (!mutes)
        return report(context, mutes.error(), ExitCode::failed);
    const auto settings = config::read_daemon(context.home);
    const auto now = context.clock.utc();
    const auto state_of = [&](const alerts::KindFacts& known) -> std::string {
        if (alerts::is_muted(*mutes, known.kind, "", now))
            return "muted";
        if (!settings)
            return "";
        const auto& off = settings->alerts.off;
        const bool is_off = std::find(off.begin(), off.end(), known.name) != off.end() ||
                            known.severity < settings->alerts.least;
        return is_off ? "off" : "on";
    };
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key("alerts").begin_array();
        for (const auto& known : alerts::catalogue()) {
            json.begin_object();
            json.key("alert").string(known.name);
            json.key("severity").string(alerts::code(known.severity));
            json.key("cooldown_s").seconds(known.cooldown);
            json.key("state").text_or_null(state_of(known));
            json.key("sentence").string(known.sentence);
            json.key("advice").string(known.advice);
            json.end_object();
        }
        json.end_array().end_object();
        context.out += "\n";
        return value(ExitCode::done);
    }
    Table table({{"ALERT"}, {"SEVERITY"}, {"COOLDOWN", true}, {"STATE"}, {"MEANS", false, 0, 20}});
    for (const auto& known : alerts::catalogue()) {
        const auto state = state_of(known);
        const auto colour = known.severity == alerts::Severity::critical  ? Colour::red
                            : known.severity == alerts::Severity::warning ? Colour::yellow
                                                                          : Colour::none;
        table.add(
            {{known.name},
             {alerts::code(known.severity), colour},
             {known.cooldown == Nanos{0} ? std::string("none") : duration_text(known.cooldown)},
             {state},
             {known.sentence}});
    }
    table.append_to(context.out.buffer(), context.width, context.out.coloured());
    return value(ExitCode::done);
}

std::string history_line(const AlertLine& line) {
    std::string text = spaced_utc(line.ts) + "  " + line.event + "  " + line.alert;
    if (!line.account.empty())
        text += " " + line.account;
    if (!line.target.empty())
        text += " " + line.target + (line.to.empty() ? "" : " to " + line.to);
    text += ": " + line.text;
    return line.said.empty() ? text : text + " [" + line.said + "]";
}

int history(Context& context) {
    std::uint64_t most = k_lines_default;
    if (const auto wanted = context.arguments.value("lines")) {
        const auto lines = parse_count(*wanted, k_lines_max);
        if (!lines)
            return report(context, lines.error(), ExitCode::usage);
        most = *lines;
    }
    storage::SystemFileSystem files;
    const auto found = log::log_files(files, alerts_directory(context.home) + "/history.log");
    std::vector<std::string> shown;  // newest first
    const auto account = account_of(context);
    const auto name = context.arguments.operands.size() > 1 ? context.arguments.operands[1] : "";
    for (auto file = found ? found->rbegin() : std::vector<std::string>::const_reverse_iterator();
         found && file != found->rend() && shown.size() < most; ++file) {
        const auto text = files.read_tail(*file, k_history_max);
        if (!text)
            return report(context, text.error(), ExitCode::failed);
        std::vector<std::string_view> lines;
        for (std::string_view rest = *text; !rest.empty();) {
            const auto end = std::min(rest.find('\n'), rest.size());
            lines.push_back(rest.substr(0, end));
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        for (auto line = lines.rbegin(); line != lines.rend() && shown.size() < most; ++line) {
            const auto parsed = parse_alert_line(*line);
            const bool wanted = parsed && (account.empty() || parsed->account == account) &&
                                (name.empty() || parsed->alert == name);
            if (wanted)
                shown.push_back(context.globals.json ? std::string(*line)
                                                     : printable(history_line(*parsed)));
        }
    }
    for (auto line = shown.rbegin(); line != shown.rend(); ++line)
        context.out += *line + "\n";
    return value(ExitCode::done);
}

int outbox(Context& context) {
    const auto path = alerts_directory(context.home) + "/state";
    const auto text = read_file(path, k_state_max);
    if (!text && storage::is_missing(text.error()))
        return report(context, "no alert was ever looked for here: there is no " + path,
                      ExitCode::failed);
    const auto waiting = text ? parse_waiting(*text) : fail(text.error());
    if (!waiting)
        return report(context, waiting.error(), ExitCode::failed);
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key("waiting").begin_array();
        for (const auto& one : *waiting) {
            json.begin_object();
            json.key("alert").string(one.alert);
            json.key("severity").string(one.severity);
            json.key("account").text_or_null(one.account);
            json.key("target").string(one.target);
            json.key("to").text_or_null(one.to);
            json.key("text").string(one.text);
            json.key("added").string(one.added);
            json.key("next").string(one.next);
            json.key("attempts").unsigned_number(one.attempts);
            json.key("trouble").text_or_null(one.trouble);
            json.end_object();
        }
        json.end_array().end_object();
        context.out += "\n";
        return value(ExitCode::done);
    }
    Table table({{"ADDED"},
                 {"ALERT"},
                 {"ACCOUNT"},
                 {"TARGET"},
                 {"TO", false, 2},
                 {"TRIED", true},
                 {"TROUBLE", false, 1, 16}});
    for (const auto& one : *waiting) {
        table.add({{short_time(one.added)},
                   {one.alert},
                   {one.account},
                   {one.target},
                   {one.to},
                   {std::to_string(one.attempts)},
                   {one.trouble, Colour::red}});
    }
    table.append_to(context.out.buffer(), context.width, context.out.coloured());
    return value(ExitCode::done);
}

int test(Context& context) {
    std::vector<std::string> words = {"bullpen-notify", "test", "--home", context.home.root()};
    for (const auto* option : {"account", "to"}) {
        if (const auto given = context.arguments.value(option)) {
            words.push_back("--" + std::string(option));
            words.emplace_back(*given);
        }
    }
    if (context.globals.json)
        words.emplace_back("--json");
    for (std::size_t i = 1; i < context.arguments.operands.size(); ++i)
        words.emplace_back(context.arguments.operands[i]);
    return report(context, exec_notify(words), ExitCode::software);
}

struct Meant {
    std::optional<alerts::Kind> kind;  // none: all
    std::string account;
};
Result<Meant> meant(const Context& context) {
    const auto& words = context.arguments.operands;
    if (words.size() != 2)
        return fail(Errc::invalid, "name one alert, or say all");
    Meant one{alerts::kind_from(words[1]), account_of(context)};
    if (!one.kind && words[1] != k_all)
        return fail(Errc::invalid, "there is no alert '" + std::string(words[1]) +
                                       "'; see bullpenctl alerts list");
    if (!one.account.empty())
        BULLPEN_CHECK(AccountId::parse(one.account));
    return one;
}

int mute(Context& context) {
    const auto one = meant(context);
    if (!one)
        return report(context, one.error(), ExitCode::usage);
    Nanos length = k_mute_default;
    if (const auto wanted = context.arguments.value("for")) {
        const auto parsed = parse_duration(*wanted);
        if (!parsed || *parsed <= Nanos{0} || *parsed > alerts::k_mute_max)
            return report(context, "--for takes a time of at most 720h", ExitCode::usage);
        length = *parsed;
    }
    const std::string reason(context.arguments.value("reason").value_or(std::string_view()));
    if (reason.size() > alerts::k_reason_max)
        return report(context, "--reason takes at most 200 bytes", ExitCode::usage);
    auto mutes = read_mutes(context.home);
    if (!mutes)
        return report(context, mutes.error(), ExitCode::failed);
    const auto now = context.clock.utc();
    auto all = alerts::current(std::move(*mutes), now);
    alerts::add(all, {one->kind, one->account, now, now + length, reason});
    if (all.size() > alerts::k_mutes_max)
        return report(context, "there are too many mutes already", ExitCode::failed);
    if (auto written = write_mutes(context.home, all); !written)
        return report(context, written.error(), ExitCode::failed);
    context.out.line(std::string(context.arguments.operands[1]) +
                     (one->account.empty() ? "" : " of " + one->account) + " muted until " +
                     spaced_utc(format_utc(now + length)));
    return value(ExitCode::done);
}

int unmute(Context& context) {
    const auto one = meant(context);
    if (!one)
        return report(context, one.error(), ExitCode::usage);
    auto mutes = read_mutes(context.home);
    if (!mutes)
        return report(context, mutes.error(), ExitCode::failed);
    auto all = alerts::current(std::move(*mutes), context.clock.utc());
    if (alerts::remove(all, one->kind, one->account) == 0)
        return report(context, "that was not muted; see bullpenctl alerts mutes", ExitCode::failed);
    if (auto written = write_mutes(context.home, all); !written)
        return report(context, written.error(), ExitCode::failed);
    return value(ExitCode::done);
}

int show_mutes(Context& context) {
    const auto mutes = read_mutes(context.home);
    if (!mutes)
        return report(context, mutes.error(), ExitCode::failed);
    const auto all = alerts::current(*mutes, context.clock.utc());
    if (context.globals.json) {
        context.out += documents::json_text(documents::parse_json(alerts::to_text(all))) + "\n";
        return value(ExitCode::done);
    }
    Table table({{"ALERT"}, {"ACCOUNT"}, {"UNTIL"}, {"REASON", false, 0, 12}});
    for (const auto& one : all) {
        table.add({{one.kind ? alerts::code(*one.kind) : k_all},
                   {one.account},
                   {spaced_utc(format_utc(one.until))},
                   {one.reason}});
    }
    table.append_to(context.out.buffer(), context.width, context.out.coloured());
    return value(ExitCode::done);
}

// The password of the mail server, or the webhook's token, into a file for this user alone.
int secret(Context& context) {
    const auto& words = context.arguments.operands;
    if (words.size() != 2 || (words[1] != "smtp" && words[1] != "webhook"))
        return report(context, "alerts secret takes smtp or webhook", ExitCode::usage);
    const bool mail = words[1] == "smtp";
    const auto typed = at_terminal() ? ask_secret(context, mail ? "password of the mail server: "
                                                                : "token of the webhook: ")
                                     : read_secret_line();
    if (!typed)
        return report(context, typed.error(), ExitCode::failed);
    if (typed->size() > k_secret_max ||
        typed->reveal().find_first_of("\r\n") != std::string_view::npos)
        return report(context, "it is too long, or more than a line", ExitCode::usage);
    const auto directory = context.home.secrets() + "/alerts";
    const auto path = directory + "/" + std::string(words[1]);
    storage::SystemFileSystem files;
    if (auto made = make_directories(directory, 0700); !made)
        return report(context, made.error(), ExitCode::failed);
    if (typed->empty()) {
        const auto removed = files.remove(path);
        if (!removed && !storage::is_missing(removed.error()))
            return report(context, removed.error(), ExitCode::failed);
        context.out.line(path + " is removed");
        return value(ExitCode::done);
    }
    if (auto written = storage::replace_file(files, path, typed->reveal()); !written)
        return report(context, written.error(), ExitCode::failed);
    context.out.line(path + " is written; try it with: bullpenctl alerts test " +
                     std::string(words[1]));
    return value(ExitCode::done);
}

struct Word {
    std::string_view word;
    int (*run)(Context&);
    std::size_t operands_max;
};
// What is too much for `secret` may be one: it is not repeated.
constexpr std::array k_words{Word{"list", list, 1},        Word{"history", history, 2},
                             Word{"outbox", outbox, 1},    Word{"test", test, 4},
                             Word{"mute", mute, 2},        Word{"unmute", unmute, 2},
                             Word{"mutes", show_mutes, 1}, Word{"secret", secret, 2}};

int run_alerts(Context& context) {
    const auto word = context.arguments.operands[0];
    std::string all;
    for (const Word& known : k_words) {
        all += (all.empty() ? "" : ", ") + std::string(known.word);
        if (known.word != word)
            continue;
        if (context.arguments.operands.size() > known.operands_max)
            return report(context, "alerts " + std::string(word) + " takes fewer words",
                          ExitCode::usage);
        return known.run(context);
    }
    return report(context, "alerts does not know '" + std::string(word) + "', but " + all,
                  ExitCode::usage);
}

}  // namespace

const Command k_alerts = {
    .name = "alerts",
    .synopsis = "WORD [ALERT|TARGET...]",
    .text =
        "What bullpen-notify tells people, by mail, to a webhook, by a program; docs/alerts.md "
        "has\n"
        "each alert and [alerts] in the settings says whom.\n"
        "\n"
        "  list              every alert: how severe, how long its like is only counted, if it is "
        "on\n"
        "  history [ALERT]   what was sent to whom, what came back, what was given up; oldest "
        "first\n"
        "  outbox            what waits for its target, how often it was tried, and why it failed\n"
        "  test [TARGET...]  send one through command, webhook, smtp, or all, and say what came "
        "back\n"
        "  mute ALERT|all    count it and do not send it, for a while\n"
        "  unmute ALERT|all  send it again\n"
        "  mutes             what is muted, until when\n"
        "  secret smtp|webhook  the password or token, asked for or from standard input; empty\n"
        "                    removes it\n"
        "\n"
        "test goes by the settings as the files say now, past outbox, cooldowns and mutes.\n",
    .exit_codes =
        "  0   done; of test: each target took it\n"
        "  1   a target did not take it, or a file cannot be used\n"
        "  64  wrong arguments\n"
        "  78  of test: no target is set, or the settings have errors\n",
    .examples =
        "  bullpenctl alerts test smtp --to me@example.org\n"
        "  bullpenctl alerts mute feed_stale --account mes01 --for 4h --reason \"broker's "
        "weekend\"\n"
        "  bullpenctl alerts history --lines 50 --account mes01\n"
        "  pass show mail/bullpen | bullpenctl alerts secret smtp\n",
    .options = k_alerts_options,
    .operands_min = 1,
    .operands_max = 4,
    .run = run_alerts,
    .writes_home = true,
};

}  // namespace bullpen::ctl
