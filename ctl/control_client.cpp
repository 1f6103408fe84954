#include "ctl/control_client.hpp"

#include <poll.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "common/base/errc.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/key_pair.hpp"

namespace bullpen::ctl {

namespace {

// How often, while nothing arrives, it is looked whether the daemon is still there.
constexpr Millis k_look_interval{200};
// How often a daemon that is starting is asked again: it holds its lock before it listens.
constexpr Millis k_start_interval{20};

bool daemon_holds_its_lock(const Home& home) {
    const auto probe = ipc::AccountLock::probe(home.daemon_lock());
    return probe && *probe == ipc::LockProbe::held;
}

}  // namespace

Error no_daemon(const std::string& place) {
    return {Errc::unavailable, "bullpend does not run in " + place + "; start it first"};
}

std::string asking_user() {
    const auto* entry = ::getpwuid(::geteuid());
    std::string user = entry != nullptr ? entry->pw_name : std::to_string(::geteuid());
    const char* behind = std::getenv("SUDO_USER");
    if (behind != nullptr && *behind != '\0' && user != behind)
        user.append(" for ").append(behind);
    return user;
}

Result<ControlClient> ControlClient::connect(const Home& home, const Clock& clock) {
    ipc::Context context;
    const auto give_up = clock.mono() + k_connect_wait;
    auto dealer = ipc::ControlDealer::connect(context, home.control_socket(), k_connect_wait);
    while (!dealer && clock.mono() < give_up && daemon_holds_its_lock(home)) {
        ::poll(nullptr, 0, static_cast<int>(k_start_interval.count()));
        dealer = ipc::ControlDealer::connect(context, home.control_socket(), k_connect_wait);
    }
    if (!dealer && !daemon_holds_its_lock(home))
        return fail(no_daemon(home.root()));
    if (!dealer) {
        return fail(Errc::unavailable, "bullpend runs in " + home.root() +
                                           " and does not answer; see bullpenctl health");
    }
    return ControlClient(std::move(context), std::move(*dealer), clock);
}

Result<ControlClient> ControlClient::connect(const Context& context) {
    return context.globals.host.empty() ? connect(context.home, context.clock)
                                        : connect(context.globals, context.clock);
}

Result<ControlClient> ControlClient::connect(const Globals& globals, const Clock& clock) {
    if (!ipc::is_public_key(globals.server_key))
        return fail(Errc::invalid, "--server-key takes 64 hexadecimal digits");
    BULLPEN_TRY(const auto own, ipc::read_key_pair(globals.key_file));
    ipc::Context context;
    BULLPEN_TRY(auto dealer,
                ipc::ControlDealer::connect_far(context, globals.host, own, globals.server_key,
                                                k_far_connect_wait));
    return ControlClient(std::move(context), std::move(dealer), clock);
}

Result<ipc::Reply> ControlClient::ask(ipc::Request request, const Visit& visit) {
    // What a worker notes of it is found by this, among what it noted before: the number of a
    // process alone comes back, after a boot or in another container.
    const auto now = std::chrono::floor<Millis>(clock_.utc().time_since_epoch()).count();
    request.id = "ctl-" + std::to_string(::getpid()) + "-" + std::to_string(now) + "-" +
                 std::to_string(++asked_);
    request.user = asking_user();
    request.deadline = std::clamp<Nanos>(request.deadline, Millis(1), ipc::k_control_deadline_max);
    BULLPEN_CHECK(dealer_.send(ipc::encode(request)));
    const auto give_up = clock_.mono() + request.deadline + k_reply_grace;
    while (clock_.mono() < give_up) {
        // Asked first: what it had said before it went can be received then.
        const bool lost = dealer_.lost();
        const auto frame = dealer_.receive_within(lost ? Millis(0) : k_look_interval);
        if (!frame) {
            if (lost)
                return fail(Errc::unavailable, "bullpend went away before it had answered");
            continue;
        }
        BULLPEN_TRY(auto reply, ipc::decode_reply(*frame));
        if (reply.id != request.id && reply.id != "?")
            continue;
        if (reply.last())
            return reply;
        if (visit)
            visit(reply);
    }
    return fail(Errc::timed_out, "bullpend did not answer in time");
}

}  // namespace bullpen::ctl
