#include "common/alerts/mutes.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"

namespace bullpen::alerts {

namespace {

using nlohmann::json;

constexpr std::string_view k_all = "all";
constexpr int k_version = 1;
constexpr std::size_t k_account_max = 64;

Result<std::string> text_of(const json& from, const char* key, std::size_t size_max) {
    const auto found = from.find(key);
    if (found == from.end() || !found->is_string())
        return fail(Errc::invalid, std::string("a mute has no text '") + key + "'");
    auto text = found->get<std::string>();
    if (text.size() > size_max)
        return fail(Errc::too_large, std::string("a mute's '") + key + "' is too long");
    return text;
}

Result<Mute> mute_of(const json& from) {
    if (!from.is_object())
        return fail(Errc::invalid, "a mute is no object");
    Mute mute;
    BULLPEN_TRY(const auto name, text_of(from, "alert", k_account_max));
    mute.kind = kind_from(name);
    if (!mute.kind && name != k_all)
        return fail(Errc::invalid, "a mute is of no alert that is known: " + name);
    BULLPEN_TRY(mute.account, text_of(from, "account", k_account_max));
    BULLPEN_TRY(const auto since, text_of(from, "since", k_account_max));
    BULLPEN_TRY(mute.since, parse_utc(since));
    BULLPEN_TRY(const auto until, text_of(from, "until", k_account_max));
    BULLPEN_TRY(mute.until, parse_utc(until));
    BULLPEN_TRY(mute.reason, text_of(from, "reason", k_reason_max));
    return mute;
}

}  // namespace

// A clock that was set back must not leave one in force for longer than it was meant to be.
bool covers(const Mute& mute, Kind kind, std::string_view account, UtcTime now) {
    return (!mute.kind || *mute.kind == kind) &&
           (mute.account.empty() || mute.account == account) && now < mute.until &&
           mute.until - now <= k_mute_max;
}

bool is_muted(const std::vector<Mute>& mutes, Kind kind, std::string_view account, UtcTime now) {
    return std::any_of(mutes.begin(), mutes.end(),
                       [&](const Mute& mute) { return covers(mute, kind, account, now); });
}

std::vector<Mute> current(std::vector<Mute> mutes, UtcTime now) {
    std::erase_if(mutes, [&](const Mute& mute) {
        return now >= mute.until || mute.until - now > k_mute_max;
    });
    std::stable_sort(mutes.begin(), mutes.end(),
                     [](const Mute& a, const Mute& b) { return a.until < b.until; });
    return mutes;
}

void add(std::vector<Mute>& mutes, Mute mute) {
    remove(mutes, mute.kind, mute.account);
    mutes.push_back(std::move(mute));
}

std::size_t remove(std::vector<Mute>& mutes, std::optional<Kind> kind, std::string_view account) {
    return std::erase_if(
        mutes, [&](const Mute& known) { return known.kind == kind && known.account == account; });
}

std::string to_text(const std::vector<Mute>& mutes) {
    json all = json::array();
    for (const auto& mute : mutes) {
        all.push_back({{"alert", mute.kind ? code(*mute.kind) : k_all},
                       {"account", mute.account},
                       {"since", format_utc(mute.since)},
                       {"until", format_utc(mute.until)},
                       {"reason", mute.reason}});
    }
    const json file = {{"v", k_version}, {"mutes", std::move(all)}};
    return documents::json_text(file, 2) + "\n";
}

Result<std::vector<Mute>> parse_mutes(std::string_view text) {
    const auto file = documents::parse_json(text);
    if (!file.is_object() || !file.contains("mutes") || !file["mutes"].is_array())
        return fail(Errc::corrupt, "it is no list of mutes");
    if (file.value("v", json()) != json(k_version))
        return fail(Errc::newer_version, "it is of another version than this program knows");
    if (file["mutes"].size() > k_mutes_max)
        return fail(Errc::too_large, "it has more than " + std::to_string(k_mutes_max) + " mutes");
    std::vector<Mute> mutes;
    for (const auto& one : file["mutes"]) {
        BULLPEN_TRY(auto mute, mute_of(one));
        mutes.push_back(std::move(mute));
    }
    return mutes;
}

}  // namespace bullpen::alerts
