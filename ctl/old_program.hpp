// Looking through the whole folder of an old bot: what of it is program, which an account that runs
// it may read, and which files hold credentials in clear. It is only read. One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "ctl/home_owner.hpp"
#include "ctl/old_folder.hpp"
#include "moving/plan.hpp"
#include "moving/secret_search.hpp"

namespace bullpen::ctl {

// Beyond that nothing is looked into, and what was not is no program.
inline constexpr std::string_view k_looked_through_max = "200000 files or 4 GiB";

struct LookedThrough {
    // Programs, libraries and data that hold no credential: a folder as a whole where all of it is,
    // else part by part. A link that leads back into the folder, or above it, is none.
    std::vector<std::string> program;
    std::vector<std::string> folders;  // that they are in: "" for the folder itself, and its Daily
    std::vector<moving::LeftOut> left_out;
    std::vector<std::string> secret_files;
    std::string closed;  // the folder's mode, where it is closed to who is to run the program
    bool whole = true;   // false: there is more than is looked through
};
// `runner`: who is to run it. What is closed to that user by its mode is none.
Result<LookedThrough> look_through(const std::string& directory, OldBot bot,
                                   const moving::KnownSecrets& known, const Owner& runner);

}  // namespace bullpen::ctl
