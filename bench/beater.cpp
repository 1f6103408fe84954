// A worker that only beats: it says hello, and once welcomed ready, then sends a heartbeat each
// second, of the size a working one has. With BULLPEN_BENCH_FLOOR set it waits for no welcome, so
// that it beats to a bare ROUTER too.
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <variant>

#include "bench/support/command_line.hpp"
#include "common/base/clock.hpp"
#include "ipc/codec.hpp"
#include "ipc/context.hpp"
#include "ipc/dealer.hpp"
#include "ipc/message.hpp"

namespace {

using namespace bullpen;

constexpr Nanos k_beat_interval = std::chrono::seconds(1);

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    bench::require(value != nullptr, std::string(name) + " is not set");
    return value;
}

class Beater {
  public:
    Beater(const AccountId& account, const LaunchToken& launch)
        : hello_{account, launch, ::getpid()},
          floor_(std::getenv("BULLPEN_BENCH_FLOOR") != nullptr) {
        auto dealer = ipc::LeaseDealer::connect(context_, variable("BULLPEN_ENDPOINT"),
                                                ipc::routing_id(account, launch));
        bench::require(dealer.has_value(), "cannot connect");
        dealer_ = std::make_unique<ipc::LeaseDealer>(std::move(*dealer));
        beat_.obligations = {{"bar", std::chrono::seconds(60)}, {"timer", std::chrono::seconds(1)}};
        beat_.position = "flat";
        beat_.flat = true;
        beat_.day_pnl = "0.00";
        beat_.counters = {{"bars", 1234}, {"decisions", 12}, {"orders", 0}};
        beat_.rss_bytes = 3'000'000;
    }

    // Until SIGTERM.
    void run(int signals) {
        MonoTime due = clock_.mono();
        for (;;) {
            take_messages();
            greet();
            if (clock_.mono() >= due) {
                beat();
                due = std::max(due + k_beat_interval, clock_.mono());
            }
            pollfd fds[2] = {{dealer_->fd(), POLLIN, 0}, {signals, POLLIN, 0}};
            const auto left = std::chrono::ceil<Millis>(due - clock_.mono()).count();
            ::poll(fds, 2, static_cast<int>(std::max<Millis::rep>(left, 0)));
            if (fds[1].revents != 0)
                return;
        }
    }

  private:
    void take_messages() {
        while (auto body = dealer_->receive()) {
            const auto message = ipc::decode(*body);
            if (!message)
                continue;
            if (std::holds_alternative<ipc::Welcome>(*message)) {
                welcomed_ = true;
                if (!hello_.running) {
                    static_cast<void>(dealer_->send(ipc::encode(ipc::Ready())));
                    hello_.running = ipc::Hello::Running{.ready = true};
                }
            }
            const auto* ping = std::get_if<ipc::Ping>(&*message);
            if (ping != nullptr && ping->hello)
                greeted_ = false;
        }
    }

    // Says hello whenever a connection has come up.
    void greet() {
        const bool connected = dealer_->connected();
        if (!connected)
            greeted_ = false;
        else if (!greeted_)
            greeted_ = dealer_->send(ipc::encode(hello_)).has_value();
    }

    void beat() {
        if (!greeted_ || (!welcomed_ && !floor_))
            return;
        ++beat_.seq;
        beat_.bars = beat_.seq;
        // A beat that finds no connection is lost; the next one comes in a second.
        static_cast<void>(dealer_->send(ipc::encode(beat_)));
    }

    SystemClock clock_;
    ipc::Context context_;
    std::unique_ptr<ipc::LeaseDealer> dealer_;
    ipc::Hello hello_;
    ipc::Heartbeat beat_;
    bool floor_;
    bool greeted_ = false;
    bool welcomed_ = false;
};

}  // namespace

int main() try {
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &ends, nullptr);
    const int signals = ::signalfd(-1, &ends, SFD_CLOEXEC);

    const auto account = AccountId::parse(variable("BULLPEN_ACCOUNT"));
    const auto launch = LaunchToken::parse(variable("BULLPEN_LAUNCH"));
    bench::require(account.has_value() && launch.has_value(), "account and launch are well-formed");
    Beater(*account, *launch).run(signals);
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
