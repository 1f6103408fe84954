#include "common/base/tcp_endpoint.hpp"

#include <algorithm>
#include <charconv>

namespace bullpen {

namespace {

constexpr std::string_view k_scheme = "tcp://";
constexpr std::size_t k_host_max = 253;  // bytes of a name in the DNS

bool fits(std::string_view host, bool bracketed) {
    return !host.empty() && host.size() <= k_host_max &&
           std::all_of(host.begin(), host.end(), [bracketed](char c) {
               const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                  (c >= 'A' && c <= 'Z') || c == '.';
               return plain || (bracketed ? c == ':' : c == '-');
           });
}

}  // namespace

std::optional<TcpEndpoint> tcp_endpoint_from(std::string_view text) {
    if (!text.starts_with(k_scheme))
        return std::nullopt;
    text.remove_prefix(k_scheme.size());
    const bool bracketed = text.starts_with('[');
    const auto end = bracketed ? text.find("]:") : text.find(':');
    if (end == std::string_view::npos)
        return std::nullopt;
    const auto host = text.substr(bracketed ? 1 : 0, end - (bracketed ? 1 : 0));
    const auto digits = text.substr(end + (bracketed ? 2 : 1));
    TcpEndpoint endpoint{std::string(host), 0};
    const auto [stop, code] =
        std::from_chars(digits.data(), digits.data() + digits.size(), endpoint.port);
    if (code != std::errc() || stop != digits.data() + digits.size() || !fits(host, bracketed))
        return std::nullopt;
    return endpoint;
}

std::string text_of(const TcpEndpoint& endpoint) {
    const bool bracketed = endpoint.host.find(':') != std::string::npos;
    return std::string(k_scheme) + (bracketed ? "[" : "") + endpoint.host + (bracketed ? "]" : "") +
           ":" + std::to_string(endpoint.port);
}

}  // namespace bullpen
