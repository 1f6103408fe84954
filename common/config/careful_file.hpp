// Reading a settings file that anybody might have put there; inside this library only. What is
// opened is a regular file of bounded size, owned by somebody who may decide, in valid UTF-8.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/descriptor.hpp"

namespace bullpen::config {

// Tells whether a file is still the one that was read.
struct FileStamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;  // since 1970
    std::int64_t changed_ns = 0;   // likewise
    friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

struct CarefulFile {
    bool exists = false;
    FileStamp stamp;
    std::string text;
    std::string problem;  // a sentence; empty when the file was read
    int line = 0;         // where the problem is, from 1; 0 = the whole file
};

// `name` is looked up in the open directory. Never waits, whatever the name turns out to be.
CarefulFile read_carefully(const Descriptor& directory, const std::string& name, uid_t home_owner,
                           std::size_t size_max);
// Without opening it; `exists` is false when it does not.
CarefulFile look_at(const Descriptor& directory, const std::string& name);

// Whether a file or directory of this owner and mode can be trusted with what runs: it belongs to
// root, to this process or to the home's owner, and not everybody may write it. A sentence of what
// is wrong, or nothing.
std::string_view distrust(uid_t owner, mode_t mode, uid_t home_owner);

// The line, from 1, of the first byte that cannot stand in a text: zero, or not UTF-8; 0 when there
// is none.
int first_bad_line(std::string_view text);

// Opens a directory and refuses one that cannot be trusted.
Result<Descriptor> open_trusted_directory(const std::string& path, uid_t home_owner);
// The owner of the directory, or this process when there is none.
uid_t owner_of(const std::string& directory);

}  // namespace bullpen::config
