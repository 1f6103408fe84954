// The plan of an import, for people and for programs.
#include "ctl/json_writer.hpp"
#include "ctl/moving_in.hpp"
#include "ctl/old_folder.hpp"
#include "ctl/table.hpp"
#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

using moving::Fate;

std::string count(std::size_t number, std::string_view what) {
    return std::to_string(number) + " " + std::string(what) + (number == 1 ? "" : "s");
}

void show_account(Context& context, const moving::PlannedAccount& account) {
    auto& out = context.out;
    out.line(account.id.str(), Colour::bold);
    if (account.there_already) {
        for (const auto& remark : account.remarks)
            out.line("  " + printable(remark));
        return;
    }
    out.line(printable("  " + account.label + ": broker " + account.broker +
                       (account.login.empty() ? "" : ", login " + account.login) +
                       ", broker account " + account.broker_account));
    std::string fields;
    for (const auto& secret : account.credentials)
        fields += (fields.empty() ? "" : ", ") + secret.field;
    out.line("  " + count(account.settings.size(), "setting") + ", " +
             count(account.files.size(), "file") +
             (fields.empty() ? ", no credentials" : ", credentials " + fields));
    for (const auto& remark : account.remarks)
        out.line("  " + printable(remark));
}

void show_items(Context& context, const moving::Plan& plan, Fate fate, std::string_view title) {
    Table table({{"FILE"}, {"NAME"}, {"VALUE"}, {fate == Fate::taken ? "BECOMES" : "WHY"}});
    for (const auto& item : plan.items) {
        if (item.fate != fate)
            continue;
        const auto becomes = item.becomes.empty() ? item.why : item.becomes;
        const auto name = (item.account.empty() ? "" : item.account + ": ") + item.name;
        table.add({{item.file}, {name}, {item.value}, {becomes}});
    }
    if (table.rows() == 0)
        return;
    context.out += "\n";
    context.out.line(title, fate == Fate::wrong ? Colour::red : Colour::bold);
    table.append_to(context.out.buffer(), 0, context.out.coloured());
}

void account_json(JsonWriter& json, const moving::PlannedAccount& account) {
    json.begin_object();
    json.key("account").string(account.id.str());
    json.key("there_already").boolean(account.there_already);
    json.key("label").string(account.label);
    json.key("user").string(account.user);
    json.key("old_user_id").text_or_null(account.old_user_id);
    json.key("broker").string(account.broker);
    json.key("login").string(account.login);
    json.key("broker_account").string(account.broker_account);
    json.key("settings").begin_object();
    for (const auto& [key, value] : account.settings)
        json.key(key).string(value);
    json.end_object();
    json.key("credentials").begin_array();
    for (const auto& secret : account.credentials)
        json.string(secret.field);
    json.end_array();
    json.key("files").begin_array();
    for (const auto& file : account.files) {
        json.begin_object().key("from").text_or_null(file.from);
        json.key("to").string(file.to).end_object();
    }
    json.end_array();
    json.key("open").begin_array();
    for (const auto& one : account.open) {
        json.begin_object().key("symbol").string(one.symbol);
        json.key("quantity").number(one.quantity).end_object();
    }
    json.end_array();
    json.key("remarks").begin_array();
    for (const auto& remark : account.remarks)
        json.string(remark);
    json.end_array();
    json.end_object();
}

void show_json(Context& context, const moving::Plan& plan, const std::string& directory) {
    JsonWriter json(context.out.buffer());
    json.begin_object();
    json.key("kind").string(plan.kind);
    json.key("directory").string(directory);
    json.key("accounts").begin_array();
    for (const auto& account : plan.accounts)
        account_json(json, account);
    json.end_array();
    json.key("items").begin_array();
    for (const auto& item : plan.items) {
        json.begin_object().key("fate").string(word(item.fate));
        json.key("account").text_or_null(item.account);
        json.key("file").string(item.file).key("name").string(item.name);
        json.key("value").string(item.value);
        json.key("becomes").text_or_null(item.becomes);
        json.key("why").text_or_null(item.why).end_object();
    }
    json.end_array();
    json.key("refused").begin_array();
    for (const auto& id : plan.refused)
        json.string(id.str());
    json.end_array();
    json.key("locks").begin_array();
    for (const auto& lock : plan.locks) {
        json.begin_object().key("file").string(lock.file);
        if (lock.pid == 0)
            json.key("pid").null().key("lives").null().end_object();
        else
            json.key("pid")
                .number(lock.pid)
                .key("lives")
                .boolean(process_lives(lock.pid))
                .end_object();
    }
    json.end_array();
    json.key("secret_files").begin_array();
    for (const auto& file : plan.secret_files)
        json.string(directory + "/" + file);
    json.end_array();
    json.key("advice").begin_array();
    for (const auto& sentence : plan.advice)
        json.string(sentence);
    json.end_array();
    json.end_object();
    context.out += "\n";
}

}  // namespace

void show_plan(Context& context, const moving::Plan& plan, const std::string& directory) {
    if (context.globals.json)
        return show_json(context, plan, directory);
    context.out.line("From " + printable(directory) + ":");
    context.out += "\n";
    for (const auto& account : plan.accounts)
        show_account(context, account);
    show_items(context, plan, Fate::taken, "Taken");
    show_items(context, plan, Fate::kept, "Without a counterpart, kept in imported.json");
    show_items(context, plan, Fate::left, "Left where it is");
    show_items(context, plan, Fate::wrong, "Not understood; please look");
    for (const auto& lock : plan.locks) {
        if (lock.pid == 0) {
            context.out.line(printable(lock.file + " names no process that can be read"),
                             Colour::red);
            continue;
        }
        context.out.line(printable(lock.file + " names process " + std::to_string(lock.pid) +
                                   (process_lives(lock.pid) ? ", which lives" : ", which is gone")),
                         process_lives(lock.pid) ? Colour::red : Colour::none);
    }
}

}  // namespace bullpen::ctl
