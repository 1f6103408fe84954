#include "ipc/service_lease.hpp"

#include <unistd.h>

#include <cstdlib>

#include "common/base/errc.hpp"
#include "common/base/home.hpp"
#include "ipc/codec.hpp"
#include "ipc/identity.hpp"

namespace bullpen::ipc {

namespace {

// Messages taken in one turn; the daemon sends one every few seconds.
constexpr int k_messages_a_turn = 64;

std::string variable(const char* name) {
    const char* found = std::getenv(name);
    return found == nullptr ? "" : found;
}

}  // namespace

Result<std::unique_ptr<ServiceLease>> ServiceLease::join(std::string program, std::string version,
                                                         const Clock& clock) {
    const auto token = variable("BULLPEN_LAUNCH");
    const auto endpoint = variable("BULLPEN_ENDPOINT");
    if (token.empty() || endpoint.empty())
        return nullptr;
    BULLPEN_TRY(const auto launch, LaunchToken::parse(token));
    BULLPEN_TRY(auto id, AccountId::parse(variable("BULLPEN_ACCOUNT")));
    BULLPEN_TRY(const auto home, Home::at(variable("BULLPEN_HOME")));
    BULLPEN_TRY(auto lock,
                AccountLock::adopt_inherited(k_inherited_lock_fd, home.account(id).lock));
    Context context;
    BULLPEN_TRY(auto dealer, LeaseDealer::connect(context, endpoint, routing_id(id, launch)));
    return std::unique_ptr<ServiceLease>(
        new ServiceLease(std::move(context), std::move(dealer), std::move(lock), std::move(id),
                         launch, std::move(program), std::move(version), clock.utc()));
}

ServiceLease::ServiceLease(Context context, LeaseDealer dealer, AccountLock lock, AccountId id,
                           LaunchToken launch, std::string program, std::string version,
                           UtcTime started)
    : context_(std::move(context)),
      dealer_(std::move(dealer)),
      lock_(std::move(lock)),
      id_(std::move(id)),
      launch_(launch),
      program_(std::move(program)),
      version_(std::move(version)),
      started_(started) {}

void ServiceLease::turn(Instant now) {
    do {
        const bool connected = dealer_.connected();
        if (connected != connected_) {
            connected_ = connected;
            welcomed_ = false;
            next_ = now.mono;
        }
        for (int i = 0; i < k_messages_a_turn; ++i) {
            const auto frame = dealer_.receive();
            if (!frame)
                break;
            if (const auto message = decode(*frame))
                take(*message, now.mono);
        }
        if (now.mono >= next_) {
            next_ = now.mono + beat_interval_;
            if (connected_ && !welcomed_)
                say_hello(now.mono);
            else if (connected_)
                say_beat(now.mono);
        }
    } while (dealer_.pending() || dealer_.connected() != connected_);
}

void ServiceLease::take(const Message& message, MonoTime now) {
    if (const auto* welcome = std::get_if<Welcome>(&message)) {
        if (welcome->protocol < k_protocol_min || welcome->protocol > k_protocol)
            return;
        fence_ = std::max(fence_, welcome->fence);
        beat_interval_ = welcome->beat_interval;
        if (!welcomed_)
            next_ = now;
        welcomed_ = true;
        if (!ready_said_)
            ready_said_ = dealer_.send(encode(Ready{})).has_value();
    } else if (const auto* ping = std::get_if<Ping>(&message); ping != nullptr && ping->hello) {
        welcomed_ = false;
        next_ = now;
    }
}

void ServiceLease::say_hello(MonoTime now) {
    Hello hello{.account = id_, .launch = launch_};
    hello.pid = ::getpid();
    hello.session = model::SessionState::trading;
    hello.fence = fence_;
    hello.program = program_;
    hello.version = version_;
    if (ready_said_)
        hello.running = Hello::Running{started_, start_time_of(hello.pid).value_or(0), true};
    static_cast<void>(dealer_.send(encode(hello)));
    next_ = now + k_hello_retry;
}

void ServiceLease::say_beat(MonoTime now) {
    if (!ready_said_)
        ready_said_ = dealer_.send(encode(Ready{})).has_value();
    Heartbeat beat;
    beat.seq = ++beats_;
    beat.session = model::SessionState::trading;
    beat.mode = model::TradingMode::active;
    beat.since = started_;
    beat.flat = true;
    if (fill_)
        fill_(beat);
    static_cast<void>(dealer_.send(encode(beat)));
    next_ = now + beat_interval_;
}

void ServiceLease::goodbye(int exit_code, UtcTime now) {
    Goodbye words;
    words.exit_code = exit_code;
    static_cast<void>(dealer_.send(encode(words)));
    static_cast<void>(lock_.mark_ended(now));
}

}  // namespace bullpen::ipc
