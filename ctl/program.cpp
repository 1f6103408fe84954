#include "ctl/program.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <vector>

#include "common/base/errc.hpp"
#include "common/users/user_namespace.hpp"
#include "ctl/fleet_view.hpp"
#include "ctl/help.hpp"
#include "ctl/home_owner.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/text.hpp"
#include "ipc/account_lock.hpp"

namespace bullpen::ctl {

namespace {

constexpr const char* k_control_name = "bullpenctl-control";
constexpr const char* k_worker_name = "bullpen-worker";
constexpr const char* k_calendar_name = "bullpen-calendar";
constexpr const char* k_notify_name = "bullpen-notify";
// Where it may be, seen from the directory of the running program: beside it in a build, in
// libexec when installed.
constexpr std::array<const char*, 2> k_program_places = {"/", "/../libexec/bullpen/"};

// Of a home on another host nothing is in a file here, not even by accident.
constexpr const char* k_no_home = "/dev/null/far";

std::string own_directory() {
    std::array<char, 4096> path;
    const auto length = ::readlink("/proc/self/exe", path.data(), path.size());
    if (length <= 0)
        return ".";
    const std::string_view whole(path.data(), static_cast<std::size_t>(length));
    return std::string(whole.substr(0, whole.rfind('/')));
}

const Command* find(std::span<const Command* const> commands, std::string_view name) {
    for (const auto* command : commands) {
        if (command->name == name)
            return command;
    }
    return nullptr;
}

int usage_error(Output& err, std::string_view message, const Command* command) {
    err += "bullpenctl: ";
    err += message;
    err += "\n";
    err += command != nullptr ? usage_line(*command) : std::string();
    err += command != nullptr ? "`bullpenctl help " + std::string(command->name) + "` says more.\n"
                              : std::string("`bullpenctl help` lists the commands.\n");
    return value(ExitCode::usage);
}

int unknown_command(Output& err, std::string_view name) {
    std::vector<std::string_view> names;
    for (const auto& entry : index())
        names.push_back(entry.name);
    std::string message = "unknown command '" + printable(name) + "'";
    const auto near = nearest_word(name, names);
    if (!near.empty())
        message += "; did you mean '" + std::string(near) + "'?";
    return usage_error(err, message, nullptr);
}

// No command: an option alone may ask for help or the version.
int run_without_command(Output& out, Output& err, std::span<const std::string_view> words) {
    const auto arguments = parse_arguments(words, global_options());
    if (!arguments)
        return usage_error(err, arguments.error().context(), nullptr);
    if (arguments->has("version")) {
        out += version_line();
        return 0;
    }
    (arguments->has("help") ? out : err) += overview();
    return arguments->has("help") ? 0 : value(ExitCode::usage);
}

// Files of accounts that have users of their own are read and written as their users'.
void take_users(Context& context) {
    if (::access(context.home.numbers().c_str(), F_OK) != 0)
        return;
    const auto daemon = ipc::AccountLock::read_facts(context.home.daemon_lock());
    const auto joined =
        users::join_users_of(daemon && !daemon->ended ? daemon->pid : 0, context.home.root());
    if (!joined)
        context.err +=
            "bullpenctl: files of accounts cannot be looked at: " + joined.error().message() + "\n";
}

int run_command(const Command& command, const Arguments& arguments, const Globals& globals,
                const RosterSource* roster, Output& out, Output& err, std::span<char* const> argv) {
    if (arguments.operands.size() < command.operands_min)
        return usage_error(err,
                           std::string(command.name) + ": a word is missing of '" +
                               std::string(command.synopsis) + "'",
                           &command);
    if (arguments.operands.size() > command.operands_max) {
        return usage_error(err,
                           std::string(command.name) + ": unexpected word '" +
                               printable(arguments.operands[command.operands_max]) + "'",
                           &command);
    }
    const bool far = !globals.host.empty();
    if (far && !command.far) {
        return usage_error(
            err, std::string(command.name) + " works on files of its home; give it on that host",
            &command);
    }
    const auto home = Home::at(far ? k_no_home : globals.home);
    if (!home)
        return usage_error(err, home.error().context(), nullptr);
    const SystemClock clock;
    const char* credentials_directory = std::getenv("CREDENTIALS_DIRECTORY");
    Context context{
        .globals = globals,
        .arguments = arguments,
        .home = *home,
        .clock = clock,
        .out = out,
        .err = err,
        .width = terminal_width(out.fd()),
        .err_width = terminal_width(err.fd()),
        .roster = roster,
        .credentials_directory = credentials_directory != nullptr ? credentials_directory : "",
        .argv = argv};
    if (far)
        return command.run(context);
    if (command.looks_into_home) {
        if (const auto there = look_into(context.home); !there)
            return report(context, there.error(), ExitCode::failed);
    }
    if (!command.takes_home_itself)
        take_users(context);
    if (command.writes_home) {
        if (const auto owner = become_owner(context.home); !owner)
            return report(context, owner.error(), ExitCode::failed);
    }
    return command.run(context);
}

// Whoever reads the output of a program that ends well takes it for whole.
int delivered(int code, Output& out, Output& err) {
    out.flush();
    if (out.trouble().empty())
        return code;
    err.line("bullpenctl: the output could not be written: " + out.trouble());
    return code == 0 ? value(ExitCode::software) : code;
}

// Programs of Bullpen are in one directory, or these where they were installed.
Error exec_beside(const char* name, std::span<char* const> argv) {
    const auto directory = own_directory();
    std::string tried;
    for (const auto* place : k_program_places) {
        const auto path = directory + place + name;
        ::execv(path.c_str(), argv.data());
        if (errno != ENOENT)
            return Error::from_errno("cannot run " + path);
        tried += (tried.empty() ? "" : " nor ") + path;
    }
    return Error(Errc::not_found, std::string(name) + " is missing: there is neither " + tried +
                                      "; build or install Bullpen whole");
}

std::vector<char*> pointers(std::span<const std::string> words) {
    std::vector<char*> argv;
    for (const auto& word : words)
        argv.push_back(const_cast<char*>(word.c_str()));  // NOLINT: execv does not write to them
    argv.push_back(nullptr);
    return argv;
}

}  // namespace

Result<void> take_home(Context& context) {
    take_users(context);
    return become_owner(context.home);
}

Error exec_control(std::span<char* const> argv) {
    return exec_beside(k_control_name, argv);
}

Error exec_worker(std::span<const std::string> words) {
    return exec_beside(k_worker_name, pointers(words));
}

Error exec_calendar(std::span<const std::string> words) {
    return exec_beside(k_calendar_name, pointers(words));
}

Error exec_notify(std::span<const std::string> words) {
    return exec_beside(k_notify_name, pointers(words));
}

int report(Context& context, const Error& error, ExitCode code) {
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key("error").begin_object();
        json.key("code").string(error.code().message());
        json.key("message").string(error.context());
        json.end_object().end_object();
        context.out += "\n";
    }
    std::string line = "bullpenctl: ";
    append_printable(line, error.message());
    context.err.line(line, Colour::red);
    return value(code);
}

int report(Context& context, std::string_view message, ExitCode code) {
    const auto kind = code == ExitCode::usage ? Errc::invalid : Errc::refused;
    if (context.globals.json)
        return report(context, Error(kind, std::string(message)), code);
    std::string line = "bullpenctl: ";
    append_printable(line, message);
    context.err.line(line, Colour::red);
    return value(code);
}

int run_program(Program self, std::span<const Command* const> commands, const RosterSource* roster,
                int argc, char** argv) {
    const std::span<char* const> whole(argv, static_cast<std::size_t>(argc) + 1);
    std::vector<std::string_view> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    Output plain_err(STDERR_FILENO, false);
    const auto place = command_place(words);
    if (place >= words.size()) {
        Output out(STDOUT_FILENO, false);
        return run_without_command(out, plain_err, words);
    }
    const auto name = words[place];
    const auto* entry = find_in_index(name);
    if (entry == nullptr)
        return unknown_command(plain_err, name);
    const auto* command = find(commands, name);
    if (command == nullptr) {
        const auto error = self == Program::control
                               ? Error(Errc::not_found, "this program does not hold the command")
                               : exec_control(whole);
        plain_err += "bullpenctl: " + error.message() + "\n";
        return value(ExitCode::software);
    }
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(place));
    std::vector<Option> known(command->options.begin(), command->options.end());
    known.insert(known.end(), global_options().begin(), global_options().end());
    const auto arguments = parse_arguments(words, known);
    if (!arguments)
        return usage_error(plain_err, arguments.error().context(), command);
    const auto globals = read_globals(*arguments, std::getenv("BULLPEN_HOME"));
    if (!globals)
        return usage_error(plain_err, globals.error().context(), command);
    // The messaging is the other program's.
    if (!globals->host.empty() && self == Program::bullpenctl && !globals->help) {
        plain_err += "bullpenctl: " + exec_control(whole).message() + "\n";
        return value(ExitCode::software);
    }
    const auto colour = [&](int fd) {
        return wants_colour(globals->colour, ::isatty(fd) != 0, std::getenv("NO_COLOR"),
                            std::getenv("TERM"));
    };
    Output out(STDOUT_FILENO, colour(STDOUT_FILENO));
    Output err(STDERR_FILENO, colour(STDERR_FILENO));
    if (globals->help) {
        out += command_help(*command);
        return delivered(0, out, err);
    }
    if (arguments->has("version")) {
        out += version_line();
        return delivered(0, out, err);
    }
    return delivered(run_command(*command, *arguments, *globals, roster, out, err, whole), out,
                     err);
}

}  // namespace bullpen::ctl
