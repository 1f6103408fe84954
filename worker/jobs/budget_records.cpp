#include "worker/jobs/budget_records.hpp"

#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "common/storage/atomic_file.hpp"

namespace bullpen::jobs {

namespace {

using broker::ShareBudget;
using nlohmann::json;

constexpr int k_version = 1;
constexpr std::size_t k_size_max = 64UL * 1024;

}  // namespace

std::string encode(const ShareBudget::Kept& kept, const AccountId& account) {
    json recent = json::array();
    for (const auto at : kept.recent)
        recent.push_back(unix_nanos(at));
    const json object = {{"version", k_version},
                         {"account", account.str()},
                         {"day", format_utc(UtcTime(kept.day)).substr(0, 10)},
                         {"sent", kept.sent},
                         {"refused", kept.refused},
                         {"recent", std::move(recent)}};
    return documents::json_text(object) + "\n";
}

Result<ShareBudget::Kept> decode_budget(std::string_view text, const AccountId& account) {
    try {
        BULLPEN_TRY(const auto object, documents::read_json(text, "the count of orders"));
        if (object.at("version") > k_version)
            return fail(Errc::newer_version, "the count of orders is a newer program's");
        if (object.at("account") != account.str()) {
            return fail(Errc::wrong_account, "the count of orders is of account '" +
                                                 object.at("account").get<std::string>() + "'");
        }
        ShareBudget::Kept kept;
        BULLPEN_TRY(const auto day, parse_utc(object.at("day").get<std::string>() + "T00:00:00Z"));
        kept.day = std::chrono::floor<std::chrono::days>(day);
        kept.sent = object.at("sent");
        kept.refused = object.at("refused");
        for (const auto& at : object.at("recent"))
            kept.recent.push_back(utc_from_nanos(at.get<std::int64_t>()));
        return kept;
    } catch (const json::exception& problem) {
        return fail(Errc::corrupt,
                    std::string("the count of orders cannot be read: ") + problem.what());
    }
}

std::string budget_path(const std::string& account_directory) {
    return account_directory + "/order_budget.json";
}

Result<ShareBudget::Kept> load_budget(storage::FileSystem& files, const std::string& path,
                                      const AccountId& account) {
    const auto text = files.read(path, k_size_max);
    if (!text && storage::is_missing(text.error()))
        return ShareBudget::Kept{};
    if (!text)
        return fail(text.error());
    auto kept = decode_budget(*text, account);
    if (!kept)
        return fail(std::move(kept).error().wrap(path));
    return kept;
}

Result<void> save(storage::FileSystem& files, const std::string& path, const AccountId& account,
                  const ShareBudget::Kept& kept) {
    return storage::replace_file(files, path, encode(kept, account), {});
}

}  // namespace bullpen::jobs
