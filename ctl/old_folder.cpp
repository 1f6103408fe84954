#include "ctl/old_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <set>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/base/secret.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::size_t k_file_max = std::size_t{8} << 20;     // bytes
constexpr std::size_t k_total_max = std::size_t{256} << 20;  // bytes
constexpr std::size_t k_files_max = 20'000;

// Where to look, and whether what is there is read or only named.
struct Place {
    std::string folder;  // with a slash at its end, or empty
    std::vector<std::string> endings;
    bool read = true;
    bool each_below = false;  // also in every folder in it
};

std::vector<Place> places(OldBot bot) {
    if (bot == OldBot::futures) {
        return {
            {"", {"config.json", ".env", "bot_state", "session_state", "summary.json", "calendar"}},
            // Records of other kinds, by their names alone.
            {"", {".json", ".backup", ".bak", ".csv", ".db", ".log", ".xlsx"}, false},
            {"data/", {".json", ".json.backup"}},
            {"locks/", {".lock"}},
            {"logs/", {""}, false, true}};
    }
    std::vector<Place> all;
    for (const std::string base : {"", "Daily/"}) {
        all.push_back({base, {"config.ini", ".env"}});
        all.push_back({base + "data/", {".json"}});
        all.push_back({base + "pids/", {".pid"}});
        all.push_back({base + "Current_Orders/", {".json"}, true, true});
        all.push_back({base + "logs/", {""}, false, true});
    }
    return all;
}

bool fits(const std::string& name, const Place& place) {
    return std::any_of(place.endings.begin(), place.endings.end(), [&](const auto& ending) {
        return name.ends_with(ending) ||
               (!ending.starts_with('.') && name.find(ending) != std::string::npos);
    });
}

class Reader {
  public:
    explicit Reader(std::string root) : root_(std::move(root)) {}

    Result<void> read(const Place& place, const std::string& folder, bool below) {
        const auto names = files_.list(root_ + "/" + folder);
        if (!names)
            return storage::is_missing(names.error()) ? Result<void>() : fail(names.error());
        for (const auto& name : *names) {
            struct stat status {};
            const auto path = folder + name;
            // No link is followed: it may lead to what is not the old bot's.
            if (::lstat((root_ + "/" + path).c_str(), &status) != 0)
                continue;
            if (S_ISDIR(status.st_mode) && below)
                BULLPEN_CHECK(read(place, path + "/", false));
            if (S_ISREG(status.st_mode) && fits(name, place))
                BULLPEN_CHECK(add(place, path, changed(status)));
        }
        return {};
    }
    std::vector<moving::OldFile> take() { return std::move(found_); }

  private:
    // A file may say anything of itself.
    static UtcTime changed(const struct stat& status) {
        constexpr std::int64_t k_seconds_max = 4'102'444'800;  // the year 2100
        return UtcTime(std::chrono::seconds(
            std::clamp<std::int64_t>(status.st_mtim.tv_sec, 0, k_seconds_max)));
    }

    Result<void> add(const Place& place, const std::string& path, UtcTime changed) {
        if (!seen_.insert(path).second)
            return {};
        if (found_.size() == k_files_max)
            return fail(Errc::too_large, root_ + " has more than 20000 files of an old bot");
        moving::OldFile file;
        file.path = path;
        file.changed = changed;
        if (place.read) {
            const auto file_text = text(path);
            file.read = file_text.has_value();
            if (file_text)
                file.text = *file_text;
            else
                file.trouble = why_not(file_text.error());
            total_ += file.text.size();
        }
        if (total_ > k_total_max)
            return fail(Errc::too_large, root_ + " has more than 256 MiB of an old bot's files");
        found_.push_back(std::move(file));
        return {};
    }

    // Files of a bot are its user's alone, often.
    static std::string why_not(const Error& error) {
        const bool denied = error.code() == std::errc::permission_denied;
        return error.message() +
               (denied && ::getuid() != 0
                    ? "; give the command as root, who reads as the user of the folder"
                    : "");
    }

    Result<std::string> text(const std::string& path) {
        const auto whole = root_ + "/" + path;
        BULLPEN_TRY(const auto file, open_file(whole, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
        struct stat status {};
        if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode))
            return fail(Errc::invalid, "it is no regular file");
        return read_file(whole, k_file_max);
    }

    std::string root_;
    storage::SystemFileSystem files_;
    std::vector<moving::OldFile> found_;
    std::set<std::string> seen_;
    std::size_t total_ = 0;
};

}  // namespace

Result<std::vector<moving::OldFile>> read_old_folder(const std::string& directory, OldBot bot) {
    struct stat status {};
    if (::stat(directory.c_str(), &status) != 0) {
        const bool denied = errno == EACCES && ::getuid() != 0;
        return fail_errno("cannot look into " + directory +
                          (denied ? " (give the command as root, who may)" : ""));
    }
    if (!S_ISDIR(status.st_mode))
        return fail(Errc::not_found, directory + " is no directory");
    Reader reader(directory);
    for (const auto& place : places(bot))
        BULLPEN_CHECK(reader.read(place, place.folder, place.each_below));
    auto found = reader.take();
    // Order files by their names, which end in their times: the newest first.
    std::sort(found.begin(), found.end(), [](auto& a, auto& b) { return a.path > b.path; });
    return found;
}

void wipe(std::vector<moving::OldFile>& files) {
    for (auto& file : files)
        bullpen::wipe(file.text);
}

Result<std::vector<moving::OldLock>> pid_files(const std::string& directory) {
    Reader reader(directory);
    for (const std::string folder : {"pids/", "Daily/pids/"})
        BULLPEN_CHECK(reader.read({folder, {".pid"}}, folder, false));
    std::vector<moving::OldLock> locks;
    for (const auto& file : reader.take())
        locks.push_back(moving::pid_file(file));
    return locks;
}

bool process_lives(std::int64_t pid) {
    return pid > 0 && pid < INT32_MAX &&
           (::kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM);
}

std::string sign_of_life(std::span<const moving::OldLock> locks) {
    for (const auto& lock : locks) {
        if (lock.pid == 0)
            return "the old bot may run: " + lock.file +
                   " names no process that can be read. See that it is stopped, and say so with "
                   "--stopped";
        if (process_lives(lock.pid))
            return "the old bot seems to run: " + lock.file + " names process " +
                   std::to_string(lock.pid) +
                   ". Stop it first, so that its state is the last one; or, if that is another "
                   "program, say so with --stopped";
    }
    return {};
}

}  // namespace bullpen::ctl
