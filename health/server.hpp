// Server: takes monitors' connections on one listening socket, reads a request of each, and sends
// what it is given to answer. It never waits for a client: each has a deadline, and so many places
// are there. One thread: the one that runs it.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/descriptor.hpp"
#include "health/http.hpp"
#include "ipc/service_lease.hpp"

namespace bullpen::health {

class Server {
  public:
    // At a time; who comes then waits in the kernel's queue for one to end.
    static constexpr std::size_t k_clients_max = 32;
    // From the connection to the last byte of the answer.
    static constexpr Nanos k_client_max = std::chrono::seconds(5);

    using Answering = std::function<Answer(const Request&)>;

    // `listening` is bound, listens and does not block.
    Server(Descriptor listening, const Clock& clock, Answering answering)
        : listening_(std::move(listening)), clock_(clock), answering_(std::move(answering)) {}

    // Until `stop` is readable. `lease` may be null.
    void run(int stop, ipc::ServiceLease* lease);

    [[nodiscard]] std::uint64_t answered() const { return answered_; }
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }  // too slow, or gone

  private:
    struct Client {
        Descriptor socket;
        MonoTime deadline{};
        RequestReader reader;
        std::string left;  // of the answer
        bool answering = false;
        bool over = false;
    };

    void accept(MonoTime now);
    void turn(Client& client);
    void read(Client& client);
    void write(Client& client);
    [[nodiscard]] Nanos wait(const ipc::ServiceLease* lease) const;

    Descriptor listening_;
    const Clock& clock_;
    Answering answering_;
    std::list<Client> clients_;
    MonoTime accept_again_{};
    std::uint64_t answered_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace bullpen::health
