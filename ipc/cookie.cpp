#include "ipc/cookie.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "common/base/descriptor.hpp"
#include "common/base/hex.hpp"
#include "common/base/random.hpp"

namespace bullpen::ipc {

namespace {

constexpr mode_t k_mode = 0600;

std::string hex_of(const std::array<std::uint8_t, 16>& bytes) {
    return hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

bool is_cookie(std::string_view text) {
    return text.size() == k_cookie_size && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

}  // namespace

std::string cookie_path(const std::string& socket_path) {
    const auto slash = socket_path.find_last_of('/');
    return (slash == std::string::npos ? std::string() : socket_path.substr(0, slash + 1)) +
           "cookie";
}

std::string read_cookie(const std::string& socket_path) {
    auto text = read_file(cookie_path(socket_path), k_cookie_size);
    return text && is_cookie(*text) ? std::move(*text) : std::string();
}

Result<std::string> keep_cookie(const std::string& socket_path) {
    if (auto kept = read_cookie(socket_path); !kept.empty())
        return kept;
    std::string made;
    while (made.size() < k_cookie_size)
        made += hex_of(system_random());
    BULLPEN_CHECK(write_cookie(socket_path, made));
    return made;
}

Result<void> write_cookie(const std::string& socket_path, std::string_view cookie) {
    const auto path = cookie_path(socket_path);
    const auto beside = path + ".new";
    BULLPEN_TRY(const auto file, open_file(beside, O_WRONLY | O_CREAT | O_TRUNC, k_mode));
    BULLPEN_CHECK(write_all(file.get(), cookie));
    if (::rename(beside.c_str(), path.c_str()) != 0)
        return fail_errno("cannot put " + path + " in its place");
    return {};
}

bool same_cookie(std::string_view shown, std::string_view kept) {
    unsigned differences = shown.size() == kept.size() ? 0 : 1;
    for (std::size_t i = 0; i < std::min(shown.size(), kept.size()); ++i)
        differences |= static_cast<unsigned char>(shown[i]) ^ static_cast<unsigned char>(kept[i]);
    return differences == 0 && !kept.empty();
}

}  // namespace bullpen::ipc
