#include "ipc/error_text.hpp"

#include <algorithm>

#include "common/base/errc.hpp"
#include "common/base/utf8.hpp"

namespace bullpen::ipc {

namespace {

constexpr std::string_view k_mark = " @";
// " @2026-11-20T23:14:05Z"
constexpr std::size_t k_stamp_size = 22;

}  // namespace

std::string stamped(std::string_view text, UtcTime at, std::size_t size_max) {
    // No board is so small that not even the sign of a cut text would fit.
    const auto kept =
        cut_for_sign(text, std::max(size_max, k_stamp_size + k_cut_sign.size()) - k_stamp_size);
    const auto time = format_utc(at);
    std::string error(kept);
    if (kept.size() < text.size())
        error.append(k_cut_sign);
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

std::string cut_error(const std::string& error, std::size_t size_max) {
    const auto [text, at] = unstamped(error);
    return at ? stamped(text, *at, size_max) : std::string(cut_utf8(error, size_max));
}

void put_error(BoardSlot& slot, const std::string& error) {
    const auto put = [&error](auto& field) {
        // Without a time the field itself shows that it was cut.
        field = unstamped(error).at ? cut_error(error, field.k_bytes_max) : error;
    };
    put(slot.last_error);
    put(slot.whole_error);
}

std::string_view error_of(const BoardSlot& slot) {
    return slot.whole_error.empty() ? slot.last_error.view() : slot.whole_error.view();
}

}  // namespace bullpen::ipc
