#include "common/feed/csv_rows.hpp"

#include <algorithm>
#include <cstring>

#include "common/base/trimmed.hpp"

namespace bullpen::feed {

namespace {

constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

LineReader::LineReader(std::unique_ptr<ByteSource> source)
    : source_(std::move(source)), buffer_(k_buffer_size) {}

Result<void> LineReader::fill() {
    if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    BULLPEN_TRY(const std::size_t count,
                source_->read(buffer_.data() + end_, buffer_.size() - end_));
    end_ += count;
    at_end_ = count == 0;
    return {};
}

Result<std::optional<Line>> LineReader::next() {
    Line line;
    std::size_t searched = 0;
    while (true) {
        const char* from = buffer_.data() + begin_;
        const auto* ending =
            static_cast<const char*>(std::memchr(from + searched, '\n', end_ - begin_ - searched));
        std::size_t length =
            ending != nullptr ? static_cast<std::size_t>(ending - from) : end_ - begin_;
        if (ending == nullptr && !at_end_) {
            searched = length;
            if (length > k_line_length_max) {
                // What is known to be too long need not be kept.
                line.too_long = true;
                begin_ = end_;
                searched = 0;
            }
            BULLPEN_CHECK(fill());
            continue;
        }
        if (ending == nullptr && length == 0 && !line.too_long)
            return std::nullopt;
        line.text = std::string_view(from, length);
        begin_ += length + (ending != nullptr ? 1 : 0);
        line.number = ++number_;
        line.too_long = line.too_long || length > k_line_length_max;
        if (line.too_long)
            line.text = {};
        if (line.number == 1 && line.text.starts_with(k_byte_order_mark))
            line.text.remove_prefix(k_byte_order_mark.size());
        if (line.text.ends_with('\r')) {
            line.text.remove_suffix(1);
            line.crlf = true;
        }
        return line;
    }
}

void Fields::split(std::string_view line, char delimiter) {
    size_ = 0;
    std::size_t at = 0;
    while (true) {
        if (size_ == k_fields_max) {
            size_ = k_fields_max + 1;
            return;
        }
        std::size_t from = at;
        while (from < line.size() && line[from] == ' ' && delimiter != ' ')
            ++from;
        std::size_t end = std::string_view::npos;
        if (from < line.size() && line[from] == '"') {
            const std::size_t quote = line.find('"', from + 1);
            end = quote == std::string_view::npos ? line.size() : line.find(delimiter, quote);
            end = std::min(end, line.size());
            std::string_view quoted = trimmed(line.substr(from, end - from));
            quoted.remove_prefix(1);
            if (quoted.ends_with('"'))
                quoted.remove_suffix(1);
            fields_[size_++] = quoted;
        } else {
            end = std::min(line.find(delimiter, at), line.size());
            fields_[size_++] = trimmed(line.substr(at, end - at));
        }
        if (end == line.size())
            return;
        at = end + 1;
    }
}

}  // namespace bullpen::feed
