// The files of a division: what each user's state file says afterwards, what stays unassigned, and
// whether a division that was carried out is whole. Pure: texts in, texts out.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "moving/split.hpp"

namespace bullpen::moving {

// The shared file that is divided.
struct SplitSource {
    std::string name;  // as the files name it
    std::string text;
    std::string sha256;
};

// A ticker that a user's own file has already, from elsewhere: nothing is put over it.
struct Collision {
    std::string user;
    std::string ticker;
};

struct SplitFiles {
    std::map<std::string, std::string> users;  // the text of each user's file; others stay as is
    std::string unassigned;                    // the text of unassigned.json
    std::vector<Collision> collisions;         // their parts are in `unassigned`
};

// `before`: what users' files say now; a user without one has none. A file that has taken its part
// of this very source already is left as it is. Errc::wrong_account when a file says that it is
// another user's; Errc::corrupt and Errc::invalid as parse_equity_state() has them.
Result<SplitFiles> split_files(const SplitSource& source, const Split& split,
                               const std::vector<Claimant>& users,
                               const std::map<std::string, std::string>& before);

// Whether a user's file has taken its part of the source with this checksum.
bool has_taken(std::string_view user_file, std::string_view sha256);

// What is wrong with a division: for every ticker of the source, users' files and unassigned.json
// together have what it had, once. Sentences; none: it is whole.
std::vector<std::string> check_split(const SplitSource& source,
                                     const std::map<std::string, std::string>& users,
                                     std::string_view unassigned);

}  // namespace bullpen::moving
