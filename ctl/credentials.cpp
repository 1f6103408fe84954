#include "ctl/credentials.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>

#include "common/base/errc.hpp"
#include "common/config/roster.hpp"
#include "common/vault/broker_fields.hpp"
#include "common/vault/standing.hpp"
#include "ctl/act.hpp"
#include "ctl/fleet_view.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/roster_edit.hpp"
#include "ctl/secret_prompt.hpp"
#include "ctl/text.hpp"
#include "ctl/vault_session.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::string_view k_not_in_arguments =
    "a value is not given as an argument, where every process of this host could read it, and the "
    "shell would remember it: type it at the prompt, or send it to standard input. If it was a "
    "real one, have it replaced at the broker";
constexpr std::string_view k_no_daemon = "bullpend does not run; it takes this up when it starts.";

// What a daemon made of it.
struct Told {
    std::string_view applied = "yes";  // or "no_daemon", "no"
    std::string message;
    ExitCode code = ExitCode::done;
};

// `accounts`: those with other credentials than before; empty when it may be all. `session`: whose
// key the daemon may need to be given; null when it was not opened.
Told tell_daemon(Context& context, const VaultSession* session,
                 const std::vector<AccountId>& accounts) {
    const auto view = FleetView::read(context.home, context.clock.now(), context.roster);
    if (!view || view->daemon().state == DaemonState::down)
        return {"no_daemon", std::string(k_no_daemon), ExitCode::done};
    const auto failed = [](const Error& error) {
        return Told{"no", "done, but the daemon does not know of it: " + error.message(),
                    ExitCode::temporary};
    };
    std::optional<vault::KeyPipe> pipe;
    if (session != nullptr && session->by_passphrase()) {
        auto given = vault::KeyPipe::give(context.home, session->keys());
        if (!given)
            return failed(given.error());
        pipe.emplace(std::move(*given));
    }
    auto client = ControlClient::connect(context.home, context.clock);
    if (!client)
        return failed(client.error());
    ipc::Request request;
    request.command = pipe ? "unlock" : "credentials";
    request.args.accounts = accounts;
    request.deadline = deadline_of(context, k_act_deadline);
    const auto last = client->ask(std::move(request));
    if (!last)
        return failed(last.error());
    const bool ok = last->ok && last->kind == ipc::ReplyKind::result;
    return {ok ? "yes" : "no", last->message, ok ? ExitCode::done : ExitCode::failed};
}

int tell(Context& context, std::string notes, const std::string& done, const Told& told) {
    if (!told.message.empty())
        notes += (notes.empty() ? "" : "\n") + told.message;
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object();
        json.key("ok").boolean(told.code == ExitCode::done);
        json.key("done").string(done);
        json.key("applied").string(told.applied);
        json.key("message").text_or_null(notes);
        json.end_object();
        context.out += "\n";
        return value(told.code);
    }
    context.out.line(done);
    while (!notes.empty()) {
        const auto end = std::min(notes.find('\n'), notes.size());
        context.out.line(printable(notes.substr(0, end)),
                         told.code == ExitCode::done ? Colour::none : Colour::red);
        notes.erase(0, end + 1);
    }
    return value(told.code);
}

Result<vault::Credentials> opened(const Home& home, const VaultSession& session,
                                  const AccountId& account) {
    BULLPEN_TRY(const auto file, vault::load_sealed(home, account));
    if (!file)
        return vault::Credentials(account);
    auto credentials = vault::open(*file, session.keys(), account);
    if (!credentials)
        return fail(credentials.error().wrap(home.account(account).secrets));
    return credentials;
}

// What is in the file is at fault, or it was sealed by a key that is not at hand.
bool opens_never(const Error& error) {
    return error.code() == Errc::corrupt || error.code() == Errc::wrong_account ||
           error.code() == Errc::not_found;
}

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i)
        text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
    return text;
}

// A field of the table, for an account whose worker is ours; a program of its own takes any.
Result<void> takes(const config::AccountSettings& settings, std::string_view field) {
    if (!vault::is_field_name(field)) {
        return fail(Errc::invalid,
                    "a field's name is a-z, 0-9 and '_', a letter first; `bullpenctl credentials "
                    "list " +
                        settings.id.str() + "` has those it needs");
    }
    const auto* rule = vault::find_broker(settings.broker);
    if (rule == nullptr || !settings.command.empty() || vault::find_field(*rule, field) != nullptr)
        return {};
    std::vector<std::string> names;
    for (const auto& known : rule->fields)
        names.emplace_back(known.name);
    return fail(Errc::invalid, "the broker " + settings.broker + " takes no such field" +
                                   (names.empty() ? ", and no credentials at all"
                                                  : "; it takes " + listed(names)));
}

Result<std::optional<UtcTime>> expiry(Context& context, const config::AccountSettings& settings,
                                      std::string_view field) {
    const auto now = context.clock.utc();
    if (const auto word = context.arguments.value("expires")) {
        if (*word == "never")
            return std::optional<UtcTime>();
        const auto time = parse_utc(*word);
        if (!time)
            return fail(Errc::invalid,
                        "--expires takes 'never' or a UTC time, 2026-11-22T00:30:00Z");
        if (*time <= now)
            return fail(Errc::invalid, "--expires is over already; nothing was done");
        return std::optional<UtcTime>(*time);
    }
    return vault::usual_expiry(settings.broker, field, now);
}

// The fields to ask for when none is named: those that keep the account from starting, or all.
std::vector<std::string> fields_to_ask(const config::AccountSettings& settings,
                                       const vault::Credentials& have, UtcTime now) {
    const auto needed = vault::needed_fields(settings, true);
    std::vector<std::string> lacking;
    for (const auto& name : needed) {
        const auto* field = have.find(name);
        if (field == nullptr || (field->expires && *field->expires <= now))
            lacking.push_back(name);
    }
    return lacking.empty() ? needed : lacking;
}

Result<Secret> ask_value(Context& context, const config::AccountSettings& settings,
                         const std::string& field) {
    if (!at_terminal())
        return read_secret_rest();
    const auto* rule = vault::find_broker(settings.broker);
    const auto* known = rule != nullptr ? vault::find_field(*rule, field) : nullptr;
    return ask_secret(context, field + " of " + settings.id.str() +
                                   (known != nullptr ? " (" + std::string(known->text) + ")" : "") +
                                   ": ");
}

Result<std::vector<std::string>> set_fields(Context& context, VaultSession& session,
                                            const config::AccountSettings& settings,
                                            std::string_view named) {
    BULLPEN_TRY(auto credentials, opened(context.home, session, settings.id));
    auto names = named.empty() ? fields_to_ask(settings, credentials, context.clock.utc())
                               : std::vector<std::string>{std::string(named)};
    if (names.empty()) {
        return fail(Errc::invalid, "the broker " + settings.broker +
                                       " needs no credentials; name the FIELD to set one");
    }
    for (const auto& name : names) {
        BULLPEN_TRY(const auto expires, expiry(context, settings, name));
        BULLPEN_TRY(Secret value, ask_value(context, settings, name));
        BULLPEN_CHECK(credentials.put({name, std::move(value), context.clock.utc(), expires}));
    }
    BULLPEN_CHECK(seal_anew(context.home, session, std::move(credentials)));
    return names;
}

ExitCode code_of(const Error& error) {
    return error.code() == Errc::invalid ? ExitCode::usage : exit_code_of(error);
}

std::string_view word_at(const Context& context, std::size_t place) {
    const auto& words = context.arguments.operands;
    return place < words.size() ? words[place] : std::string_view();
}

int remove_field(Context& context, const AccountId& id, const std::string& field) {
    auto session = VaultSession::open(context, false);
    if (!session)
        return report(context, session.error(), code_of(session.error()));
    const auto remove = [&]() -> Result<void> {
        BULLPEN_TRY(auto credentials, opened(context.home, *session, id));
        if (!credentials.remove(field))
            return fail(Errc::not_found, id.str() + " has no sealed field of that name");
        if (credentials.fields().empty())
            return session->store().remove(id);
        BULLPEN_CHECK(seal_anew(context.home, *session, std::move(credentials)));
        // What was taken away is to be nowhere.
        return session->store().remove_previous(id);
    };
    if (const auto removed = remove(); !removed)
        return report(context, removed.error().context(), code_of(removed.error()));
    return tell(context, {}, "removed " + field + " of " + id.str(),
                tell_daemon(context, &*session, {id}));
}

}  // namespace

Result<void> seal_anew(const Home& home, VaultSession& session, vault::Credentials credentials) {
    credentials.set_generation(credentials.generation() + 1);
    BULLPEN_CHECK(session.store().save(vault::seal(credentials, session.keys().current())));
    BULLPEN_TRY(const auto again, opened(home, session, credentials.account()));
    if (again.generation() != credentials.generation())
        return fail(Errc::corrupt, "what was written is not what is there");
    return {};
}

Result<config::AccountSettings> named_account(Context& context) {
    const auto word = word_at(context, 1);
    if (word.empty())
        return fail(Errc::invalid, "the name of an account is missing");
    BULLPEN_TRY(const auto id, AccountId::parse(word));
    auto settings = config::read_account(context.home, id);
    if (!settings && settings.error().code() == Errc::not_found)
        return fail(Errc::not_found, no_account_text(context, id));
    return settings;
}

Result<std::string> named_field(const Context& context) {
    const auto account = word_at(context, 1);
    const std::string field(word_at(context, 2));
    if (!field.empty() && account == "all")
        return fail(Errc::invalid, "a FIELD is one account's: name the account instead of `all`");
    return field;
}

Result<std::vector<Holder>> holders(Context& context) {
    const auto word = word_at(context, 1);
    if (!word.empty() && word != "all") {
        BULLPEN_TRY(auto settings, named_account(context));
        const auto id = settings.id;
        return std::vector<Holder>{{id, std::move(settings)}};
    }
    std::map<AccountId, Holder> all;
    auto roster = config::RosterReader(context.home).read(context.clock.utc());
    for (auto& [id, settings] : roster.accounts) {
        const auto sealed = vault::load_sealed(context.home, id);
        if (!sealed || *sealed || !vault::needed_fields(settings, false).empty())
            all.emplace(id, Holder{id, std::move(settings)});
    }
    storage::SystemFileSystem files;
    BULLPEN_TRY(const auto sealed, vault::sealed_accounts(context.home, files));
    for (const auto& id : sealed)
        all.emplace(id, Holder{id, std::nullopt});
    std::vector<Holder> found;
    for (auto& [id, holder] : all)
        found.push_back(std::move(holder));
    return found;
}

Result<void> seal_for_new_name(const Context& context, const AccountId& from, const AccountId& to) {
    BULLPEN_TRY(const auto lock, vault::StoreLock::take(context.home));
    BULLPEN_TRY(const auto keys, keys_at_hand(context));
    BULLPEN_TRY(const auto file, vault::load_sealed(context.home, to));
    if (!file)
        return {};
    BULLPEN_TRY(auto credentials, vault::open(*file, keys, from));
    credentials.give_to(to);
    credentials.set_generation(credentials.generation() + 1);
    storage::SystemFileSystem files;
    vault::Store store(context.home, files, lock);
    BULLPEN_CHECK(store.save(vault::seal(credentials, keys.current())));
    // Neither name keeps what the other was sealed for.
    BULLPEN_CHECK(store.remove_previous(from));
    return store.remove_previous(to);
}

int credentials_set(Context& context) {
    const auto field = word_at(context, 2);
    const bool value_in_sight =
        context.arguments.operands.size() > 3 || field.find('=') != std::string_view::npos;
    if (value_in_sight)
        return report(context, k_not_in_arguments, ExitCode::usage);
    auto settings = named_account(context);
    if (!settings)
        return report(context, settings.error(), code_of(settings.error()));
    if (field.empty() && !at_terminal()) {
        return report(context, "name the FIELD whose value comes from standard input",
                      ExitCode::usage);
    }
    const auto taken = field.empty() ? Result<void>() : takes(*settings, field);
    if (!taken)
        return report(context, taken.error().context(), ExitCode::usage);
    if (const auto ends = expiry(context, *settings, field); !ends)
        return report(context, ends.error().context(), ExitCode::usage);
    auto session = VaultSession::open(context, true);
    if (!session)
        return report(context, session.error(), code_of(session.error()));
    const auto set = set_fields(context, *session, *settings, field);
    if (!set) {
        // Whatever came after, the vault has a key now, and nobody says it again.
        if (!session->note().empty() && !context.globals.json)
            context.out.line(printable(session->note()));
        return report(context, set.error(), code_of(set.error()));
    }
    return tell(context, session->note(), "set " + listed(*set) + " of " + settings->id.str(),
                tell_daemon(context, &*session, {settings->id}));
}

// All of an account's, for which no key is needed: what nobody can open any more can be taken away.
// An account that has left the roster may still have something here.
int credentials_remove(Context& context) {
    const auto id = AccountId::parse(word_at(context, 1));
    if (!id)
        return report(context, id.error(), ExitCode::usage);
    const std::string field(word_at(context, 2));
    if (!field.empty())
        return remove_field(context, *id, field);
    const auto remove = [&]() -> Result<void> {
        BULLPEN_TRY(const auto lock, vault::StoreLock::take(context.home));
        if (::access(context.home.account(*id).secrets.c_str(), F_OK) != 0)
            return fail(Errc::not_found, id->str() + " has no sealed credentials");
        storage::SystemFileSystem files;
        return vault::Store(context.home, files, lock).remove(*id);
    };
    if (const auto removed = remove(); !removed)
        return report(context, removed.error().context(), code_of(removed.error()));
    return tell(context, {}, "removed the credentials of " + id->str(),
                tell_daemon(context, nullptr, {*id}));
}

int credentials_rotate(Context& context) {
    const auto word = word_at(context, 1);
    const bool all = word == "all";
    const auto id = AccountId::parse(all ? "x" : word);
    if (!id)
        return report(context, id.error(), ExitCode::usage);
    const auto field = named_field(context);
    if (!field)
        return report(context, field.error().context(), ExitCode::usage);
    auto session = VaultSession::open(context, false);
    if (!session)
        return report(context, session.error(), code_of(session.error()));
    std::string passed_over;
    bool may_open_later = false;
    const auto rotate = [&]() -> Result<std::size_t> {
        std::size_t sealed = 0;
        std::vector<AccountId> accounts{*id};
        if (all) {
            BULLPEN_CHECK(session->begin_rotation());
            storage::SystemFileSystem files;
            BULLPEN_TRY(accounts, vault::sealed_accounts(context.home, files));
        }
        for (const auto& account : accounts) {
            auto credentials = opened(context.home, *session, account);
            // The others need not wait for it.
            if (!credentials && all) {
                const bool never = opens_never(credentials.error());
                may_open_later = may_open_later || !never;
                passed_over +=
                    "\npassed over: " + credentials.error().context() +
                    (never ? "; bullpenctl credentials remove " + account.str() + " takes it away"
                           : "; the keys before are kept until it is sealed by the new one: "
                             "bullpenctl credentials rotate all again");
                continue;
            }
            if (!credentials)
                return fail(credentials.error());
            if (credentials->fields().empty())
                return fail(Errc::not_found, account.str() + " has no sealed credentials");
            if (!field->empty() && credentials->find(*field) == nullptr)
                return fail(Errc::not_found, account.str() + " has no sealed field of that name");
            BULLPEN_CHECK(seal_anew(context.home, *session, std::move(*credentials)));
            ++sealed;
            // It is sealed by a key that is to be forgotten.
            BULLPEN_CHECK(session->store().remove_previous(account));
        }
        if (all && !may_open_later)
            BULLPEN_CHECK(session->end_rotation());
        return sealed;
    };
    const auto rotated = rotate();
    if (!rotated)
        return report(context, rotated.error().context(), code_of(rotated.error()));
    auto notes = session->note() + passed_over;
    notes.erase(0, notes.find_first_not_of('\n'));
    auto told = tell_daemon(context, &*session, all ? std::vector<AccountId>{} : std::vector{*id});
    if (!passed_over.empty() && told.code == ExitCode::done)
        told.code = ExitCode::failed;
    return tell(context, std::move(notes),
                "sealed the credentials of " +
                    (all ? std::to_string(*rotated) + (*rotated == 1 ? " account" : " accounts") +
                               " by the new key " + session->keys().current().id()
                         : id->str() + " anew" +
                               (field->empty() ? ""
                                               : ", and " + *field +
                                                     " with them; its value is the one before")),
                told);
}

int credentials_unlock(Context& context) {
    auto session = VaultSession::open(context, false);
    if (!session)
        return report(context, session.error(), code_of(session.error()));
    if (!session->by_passphrase()) {
        return report(context, "the vault's key is not a passphrase; the daemon has it by itself",
                      ExitCode::failed);
    }
    const auto told = tell_daemon(context, &*session, {});
    if (told.applied == "no_daemon")
        return report(context, no_daemon(context.home.root()), ExitCode::temporary);
    return tell(context, {}, "the daemon has the key of the vault", told);
}

}  // namespace bullpen::ctl
