#include "common/storage/line_file.hpp"

#include <algorithm>
#include <cerrno>

#include "common/base/assert.hpp"

namespace bullpen::storage {

void LineFile::grown_from(std::uint64_t size) {
    replace_at_ = std::max(settings_.overgrown_at, settings_.growth_max * size);
}

Result<std::string> LineFile::open() {
    auto text = files_->read(path_, settings_.read_max);
    if (!text && is_missing(text.error()))
        return std::string();
    if (!text)
        return text;
    BULLPEN_TRY(file_, files_->open_append(path_, settings_.mode));
    size_ = text->size();
    torn_ = !text->empty() && text->back() != '\n';
    grown_from(size_);
    return text;
}

Result<void> LineFile::append(std::string_view line) {
    BULLPEN_ASSERT(is_open(), "a file of lines is opened or replaced before it is appended to");
    const std::string whole = torn_ ? "\n" + std::string(line) : std::string(line);
    const auto written = file_->append(whole);
    if (written && *written == whole.size()) {
        size_ += whole.size();
        torn_ = false;
        return {};
    }
    // What is left of the line is cut off again, or stays a line that cannot be read.
    const auto size = file_->size().value_or(size_ + written.value_or(0));
    if (size > size_ && !file_->truncate(size_)) {
        size_ = size;
        torn_ = true;
    }
    return fail(written ? Error::from_errno(ENOSPC, "cannot write " + path_) : written.error());
}

Result<void> LineFile::replace(std::string_view content) {
    grown_from(std::max<std::uint64_t>(content.size(), size_));
    const std::string fresh = path_ + ".new";
    BULLPEN_TRY(auto file, files_->create(fresh, settings_.mode));
    for (std::string_view rest = content; !rest.empty();) {
        BULLPEN_TRY(const auto written, file->append(rest));
        if (written == 0)
            return fail(Error::from_errno(ENOSPC, "cannot write " + fresh));
        rest.remove_prefix(written);
    }
    BULLPEN_CHECK(files_->rename(fresh, path_));
    file_ = std::move(file);
    size_ = content.size();
    torn_ = false;
    grown_from(size_);
    return {};
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (!line.empty())
            lines.push_back(line);
    }
    return lines;
}

std::vector<std::string> parts_of(std::string_view text, std::size_t size_max) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        auto part = text.substr(0, size_max);
        const auto line_end = part.rfind('\n');
        if (part.size() < text.size() && line_end != std::string_view::npos)
            part = part.substr(0, line_end + 1);
        parts.emplace_back(part);
        text.remove_prefix(part.size());
    }
    return parts;
}

}  // namespace bullpen::storage
