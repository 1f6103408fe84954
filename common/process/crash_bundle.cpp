#include "common/process/crash_bundle.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <vector>

#include "common/base/errc.hpp"
#include "common/process/stdio_log.hpp"

namespace bullpen::process {
namespace {

constexpr mode_t k_directory_mode = 0700;
constexpr mode_t k_file_mode = 0600;
// Deaths of one account within one millisecond that still get a bundle each.
constexpr int k_same_time_max = 9;

// "20261120T231405.123Z": in the order of time when sorted, and without what shells mind.
std::string name_for(UtcTime now) {
    std::string name = format_utc(now);
    std::erase_if(name, [](char c) { return c == '-' || c == ':'; });
    return name;
}

std::size_t count_lines(std::string_view text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

// Opened now, so that whatever is renamed or removed before `finish`, this is what is read.
CrashBundle::Log CrashBundle::hold(const std::string& path) {
    auto file = open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    struct stat status {};
    if (!file || ::fstat(file->get(), &status) != 0 || !S_ISREG(status.st_mode))
        return {};
    return {std::move(*file), static_cast<std::uint64_t>(status.st_size), path};
}

// The state file is only ever replaced, so an open one stays as it was.
CrashBundle CrashBundle::snapshot(const AccountPaths& paths, UtcTime now) {
    CrashBundle bundle;
    bundle.crash_ = paths.crash;
    bundle.utc_ = now;
    bundle.state_ = hold(paths.state_file);
    bundle.worker_log_ = hold(paths.worker_log);
    bundle.stdio_log_ = hold(paths.stdio_log);
    return bundle;
}

Result<void> CrashBundle::make_directory() {
    if (::mkdir(crash_.c_str(), k_directory_mode) != 0 && errno != EEXIST)
        return fail_errno("cannot make " + crash_);
    const std::string name = crash_ + "/" + name_for(utc_);
    directory_ = name;
    int number = 1;
    while (::mkdir(directory_.c_str(), k_directory_mode) != 0) {
        if (errno != EEXIST || ++number > k_same_time_max)
            return fail_errno("cannot make " + directory_);
        directory_ = name + "-" + std::to_string(number);
    }
    return {};
}

Result<void> CrashBundle::write(const char* name, std::string text) const {
    if (scrub_)
        text = scrub_(std::move(text));
    BULLPEN_TRY(
        const Descriptor file,
        open_file(directory_ + "/" + name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, k_file_mode));
    return write_all(file.get(), text);
}

Result<void> CrashBundle::finish(const std::string& facts, std::size_t keep, Scrub scrub) {
    scrub_ = std::move(scrub);
    BULLPEN_CHECK(make_directory());
    remove_older(std::max<std::size_t>(keep, 1));
    if (facts.size() > k_facts_bytes_max)
        return fail(Errc::too_large, "the facts of a crash bundle are too large");
    BULLPEN_CHECK(write("facts.json", facts + "\n"));
    BULLPEN_CHECK(write_log(worker_log_, "worker.log"));
    BULLPEN_CHECK(write_log(stdio_log_, "stdio.log"));
    return write_state();
}

Result<void> CrashBundle::write_log(const Log& log, const char* name) const {
    if (!log.file.valid())
        return {};
    BULLPEN_TRY(std::string text, tail_lines(log.file.get(), log.size, k_lines, k_log_bytes_max));
    // A log that was rotated just before the death goes on in the file before it.
    if (const std::size_t lines = count_lines(text);
        lines < k_lines && text.size() < k_log_bytes_max) {
        const Log before = hold(log.path + ".1");
        if (before.file.valid()) {
            BULLPEN_TRY(const std::string head,
                        tail_lines(before.file.get(), before.size, k_lines - lines,
                                   k_log_bytes_max - text.size()));
            text.insert(0, head);
        }
    }
    return write(name, std::move(text));
}

Result<void> CrashBundle::write_state() const {
    if (!state_.file.valid() || state_.size > k_state_bytes_max)
        return {};
    BULLPEN_TRY(std::string text,
                tail_lines(state_.file.get(), state_.size, k_state_bytes_max, k_state_bytes_max));
    return write("state.json", std::move(text));
}

void CrashBundle::remove_older(std::size_t keep) const {
    namespace fs = std::filesystem;
    std::error_code ignored;
    std::vector<std::string> names;
    for (fs::directory_iterator entry(crash_, ignored), end; !ignored && entry != end;
         entry.increment(ignored))
        names.push_back(entry->path().filename().string());
    if (names.size() <= keep)
        return;
    std::sort(names.begin(), names.end());
    names.resize(names.size() - keep);
    for (const std::string& name : names)
        fs::remove_all(crash_ + "/" + name, ignored);
}

}  // namespace bullpen::process
