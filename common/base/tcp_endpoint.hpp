// A place on a network as settings and command lines name it: "tcp://192.0.2.7:7070",
// "tcp://[2001:db8::7]:7070". Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bullpen {

struct TcpEndpoint {
    std::string host;  // without brackets; an address, or a name that was not looked up
    std::uint16_t port = 0;
};

// None when it is not written so.
std::optional<TcpEndpoint> tcp_endpoint_from(std::string_view text);
std::string text_of(const TcpEndpoint& endpoint);

}  // namespace bullpen
