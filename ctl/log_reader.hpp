// LogReader: the end of a log file, and what is appended to it from then on, across the two ways
// Bullpen's logs are kept small: a rotation (the file is renamed, a new one takes its name) and a
// cut (the head of the file is taken away under the writer's hands). Waits on inotify, never on a
// timer. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/descriptor.hpp"
#include "common/base/result.hpp"

namespace bullpen::ctl {

// Called with one line at a time, without its newline.
using LineVisit = std::function<void(std::string_view line)>;

class LogReader {
  public:
    static constexpr std::size_t k_lines_max = 100'000;
    // How far back the end is looked for, over all files.
    static constexpr std::size_t k_bytes_max = 64UL << 20;
    // Longer lines are given in pieces.
    static constexpr std::size_t k_line_max = 1UL << 20;

    explicit LogReader(std::string path);

    // The last `lines` lines, from the rotated files before it too where the file has fewer.
    // Errc::not_found when there is no such log yet.
    Result<void> tail(std::size_t lines, const LineVisit& visit);

    // Gives a last line that has no end yet; for who does not follow.
    void finish(const LineVisit& visit);

    // Gives each line as it is written until `keep_on` is false; `after_batch` is called when all
    // that is there has been given. Returns when `watch_fd` (the reader of our output) is gone,
    // too.
    Result<void> follow(const LineVisit& visit, const std::function<bool()>& after_batch,
                        int watch_fd);

  private:
    Result<void> open_if_there();
    Result<void> read_new(const LineVisit& visit);
    Result<void> read_skipped(const LineVisit& visit);
    void give(std::string_view data, const LineVisit& visit);
    bool find_place_after_cut();
    void remember_end(std::string_view data);
    [[nodiscard]] bool replaced() const;

    std::string path_;
    Descriptor file_;
    std::uint64_t offset_ = 0;  // of the next unread byte
    std::string last_read_;     // the bytes before offset_, to see that a cut moved them
    std::string partial_;       // a line whose end has not been written yet
};

// The rotated files of a log, newest first, and the log itself in front when it exists.
std::vector<std::string> log_files_newest_first(const std::string& path);

}  // namespace bullpen::ctl
