#include "health/listening.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/base/errc.hpp"
#include "common/base/tcp_endpoint.hpp"
#include "common/config/rules.hpp"
#include "ipc/remote_router.hpp"

namespace bullpen::health {

namespace {

constexpr int k_backlog = 64;

Result<Listening> listen_at_path(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return fail(Errc::invalid, path + " is too long for a socket");
    std::memcpy(address.sun_path, path.data(), path.size());
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket.valid())
        return fail_errno("cannot make a socket");
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return fail_errno("cannot take the old socket away: " + path);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(socket.get(), k_backlog) != 0)
        return fail_errno("cannot listen at " + path);
    return Listening{std::move(socket), "unix:" + path};
}

}  // namespace

Result<Listening> listen(const Home& home, const std::string& where) {
    if (!config::is_health_endpoint(where))
        return fail(Errc::invalid, "neither unix nor tcp://127.0.0.1:PORT: " + where);
    if (where == "unix")
        return listen_at_path(home.health_socket());
    BULLPEN_TRY(auto listening, ipc::listen_at(*tcp_endpoint_from(where)));
    return Listening{std::move(listening.socket), text_of(listening.endpoint)};
}

}  // namespace bullpen::health
