// SHA256SUMS of a backup: what the copy was when it was made, one line a file, as sha256sum writes
// and takes it. A backup is compared with it before it gets its name, and before anything is
// restored. One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "ctl/home_copy.hpp"

namespace bullpen::ctl {

inline constexpr std::string_view k_home_prefix = "home/";

// Whether a line of it can name the file: no control characters, and a path that stays inside.
bool can_be_listed(std::string_view path);
std::string sums_line(const CopiedFile& file);
// Errc::corrupt names the line that is none.
Result<std::vector<CopiedFile>> read_sums(const std::string& backup);
// Every file that SHA256SUMS names is there and is what it was. Errc::corrupt.
Result<void> check_sums(const std::string& backup, const std::vector<CopiedFile>& files);
// The other way: backup.json is named, and every file below home/. Errc::corrupt, for a list that
// was cut short.
Result<void> check_listed(const std::string& backup, const std::vector<CopiedFile>& files);

}  // namespace bullpen::ctl
