// ControlClient: one connection to the daemon's control socket. Every question has a deadline; a
// daemon that goes away, or says nothing, is an error and never a hang. One thread.
#pragma once

#include <functional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/home.hpp"
#include "common/base/result.hpp"
#include "ctl/command.hpp"
#include "ipc/context.hpp"
#include "ipc/control.hpp"
#include "ipc/dealer.hpp"

namespace bullpen::ctl {

// How long a connection to another host may take, the proof of both keys included.
inline constexpr Millis k_far_connect_wait{10'000};
// How long a daemon may take to accept a connection: it accepts within a step of its loop.
inline constexpr Millis k_connect_wait{2'000};
// What is granted beyond a request's own deadline for the last reply to arrive.
inline constexpr Nanos k_reply_grace = std::chrono::seconds(5);

class ControlClient {
  public:
    // Errc::unavailable when no daemon listens in this home.
    static Result<ControlClient> connect(const Home& home, const Clock& clock);
    // To the home that the command works on, here or on another host. Errc::refused when that host
    // does not let the key in.
    static Result<ControlClient> connect(const Context& context);
    static Result<ControlClient> connect(const Globals& globals, const Clock& clock);

    using Visit = std::function<void(const ipc::Reply& reply)>;
    // Sends the request, gives every reply but the last to `visit`, returns the last. id and user
    // are filled in. Errc::timed_out, or Errc::unavailable when the daemon went away.
    Result<ipc::Reply> ask(ipc::Request request, const Visit& visit = {});

  private:
    ControlClient(ipc::Context context, ipc::ControlDealer dealer, const Clock& clock)
        : context_(std::move(context)), dealer_(std::move(dealer)), clock_(clock) {}

    ipc::Context context_;
    ipc::ControlDealer dealer_;
    const Clock& clock_;
    std::uint64_t asked_ = 0;
};

// What a command says that needs a daemon where none runs.
Error no_daemon(const std::string& place);

// Who asks, for the daemon's audit log: "jo", "root for jo".
std::string asking_user();

}  // namespace bullpen::ctl
