#include "ipc/lock_files.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <string_view>
#include <system_error>

namespace bullpen::ipc {

namespace {

constexpr std::string_view k_prefix = "account_";
constexpr std::string_view k_suffix = ".lock";

}  // namespace

std::set<AccountId> locked_accounts(const std::string& directory) {
    std::set<AccountId> accounts;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(directory, ignored)) {
        const auto name = entry.path().stem().string();
        if (entry.path().extension() != k_suffix || !name.starts_with(k_prefix))
            continue;
        if (auto account = AccountId::parse(name.substr(k_prefix.size())))
            accounts.insert(std::move(*account));
    }
    return accounts;
}

std::optional<UtcTime> lock_files_changed(const std::string& directory) {
    struct stat found {};
    if (::stat(directory.c_str(), &found) != 0)
        return std::nullopt;
    return UtcTime(std::chrono::seconds(found.st_mtim.tv_sec) + Nanos(found.st_mtim.tv_nsec));
}

}  // namespace bullpen::ipc
