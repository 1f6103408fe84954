#include "worker/signals/bell.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "common/base/errc.hpp"
#include "common/base/home.hpp"

namespace bullpen::signals {

namespace {

constexpr int k_backlog = 128;
constexpr char k_stroke = '!';

Result<sockaddr_un> address_of(const std::string& path) {
    if (path.size() > Home::k_socket_path_max)
        return fail(Errc::too_large, "a socket's path has at most 107 bytes: " + path);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    return address;
}

Result<Descriptor> new_socket() {
    Descriptor made(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!made.valid())
        return fail_errno("cannot make a socket");
    return made;
}

}  // namespace

Result<Bell> Bell::open(const std::string& path) {
    BULLPEN_TRY(const auto address, address_of(path));
    BULLPEN_TRY(auto listener, new_socket());
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return fail_errno("cannot take the place of " + path);
    const auto before = ::umask(0117);
    const int bound =
        ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const int number = errno;
    ::umask(before);
    if (bound != 0)
        return fail(Error::from_errno(number, "cannot bind " + path));
    if (::listen(listener.get(), k_backlog) != 0)
        return fail_errno("cannot listen at " + path);
    return Bell(std::move(listener));
}

void Bell::accept_all() {
    for (;;) {
        Descriptor listener(
            ::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!listener.valid())
            return;
        if (listeners_.size() < k_listeners_max)
            listeners_.push_back(std::move(listener));
    }
}

void Bell::ring() {
    std::erase_if(listeners_, [](const Descriptor& listener) {
        const auto sent = ::send(listener.get(), &k_stroke, 1, MSG_NOSIGNAL);
        return sent < 0 && errno != EAGAIN && errno != EINTR;
    });
}

Result<BellListener> BellListener::make(std::string path) {
    BULLPEN_CHECK(address_of(path));
    Descriptor poller(::epoll_create1(EPOLL_CLOEXEC));
    if (!poller.valid())
        return fail_errno("cannot make a descriptor to wait with");
    return BellListener(std::move(path), std::move(poller));
}

bool BellListener::connect() {
    const auto address = address_of(path_);
    auto made = new_socket();
    if (!address || !made)
        return false;
    if (::connect(made->get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0)
        return false;
    epoll_event event{};
    event.events = EPOLLIN;
    if (::epoll_ctl(poller_.get(), EPOLL_CTL_ADD, made->get(), &event) != 0)
        return false;
    socket_ = std::move(*made);
    return true;
}

bool BellListener::poll(MonoTime now) {
    while (socket_.valid()) {
        std::array<char, 64> strokes{};
        const auto got = ::recv(socket_.get(), strokes.data(), strokes.size(), 0);
        if (got > 0 || (got < 0 && errno == EINTR))
            continue;
        if (got < 0 && errno == EAGAIN)
            break;
        // Closing takes it out of the poller as well.
        socket_.reset();
        next_try_ = now;
    }
    if (socket_.valid() || now < next_try_)
        return false;
    next_try_ = now + k_retry;
    return connect();
}

std::optional<MonoTime> BellListener::next_due() const {
    return socket_.valid() ? std::nullopt : std::optional(next_try_);
}

}  // namespace bullpen::signals
