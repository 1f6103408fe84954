#include "worker/recorded_settings.hpp"

#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/config/keys.hpp"
#include "common/documents/json_text.hpp"

namespace bullpen::worker {

namespace {

using config::SettingTexts;
using nlohmann::json;

// Bytes of one value. No longer one has to do with what is decided, and all of them fit a record.
constexpr std::size_t k_text_size_max = 4096;

bool is_private(const std::string& key) {
    const config::KeyChange shown = config::without_private({key, "x", "x"});
    return shown.new_text != "x";
}

}  // namespace

SettingTexts recordable(const config::AccountSettings& settings) {
    auto texts = config::setting_texts(settings);
    std::erase_if(texts, [](const auto& text) {
        return is_private(text.first) || text.second.size() > k_text_size_max;
    });
    return texts;
}

std::string encode(const RecordedSettings& recorded) {
    return documents::json_text(json{{"program", recorded.program},
                                     {"recovered_from", recorded.recovered_from},
                                     {"settings", recorded.texts}});
}

Result<RecordedSettings> decode_settings(std::string_view body) {
    const auto bad = [] { return fail(Errc::corrupt, "the recorded settings cannot be read"); };
    const json object = documents::parse_json(std::string(body));
    if (!object.is_object() || !object.contains("settings") || !object["settings"].is_object())
        return bad();
    RecordedSettings recorded;
    if (object.contains("program") && object["program"].is_string())
        recorded.program = object["program"].get<std::string>();
    if (object.contains("recovered_from") && object["recovered_from"].is_number_unsigned())
        recorded.recovered_from = object["recovered_from"].get<std::uint64_t>();
    for (const auto& [key, value] : object["settings"].items()) {
        if (!value.is_string())
            return bad();
        recorded.texts.emplace(key, value.get<std::string>());
    }
    return recorded;
}

config::AccountSettings as_recorded(config::AccountSettings now, const SettingTexts& texts,
                                    std::vector<std::string>& left_out) {
    const auto own = config::setting_texts(now);
    for (const auto& [key, text] : texts) {
        const auto found = own.find(key);
        if (found != own.end() && found->second == text)
            continue;
        if (is_private(key) || found == own.end() || !config::set_value(now, key, text))
            left_out.push_back(key);
    }
    return now;
}

}  // namespace bullpen::worker
