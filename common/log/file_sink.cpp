#include <algorithm>

#include "common/base/errc.hpp"
#include "common/log/sink.hpp"

namespace bullpen::log {

namespace {

constexpr mode_t k_mode = 0600;
// Rotations within one millisecond are told apart by a number.
constexpr int k_same_time_max = 1000;
constexpr std::size_t k_stamp_size = 20;

// "20261120T231405.123Z": UTC without the characters that shells dislike.
std::string stamp(UtcTime time) {
    std::string text;
    for (const char c : format_utc(time)) {
        if (c != '-' && c != ':')
            text.push_back(c);
    }
    return text;
}

std::int64_t period_of(UtcTime time, RotationPeriod period) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    if (period == RotationPeriod::day)
        return day.time_since_epoch().count();
    const std::chrono::year_month_day date(day);
    return static_cast<std::int64_t>(static_cast<int>(date.year())) * 12 +
           static_cast<std::int64_t>(static_cast<unsigned>(date.month()));
}

bool is_rotated_name(std::string_view name, std::string_view base) {
    return name.size() > base.size() + k_stamp_size && name.starts_with(base) &&
           name[base.size()] == '.' && name[base.size() + 1] >= '0' && name[base.size() + 1] <= '9';
}

// Full paths, oldest first.
Result<std::vector<std::string>> rotated_files(storage::FileSystem& files,
                                               const std::string& path) {
    const auto directory = storage::directory_of(path);
    const auto base = path.substr(path.find_last_of('/') + 1);
    BULLPEN_TRY(auto names, files.list(directory));
    std::vector<std::string> found;
    for (const auto& name : names) {
        if (is_rotated_name(name, base))
            found.push_back(directory + "/" + name);
    }
    return found;
}

}  // namespace

FileSink::FileSink(storage::FileSystem& files, FileSinkSettings settings)
    : files_(files), settings_(std::move(settings)) {}

Result<void> FileSink::open(UtcTime now) {
    // A file from an earlier day that another process left is rotated by its last change.
    auto status = files_.status(settings_.path);
    BULLPEN_TRY(auto file, files_.open_append(settings_.path, k_mode));
    BULLPEN_TRY(size_, file->size());
    period_ = period_of(status && size_ > 0 ? status->modified : now, settings_.period);
    file_ = std::move(file);
    tail_is_dirty_ = false;
    return {};
}

Result<std::string> FileSink::rotated_name(UtcTime now) {
    const auto base = settings_.path + "." + stamp(now);
    for (int i = 0; i < k_same_time_max; ++i) {
        auto name = i == 0 ? base : base + "-" + std::to_string(i);
        const auto status = files_.status(name);
        if (!status && storage::is_missing(status.error()))
            return name;
    }
    return fail(Errc::exhausted, "no free name to rotate " + settings_.path + " to");
}

Result<void> FileSink::rotate(UtcTime now) {
    BULLPEN_TRY(const auto name, rotated_name(now));
    BULLPEN_CHECK(files_.rename(settings_.path, name));
    file_.reset();
    ++rotations_;
    BULLPEN_CHECK(open(now));
    period_ = period_of(now, settings_.period);
    drop_old(now);
    return {};
}

// What cannot be removed now is removed at the next rotation.
void FileSink::drop_old(UtcTime now) {
    const auto found = rotated_files(files_, settings_.path);
    if (!found)
        return;
    const auto oldest = settings_.path + "." + stamp(now - settings_.age_max);
    for (std::size_t i = 0; i < found->size(); ++i) {
        const bool too_many = settings_.keep > 0 && found->size() - i > settings_.keep;
        const bool too_old = settings_.age_max.count() > 0 && (*found)[i] < oldest;
        if (too_many || too_old)
            (void)files_.remove((*found)[i]);
    }
}

Result<void> FileSink::write(std::string_view line, UtcTime now) {
    if (file_ == nullptr)
        BULLPEN_CHECK(open(now));
    const bool full = size_ > 0 && size_ + line.size() > settings_.size_max;
    const bool over = size_ > 0 && period_of(now, settings_.period) > period_;
    if (full || over) {
        // Better a file that is too long than a line that is lost.
        if (!rotate(now) && file_ == nullptr)
            BULLPEN_CHECK(open(now));
    }
    if (tail_is_dirty_) {
        BULLPEN_CHECK(file_->truncate(size_));
        tail_is_dirty_ = false;
    }
    const auto written = file_->append(line);
    if (written && *written == line.size()) {
        size_ += line.size();
        return {};
    }
    tail_is_dirty_ = true;
    if (file_->truncate(size_))
        tail_is_dirty_ = false;
    if (!written)
        return fail(written.error());
    return fail(std::make_error_code(std::errc::no_space_on_device), "writing " + settings_.path);
}

Result<void> FileSink::sync() {
    if (file_ == nullptr)
        return {};
    return file_->sync();
}

Result<std::vector<std::string>> log_files(storage::FileSystem& files, const std::string& path) {
    BULLPEN_TRY(auto found, rotated_files(files, path));
    if (files.status(path))
        found.push_back(path);
    return found;
}

}  // namespace bullpen::log
