#include "ipc/error_text.hpp"

#include <algorithm>

#include "common/base/errc.hpp"

namespace bullpen::ipc {

namespace {

constexpr std::string_view k_mark = " @";
constexpr std::string_view k_cut = "\u2026";
// " @2026-11-20T23:14:05Z"
constexpr std::size_t k_stamp_size = 22;

}  // namespace

std::string stamped(std::string_view text, UtcTime at, std::size_t size_max) {
    const std::size_t room = size_max - std::min(size_max, k_stamp_size);
    const bool whole = text.size() <= room;
    std::size_t length = whole ? text.size() : room - std::min(room, k_cut.size());
    // Bytes of the form 10xxxxxx go on with a character begun before.
    while (!whole && length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U)
        --length;
    const auto time = format_utc(at);
    std::string error(text.substr(0, length));
    if (!whole && room >= k_cut.size())
        error.append(k_cut);
    error.append(k_mark).append(time, 0, time.find('.')).append("Z");
    return error;
}

ErrorText unstamped(std::string_view error) {
    if (error.size() < k_stamp_size)
        return {error, std::nullopt};
    const auto text = error.substr(0, error.size() - k_stamp_size);
    const auto stamp = error.substr(text.size());
    const auto at = stamp.starts_with(k_mark) ? parse_utc(stamp.substr(k_mark.size()))
                                              : Result<UtcTime>(fail(Errc::invalid, ""));
    if (!at)
        return {error, std::nullopt};
    return {text, *at};
}

}  // namespace bullpen::ipc
