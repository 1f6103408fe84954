#include "venue/server.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "common/base/errc.hpp"

namespace bullpen::venue {

namespace {

constexpr std::size_t k_read_size = 64 * 1024;
constexpr int k_events = 64;
constexpr int k_accepted_in_a_row = 64;
// The wait is cut so that a suspended machine, whose epoll does not count, is noticed.
constexpr Nanos k_wait_max = std::chrono::seconds(10);
// With split_lines so many bytes leave at a time.
constexpr std::size_t k_piece = 7;
constexpr std::uint64_t k_listener = 0;  // sessions are counted from 1
constexpr std::uint64_t k_stop = UINT64_MAX;
constexpr std::uint64_t k_lease = UINT64_MAX - 1;

Result<Descriptor> listen_at(const std::string& path) {
    if (path.size() > Home::k_socket_path_max)
        return fail(Errc::too_large, "a socket's path has at most 107 bytes: " + path);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!listener.valid())
        return fail_errno("cannot make a socket");
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        return fail_errno("cannot take the place of " + path);
    const auto before = ::umask(0117);
    const int bound =
        ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const int number = errno;
    ::umask(before);
    if (bound != 0)
        return fail(Error::from_errno(number, "cannot bind " + path));
    if (::listen(listener.get(), Server::k_backlog) != 0)
        return fail_errno("cannot listen at " + path);
    return listener;
}

bool add_to(int poller, int fd, std::uint64_t name, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = name;
    return ::epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) == 0;
}

}  // namespace

Server::Server(Descriptor listener, Descriptor poller, std::string path, Venue& venue,
               const Clock& clock)
    : listener_(std::move(listener)),
      poller_(std::move(poller)),
      path_(std::move(path)),
      venue_(venue),
      clock_(clock) {}

Server::~Server() {
    // Confined it may not: then whoever comes next takes its place.
    (void)::unlink(path_.c_str());
}

Result<std::unique_ptr<Server>> Server::open(const std::string& path, Venue& venue,
                                             const Clock& clock) {
    BULLPEN_TRY(auto listener, listen_at(path));
    Descriptor poller(::epoll_create1(EPOLL_CLOEXEC));
    if (!poller.valid() || !add_to(poller.get(), listener.get(), k_listener, EPOLLIN))
        return fail_errno("cannot watch the socket");
    return std::unique_ptr<Server>(
        new Server(std::move(listener), std::move(poller), path, venue, clock));
}

// Some at a time: who is refused may come back faster than it is refused.
void Server::accept_some() {
    for (int i = 0; i < k_accepted_in_a_row; ++i) {
        Descriptor socket(
            ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!socket.valid())
            return;
        const auto peer = peer_of(socket.get());
        if (!has_room_for(peer))
            continue;
        const auto session = venue_.connected(peer, clock_.now());
        if (!add_to(poller_.get(), socket.get(), session, EPOLLIN)) {
            venue_.gone(session, "cannot be watched", clock_.now());
            continue;
        }
        auto& connection = connections_[session];
        connection.socket = std::move(socket);
        connection.session = peer.session;
    }
}

bool Server::has_room_for(const Peer& peer) const {
    if (connections_.size() >= k_connections_max)
        return false;
    const auto same = std::count_if(connections_.begin(), connections_.end(), [&](const auto& one) {
        return one.second.session == peer.session;
    });
    return static_cast<std::size_t>(same) < k_connections_of_one_max;
}

void Server::drop(std::uint64_t session, std::string_view why) {
    venue_.gone(session, why, clock_.now());
    connections_.erase(session);
}

void Server::read_from(std::uint64_t session) {
    auto& connection = connections_.at(session);
    std::array<char, k_read_size> buffer{};
    const auto got = ::recv(connection.socket.get(), buffer.data(), buffer.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got <= 0)
        return drop(session, got == 0 ? "closed by the other side" : std::strerror(errno));
    if (connection.closing)
        return;
    connection.lines.add({buffer.data(), static_cast<std::size_t>(got)});
    while (const auto line = connection.lines.next())
        venue_.received(session, *line, clock_.now());
    if (connection.lines.overflown())
        drop(session, "a line longer than any may be");
}

void Server::watch(std::uint64_t session, Connection& connection) const {
    const bool writing = !connection.unsent.empty() && !connection.black_hole;
    if (writing == connection.watches_writing && !connection.black_hole)
        return;
    connection.watches_writing = writing;
    epoll_event event{};
    event.data.u64 = session;
    // Without any event the end of the other side is still told.
    event.events = connection.black_hole ? 0U : EPOLLIN | (writing ? EPOLLOUT : 0U);
    (void)::epoll_ctl(poller_.get(), EPOLL_CTL_MOD, connection.socket.get(), &event);
}

void Server::write_to(std::uint64_t session) {
    auto& connection = connections_.at(session);
    while (!connection.unsent.empty() && !connection.black_hole) {
        const bool split = venue_.personality().rules().split_lines;
        const auto size =
            split ? std::min(k_piece, connection.unsent.size()) : connection.unsent.size();
        const auto sent =
            ::send(connection.socket.get(), connection.unsent.data(), size, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            break;
        if (sent < 0)
            return drop(session, std::strerror(errno));
        connection.unsent.erase(0, static_cast<std::size_t>(sent));
    }
    if (connection.unsent.size() > k_unsent_max)
        return drop(session, "does not read what it is told");
    if (connection.unsent.empty() && connection.closing) {
        connections_.erase(session);
        return;
    }
    watch(session, connection);
}

// What the venue has decided to say, onto the sockets.
void Server::put_out() {
    auto outputs = venue_.take_outputs(clock_.now());
    const bool gathers = venue_.personality().rules().gather > Nanos{0};
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        auto& output = outputs[i];
        const auto found = connections_.find(output.session);
        if (found == connections_.end())
            continue;
        auto& connection = found->second;
        switch (output.kind) {
            case Output::Kind::line:
                if (output.spare && connection.unsent.size() > k_unsent_with_ticks_max)
                    break;
                connection.unsent += output.line;
                if (gathers && i + 1 < outputs.size() && outputs[i + 1].session == output.session &&
                    outputs[i + 1].kind == Output::Kind::line)
                    break;
                write_to(output.session);
                break;
            case Output::Kind::close:
                connection.closing = true;
                write_to(output.session);
                break;
            case Output::Kind::break_off: connections_.erase(found); break;
            case Output::Kind::black_hole:
                connection.black_hole = true;
                watch(output.session, connection);
                break;
        }
    }
}

Result<void> Server::run(int stop, ipc::ServiceLease* lease) {
    if (!add_to(poller_.get(), stop, k_stop, EPOLLIN) ||
        (lease != nullptr && !add_to(poller_.get(), lease->fd(), k_lease, EPOLLIN)))
        return fail_errno("cannot watch for the end");
    for (;;) {
        BULLPEN_CHECK(venue_.work(clock_.now()));
        put_out();
        if (venue_.is_outgrown())
            return {};
        auto wait = k_wait_max;
        if (const auto due = venue_.next_due())
            wait = std::clamp(*due - clock_.mono(), Nanos{0}, k_wait_max);
        if (lease != nullptr) {
            lease->turn(clock_.now());
            wait = std::clamp(lease->next_due() - clock_.mono(), Nanos{0}, wait);
        }
        std::array<epoll_event, k_events> events{};
        // Rounded up: a wait that ends too early is a loop that turns for nothing.
        const auto millis = static_cast<int>(std::chrono::ceil<Millis>(wait).count());
        const int count = ::epoll_wait(poller_.get(), events.data(), k_events, millis);
        for (int i = 0; i < count; ++i) {
            const auto name = events.at(static_cast<std::size_t>(i)).data.u64;
            const auto what = events.at(static_cast<std::size_t>(i)).events;
            if (name == k_stop)
                return {};
            if (name == k_lease)
                continue;
            if (name == k_listener) {
                accept_some();
                continue;
            }
            const auto found = connections_.find(name);
            if (found == connections_.end())
                continue;
            if (found->second.black_hole) {
                drop(name, "the other side gave up");
                continue;
            }
            if ((what & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
                read_from(name);
            if ((what & EPOLLOUT) != 0 && connections_.contains(name))
                write_to(name);
        }
    }
}

}  // namespace bullpen::venue
