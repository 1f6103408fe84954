#include "common/process/stdio_log.hpp"

#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/base/errc.hpp"
#include "common/base/no_links.hpp"
#include "common/base/utf8.hpp"

namespace bullpen::process {
namespace {

constexpr mode_t k_mode = 0600;
// What file systems cut at; every block size in use divides it or is it.
constexpr std::uint64_t k_block = 4096;
constexpr std::size_t k_copy_bytes = 1024UL * 1024;
constexpr unsigned k_sector = 512;  // the unit of st_blocks
constexpr std::size_t k_last_lines_read = 20;
constexpr std::size_t k_last_bytes_read = 4096;
// What the kernel writes into a file's times may be so much older than what the clock says.
constexpr auto k_time_step_max = std::chrono::milliseconds(20);

// The copy while it is made, and once it is whole but not yet in its place.
std::string partial(const std::string& path) {
    return path + ".part";
}
std::string whole(const std::string& path) {
    return path + ".cut";
}
std::string older(const std::string& path, int number) {
    return path + "." + std::to_string(number);
}

std::uint64_t bytes_on_disk(const struct stat& status) {
    return std::min(static_cast<std::uint64_t>(status.st_size),
                    static_cast<std::uint64_t>(status.st_blocks) * k_sector);
}

Result<void> copy_range(int from, int to, std::uint64_t begin, std::uint64_t end) {
    auto offset = static_cast<off_t>(begin);
    while (static_cast<std::uint64_t>(offset) < end) {
        const std::size_t left = end - static_cast<std::uint64_t>(offset);
        const ssize_t copied = ::sendfile(to, from, &offset, std::min(left, k_copy_bytes));
        if (copied < 0 && errno == EINTR)
            continue;
        if (copied < 0)
            return fail_errno("cannot copy the head of a log");
        if (copied == 0)
            return fail(Errc::corrupt, "a log became shorter while its head was copied");
    }
    return {};
}

// Takes [0, end) out of the file.
Result<StdioKeeper::Cut> cut_head(int fd, std::uint64_t end) {
    const auto length = static_cast<off_t>(end);
    int done = 0;
    while ((done = ::fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, 0, length)) != 0 && errno == EINTR) {
    }
    if (done == 0)
        return StdioKeeper::Cut::collapsed;
    while ((done = ::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, length)) != 0 &&
           errno == EINTR) {
    }
    if (done == 0)
        return StdioKeeper::Cut::punched;
    return fail_errno("the file system cannot take the head out of a file that is being written");
}

}  // namespace

StdioKeeper::StdioKeeper(std::string path, std::uint64_t size_max, int keep, std::uint64_t lag_max)
    : path_(std::move(path)),
      name_(name_in(path_)),
      size_max_(std::max(size_max, 2 * k_block)),
      keep_(keep),
      lag_max_(lag_max) {}

bool StdioKeeper::due() const {
    struct stat status {};
    return ::lstat(path_.c_str(), &status) == 0 && bytes_on_disk(status) > size_max_;
}

Result<StdioKeeper::Trimmed> StdioKeeper::trim() {
    BULLPEN_TRY(const Descriptor directory, open_own_directory(directory_in(path_)));
    BULLPEN_TRY(const Descriptor file,
                open_file_at(directory.get(), name_, O_RDWR | O_NOFOLLOW, 0, path_));
    BULLPEN_CHECK(shift_older(directory));
    struct stat status {};
    if (::fstat(file.get(), &status) != 0)
        return fail_errno("cannot stat " + path_);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    std::uint64_t begin = data_start(file.get());
    if (size - begin <= size_max_)
        return Trimmed{};
    std::uint64_t end = (size - size_max_ / 2) / k_block * k_block;
    std::uint64_t dropped = 0;
    if (end - begin > lag_max_) {
        const std::uint64_t kept_from = (end - lag_max_ / 2) / k_block * k_block;
        BULLPEN_TRY(const Cut cut, cut_head(file.get(), kept_from));
        dropped = kept_from - begin;
        begin = cut == Cut::collapsed ? 0 : kept_from;
        end -= cut == Cut::collapsed ? kept_from : 0;
    }
    if (keep_ > 0) {
        const std::string part = partial(name_);
        BULLPEN_TRY(const Descriptor copy,
                    open_file_at(directory.get(), part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW,
                                 k_mode, partial(path_)));
        BULLPEN_CHECK(copy_range(file.get(), copy.get(), begin, end));
        BULLPEN_CHECK(rename(directory, part, whole(name_)));
    }
    const auto cut = cut_head(file.get(), end);
    if (!cut) {
        ::unlinkat(directory.get(), whole(name_).c_str(), 0);
        return fail(cut.error());
    }
    BULLPEN_CHECK(shift_older(directory));
    return Trimmed{*cut, end - begin, dropped};
}

// Puts a whole copy in its place as number 1, pushing the others back. Also completes what a
// process that was killed in between has left: it may be in the live file too, but never lost.
Result<void> StdioKeeper::shift_older(const Descriptor& directory) const {
    const auto fresh = whole(name_);
    if (::faccessat(directory.get(), fresh.c_str(), F_OK, 0) != 0)
        return {};
    for (int number = keep_ - 1; number > 0; --number)
        static_cast<void>(rename(directory, older(name_, number), older(name_, number + 1)));
    return rename(directory, fresh, older(name_, 1));
}

Result<void> StdioKeeper::rename(const Descriptor& directory, const std::string& from,
                                 const std::string& to) const {
    if (::renameat(directory.get(), from.c_str(), directory.get(), to.c_str()) != 0)
        return fail_errno("cannot rename " + directory_in(path_) + "/" + from);
    return {};
}

Result<void> StdioKeeper::rotate_idle() {
    BULLPEN_TRY(const Descriptor directory, open_own_directory(directory_in(path_)));
    struct stat status {};
    if (::fstatat(directory.get(), name_.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? Result<void>{} : fail_errno("cannot stat " + path_);
    const bool has_hole =
        bytes_on_disk(status) + k_block < static_cast<std::uint64_t>(status.st_size);
    if (bytes_on_disk(status) <= size_max_ && !has_hole)
        return {};
    if (lag_max_ != k_no_lag_max && bytes_on_disk(status) > lag_max_)
        BULLPEN_CHECK(trim());
    BULLPEN_CHECK(shift_older(directory));
    if (keep_ <= 0) {
        if (::unlinkat(directory.get(), name_.c_str(), 0) != 0)
            return fail_errno("cannot remove " + path_);
        return {};
    }
    BULLPEN_CHECK(rename(directory, name_, whole(name_)));
    return shift_older(directory);
}

std::uint64_t data_start(int fd) {
    const off_t start = ::lseek(fd, 0, SEEK_DATA);
    return start > 0 ? static_cast<std::uint64_t>(start) : 0;
}

Result<std::string> tail_lines(int fd, std::uint64_t end, std::size_t lines_max,
                               std::size_t bytes_max) {
    struct stat status {};
    if (::fstat(fd, &status) != 0)
        return fail_errno("cannot stat a log");
    end = std::min(end, static_cast<std::uint64_t>(status.st_size));
    const std::uint64_t first = std::min(data_start(fd), end);
    const std::uint64_t begin = end - first > bytes_max ? end - bytes_max : first;
    std::string text(end - begin, '\0');
    std::size_t got = 0;
    while (got < text.size()) {
        const ssize_t part =
            ::pread(fd, text.data() + got, text.size() - got, static_cast<off_t>(begin + got));
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return fail_errno("cannot read a log");
        if (part == 0)
            break;
        got += static_cast<std::size_t>(part);
    }
    text.resize(got);
    // Back over `lines_max` line ends, the one that ends the text not counted.
    std::size_t at = text.size();
    if (at > 0 && text[at - 1] == '\n')
        --at;
    for (std::size_t lines = 0; lines < lines_max; ++lines) {
        const std::size_t newline = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
        if (newline == std::string::npos) {
            // The first line is whole only at the start of the file; a single one is kept as it is.
            const std::size_t cut = begin == first ? 0 : text.find('\n') + 1;
            return text.substr(cut < text.size() ? cut : 0);
        }
        at = newline;
    }
    return text.substr(at + 1);
}

std::string last_line(const std::string& path, UtcTime since) {
    const auto file = open_own_file(path, O_RDONLY | O_NONBLOCK);
    struct stat status {};
    if (!file || ::fstat(file->get(), &status) != 0 || !S_ISREG(status.st_mode) ||
        UtcTime(std::chrono::seconds(status.st_mtim.tv_sec) + Nanos(status.st_mtim.tv_nsec)) +
                k_time_step_max <
            since)
        return {};
    const auto tail = tail_lines(file->get(), static_cast<std::uint64_t>(status.st_size),
                                 k_last_lines_read, k_last_bytes_read);
    std::string_view text = tail ? std::string_view(*tail) : std::string_view();
    const auto end = text.find_last_not_of(" \t\r\n");
    if (end == std::string_view::npos)
        return {};
    text = text.substr(0, end + 1);
    return std::string(cut_utf8(text.substr(text.rfind('\n') + 1), k_last_line_max));
}

std::string quote_last_line(const std::string& path, UtcTime since) {
    constexpr std::string_view k_own = "bullpen-worker: ";
    const auto line = last_line(path, since);
    if (line.starts_with(k_own))
        return line.substr(k_own.size());
    return line.empty() ? line : "it printed last: " + line;
}

}  // namespace bullpen::process
