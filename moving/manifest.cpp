// What is written down of an import: the account's imported.json, and who the old ids of users are.
#include <algorithm>

#include "common/base/errc.hpp"
#include "moving/digest.hpp"
#include "moving/json_impl.hpp"
#include "moving/plan.hpp"

namespace bullpen::moving {

namespace {

Json item_json(const Item& item) {
    Json out = {{"file", item.file}, {"name", item.name}, {"value", item.value}};
    if (!item.becomes.empty())
        out["becomes"] = item.becomes;
    if (!item.why.empty())
        out["why"] = item.why;
    return out;
}

}  // namespace

std::string_view word(Fate fate) {
    switch (fate) {
        case Fate::taken: return "taken";
        case Fate::kept: return "kept";
        case Fate::left: return "left";
        case Fate::wrong: return "wrong";
    }
    return "";
}

std::string manifest(const Plan& plan, const PlannedAccount& account, std::string_view utc,
                     std::string_view directory) {
    Json out = {{"v", 1},
                {"kind", plan.kind},
                {"utc", utc},
                {"directory", directory},
                {"account", account.id.str()},
                {"user", account.user},
                {"old_user_id", account.old_user_id},
                {"broker", account.broker},
                {"broker_account", account.broker_account}};
    out["open"] = Json::array();
    for (const auto& one : account.open)
        out["open"].push_back({{"symbol", one.symbol},
                               {"quantity", one.quantity},
                               {"entry_price", one.entry_price},
                               {"stop_price", one.stop_price},
                               {"target_price", one.target_price}});
    out["files"] = Json::array();
    for (const auto& file : account.files)
        out["files"].push_back(
            {{"from", file.from}, {"to", file.to}, {"sha256", sha256(file.text)}});
    for (const auto fate : {Fate::taken, Fate::kept, Fate::left, Fate::wrong}) {
        auto& list = out[std::string(word(fate))] = Json::array();
        for (const auto& item : plan.items) {
            if (item.fate == fate && (item.account.empty() || item.account == account.id.str()))
                list.push_back(item_json(item));
        }
    }
    return print_json(out);
}

std::vector<OldName> old_layout(const Plan& plan) {
    std::vector<OldName> names{{"data/shared", "shared"}};
    const bool futures = plan.kind == "futures-bot";
    for (const auto& account : plan.accounts) {
        const auto& who = futures ? account.broker_account : account.user;
        if (who.empty() || who == "." || who == ".." || who.find('/') != std::string::npos)
            continue;
        const auto now = "accounts/" + account.id.str() + "/";
        const auto state =
            "data/" + std::string(futures ? "bot_state_" : "trading_state_") + who + ".json";
        // The old bot reads one of two names; the import copied the one that there was.
        const bool own = std::any_of(account.files.begin(), account.files.end(),
                                     [&](const PlannedFile& file) { return file.to == state; });
        names.push_back({state, now + (futures && !own ? "data/bot_state.json" : state)});
        names.push_back({"logs/" + who, now + "logs"});
        if (!futures)
            names.push_back({"Current_Orders/" + who, now + "Current_Orders/" + who});
    }
    return names;
}

Result<std::string> merged_users(std::string_view before, const Plan& plan) {
    Json all = {{"v", 1}, {"users", Json::array()}};
    if (!before.empty()) {
        BULLPEN_TRY(all, parse_json(before));
        if (!member(all, "users").is_array())
            return fail(Errc::corrupt, "it has no list `users`");
    }
    auto& users = all["users"];
    for (const auto& account : plan.accounts) {
        if (account.old_user_id.empty())
            continue;
        Json one = {{"old_user_id", account.old_user_id},
                    {"user", account.user},
                    {"broker", account.broker},
                    {"account", account.id.str()}};
        if (std::find(users.begin(), users.end(), one) == users.end())
            users.push_back(std::move(one));
    }
    return print_json(all);
}

}  // namespace bullpen::moving
