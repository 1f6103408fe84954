#include "worker/settings_record.hpp"

#include <nlohmann/json.hpp>
#include <optional>

#include "common/config/diff.hpp"
#include "common/documents/json_text.hpp"
#include "common/storage/atomic_file.hpp"

namespace bullpen::worker {

namespace {

using config::SettingTexts;
using nlohmann::json;

constexpr std::size_t k_file_size_max = std::size_t{1024} * 1024;  // bytes

// None when there is no file, or one that cannot be read: then all is told anew.
Result<std::optional<SettingTexts>> read_last(storage::FileSystem& files, const std::string& path) {
    const auto content = files.read(path, k_file_size_max);
    if (!content) {
        if (storage::is_missing(content.error()))
            return std::nullopt;
        return fail(content.error());
    }
    const json object = documents::parse_json(*content);
    if (!object.is_object())
        return std::nullopt;
    SettingTexts texts;
    for (const auto& [key, value] : object.items()) {
        if (!value.is_string())
            return std::nullopt;
        texts.emplace(key, value.get<std::string>());
    }
    return texts;
}

}  // namespace

Result<void> record_settings(AccountContext& context) {
    const auto path = context.paths().directory + "/" + std::string(k_last_settings_file);
    BULLPEN_TRY(const auto last, read_last(context.files(), path));
    const auto now = config::setting_texts(context.settings());
    const auto before = last ? *last : config::setting_texts(config::AccountSettings(context.id()));
    const auto changes = config::changes(before, now);
    if (last && changes.empty())
        return {};
    for (const auto& change : changes) {
        const auto shown = config::without_private(change);
        BULLPEN_CHECK(context.audit().append(
            last ? "setting_changed" : "setting_given",
            {{"key", shown.key}, {"from", shown.old_text}, {"to", shown.new_text}}));
    }
    return storage::replace_file(context.files(), path, documents::json_text(json(now), 1));
}

}  // namespace bullpen::worker
