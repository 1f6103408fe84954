#include <array>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/base/service.hpp"
#include "common/base/trimmed.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/vault/private_file.hpp"
#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/fleet_view.hpp"
#include "ctl/home_owner.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/table.hpp"
#include "ipc/allow_list.hpp"
#include "ipc/key_pair.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::array<Option, 1> k_remote_options = {
    {{'\0', "right", "RIGHT", "allow: read, the default, or operate"}}};

constexpr mode_t k_directory_mode = 0700;
constexpr std::size_t k_endpoint_max = 512;  // bytes

// Of a command that changes files of the home.
Result<void> enter_home(Context& context) {
    BULLPEN_CHECK(look_into(context.home));
    BULLPEN_CHECK(become_owner(context.home));
    return make_directories(ipc::remote_directory(context.home), k_directory_mode);
}

Result<ipc::AllowList> read_list(const Home& home) {
    const auto text = vault::read_private(ipc::allow_list_path(home), ipc::k_allow_list_size_max,
                                          vault::Keeper::user);
    if (!text && text.error().code() == Errc::not_found)
        return ipc::AllowList();
    if (!text)
        return fail(text.error());
    auto list = ipc::AllowList::parse(text->reveal());
    if (!list)
        return fail(list.error().wrap(ipc::allow_list_path(home)));
    return list;
}

Result<void> write_list(const Home& home, const ipc::AllowList& list) {
    storage::SystemFileSystem files;
    return storage::replace_file(files, ipc::allow_list_path(home), list.text());
}

int said(Context& context, const std::string& key, const std::string& text,
         const std::string& line) {
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key(key).string(text).end_object();
        context.out += "\n";
    } else {
        context.out.line(line);
    }
    return value(ExitCode::done);
}

// The secret half goes into the file and is shown to nobody.
Result<std::string> make_keys(const std::string& path) {
    BULLPEN_TRY(const auto pair, ipc::make_key_pair());
    BULLPEN_CHECK(ipc::write_secret_key(path, pair));
    return pair.public_key;
}

int keygen(Context& context) {
    const auto& words = context.arguments.operands;
    auto path = ipc::server_key_path(context.home);
    if (words.size() > 1) {
        path = std::string(words[1]);
    } else if (const auto entered = enter_home(context); !entered) {
        return report(context, entered.error(), ExitCode::failed);
    }
    const auto made = make_keys(path);
    if (!made)
        return report(context, made.error(), ExitCode::failed);
    return said(context, "public_key", *made, "wrote " + path + ", public key " + *made);
}

int allow(Context& context) {
    const auto& words = context.arguments.operands;
    if (words.size() != 3)
        return report(context, "remote allow takes a NAME and a KEY", ExitCode::usage);
    const auto right = ipc::right_from(context.arguments.value("right").value_or("read"));
    if (!right)
        return report(context, right.error(), ExitCode::usage);
    if (const auto entered = enter_home(context); !entered)
        return report(context, entered.error(), ExitCode::failed);
    auto list = read_list(context.home);
    if (!list)
        return report(context, list.error(), ExitCode::failed);
    const std::string name(words[1]);
    if (const auto put = list->put({name, *right, std::string(words[2])}); !put)
        return report(context, put.error(), ExitCode::usage);
    if (const auto written = write_list(context.home, *list); !written)
        return report(context, written.error(), ExitCode::failed);
    return said(context, "allowed", name,
                name + " may " + std::string(ipc::word(*right)) + " from now on");
}

int revoke(Context& context) {
    const auto& words = context.arguments.operands;
    if (words.size() != 2)
        return report(context, "remote revoke takes a NAME", ExitCode::usage);
    if (const auto entered = enter_home(context); !entered)
        return report(context, entered.error(), ExitCode::failed);
    auto list = read_list(context.home);
    if (!list)
        return report(context, list.error(), ExitCode::failed);
    const std::string name(words[1]);
    if (!list->remove(name))
        return report(context, name + " is not on the list", ExitCode::failed);
    if (const auto written = write_list(context.home, *list); !written)
        return report(context, written.error(), ExitCode::failed);
    return said(context, "revoked", name, name + " is not let in any more");
}

struct Standing {
    std::string public_key;  // empty: there is none
    std::string endpoint;    // where it listens, or listened last; empty: it never did
};

Standing standing_of(const Home& home) {
    Standing standing;
    if (auto keys = ipc::read_key_pair(ipc::server_key_path(home)))
        standing.public_key = keys->public_key;
    const auto id = AccountId::parse(k_remote_service);
    auto text = id ? read_file(home.account(*id).directory + "/endpoint", k_endpoint_max)
                   : Result<std::string>(fail(Errc::not_found, ""));
    if (text)
        standing.endpoint = std::string(trimmed(*text));
    return standing;
}

int list_clients(Context& context) {
    if (const auto there = look_into(context.home); !there)
        return report(context, there.error(), ExitCode::failed);
    const auto list = read_list(context.home);
    if (!list)
        return report(context, list.error(), ExitCode::failed);
    const auto standing = standing_of(context.home);
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object();
        json.key("server_key").text_or_null(standing.public_key);
        json.key("endpoint").text_or_null(standing.endpoint);
        json.key("clients").begin_array();
        for (const auto& client : list->clients()) {
            json.begin_object();
            json.key("name").string(client.name);
            json.key("right").string(ipc::word(client.right));
            json.key("key").string(client.key);
            json.end_object();
        }
        json.end_array().end_object();
        context.out += "\n";
        return value(ExitCode::done);
    }
    context.out.line(standing.public_key.empty()
                         ? std::string("no key of this home: bullpenctl remote keygen makes it")
                         : "server key " + standing.public_key);
    if (!standing.endpoint.empty())
        context.out.line("listens at " + standing.endpoint + " while bullpen-remote runs");
    if (list->clients().empty()) {
        context.out.line("nobody is allowed");
        return value(ExitCode::done);
    }
    Table table({{"NAME"}, {"RIGHT"}, {"KEY"}});
    for (const auto& client : list->clients())
        table.add({{client.name}, {ipc::word(client.right)}, {client.key}});
    table.append_to(context.out.buffer(), context.width, context.out.coloured());
    return value(ExitCode::done);
}

int run_remote(Context& context) {
    const auto word = context.arguments.operands.front();
    if (word == "keygen")
        return keygen(context);
    if (word == "allow")
        return allow(context);
    if (word == "revoke")
        return revoke(context);
    if (word == "list" && context.arguments.operands.size() == 1)
        return list_clients(context);
    return report(context,
                  "remote takes keygen, allow, revoke or list, not '" + std::string(word) + "'",
                  ExitCode::usage);
}

}  // namespace

const Command k_remote = {
    .name = "remote",
    .synopsis = "keygen [FILE] | allow NAME KEY | revoke NAME | list",
    .text =
        "Who may look at this home, or operate it, from another host: over TCP, with CURVE, "
        "through\n"
        "the service bullpen-remote, which runs while bullpen.toml has remote.listen.\n"
        "\n"
        "keygen makes the home's key pair, in remote/server.key; with FILE one of your own, on "
        "the\n"
        "host that you ask from. Only the public key is shown, and no file is overwritten.\n"
        "allow puts a public key on the home's list under a name: with the right read it looks\n"
        "(status, list, health, explain, events), with operate it also starts, stops, halts,\n"
        "resumes and restarts accounts and applies settings. What concerns the daemon as a whole\n"
        "(shutdown, upgrade) or secrets is given on the home's host alone.\n"
        "revoke takes a name off the list, which counts from that moment on, also for who is\n"
        "connected. list shows the home's public key, where it listens, and who is allowed.\n",
    .exit_codes =
        "  0   done\n"
        "  1   a file is there already or cannot be used, or the name is not on the list\n"
        "  64  wrong arguments, or no public key\n",
    .examples =
        "  bullpenctl remote keygen ~/.bullpen.key         on your own host: your key\n"
        "  bullpenctl remote keygen                        on the home's host: the home's\n"
        "  bullpenctl remote allow desk KEY --right operate\n"
        "  bullpenctl --host tcp://HOST:7070 --key ~/.bullpen.key --server-key KEY status\n",
    .options = k_remote_options,
    .operands_min = 1,
    .operands_max = 3,
    .run = run_remote,
    .looks_into_home = false,
};

}  // namespace bullpen::ctl
