#include "notify/tail.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "common/log/sink.hpp"
#include "common/storage/checksum.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::notify {

namespace {

std::optional<struct stat> status_of(int fd) {
    struct stat status {};
    if (::fstat(fd, &status) != 0)
        return std::nullopt;
    return status;
}

std::optional<std::uint64_t> inode_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return std::nullopt;
    return status.st_ino;
}

// What there is, up to `size`.
std::string read_at(int fd, std::uint64_t offset, std::size_t size) {
    std::string text(size, '\0');
    std::size_t got = 0;
    while (got < size) {
        const auto count =
            ::pread(fd, text.data() + got, size - got, static_cast<off_t>(offset + got));
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            break;
        got += static_cast<std::size_t>(count);
    }
    text.resize(got);
    return text;
}

std::uint32_t head_of(int fd, std::uint64_t offset) {
    return storage::crc32c(
        read_at(fd, 0, static_cast<std::size_t>(std::min<std::uint64_t>(offset, LogTail::k_head))));
}

// Oldest first, the one that is written to last.
std::vector<std::string> files_of(const std::string& path) {
    storage::SystemFileSystem files;
    auto found = log::log_files(files, path);
    return found ? std::move(*found) : std::vector<std::string>();
}

}  // namespace

void LogTail::set_place(std::uint64_t offset) {
    const auto status = status_of(file_.get());
    cursor_ = Cursor{status ? status->st_ino : 0, offset, head_of(file_.get(), offset)};
}

bool LogTail::open_at(const std::string& path, std::uint64_t offset) {
    auto opened = open_file(path, O_RDONLY | O_NOFOLLOW);
    if (!opened)
        return false;
    file_ = std::move(*opened);
    skipping_ = false;
    set_place(offset);
    return true;
}

void LogTail::prime(const Line& primed) {
    const auto from =
        cursor_->offset > k_primed_max ? cursor_->offset - k_primed_max : std::uint64_t{0};
    const auto text = read_at(file_.get(), from, static_cast<std::size_t>(cursor_->offset - from));
    std::string_view rest = text;
    if (from > 0)
        rest.remove_prefix(std::min(rest.find('\n') + 1, rest.size()));
    for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
        primed(rest.substr(0, end));
        rest.remove_prefix(end + 1);
    }
}

bool LogTail::open_place(const Line& primed) {
    const auto files = files_of(path_);
    if (files.empty())
        return false;
    if (cursor_) {
        for (const auto& name : files) {
            if (inode_of(name) != cursor_->inode)
                continue;
            const Cursor place = *cursor_;
            if (!open_at(name, place.offset))
                return false;
            const auto status = status_of(file_.get());
            if (status && static_cast<std::uint64_t>(status->st_size) >= place.offset &&
                cursor_->head == place.head) {
                prime(primed);
                return true;
            }
        }
        // It was removed, as the oldest are: all that is there is newer.
        return open_at(files.front(), 0);
    }
    if (begin_ == Begin::first)
        return open_at(files.front(), 0);
    if (!open_at(files.back(), 0))
        return false;
    const auto status = status_of(file_.get());
    set_place(status ? static_cast<std::uint64_t>(status->st_size) : 0);
    prime(primed);
    return true;
}

bool LogTail::open_next() {
    const auto inode = cursor_->inode;
    if (inode_of(path_) == inode)
        return false;
    const auto files = files_of(path_);
    for (std::size_t i = 0; i + 1 < files.size(); ++i) {
        if (inode_of(files[i]) == inode)
            return open_at(files[i + 1], 0);
    }
    return !files.empty() && inode_of(files.back()) != inode && open_at(files.front(), 0);
}

// Nothing only when all was read but for a line that is not whole yet: a chunk holds any that is.
std::size_t LogTail::read_open(const Line& line) {
    const auto status = status_of(file_.get());
    const auto size = status ? static_cast<std::uint64_t>(status->st_size) : 0;
    if (size < cursor_->offset)
        set_place(0);  // somebody emptied it
    if (size == cursor_->offset)
        return 0;
    const auto text = read_at(file_.get(), cursor_->offset, k_chunk);
    std::size_t done = 0;
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', done)) {
        if (!std::exchange(skipping_, false))
            line(std::string_view(text).substr(done, end - done));
        done = end + 1;
    }
    if (text.size() - done > k_line_max) {
        skipping_ = true;
        done = text.size();
    }
    if (done > 0)
        set_place(cursor_->offset + done);
    return done;
}

std::size_t LogTail::read(std::size_t most, const Line& primed, const Line& line) {
    if (!file_.valid() && !open_place(primed))
        return 0;
    std::size_t all = 0;
    while (all < most) {
        const auto got = read_open(line);
        all += got;
        // Rotated: whoever wrote it has written all of it, for it was renamed before the next line.
        if (got == 0 && !open_next())
            break;
    }
    return all;
}

}  // namespace bullpen::notify
