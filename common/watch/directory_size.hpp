// DirectorySize: what a directory and all below it take up on the disk, counted a few entries at a
// time, so that whoever counts a large one can do something else in between. It follows no link and
// leaves the directory's file system as little as its tree: every step goes through a descriptor of
// the directory before, so that nobody who renames things meanwhile leads it elsewhere.
//
// Beside it, paths elsewhere: of these and what is below them counts what belongs to the
// directory's owner, for the rest is others' doing.
//
// A count, not a snapshot: what changes while it lasts is counted as it is when it is met. It may
// wait for the disk. One thread at a time.
#pragma once

#include <dirent.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.hpp"

namespace bullpen::watch {

struct Size {
    std::uint64_t bytes = 0;
    std::uint64_t entries = 0;
    // Some of it could not be looked into: no right to read it, or more than k_depth_max deep.
    bool hidden = false;
    friend bool operator==(const Size&, const Size&) = default;
};

class DirectorySize {
  public:
    static constexpr std::size_t k_depth_max = 64;
    // What an entry takes up at least: an empty file takes a place among the disk's files, too.
    static constexpr std::uint64_t k_entry_min = 4096;  // bytes

    // A link is followed where one of `others` is it, for somebody wrote it there to be used.
    explicit DirectorySize(std::string root, std::vector<std::string> others = {})
        : root_(std::move(root)), others_(std::move(others)) {}

    // Looks at up to `entries` more and takes them off; true at the end. An error is one of this
    // process, such as no descriptor being left; a directory that is gone is an empty one.
    Result<bool> step(std::size_t& entries);
    // Of what was looked at so far.
    [[nodiscard]] const Size& size() const { return size_; }

  private:
    struct Close {
        void operator()(DIR* directory) const noexcept { ::closedir(directory); }
    };
    struct Open {
        std::unique_ptr<DIR, Close> directory;
        bool counts = true;  // it is of the root, or belongs to the root's owner
    };
    Result<void> begin();
    Result<void> enter(int parent, const char* name, int follow);
    Result<void> count(const Open& in, const dirent& entry);
    void add(const struct stat& facts);
    void note_closed(int parent, const char* name);
    // Whether what belongs to this user counts, where it is now.
    [[nodiscard]] bool counts(uid_t owner) const { return begun_ == 1 || owner == owner_; }

    std::string root_;
    std::vector<std::string> others_;
    std::size_t begun_ = 0;  // of the root and the others
    std::optional<uid_t> owner_;
    dev_t device_ = 0;
    std::vector<Open> open_;  // from the root, or one of the others, down to where it is
    Size size_;
};

}  // namespace bullpen::watch
