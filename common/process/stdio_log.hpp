// The file a worker's standard output and error go to. The worker appends to it for its whole life
// and never opens it again, so it cannot be renamed away: it is kept small by copying its head to
// stdio.log.1 and taking that range out of the file under the worker's hands.
//
// ext4 and xfs take the range out whole (COLLAPSE_RANGE): the file starts with its first kept byte.
// tmpfs, btrfs and others only free its blocks (PUNCH_HOLE): the file keeps its length and starts
// with a hole, which `data_start` finds; overlayfs does what the file system below it does. Where
// neither works, nothing is taken away and the caller is told. The kernel orders both against
// appends, so no byte is lost or written twice: stdio.log.N to stdio.log.1 and stdio.log, read in
// this order, are what the worker wrote; a line may be cut by the border between two of them. A
// process killed between the copy and the cut leaves the range in both.
//
// A worker that writes faster than the disk copies would fill it for everybody: of what is further
// behind than `lag_max` the oldest is thrown away, and the caller is told how much.
//
// The worker may change the directory that the file is in: a link in its place is not followed.
//
// Cutting waits for the disk: `trim` belongs on a helper thread, one at a time for a file.
#pragma once

#include <cstdint>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/descriptor.hpp"
#include "common/base/result.hpp"

namespace bullpen::process {

class StdioKeeper {
  public:
    enum class Cut : std::uint8_t { none, collapsed, punched };
    struct Trimmed {
        Cut cut = Cut::none;
        std::uint64_t bytes = 0;    // copied away
        std::uint64_t dropped = 0;  // thrown away
    };
    static constexpr std::uint64_t k_no_lag_max = UINT64_MAX;

    // `size_max`: bytes the live file may take on disk; a trim keeps the newer half. `keep`: how
    // many older files stay; 0 throws the head away. `lag_max`: bytes beyond size_max that are
    // copied at a time.
    StdioKeeper(std::string path, std::uint64_t size_max, int keep,
                std::uint64_t lag_max = k_no_lag_max);

    // Whether a trim is due: one stat. Any thread.
    [[nodiscard]] bool due() const;
    Result<Trimmed> trim();
    // Before a launch, when nobody has the file open: renames a file that is too large, or starts
    // with a hole, away.
    Result<void> rotate_idle();

  private:
    [[nodiscard]] Result<void> shift_older(const Descriptor& directory) const;
    [[nodiscard]] Result<void> rename(const Descriptor& directory, const std::string& from,
                                      const std::string& to) const;
    std::string path_;
    std::string name_;  // in its directory
    std::uint64_t size_max_;
    int keep_;
    std::uint64_t lag_max_;
};

// The offset of the first byte that is not in a hole at the head; 0 for most files.
std::uint64_t data_start(int fd);

// The last `lines_max` lines, at most `bytes_max` bytes, of what precedes `end`.
Result<std::string> tail_lines(int fd, std::uint64_t end, std::size_t lines_max,
                               std::size_t bytes_max);

// The last line of the file that is not blank, at most its first k_last_line_max bytes; empty where
// there is none, and where nothing was written since `since`.
inline constexpr std::size_t k_last_line_max = 240;
std::string last_line(const std::string& path, UtcTime since);
// "it printed last: ..." of that line; the built-in worker's own words stand without it. Empty
// where the line is.
std::string quote_last_line(const std::string& path, UtcTime since);

}  // namespace bullpen::process
