// Who may speak for an account at the exchange. Any process of the home's user can connect, a
// confined worker too, so a name alone opens nothing: the process that connected must be the one
// that the account's lock file names, or of its session, by the kernel's word; or it shows the
// home's cookie, which confined processes cannot read, and is an operator.
//
// One thread: the exchange's loop.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "ipc/account_lock.hpp"

namespace bullpen::venue {

// The process at the other end of a connection, as it was when it was accepted. Its start time and
// its session are 0 when it had ended by then, or is nobody's that could be asked.
struct Peer {
    pid_t pid = 0;
    pid_t session = 0;
    std::uint64_t start_time = 0;  // clock ticks since boot
};

// Of the kernel.
Peer peer_of(int socket);

// Why the peer is not the process that holds this lock, nor one of its session; none when it is.
std::optional<std::string> objection(const Peer& peer, const Result<ipc::LockFacts>& facts,
                                     ipc::LockProbe lock, std::string_view boot_id);

class Admission {
  public:
    // Makes the home's cookie when there is none.
    static Result<Admission> open(const Home& home);

    // Whether this is the home's cookie as it is now.
    [[nodiscard]] bool is_operator(std::string_view cookie) const;
    // Why the peer may not speak for what the exchange calls so; none when it may. `now` spares a
    // roster that cannot answer from being read for every question.
    std::optional<std::string> objection_to(const Peer& peer, const std::string& name, Instant now);

  private:
    static constexpr Nanos k_read_interval = std::chrono::seconds(1);

    explicit Admission(const Home& home);
    void learn(Instant now);

    Home home_;
    std::string boot_id_;
    // By name at the exchange. A name that the roster has no more stays its last owner's, who may
    // have to close what it holds.
    std::map<std::string, AccountId> owners_;
    std::optional<UtcTime> recorded_;  // when the roster that was read was recorded
    MonoTime read_{};
};

}  // namespace bullpen::venue
