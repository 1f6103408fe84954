// TimedFiles: another FileSystem with a clock beside it: how long its caller waited for the disk,
// and on what longest. Used by one thread, with the files it opened; outlives them.
#pragma once

#include "common/storage/file_system.hpp"

namespace bullpen::storage {

class TimedFiles final : public FileSystem {
  public:
    // Both outlive it.
    TimedFiles(FileSystem& files, const Clock& clock) : files_(files), clock_(clock) {}

    // In all calls so far.
    [[nodiscard]] Nanos total() const { return total_; }
    // The longest call since this was asked for: "sync state.json"; empty when none took long
    // enough to be named.
    [[nodiscard]] std::string take_slowest();

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

  private:
    class TimedFile;
    // Does it, and counts how long that took.
    template <class Call>
    auto timed(const char* what, const std::string& path, Call&& call);
    void count(const char* what, const std::string& path, Nanos took);

    FileSystem& files_;
    const Clock& clock_;
    Nanos total_{};
    Nanos slowest_took_{};
    std::string slowest_;
};

}  // namespace bullpen::storage
