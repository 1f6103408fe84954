#include "common/storage/file_system.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/base/no_links.hpp"

namespace bullpen::storage {

namespace {

class SystemAppendFile final : public AppendFile {
  public:
    SystemAppendFile(Descriptor file, std::string path)
        : file_(std::move(file)), path_(std::move(path)) {}

    Result<std::size_t> append(std::string_view data) override {
        for (;;) {
            const auto written = ::write(file_.get(), data.data(), data.size());
            if (written >= 0)
                return static_cast<std::size_t>(written);
            if (errno != EINTR)
                return fail_errno("cannot write " + path_);
        }
    }

    Result<void> sync() override {
        if (::fdatasync(file_.get()) != 0)
            return fail_errno("cannot sync " + path_);
        return {};
    }

    Result<void> truncate(std::uint64_t size) override {
        if (::ftruncate(file_.get(), static_cast<off_t>(size)) != 0)
            return fail_errno("cannot truncate " + path_);
        return {};
    }

    [[nodiscard]] Result<std::uint64_t> size() const override {
        struct stat status {};
        if (::fstat(file_.get(), &status) != 0)
            return fail_errno("cannot stat " + path_);
        return static_cast<std::uint64_t>(status.st_size);
    }

  private:
    Descriptor file_;
    std::string path_;
};

Result<std::unique_ptr<AppendFile>> open_for_append(const std::string& path, int flags,
                                                    mode_t mode) {
    BULLPEN_TRY(auto file,
                open_file(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | flags, mode));
    return std::make_unique<SystemAppendFile>(std::move(file), path);
}

}  // namespace

Result<std::unique_ptr<AppendFile>> SystemFileSystem::create(const std::string& path, mode_t mode) {
    return open_for_append(path, O_TRUNC, mode);
}

Result<std::unique_ptr<AppendFile>> SystemFileSystem::open_append(const std::string& path,
                                                                  mode_t mode) {
    return open_for_append(path, 0, mode);
}

Result<std::string> SystemFileSystem::read(const std::string& path, std::size_t size_max) {
    // Nobody is to wait for the writer of a pipe that lies where a file should be.
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
        return fail(Errc::invalid, "cannot read " + path + ": it is no regular file");
    return read_file(path, size_max);
}

Result<std::string> SystemFileSystem::read_tail(const std::string& path, std::size_t size_max) {
    BULLPEN_TRY(const auto file, open_file(path, O_RDONLY | O_NONBLOCK));
    struct stat status {};
    if (::fstat(file.get(), &status) != 0)
        return fail_errno("cannot stat " + path);
    if (!S_ISREG(status.st_mode))
        return fail(Errc::invalid, "cannot read " + path + ": it is no regular file");
    const auto size = static_cast<std::size_t>(status.st_size);
    auto at = static_cast<off_t>(size > size_max ? size - size_max : 0);
    std::string content(std::min(size, size_max), '\0');
    std::size_t got = 0;
    while (got < content.size()) {
        const auto read = ::pread(file.get(), content.data() + got, content.size() - got, at);
        if (read < 0) {
            if (errno == EINTR)
                continue;
            return fail_errno("cannot read " + path);
        }
        if (read == 0)
            break;
        got += static_cast<std::size_t>(read);
        at += read;
    }
    content.resize(got);
    return content;
}

Result<FileStatus> SystemFileSystem::status(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return fail_errno("cannot stat " + path);
    FileStatus result;
    result.size = static_cast<std::uint64_t>(status.st_size);
    result.owner = status.st_uid;
    result.modified =
        UtcTime(std::chrono::seconds(status.st_mtim.tv_sec) + Nanos(status.st_mtim.tv_nsec));
    result.is_directory = S_ISDIR(status.st_mode);
    return result;
}

Result<std::vector<std::string>> SystemFileSystem::list(const std::string& directory) {
    DIR* stream = ::opendir(directory.c_str());  // close-on-exec by itself
    if (stream == nullptr)
        return fail_errno("cannot list " + directory);
    std::vector<std::string> names;
    Result<void> outcome;
    for (;;) {
        errno = 0;
        const dirent* entry = ::readdir(stream);
        if (entry == nullptr) {
            if (errno != 0)
                outcome = fail_errno("cannot list " + directory);
            break;
        }
        std::string name(entry->d_name);
        if (name == "." || name == "..")
            continue;
        if (names.size() == k_list_max) {
            outcome = fail(Errc::too_large,
                           directory + " has more than " + std::to_string(k_list_max) + " files");
            break;
        }
        names.push_back(std::move(name));
    }
    ::closedir(stream);
    BULLPEN_CHECK(std::move(outcome));
    std::sort(names.begin(), names.end());
    return names;
}

Result<void> SystemFileSystem::rename(const std::string& from, const std::string& to) {
    if (::rename(from.c_str(), to.c_str()) != 0)
        return fail_errno("cannot rename " + from + " to " + to);
    return {};
}

Result<void> SystemFileSystem::link(const std::string& existing, const std::string& name) {
    if (::link(existing.c_str(), name.c_str()) != 0)
        return fail_errno("cannot link " + existing + " as " + name);
    return {};
}

Result<void> SystemFileSystem::remove(const std::string& path) {
    if (::unlink(path.c_str()) != 0)
        return fail_errno("cannot remove " + path);
    return {};
}

Result<void> SystemFileSystem::sync_directory(const std::string& directory) {
    BULLPEN_TRY(const auto handle, open_directory(directory));
    if (::fsync(handle.get()) != 0)
        return fail_errno("cannot sync directory " + directory);
    return {};
}

Result<void> SystemFileSystem::make_directories(const std::string& path, mode_t mode) {
    return bullpen::make_directories(path, mode);
}

bool is_missing(const Error& error) {
    return error.code() == std::errc::no_such_file_or_directory;
}

bool is_out_of_space(const Error& error) {
    const auto& code = error.code();
    return code == std::errc::no_space_on_device || code == std::errc::file_too_large ||
           (code.category() == std::generic_category() && code.value() == EDQUOT);
}

std::string directory_of(const std::string& path) {
    return directory_in(path);
}

}  // namespace bullpen::storage
