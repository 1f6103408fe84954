// What the state file of an older bot had and no job of ours has a use for: its session data, the
// records of what was sold, what is short or intraday, details of what is held, members that nobody
// knows. It is kept beside the account's records and goes out again with an export, so that nothing
// that was brought in is lost. Written by `bullpenctl state` alone. Pure but for load and save.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/ids.hpp"
#include "common/storage/file_system.hpp"
#include "worker/jobs/kept_records.hpp"

namespace bullpen::jobs {

struct CarriedState {
    std::string json;  // an object in the older file's shape; empty: nothing
    friend bool operator==(const CarriedState&, const CarriedState&) = default;
};

// A value of its session data as JSON; none: there is no such entry.
std::optional<std::string> session_value(const CarriedState& carried, const std::string& key);
// `value` is JSON, or a text that is taken as it is; none removes the entry. Errc::not_found where
// there is none to remove.
Result<CarriedState> with_session_value(const CarriedState& carried, const std::string& key,
                                        const std::optional<std::string>& value);

std::string encode(const CarriedState& carried, const AccountId& account);
// Errc::corrupt, Errc::wrong_account, Errc::newer_version.
Result<CarriedState> decode_carried(std::string_view text, const AccountId& account);

std::string carried_path(const std::string& account_directory);
// See load_kept().
Result<Kept<CarriedState>> load_carried(storage::FileSystem& files, const std::string& path,
                                        const AccountId& account);
// On disk when it returns.
Result<void> save(storage::FileSystem& files, const std::string& path, const AccountId& account,
                  const CarriedState& carried);

}  // namespace bullpen::jobs
