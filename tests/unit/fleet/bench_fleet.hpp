// A fleet on a test bench: time stands still until told otherwise, reservations of fences are
// granted at once, and what the fleet wants done is collected.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "supervisor/fleet/fleet.hpp"

namespace bullpen::fleet {

inline AccountId id(const std::string& text) {
    return AccountId::parse(text).value();
}

inline AccountPlan plan(const std::string& name) {
    AccountPlan made{.account = id(name)};
    made.fingerprint = 1;
    made.restart.jitter = 0;
    return made;
}

// A worker that an earlier daemon left running, an hour old, with the plan's own settings.
inline FoundWorker found(std::uint64_t launch, std::uint64_t fence, Instant now) {
    FoundWorker worker;
    worker.launch = LaunchNumber{launch};
    worker.fence = Fence{fence};
    worker.pid = 100;
    worker.started = now.utc - std::chrono::hours(1);
    worker.fingerprint = 1;
    return worker;
}
inline FoundWorker found(LaunchNumber launch, Instant now) {
    return found(launch.value, launch.value, now);
}

class BenchFleet {
  public:
    explicit BenchFleet(FleetSettings settings = {})
        : fleet_(settings, lease::FenceAllocator(Fence{1}, Fence{}), LaunchNumber{}, 1) {}

    // Applies the roster and begins.
    BenchFleet& with(std::vector<AccountPlan> plans) {
        plans_ = std::move(plans);
        fleet_.apply(now(), plans_);
        fleet_.begin(now());
        take();
        return *this;
    }

    Fleet& operator*() { return fleet_; }
    Fleet* operator->() { return &fleet_; }
    [[nodiscard]] Instant now() const { return clock_.now(); }
    FakeClock& clock() { return clock_; }

    // Collects what the fleet wants done.
    void take() {
        while (auto action = fleet_.next_action()) {
            if (action->kind == ActionKind::reserve_fences)
                fleet_.fences_reserved(now(), action->fence);
            if (action->kind == ActionKind::save)
                kept_.insert_or_assign(*action->account, *fleet_.saved(now(), *action->account));
            actions_.push_back(*action);
        }
    }
    // Time passes, from deadline to deadline.
    void pass(Nanos time) {
        const MonoTime until = clock_.mono() + time;
        for (auto due = fleet_.next_deadline(); due && *due <= until;
             due = fleet_.next_deadline()) {
            clock_.advance(std::max(Nanos(0), *due - clock_.mono()));
            fleet_.tick(now());
            take();
        }
        clock_.advance(until - clock_.mono());
    }

    // The actions of a kind so far, as "account" in their order; then they are forgotten.
    std::vector<std::string> done(ActionKind kind) {
        take();
        std::vector<std::string> accounts;
        for (const auto& action : actions_) {
            if (action.kind == kind)
                accounts.push_back(action.account ? action.account->str() : "");
        }
        std::erase_if(actions_, [&](const Action& action) { return action.kind == kind; });
        return accounts;
    }
    // The last action of a kind for an account.
    std::optional<Action> last(ActionKind kind, const std::string& name) {
        take();
        for (auto action = actions_.rbegin(); action != actions_.rend(); ++action) {
            if (action->kind == kind && action->account && action->account->str() == name)
                return *action;
        }
        return std::nullopt;
    }
    void forget() {
        take();
        actions_.clear();
    }

    // What a daemon that died now would have left: as of the last time that it was to be saved.
    SavedAccount kept(const std::string& name) {
        take();
        return kept_.at(id(name));
    }

    AccountView view(const std::string& name) {
        take();
        const auto found = fleet_.view(now(), id(name));
        REQUIRE(found);
        return *found;
    }
    LaunchNumber launch(const std::string& name) { return view(name).launch; }
    [[nodiscard]] bool is(const std::string& name, model::WorkerState state, model::Reason reason) {
        const auto seen = view(name);
        INFO(name, " is ", model::code(seen.state), " for ", model::code(seen.reason));
        CHECK(seen.state == state);
        CHECK(seen.reason == reason);
        CHECK(seen.since <= now().utc);
        CHECK_FALSE(seen.next.empty());
        return seen.state == state && seen.reason == reason;
    }

    // A launch that was asked for came up.
    void up(const std::string& name, bool ready = true) {
        fleet_.launched(now(), id(name), launch(name), 100);
        if (ready)
            fleet_.ready(now(), id(name), launch(name));
        take();
    }
    void exits(const std::string& name, ExitStatus status, bool swept = true) {
        const LaunchNumber number = launch(name);
        fleet_.exited(now(), id(name), number, status);
        take();
        if (swept)
            fleet_.tree_gone(now(), id(name), number);
        take();
    }
    void beat(const std::string& name) { fleet_.traffic(now(), id(name), launch(name)); }

  private:
    FakeClock clock_;
    std::vector<AccountPlan> plans_;
    Fleet fleet_;
    std::vector<Action> actions_;
    std::map<AccountId, SavedAccount> kept_;
};

using Names = std::vector<std::string>;

}  // namespace bullpen::fleet
