#include "ctl/log_reader.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <vector>

#include "common/base/errc.hpp"
#include "common/base/no_links.hpp"
#include "ctl/change_watch.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::size_t k_block = 64UL * 1024;
// How many bytes must be equal to be taken for the same place in a file that was cut.
constexpr std::size_t k_signature_max = 512;
constexpr std::size_t k_cut_search_max = 4UL << 20;

Result<std::string> read_at(int fd, std::uint64_t offset, std::size_t size) {
    std::string data(size, '\0');
    std::size_t filled = 0;
    while (filled < size) {
        const auto got =
            ::pread(fd, data.data() + filled, size - filled, static_cast<off_t>(offset + filled));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno("cannot read the log");
        if (got == 0)
            break;
        filled += static_cast<std::size_t>(got);
    }
    data.resize(filled);
    return data;
}

// The end of a file with at most `lines` lines and `bytes_max` bytes. A hole at the head of the
// file (its first part was given back) ends it: no log has zero bytes.
Result<std::string> read_end(int fd, std::uint64_t size, std::size_t lines, std::size_t bytes_max) {
    std::string data;
    std::uint64_t at = size;
    std::size_t found = 0;
    while (at > 0 && data.size() < bytes_max) {
        const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(k_block, at));
        BULLPEN_TRY(auto block, read_at(fd, at - take, take));
        at -= take;
        data.insert(0, block);
        const auto zero = data.rfind('\0');
        if (zero != std::string::npos) {
            data.erase(0, zero + 1);
            break;
        }
        found = static_cast<std::size_t>(std::count(data.begin(), data.end(), '\n'));
        if (found > lines)
            break;
    }
    if (lines == 0)
        return std::string();
    std::size_t from = data.size();
    std::size_t left = lines + (data.ends_with('\n') ? 1 : 0);
    while (from > 0) {
        if (data[from - 1] == '\n' && --left == 0)
            break;
        --from;
    }
    return data.substr(from);
}

}  // namespace

std::vector<std::string> log_files_newest_first(const std::string& path) {
    const auto directory = directory_in(path);
    const auto prefix = name_in(path) + ".";
    std::vector<std::pair<std::int64_t, std::string>> found;
    const std::unique_ptr<DIR, int (*)(DIR*)> handle(::opendir(directory.c_str()), ::closedir);
    while (const auto* entry = handle ? ::readdir(handle.get()) : nullptr) {
        const std::string name = entry->d_name;
        struct stat facts {};
        if (!name.starts_with(prefix) || name.size() == prefix.size() ||
            (name[prefix.size()] < '0' || name[prefix.size()] > '9') ||
            ::stat((directory + "/" + name).c_str(), &facts) != 0)
            continue;
        const std::int64_t time = facts.st_mtim.tv_sec * 1'000'000'000LL + facts.st_mtim.tv_nsec;
        found.emplace_back(time, directory + "/" + name);
    }
    // Names carry the time of the rotation, and tell where two files are of one moment.
    std::sort(found.rbegin(), found.rend());
    std::vector<std::string> files;
    if (::access(path.c_str(), F_OK) == 0)
        files.push_back(path);
    for (auto& file : found)
        files.push_back(std::move(file.second));
    return files;
}

LogReader::LogReader(std::string path) : path_(std::move(path)) {}

Result<void> LogReader::open_if_there() {
    if (file_.valid())
        return {};
    auto file = open_file(path_, O_RDONLY | O_NOFOLLOW);
    if (!file && file.error().code() == std::errc::no_such_file_or_directory)
        return {};
    if (!file)
        return fail(file.error());
    file_ = std::move(*file);
    offset_ = 0;
    last_read_.clear();
    return {};
}

void LogReader::remember_end(std::string_view data) {
    last_read_ += data;
    if (last_read_.size() > k_signature_max)
        last_read_.erase(0, last_read_.size() - k_signature_max);
}

void LogReader::give(std::string_view data, const LineVisit& visit) {
    while (!data.empty()) {
        const auto end = data.find('\n');
        const bool whole = end != std::string_view::npos;
        const auto piece = data.substr(0, end);
        data.remove_prefix(whole ? end + 1 : data.size());
        if (partial_.empty() && whole) {
            visit(piece);
            continue;
        }
        partial_ += piece;
        if (whole || partial_.size() > k_line_max) {
            visit(partial_);
            partial_.clear();
        }
    }
}

Result<void> LogReader::tail(std::size_t lines, const LineVisit& visit) {
    lines = std::min(lines, k_lines_max);
    const auto files = log_files_newest_first(path_);
    if (files.empty())
        return fail(Errc::not_found, "there is no log " + path_ + " yet");
    std::vector<std::string> parts;  // newest first
    std::size_t bytes = 0;
    std::size_t left = lines;
    for (const auto& path : files) {
        auto file = open_file(path, O_RDONLY | O_NOFOLLOW);
        struct stat facts {};
        if (!file || ::fstat(file->get(), &facts) != 0) {
            if (path == path_ && !file)
                return fail(file.error());
            continue;
        }
        const auto size = static_cast<std::uint64_t>(facts.st_size);
        BULLPEN_TRY(auto part, read_end(file->get(), size, left, k_bytes_max - bytes));
        if (path == path_) {
            file_ = std::move(*file);
            offset_ = size;
            remember_end(part);
        }
        bytes += part.size();
        const auto got = static_cast<std::size_t>(std::count(part.begin(), part.end(), '\n')) +
                         (part.empty() || part.ends_with('\n') ? 0 : 1);
        parts.push_back(std::move(part));
        left -= std::min(left, got);
        if (left == 0 || bytes >= k_bytes_max)
            break;
    }
    for (auto part = parts.rbegin(); part != parts.rend(); ++part)
        give(*part, visit);
    return {};
}

void LogReader::finish(const LineVisit& visit) {
    if (!partial_.empty())
        visit(partial_);
    partial_.clear();
}

bool LogReader::replaced() const {
    struct stat now {};
    struct stat ours {};
    return ::stat(path_.c_str(), &now) == 0 && ::fstat(file_.get(), &ours) == 0 &&
           (now.st_ino != ours.st_ino || now.st_dev != ours.st_dev);
}

// True when the bytes before offset_ are still those that were read; otherwise the head of the file
// was cut away, and the place is looked for near the end.
bool LogReader::find_place_after_cut() {
    if (last_read_.empty())
        return true;
    const auto from = offset_ - std::min<std::uint64_t>(offset_, last_read_.size());
    const auto there = read_at(file_.get(), from, last_read_.size());
    if (there && *there == last_read_)
        return true;
    struct stat facts {};
    if (::fstat(file_.get(), &facts) != 0)
        return false;
    const auto size = static_cast<std::uint64_t>(facts.st_size);
    const auto searched = std::min<std::uint64_t>(size, k_cut_search_max);
    const auto end = read_at(file_.get(), size - searched, static_cast<std::size_t>(searched));
    const auto place = end ? end->rfind(last_read_) : std::string::npos;
    offset_ = place == std::string::npos ? size : size - searched + place + last_read_.size();
    return place != std::string::npos;
}

Result<void> LogReader::read_new(const LineVisit& visit) {
    if (!find_place_after_cut()) {
        last_read_.clear();
        partial_.clear();
        visit("-- the log was cut here; some lines are in its older files --");
    }
    while (true) {
        BULLPEN_TRY(const auto block, read_at(file_.get(), offset_, k_block));
        if (block.empty())
            return {};
        offset_ += block.size();
        remember_end(block);
        give(block, visit);
    }
}

// Two rotations may have come at once: gives the files between the open one and the newest.
Result<void> LogReader::read_skipped(const LineVisit& visit) {
    struct stat ours {};
    if (::fstat(file_.get(), &ours) != 0)
        return fail_errno("cannot look at the log");
    std::vector<std::string> newer;
    for (const auto& path : log_files_newest_first(path_)) {
        struct stat facts {};
        if (path == path_ || ::stat(path.c_str(), &facts) != 0)
            continue;
        if (facts.st_ino == ours.st_ino && facts.st_dev == ours.st_dev)
            break;
        const auto time = [](const struct stat& of) {
            return std::pair(of.st_mtim.tv_sec, of.st_mtim.tv_nsec);
        };
        if (time(facts) < time(ours))
            break;
        newer.push_back(path);
    }
    for (auto path = newer.rbegin(); path != newer.rend(); ++path) {
        auto file = open_file(*path, O_RDONLY | O_NOFOLLOW);
        if (!file)
            continue;
        file_ = std::move(*file);
        offset_ = 0;
        last_read_.clear();
        BULLPEN_CHECK(read_new(visit));
    }
    return {};
}

Result<void> LogReader::follow(const LineVisit& visit, const std::function<bool()>& after_batch,
                               int watch_fd) {
    BULLPEN_TRY(const auto watch, ChangeWatch::of(directory_in(path_)));
    while (true) {
        // The watch stands before the file is read, so nothing falls between the two.
        BULLPEN_CHECK(open_if_there());
        if (file_.valid()) {
            BULLPEN_CHECK(read_new(visit));
            if (replaced()) {
                // Its last bytes came before its name was taken.
                BULLPEN_CHECK(read_new(visit));
                BULLPEN_CHECK(read_skipped(visit));
                file_.reset();
                partial_.clear();
                continue;
            }
        }
        if (!after_batch())
            return {};
        BULLPEN_TRY(const auto end, watch.wait(std::nullopt, watch_fd));
        if (end == ChangeWatch::End::other)
            return {};
    }
}

}  // namespace bullpen::ctl
