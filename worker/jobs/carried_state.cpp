#include "worker/jobs/carried_state.hpp"

#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "common/storage/atomic_file.hpp"

namespace bullpen::jobs {

namespace {

using nlohmann::json;

constexpr int k_version = 1;
constexpr std::size_t k_size_max = 32UL * 1024 * 1024;
constexpr const char* k_session = "session_data";

json object_of(const CarriedState& carried) {
    auto object = carried.json.empty() ? json::object() : documents::parse_json(carried.json);
    return object.is_object() ? object : json::object();
}

}  // namespace

std::optional<std::string> session_value(const CarriedState& carried, const std::string& key) {
    const auto object = object_of(carried);
    const auto session = object.find(k_session);
    if (session == object.end() || !session->is_object() || !session->contains(key))
        return std::nullopt;
    return documents::json_text(session->at(key));
}

Result<CarriedState> with_session_value(const CarriedState& carried, const std::string& key,
                                        const std::optional<std::string>& value) {
    auto object = object_of(carried);
    if (!value) {
        if (!session_value(carried, key))
            return fail(Errc::not_found, "there is no session data '" + key + "'");
        object[k_session].erase(key);
        return CarriedState{documents::json_text(object)};
    }
    if (!object.contains(k_session) || !object[k_session].is_object())
        object[k_session] = json::object();
    object[k_session][key] =
        documents::is_json(*value) ? documents::parse_json(*value) : json(*value);
    return CarriedState{documents::json_text(object)};
}

std::string encode(const CarriedState& carried, const AccountId& account) {
    return documents::json_text(json{{"version", k_version},
                                     {"account", account.str()},
                                     {"carried", object_of(carried)}},
                                1) +
           "\n";
}

Result<CarriedState> decode_carried(std::string_view text, const AccountId& account) {
    try {
        BULLPEN_TRY(const auto object, documents::read_json(text, "what was carried over"));
        if (object.at("version") > k_version)
            return fail(Errc::newer_version, "what was carried over is a newer program's");
        if (object.at("account") != account.str()) {
            return fail(Errc::wrong_account, "what was carried over is of account '" +
                                                 object.at("account").get<std::string>() + "'");
        }
        const auto& carried = object.at("carried");
        if (!carried.is_object())
            return fail(Errc::corrupt, "what was carried over is no object");
        return CarriedState{carried.empty() ? std::string() : documents::json_text(carried)};
    } catch (const json::exception& problem) {
        return fail(Errc::corrupt,
                    std::string("what was carried over cannot be read: ") + problem.what());
    }
}

std::string carried_path(const std::string& account_directory) {
    return account_directory + "/carried.json";
}

Result<Kept<CarriedState>> load_carried(storage::FileSystem& files, const std::string& path,
                                        const AccountId& account) {
    return load_kept<CarriedState>(files, path, k_size_max, [&](std::string_view text) {
        return decode_carried(text, account);
    });
}

Result<void> save(storage::FileSystem& files, const std::string& path, const AccountId& account,
                  const CarriedState& carried) {
    return storage::replace_file(files, path, encode(carried, account), {.keep_previous = true});
}

}  // namespace bullpen::jobs
