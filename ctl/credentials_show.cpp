// What there is in the vault, without showing any of it.
#include <algorithm>

#include "common/base/errc.hpp"
#include "common/vault/standing.hpp"
#include "ctl/act.hpp"
#include "ctl/credentials.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/text.hpp"
#include "ctl/vault_session.hpp"

namespace bullpen::ctl {

namespace {

using Loaded = Result<std::optional<vault::SealedFile>>;

// The fields that the account needs and has not.
std::vector<std::string> missing(const Holder& holder, const Loaded& file) {
    std::vector<std::string> names;
    if (!holder.settings)
        return names;
    const bool sealed = file && *file;
    for (auto& name : vault::needed_fields(*holder.settings, sealed)) {
        if (!sealed || (*file)->find(name) == nullptr)
            names.push_back(std::move(name));
    }
    return names;
}

// Of a file the one field alone, if one was named. Errc::not_found when the account neither has nor
// needs it.
Result<Loaded> only(const Holder& holder, Loaded file, const std::string& field) {
    if (field.empty() || !file)
        return file;
    const auto lacking = missing(holder, file);
    if (*file)
        std::erase_if((*file)->fields, [&](const auto& one) { return one.name != field; });
    const bool there = *file && !(*file)->fields.empty();
    if (!there && std::find(lacking.begin(), lacking.end(), field) == lacking.end())
        return fail(Errc::not_found, holder.id.str() + " has no sealed field of that name");
    return file;
}

void put_json(JsonWriter& json, const Holder& holder, const Loaded& file,
              const std::vector<std::string>& lacking, UtcTime now) {
    json.begin_object();
    json.key("account").string(holder.id.str());
    json.key("broker").text_or_null(holder.settings ? holder.settings->broker : "");
    const auto* sealed = file && *file ? &**file : nullptr;
    json.key("key").text_or_null(sealed != nullptr ? sealed->key_id : "");
    json.key("generation");
    sealed != nullptr ? json.unsigned_number(sealed->generation) : json.null();
    json.key("fields").begin_array();
    if (sealed != nullptr) {
        for (const auto& field : sealed->fields) {
            json.begin_object();
            json.key("field").string(field.name);
            json.key("set").string(format_utc(field.set));
            json.key("expires").utc_or_null(field.expires);
            json.key("expired").boolean(field.expires && *field.expires <= now);
            json.end_object();
        }
    }
    json.end_array();
    json.key("missing").begin_array();
    for (const auto& name : lacking)
        json.string(name);
    json.end_array();
    json.key("problem").text_or_null(file ? "" : file.error().message());
    json.end_object();
}

void put_text(Output& out, const Holder& holder, const Loaded& file,
              const std::vector<std::string>& lacking, UtcTime now) {
    std::string head = holder.id.str();
    head += holder.settings ? " (" + holder.settings->broker + ")" : " (not in the roster)";
    if (!file) {
        out.line(head);
        return out.line("  " + printable(file.error().message()), Colour::red);
    }
    if (*file)
        head += ", key " + (*file)->key_id + ", change " + std::to_string((*file)->generation);
    out.line(head);
    std::size_t width = 0;
    for (const auto& name : lacking)
        width = std::max(width, name.size());
    const auto fields = *file ? (*file)->fields : std::vector<vault::SealedField>{};
    for (const auto& field : fields)
        width = std::max(width, field.name.size());
    const auto padded = [width](const std::string& name) {
        return "  " + name + std::string(width - name.size() + 2, ' ');
    };
    for (const auto& field : fields) {
        const bool over = field.expires && *field.expires <= now;
        out.line(padded(field.name) + "set " + spaced_utc(format_utc(field.set)) +
                     (field.expires
                          ? (over ? ", ended " : ", ends ") + spaced_utc(format_utc(*field.expires))
                          : ""),
                 over ? Colour::red : Colour::none);
    }
    for (const auto& name : lacking)
        out.line(padded(name) + "missing", Colour::red);
}

}  // namespace

int credentials_list(Context& context) {
    const auto found = holders(context);
    if (!found)
        return report(context, found.error(), exit_code_of(found.error()));
    const auto field = named_field(context);
    if (!field)
        return report(context, field.error().context(), ExitCode::usage);
    const auto now = context.clock.utc();
    JsonWriter json(context.out.buffer());
    if (context.globals.json)
        json.begin_object().key("accounts").begin_array();
    else if (found->empty())
        context.out.line("No account has credentials or needs any.");
    for (const auto& holder : *found) {
        auto lacking = missing(holder, vault::load_newest(context.home, holder.id));
        const auto file = only(holder, vault::load_newest(context.home, holder.id), *field);
        if (!file)
            return report(context, file.error().context(), exit_code_of(file.error()));
        if (!field->empty())
            std::erase_if(lacking, [&](const std::string& name) { return name != *field; });
        if (context.globals.json)
            put_json(json, holder, *file, lacking, now);
        else
            put_text(context.out, holder, *file, lacking, now);
    }
    if (context.globals.json) {
        json.end_array().end_object();
        context.out += "\n";
    }
    return value(ExitCode::done);
}

namespace {

// How the account stands, with every value opened.
vault::Standing proven(const Holder& holder, const Loaded& file,
                       const Result<VaultSession>& session, UtcTime now) {
    const auto* keys = session ? &session->keys() : nullptr;
    auto stands =
        vault::standing(holder.settings.value_or(config::AccountSettings(holder.id)), file, keys,
                        session ? std::string() : session.error().context(), now);
    if (stands.reason != model::Reason::none || !*file || keys == nullptr)
        return stands;
    if (const auto opened = vault::open(**file, *keys, holder.id); !opened)
        return {model::Reason::token_missing, opened.error().context(), {}, true};
    return stands;
}

// The one field alone: whether it opens and is still good.
vault::Standing proven_field(const Holder& holder, const Loaded& file,
                             const Result<VaultSession>& session, UtcTime now,
                             const std::string& field) {
    using model::Reason;
    if (!file)
        return {Reason::token_missing, file.error().context(), {}, false};
    const auto* found = *file ? (*file)->find(field) : nullptr;
    if (found == nullptr)
        return {Reason::token_missing, "there is no sealed field of that name", {}, false};
    if (!session)
        return {Reason::vault_locked, session.error().context(), {}, true};
    if (const auto opened = vault::open(**file, session->keys(), holder.id); !opened)
        return {Reason::token_missing, opened.error().context(), {}, true};
    if (found->expires && *found->expires <= now)
        return {
            Reason::token_missing, field + " ended at " + format_utc(*found->expires), {}, true};
    return {Reason::none, {}, found->expires, true};
}

}  // namespace

int credentials_verify(Context& context) {
    const auto session = VaultSession::open(context, false);
    const bool no_key = !session && session.error().code() == Errc::not_found;
    if (!session && !no_key)
        return report(context, session.error(), exit_code_of(session.error()));
    const auto found = holders(context);
    if (!found)
        return report(context, found.error(), exit_code_of(found.error()));
    const auto field = named_field(context);
    if (!field)
        return report(context, field.error().context(), ExitCode::usage);
    JsonWriter json(context.out.buffer());
    if (context.globals.json)
        json.begin_object().key("accounts").begin_array();
    bool all_well = true;
    for (const auto& holder : *found) {
        const auto file = vault::load_newest(context.home, holder.id);
        const auto now = context.clock.utc();
        const auto stands = field->empty() ? proven(holder, file, session, now)
                                           : proven_field(holder, file, session, now, *field);
        const bool well = stands.reason == model::Reason::none;
        all_well = all_well && well;
        if (context.globals.json) {
            json.begin_object().key("account").string(holder.id.str()).key("ok").boolean(well);
            json.key("reason").string(model::code(stands.reason));
            json.key("detail").text_or_null(stands.detail);
            json.key("good_until").utc_or_null(stands.good_until);
            json.end_object();
            continue;
        }
        std::string line = holder.id.str() + ": " +
                           (!well            ? ""
                            : field->empty() ? "opens, and nothing is missing"
                                             : *field + " opens");
        append_printable(line, stands.detail);
        if (stands.good_until)
            line += "; good until " + spaced_utc(format_utc(*stands.good_until));
        context.out.line(line, well ? Colour::green : Colour::red);
    }
    if (context.globals.json) {
        json.end_array().key("ok").boolean(all_well).end_object();
        context.out += "\n";
    } else if (found->empty()) {
        context.out.line("No account has credentials or needs any.");
    }
    return value(all_well ? ExitCode::done : ExitCode::failed);
}

}  // namespace bullpen::ctl
