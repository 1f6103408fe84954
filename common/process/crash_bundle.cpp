#include "common/process/crash_bundle.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <vector>

#include "common/base/errc.hpp"
#include "common/base/no_links.hpp"
#include "common/process/stdio_log.hpp"

namespace bullpen::process {
namespace {

constexpr mode_t k_directory_mode = 0700;
constexpr mode_t k_file_mode = 0600;
constexpr int k_read = O_RDONLY | O_NONBLOCK;
// Deaths of one account within one millisecond that still get a bundle each.
constexpr int k_same_time_max = 9;

// "20261120T231405.123Z": in the order of time when sorted, and without what shells mind.
std::string name_for(UtcTime now) {
    std::string name = format_utc(now);
    std::erase_if(name, [](char c) { return c == '-' || c == ':'; });
    return name;
}

std::string name_of(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

std::size_t count_lines(std::string_view text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

bool is_bundle(std::string_view name) {
    constexpr std::string_view k_form = "00000000T000000.000Z";
    if (name.size() < k_form.size())
        return false;
    for (std::size_t i = 0; i < k_form.size(); ++i) {
        const bool digit = name[i] >= '0' && name[i] <= '9';
        if (k_form[i] == '0' ? !digit : name[i] != k_form[i])
            return false;
    }
    // "-2" of several in one millisecond.
    const auto rest = name.substr(k_form.size());
    return rest.empty() || (rest.size() == 2 && rest[0] == '-' && rest[1] >= '2' && rest[1] <= '9');
}

// Bundles alone, by name. What else is in the directory is nobody's of the daemon.
void remove_older(const Descriptor& crash, std::size_t keep) {
    namespace fs = std::filesystem;
    // By its descriptor: the path may lead elsewhere by now.
    const auto here = "/proc/self/fd/" + std::to_string(crash.get());
    std::error_code ignored;
    std::vector<std::string> names;
    for (fs::directory_iterator entry(here, ignored), end; !ignored && entry != end;
         entry.increment(ignored)) {
        if (auto name = entry->path().filename().string(); is_bundle(name))
            names.push_back(std::move(name));
    }
    if (names.size() <= keep)
        return;
    std::sort(names.begin(), names.end());
    names.resize(names.size() - keep);
    for (const std::string& name : names)
        fs::remove_all(here + "/" + name, ignored);  // which follows no link either
}

}  // namespace

// Opened now, so that whatever is renamed or removed before `finish`, this is what is read.
CrashBundle::Log CrashBundle::hold(Result<Descriptor> file, const std::string& path) {
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
    bundle.state_ = hold(open_file(paths.state_file, k_read | O_NOFOLLOW), paths.state_file);
    bundle.worker_log_ = hold(open_own_file(paths.worker_log, k_read), paths.worker_log);
    bundle.stdio_log_ = hold(open_own_file(paths.stdio_log, k_read), paths.stdio_log);
    return bundle;
}

Result<void> CrashBundle::make_directory(const Descriptor& crash) {
    const auto first = name_for(utc_);
    auto name = first;
    int number = 1;
    while (::mkdirat(crash.get(), name.c_str(), k_directory_mode) != 0) {
        if (errno != EEXIST || ++number > k_same_time_max)
            return fail_errno("cannot make " + crash_ + "/" + name);
        name = first + "-" + std::to_string(number);
    }
    directory_ = crash_ + "/" + name;
    opened_ = Descriptor(
        ::openat(crash.get(), name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    return opened_.valid() ? Result<void>{} : fail_errno("cannot open " + directory_);
}

Result<void> CrashBundle::write(const char* name, const std::string& text) const {
    const Descriptor file(::openat(
        opened_.get(), name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, k_file_mode));
    if (!file.valid())
        return fail_errno("cannot make " + directory_ + "/" + name);
    return write_all(file.get(), text);
}

Result<void> CrashBundle::finish(const std::string& facts, std::size_t keep, Scrub scrub) {
    scrub_ = std::move(scrub);
    if (::mkdir(crash_.c_str(), k_directory_mode) != 0 && errno != EEXIST)
        return fail_errno("cannot make " + crash_);
    BULLPEN_TRY(const Descriptor crash, open_own_directory(crash_));
    BULLPEN_CHECK(make_directory(crash));
    if (facts.size() > k_facts_bytes_max)
        return fail(Errc::too_large, "the facts of a crash bundle are too large");
    const auto kept = scrub_ ? scrub_(facts) : std::optional(facts);
    if (auto written = write("facts.json", kept.value_or(facts) + "\n"); !written) {
        // A full disk: an empty bundle tells nobody anything, and stands before those that do.
        static_cast<void>(::unlinkat(opened_.get(), "facts.json", 0));
        static_cast<void>(::unlinkat(crash.get(), name_of(directory_).c_str(), AT_REMOVEDIR));
        return written;
    }
    remove_older(crash, std::max<std::size_t>(keep, 1));
    if (!kept)
        return {};
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
        const Log before = hold(open_own_file(log.path + ".1", k_read), log.path);
        if (before.file.valid()) {
            BULLPEN_TRY(const std::string head,
                        tail_lines(before.file.get(), before.size, k_lines - lines,
                                   k_log_bytes_max - text.size()));
            text.insert(0, head);
        }
    }
    return write_words(name, std::move(text));
}

Result<void> CrashBundle::write_words(const char* name, std::string text) const {
    if (!scrub_)
        return write(name, text);
    const auto kept = scrub_(std::move(text));
    return kept ? write(name, *kept) : Result<void>{};
}

Result<void> CrashBundle::write_state() const {
    if (!state_.file.valid() || state_.size > k_state_bytes_max)
        return {};
    BULLPEN_TRY(std::string text,
                tail_lines(state_.file.get(), state_.size, k_state_bytes_max, k_state_bytes_max));
    return write_words("state.json", std::move(text));
}

}  // namespace bullpen::process
