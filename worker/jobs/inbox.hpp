// Inbox: the folder of an account in which others leave files for its jobs, as a job sees it: read,
// and never written. There is no way in this type to make, change, rename or remove a file, nor to
// another folder.
#pragma once

#include <string>
#include <vector>

#include "common/base/result.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::jobs {

class Inbox {
  public:
    // `files` outlives it.
    Inbox(storage::FileSystem& files, std::string directory)
        : files_(files), directory_(std::move(directory)) {}

    // For people.
    [[nodiscard]] const std::string& directory() const { return directory_; }
    // Sorted.
    [[nodiscard]] Result<std::vector<std::string>> names() const { return files_.list(directory_); }
    // Errc::invalid for a name that leads elsewhere.
    [[nodiscard]] Result<storage::FileStatus> status(const std::string& name) const;
    // Errc::too_large when it has more than `size_max` bytes.
    [[nodiscard]] Result<std::string> read(const std::string& name, std::size_t size_max) const;

  private:
    [[nodiscard]] Result<std::string> path_of(const std::string& name) const;

    storage::FileSystem& files_;
    std::string directory_;
};

}  // namespace bullpen::jobs
