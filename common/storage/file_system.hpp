// FileSystem: the only door from storage and logs to the disk, so that a test can fill the disk,
// cut a write short, fail an fsync or pull the plug at any step. SystemFileSystem is the real one.
//
// Errors carry the errno. Nothing here retries but for EINTR. Paths are absolute. Not to be shared
// between threads unless the implementation says so; SystemFileSystem has no state and may be.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"

namespace bullpen::storage {

// A file open for appending. Closed when it goes.
class AppendFile {
  public:
    AppendFile() = default;
    AppendFile(const AppendFile&) = delete;
    AppendFile& operator=(const AppendFile&) = delete;
    virtual ~AppendFile() = default;

    // One write(2). Returns how many bytes the system took, which may be fewer than given.
    virtual Result<std::size_t> append(std::string_view data) = 0;
    // On disk when it returns. After a failure the written bytes must be taken as lost: asking
    // again can succeed without them being there.
    virtual Result<void> sync() = 0;
    virtual Result<void> truncate(std::uint64_t size) = 0;
    [[nodiscard]] virtual Result<std::uint64_t> size() const = 0;
};

struct FileStatus {
    std::uint64_t size = 0;
    std::uint32_t owner = 0;  // user id
    UtcTime modified{};
    bool is_directory = false;
};

class FileSystem {
  public:
    static constexpr std::size_t k_list_max = 100'000;

    FileSystem() = default;
    FileSystem(const FileSystem&) = delete;
    FileSystem& operator=(const FileSystem&) = delete;
    virtual ~FileSystem() = default;

    // A new, empty file; an existing one is emptied. Symbolic links are not followed.
    virtual Result<std::unique_ptr<AppendFile>> create(const std::string& path, mode_t mode) = 0;
    // Made when missing. Symbolic links are not followed.
    virtual Result<std::unique_ptr<AppendFile>> open_append(const std::string& path,
                                                            mode_t mode) = 0;
    // The whole file; Errc::too_large when it has more than `size_max` bytes.
    virtual Result<std::string> read(const std::string& path, std::size_t size_max) = 0;
    // Its last `size_max` bytes, or all of it when it has fewer.
    virtual Result<std::string> read_tail(const std::string& path, std::size_t size_max) = 0;
    virtual Result<FileStatus> status(const std::string& path) = 0;
    // The names in a directory without "." and "..", sorted; Errc::too_large over k_list_max.
    virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
    virtual Result<void> rename(const std::string& from, const std::string& to) = 0;
    // A second name for the same file.
    virtual Result<void> link(const std::string& existing, const std::string& name) = 0;
    virtual Result<void> remove(const std::string& path) = 0;
    // Makes names created, renamed or removed in `directory` durable.
    virtual Result<void> sync_directory(const std::string& directory) = 0;
    // With its missing parents; an existing one is fine.
    virtual Result<void> make_directories(const std::string& path, mode_t mode) = 0;
};

class SystemFileSystem final : public FileSystem {
  public:
    Result<std::unique_ptr<AppendFile>> create(const std::string& path, mode_t mode) override;
    Result<std::unique_ptr<AppendFile>> open_append(const std::string& path, mode_t mode) override;
    Result<std::string> read(const std::string& path, std::size_t size_max) override;
    Result<std::string> read_tail(const std::string& path, std::size_t size_max) override;
    Result<FileStatus> status(const std::string& path) override;
    Result<std::vector<std::string>> list(const std::string& directory) override;
    Result<void> rename(const std::string& from, const std::string& to) override;
    Result<void> link(const std::string& existing, const std::string& name) override;
    Result<void> remove(const std::string& path) override;
    Result<void> sync_directory(const std::string& directory) override;
    Result<void> make_directories(const std::string& path, mode_t mode) override;
};

// The file or directory is not there (ENOENT).
bool is_missing(const Error& error);
// The disk, the quota or the file size limit is used up: what a later try may get over.
bool is_out_of_space(const Error& error);

// The part of a path before its last slash.
std::string directory_of(const std::string& path);

}  // namespace bullpen::storage
