// Sink: where whole log lines go. FileSink is the file that rotates; tests have their own.
//
// A line is one write(2) to a file opened for appending, so that a line is in the kernel when the
// call returns and outlives a kill -9, and no line is ever torn by another.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::log {

class Sink {
  public:
    Sink() = default;
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    virtual ~Sink() = default;

    // `line` ends with a newline. When it fails, nothing of the line is there.
    virtual Result<void> write(std::string_view line, UtcTime now) = 0;
    // On disk when it returns.
    virtual Result<void> sync() = 0;
};

enum class RotationPeriod { day, month };

struct FileSinkSettings {
    std::string path;                             // made 0600, close-on-exec
    std::uint64_t size_max = 16 * 1024 * 1024;    // bytes; the next line starts a new file
    RotationPeriod period = RotationPeriod::day;  // of UTC; a new one starts a new file
    std::uint32_t keep = 10;                      // rotated files kept; 0 = by age only
    std::chrono::days age_max{0};                 // rotated files kept this long; 0 = by count
};

// Rotated files are named "<path>.<UTC of the rotation>", so that their names sort by time. Opens
// at the first line and again after a failure; a full disk costs lines, never the process.
class FileSink final : public Sink {
  public:
    FileSink(storage::FileSystem& files, FileSinkSettings settings);

    Result<void> write(std::string_view line, UtcTime now) override;
    Result<void> sync() override;

    [[nodiscard]] std::uint64_t rotations() const { return rotations_; }

  private:
    Result<void> open(UtcTime now);
    Result<void> rotate(UtcTime now);
    void drop_old(UtcTime now);
    Result<std::string> rotated_name(UtcTime now);

    storage::FileSystem& files_;
    FileSinkSettings settings_;
    std::unique_ptr<storage::AppendFile> file_;
    std::uint64_t size_ = 0;
    std::int64_t period_ = 0;     // which day or month the file belongs to
    bool tail_is_dirty_ = false;  // a failed write may have left bytes behind
    std::uint64_t rotations_ = 0;
};

// The rotated files of `path`, oldest first, then `path` itself when it exists.
Result<std::vector<std::string>> log_files(storage::FileSystem& files, const std::string& path);

}  // namespace bullpen::log
