#include "health/server.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "health/page.hpp"

namespace bullpen::health {

namespace {

// The descriptors that are no client's.
constexpr std::size_t k_own = 3;
constexpr Nanos k_tick = std::chrono::seconds(1);
// After the kernel refused a connection, for want of descriptors, say.
constexpr Nanos k_pause = std::chrono::milliseconds(100);

bool again(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

Nanos Server::wait(const ipc::ServiceLease* lease) const {
    auto until = clock_.mono() + k_tick;
    if (lease != nullptr)
        until = std::min(until, lease->next_due());
    if (clock_.mono() < accept_again_)
        until = std::min(until, accept_again_);
    for (const auto& client : clients_)
        until = std::min(until, client.deadline);
    return std::max(until - clock_.mono(), Nanos(0));
}

void Server::run(int stop, ipc::ServiceLease* lease) {
    std::vector<pollfd> watched;
    for (;;) {
        watched.assign({{stop, POLLIN, 0}});
        watched.push_back({lease != nullptr ? lease->fd() : -1, POLLIN, 0});
        const bool place_left = clients_.size() < k_clients_max && clock_.mono() >= accept_again_;
        watched.push_back({place_left ? listening_.get() : -1, POLLIN, 0});
        for (const auto& client : clients_) {
            const short how = client.answering ? POLLOUT : POLLIN;
            watched.push_back({client.socket.get(), how, 0});
        }
        const auto pause = std::chrono::ceil<Millis>(wait(lease));
        (void)::poll(watched.data(), watched.size(), static_cast<int>(pause.count()));
        if (watched[0].revents != 0)
            return;
        const auto now = clock_.now();
        if (lease != nullptr)
            lease->turn(now);
        std::size_t place = k_own;
        for (auto& client : clients_) {
            if (watched[place++].revents != 0)
                turn(client);
            if (!client.over && now.mono >= client.deadline) {
                client.over = true;
                ++dropped_;
            }
        }
        clients_.remove_if([](const Client& client) { return client.over; });
        if (watched[2].revents != 0)
            accept(now.mono);
    }
}

void Server::accept(MonoTime now) {
    while (clients_.size() < k_clients_max) {
        Descriptor socket(
            ::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket.valid()) {
            // Who could not be taken stays in the queue, which would be readable at once again.
            if (!again(errno) && errno != ECONNABORTED)
                accept_again_ = now + k_pause;
            return;
        }
        clients_.emplace_back();
        clients_.back().socket = std::move(socket);
        clients_.back().deadline = now + k_client_max;
    }
}

void Server::turn(Client& client) {
    if (!client.answering)
        read(client);
    if (client.answering && !client.over)
        write(client);
}

void Server::read(Client& client) {
    std::array<char, 4096> bytes{};
    const auto got = ::recv(client.socket.get(), bytes.data(), bytes.size(), 0);
    if (got < 0 && again(errno))
        return;
    if (got <= 0) {
        client.over = true;
        ++dropped_;
        return;
    }
    const auto state = client.reader.take({bytes.data(), static_cast<std::size_t>(got)});
    if (state == Reading::more)
        return;
    const bool whole = state == Reading::whole;
    const auto request = whole ? client.reader.request() : Request();
    client.left = bytes_of(whole ? answering_(request) : bad_request(), request.method == "HEAD");
    client.answering = true;
}

void Server::write(Client& client) {
    const auto sent =
        ::send(client.socket.get(), client.left.data(), client.left.size(), MSG_NOSIGNAL);
    if (sent < 0 && again(errno))
        return;
    if (sent < 0) {
        client.over = true;
        ++dropped_;
        return;
    }
    client.left.erase(0, static_cast<std::size_t>(sent));
    if (!client.left.empty())
        return;
    // Closed with bytes unread, a socket would take back what was sent.
    (void)::shutdown(client.socket.get(), SHUT_WR);
    std::array<char, k_request_max> rest{};
    (void)::recv(client.socket.get(), rest.data(), rest.size(), 0);
    client.over = true;
    ++answered_;
}

}  // namespace bullpen::health
