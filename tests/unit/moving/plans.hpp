// Plans of made-up folders of old bots, and what is looked up in them.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "moving/plan.hpp"

namespace bullpen::moving {

inline OldFile file(std::string path, std::string text) {
    return {std::move(path), std::move(text), true, {}};
}

inline Wishes wishes(std::vector<std::string> command = {}) {
    Wishes how;
    how.directory = "/old";
    how.command = std::move(command);
    how.program = {"lib", "run.py"};
    how.listed = {""};
    return how;
}

// Whether any of them says it.
inline bool says(const std::vector<std::string>& sentences, std::string_view what) {
    return std::any_of(sentences.begin(), sentences.end(), [&](const std::string& sentence) {
        return sentence.find(what) != std::string::npos;
    });
}

// The value of a key in the account's file, as it is written there.
inline std::string written(const PlannedAccount& account, const std::string& key) {
    const auto at = account.settings_text.find("\n" + key + " = ");
    if (at == std::string::npos)
        return "-";
    const auto begin = at + key.size() + 4;
    return account.settings_text.substr(begin, account.settings_text.find('\n', begin) - begin);
}

inline std::string setting(const PlannedAccount& account, std::string_view key) {
    for (const auto& [name, value] : account.settings) {
        if (name == key)
            return value;
    }
    return "-";
}

inline const Item* item(const Plan& plan, std::string_view name) {
    for (const auto& one : plan.items) {
        if (one.name == name)
            return &one;
    }
    return nullptr;
}

inline const Item& item_of(const Plan& plan, std::string_view file, std::string_view name) {
    const auto found = std::find_if(plan.items.begin(), plan.items.end(), [&](const auto& one) {
        return one.file == file && one.name == name;
    });
    REQUIRE(found != plan.items.end());
    return *found;
}

inline std::string value_of(const PlannedAccount& account, std::string_view field) {
    for (const auto& secret : account.credentials) {
        if (secret.field == field)
            return std::string(secret.value.reveal());
    }
    return "-";
}

inline constexpr const char* k_two =
    R"({"broker":"TopStep","broker_username":"joan_t","broker_token":"plant-token",
        "password":"plant-password","user_data":{"api_key":"plant-nested","email":"j@x"},
        "accounts":[{"id":"A-1","name":"One","balance":50000},{"id":"B 2","name":"Two"}],
        "selected_account_id":"A-1","max_contracts":3)";

inline Plan futures(const std::string& more, const Wishes& how = wishes(),
                    std::vector<OldFile> others = {}, std::vector<TakenAccount> taken = {}) {
    others.push_back(file("config.json", k_two + more + "}"));
    auto plan = plan_futures_bot(others, how, taken);
    REQUIRE(plan);
    return std::move(*plan);
}

inline constexpr const char* k_ini =
    "[DEFAULT]\ncapital_deployment_percent = 30\nlog_level = INFO\n"
    "[API_CREDENTIALS_asha]\napi_key = key-a\napi_secret = secret-a\naccess_token = token-a\n"
    "[API_CREDENTIALS_Ravi]\napi_key = key-r\napi_secret = secret-r\naccess_token =\n";

}  // namespace bullpen::moving
