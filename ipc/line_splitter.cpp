#include "ipc/venue_message.hpp"

namespace bullpen::ipc {

void LineSplitter::add(std::string_view bytes) {
    if (overflown_)
        return;
    buffer_.erase(0, from_);
    scanned_ -= from_;
    from_ = 0;
    buffer_ += bytes;
}

std::optional<std::string_view> LineSplitter::next() {
    if (overflown_)
        return std::nullopt;
    const auto end = buffer_.find('\n', scanned_);
    if (end == std::string::npos) {
        scanned_ = buffer_.size();
        overflown_ = scanned_ - from_ >= line_max_;
        return std::nullopt;
    }
    const std::string_view line(buffer_.data() + from_, end - from_);
    from_ = scanned_ = end + 1;
    if (line.size() >= line_max_) {
        overflown_ = true;
        return std::nullopt;
    }
    return line;
}

void LineSplitter::clear() {
    buffer_.clear();
    from_ = scanned_ = 0;
    overflown_ = false;
}

}  // namespace bullpen::ipc
