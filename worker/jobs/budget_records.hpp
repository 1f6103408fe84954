// How many orders an account has sent to its broker of late, kept beside its other records: the
// broker's limits are the account's, and hold for the process that comes after a death.
#pragma once

#include <string>
#include <string_view>

#include "common/base/ids.hpp"
#include "common/storage/file_system.hpp"
#include "worker/broker/share_budget.hpp"

namespace bullpen::jobs {

std::string encode(const broker::ShareBudget::Kept& kept, const AccountId& account);
// Errc::corrupt, Errc::wrong_account, Errc::newer_version.
Result<broker::ShareBudget::Kept> decode_budget(std::string_view text, const AccountId& account);

std::string budget_path(const std::string& account_directory);
// None are there: nothing was sent.
Result<broker::ShareBudget::Kept> load_budget(storage::FileSystem& files, const std::string& path,
                                              const AccountId& account);
// On disk when it returns.
Result<void> save(storage::FileSystem& files, const std::string& path, const AccountId& account,
                  const broker::ShareBudget::Kept& kept);

}  // namespace bullpen::jobs
