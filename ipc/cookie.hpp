// The cookie of a home: a file beside the sockets that a confined worker cannot read, though it can
// connect to them. Who shows its content may give orders to the daemon and listen to its events.
// Made by the daemon, kept from one daemon to the next. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.hpp"

namespace bullpen::ipc {

inline constexpr std::size_t k_cookie_size = 64;  // hexadecimal digits

// Of the directory that the socket is in.
std::string cookie_path(const std::string& socket_path);
// Made when it is missing or damaged.
Result<std::string> keep_cookie(const std::string& socket_path);
Result<void> write_cookie(const std::string& socket_path, std::string_view cookie);
// Empty: there is none, as beside the sockets of an older daemon, or it may not be read.
std::string read_cookie(const std::string& socket_path);

// Takes as long for a wrong one as for the right one.
bool same_cookie(std::string_view shown, std::string_view kept);

}  // namespace bullpen::ipc
