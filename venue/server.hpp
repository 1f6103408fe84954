// Server: the venue's socket and its connections, and the loop. One thread, no waiting on anybody:
// a side that does not read is cut off when it is owed too much.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "common/base/descriptor.hpp"
#include "common/base/result.hpp"
#include "ipc/service_lease.hpp"
#include "ipc/venue_message.hpp"
#include "venue/venue.hpp"

namespace bullpen::venue {

class Server {
  public:
    static constexpr int k_backlog = 128;
    static constexpr std::size_t k_connections_max = 2048;
    // Of the processes of one session, so that no worker takes the others' room.
    static constexpr std::size_t k_connections_of_one_max = 256;
    // Bytes that a side may leave unread.
    static constexpr std::size_t k_unsent_max = 16ULL * 1024 * 1024;
    // With more than that unread a side is told no ticks.
    static constexpr std::size_t k_unsent_with_ticks_max = 256ULL * 1024;

    // Takes the place of a socket file that a dead venue left: the caller holds the lock that says
    // there is no living one. Only this user may connect. Errc::too_large when the path does not
    // fit a socket address.
    static Result<std::unique_ptr<Server>> open(const std::string& path, Venue& venue,
                                                const Clock& clock);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    // Runs until `stop` is readable, or the venue is outgrown. An error of its book ends it too.
    // `lease` may be null.
    Result<void> run(int stop, ipc::ServiceLease* lease = nullptr);

  private:
    struct Connection {
        Descriptor socket;
        pid_t session = 0;  // of the process at the other end
        ipc::LineSplitter lines;
        std::string unsent;
        bool closing = false;     // when all is sent
        bool black_hole = false;  // not looked at, but for its end
        bool watches_writing = false;
    };

    Server(Descriptor listener, Descriptor poller, std::string path, Venue& venue,
           const Clock& clock);
    void accept_some();
    [[nodiscard]] bool has_room_for(const Peer& peer) const;
    void read_from(std::uint64_t session);
    void write_to(std::uint64_t session);
    void watch(std::uint64_t session, Connection& connection) const;
    void drop(std::uint64_t session, std::string_view why);
    void put_out();

    Descriptor listener_;
    Descriptor poller_;
    std::string path_;
    Venue& venue_;
    const Clock& clock_;
    std::map<std::uint64_t, Connection> connections_;
};

}  // namespace bullpen::venue
