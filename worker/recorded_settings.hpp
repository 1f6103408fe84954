// The settings that an account's decisions are made with, as they stand in its journal: a worker
// writes them at the start from which they count, and a replay of the journal takes them from
// there. What is private (the login, what a program is given) is not among them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/config/diff.hpp"
#include "common/config/settings.hpp"

namespace bullpen::worker {

struct RecordedSettings {
    std::string program;             // the version that they were in force in
    std::uint64_t recovered_from{};  // the records after it were recovered with these settings
    config::SettingTexts texts;
};

// Only what may be kept for long, and read by who reads the journal.
config::SettingTexts recordable(const config::AccountSettings& settings);

std::string encode(const RecordedSettings& recorded);
// Errc::corrupt when it is not what encode() writes.
Result<RecordedSettings> decode_settings(std::string_view body);

// `now` with what was recorded in its place. A key that this program does not know, or whose value
// it does not take, keeps what it has, and is named in `left_out`.
config::AccountSettings as_recorded(config::AccountSettings now, const config::SettingTexts& texts,
                                    std::vector<std::string>& left_out);

}  // namespace bullpen::worker
