// ServiceLease: a service's side of the lease: it says hello to the daemon that launched it, ready,
// and beats from the loop that does its work, so that a service that hangs is found as a worker is.
// The end is told by SIGTERM, so the daemon's drain is not looked at. Without a daemon it tries
// again by itself and the service goes on. One thread: the service's loop.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "common/base/ids.hpp"
#include "common/base/result.hpp"
#include "ipc/account_lock.hpp"
#include "ipc/context.hpp"
#include "ipc/dealer.hpp"
#include "ipc/message.hpp"

namespace bullpen::ipc {

// The descriptor on which a launched process has its account's lock.
inline constexpr int k_inherited_lock_fd = 3;

class ServiceLease {
  public:
    // How long the daemon may leave a hello unanswered before it is said again.
    static constexpr Nanos k_hello_retry = std::chrono::seconds(1);

    // From what the daemon puts into the environment, when the service does its work: it is ready
    // with its first word. Null when this process was not launched by a daemon.
    static Result<std::unique_ptr<ServiceLease>> join(std::string program, std::string version,
                                                      const Clock& clock);

    // Fills in what a beat says of the work.
    void on_beat(std::function<void(Heartbeat&)> fill) { fill_ = std::move(fill); }

    // Readable at a change: then, and at next_due(), turn() is called.
    [[nodiscard]] int fd() const { return dealer_.fd(); }
    void turn(Instant now);
    [[nodiscard]] MonoTime next_due() const { return next_; }
    [[nodiscard]] bool welcomed() const { return welcomed_; }

    // The last words of an end in order.
    void goodbye(int exit_code, UtcTime now);

  private:
    ServiceLease(Context context, LeaseDealer dealer, AccountLock lock, AccountId id,
                 LaunchToken launch, std::string program, std::string version, UtcTime started);
    void take(const Message& message, MonoTime now);
    void say_hello(MonoTime now);
    void say_beat(MonoTime now);

    Context context_;
    LeaseDealer dealer_;
    AccountLock lock_;
    AccountId id_;
    LaunchToken launch_;
    std::string program_;
    std::string version_;
    UtcTime started_;
    Fence fence_;
    bool connected_ = false;
    bool welcomed_ = false;  // on this connection
    bool ready_said_ = false;
    std::uint64_t beats_ = 0;
    Nanos beat_interval_ = std::chrono::seconds(1);
    MonoTime next_{};
    std::function<void(Heartbeat&)> fill_;
};

}  // namespace bullpen::ipc
