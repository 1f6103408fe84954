#include "common/launch/bind_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"

namespace bullpen::launch {

namespace {

// The socket address, and its size; 0 for what is no address.
socklen_t socket_address(const std::string& text, sockaddr_storage& storage) {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    if (::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
        std::memcpy(&storage, &four, sizeof(four));
        return sizeof(four);
    }
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    if (::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) != 1)
        return 0;
    std::memcpy(&storage, &six, sizeof(six));
    return sizeof(six);
}

}  // namespace

Result<void> check_bind_address(const std::string& address) {
    sockaddr_storage storage{};
    const auto size = socket_address(address, storage);
    if (size == 0)
        return fail(Errc::invalid, "bind_address " + address + " is no IPv4 or IPv6 address");
    const Descriptor probe(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!probe.valid())
        return fail_errno("cannot try bind_address " + address);
    if (::bind(probe.get(), reinterpret_cast<const sockaddr*>(&storage), size) == 0)
        return {};
    if (errno == EADDRNOTAVAIL)
        return fail(Errc::invalid, "bind_address " + address +
                                       " is no address of this host; 'ip address' lists those it "
                                       "has");
    return fail_errno("cannot bind to bind_address " + address);
}

std::string bind_library() {
    std::array<char, PATH_MAX> path{};
    const auto length = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
    std::string program(path.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    // PREFIX/bin/bullpend
    for (int up = 0; up < 2; ++up)
        program.resize(std::min(program.rfind('/'), program.size()));
    return program + "/lib/bullpen/libbullpen-bind.so";
}

}  // namespace bullpen::launch
