// Gateway: bullpen-remote at work. It says who may come in, reads what they ask, gives the daemon
// what their right allows, under their name, and brings the answers back. Nothing is decided of
// accounts here, and the daemon itself never hears a network.
//
// Everything has an end: a handshake, a request by its own deadline, the number of those under way.
// One thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/base/result.hpp"
#include "common/log/logger.hpp"
#include "ipc/context.hpp"
#include "ipc/control.hpp"
#include "ipc/dealer.hpp"
#include "ipc/remote_router.hpp"
#include "ipc/service_lease.hpp"
#include "remote/complaints.hpp"
#include "remote/guests.hpp"

namespace bullpen::remote {

class Gateway {
  public:
    // Of one client, and of all of them together.
    static constexpr std::size_t k_requests_each_max = 16;
    static constexpr std::size_t k_requests_max = 128;
    // What is granted beyond a request's deadline for the daemon's last word.
    static constexpr Nanos k_grace = std::chrono::seconds(3);
    // Of one client in one second.
    static constexpr std::uint32_t k_rate_max = 30;
    // After a daemon was not there it is asked for again no sooner.
    static constexpr Nanos k_daemon_retry = std::chrono::milliseconds(500);

    // Once the process is confined. All outlive it.
    static Result<std::unique_ptr<Gateway>> open(const Home& home, const Clock& clock,
                                                 log::Logger& log, ipc::Listening listening,
                                                 const ipc::KeyPair& keys);

    // Until `stop` is readable. `lease` is null when it was started by hand.
    void run(int stop, ipc::ServiceLease* lease);

    // For a beat.
    void fill(ipc::Heartbeat& beat) const;

  private:
    struct Parts {
        ipc::Context context;
        ipc::Doorkeeper door;
        ipc::RemoteRouter router;
    };
    // Who waits for an answer of the daemon.
    struct Asked {
        std::string routing_id;
        std::string request_id;
        std::string key;
        MonoTime deadline;
    };

    Gateway(const Home& home, const Clock& clock, log::Logger& log, Parts parts);
    // Each returns whether there may be more to do.
    bool keep_door();
    bool read_requests();
    bool read_answers();
    void handle(const ipc::ReceivedFar& received);
    void serve(const ipc::ReceivedFar& received, const ipc::AllowedClient& client,
               ipc::Request request);
    [[nodiscard]] bool too_many(const std::string& key);
    void forward(const ipc::ReceivedFar& received, const ipc::AllowedClient& client,
                 ipc::Request request);
    void show_board(const ipc::ReceivedFar& received, const std::string& request_id);
    void refuse(const ipc::ReceivedFar& received, const std::string& request_id,
                const std::string& code, const std::string& message);
    void end(const Asked& asked, const std::string& code, const std::string& message);
    void complain(std::string_view event, const std::string& what, const std::string& who);
    bool daemon_there();
    void daemon_gone();
    void tick(MonoTime now);

    const Home& home_;
    const Clock& clock_;
    log::Logger& log_;
    Parts parts_;
    Guests guests_;
    // One context each: a connection is watched in its own.
    std::optional<ipc::Context> daemon_context_;
    std::optional<ipc::ControlDealer> daemon_;
    MonoTime daemon_asked_{};
    std::map<std::string, Asked> asked_;  // by the id under which the daemon was asked
    struct Rate {
        MonoTime since{};
        std::uint32_t requests = 0;
    };
    std::map<std::string, Rate> rates_;  // by key; of those on the list alone
    Complaints refused_;
    std::uint64_t let_in_ = 0;
    std::uint64_t requests_ = 0;
};

}  // namespace bullpen::remote
