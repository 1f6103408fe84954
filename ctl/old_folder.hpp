// Reading the folder of an old bot: the files that may matter, by where they are, and nothing else.
// It is only read. One thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "moving/plan.hpp"

namespace bullpen::ctl {

enum class OldBot { futures, equity };

// Every file that the bot keeps settings, state, orders, locks or logs in; of logs only the names.
// Errc::not_found when there is no such folder, Errc::too_large when it holds more than an old bot
// ever wrote. A file that cannot be read is there with its trouble.
Result<std::vector<moving::OldFile>> read_old_folder(const std::string& directory, OldBot bot);
// The texts may hold secrets.
void wipe(std::vector<moving::OldFile>& files);

// The pid files of an equity bot in this folder.
Result<std::vector<moving::OldLock>> pid_files(const std::string& directory);
// Whether a process of this id lives.
bool process_lives(std::int64_t pid);
// Why the old bot may still run; empty when nothing says so.
std::string sign_of_life(std::span<const moving::OldLock> locks);

}  // namespace bullpen::ctl
