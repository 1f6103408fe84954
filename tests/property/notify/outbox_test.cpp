#include "notify/outbox.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <map>
#include <set>

namespace bullpen::notify {
namespace {

constexpr std::array k_all = {Target::command, Target::webhook, Target::smtp};

// The outbox under any order of events, with processes that die while something is under way: what
// was put in is delivered, given up, or waits; never two of these, and never nowhere.
class Rig {
  public:
    Rig()
        : limits_{*rc::gen::inRange<std::size_t>(1, 20),
                  std::chrono::minutes(*rc::gen::inRange(1, 120))},
          outbox_(limits_) {}

    void step() {
        now_ += Nanos(std::chrono::seconds(*rc::gen::inRange(0, 120)));
        const auto target = *rc::gen::elementOf(k_all);
        switch (*rc::gen::inRange(0, 6)) {
            case 0:
            case 1: add(target); break;
            case 2: take(target); break;
            case 3: end(target); break;
            case 4: gone(outbox_.expire(now_)); break;
            default: die();
        }
        std::set<std::uint64_t> waiting;
        for (const auto& one : outbox_.state().waiting)
            RC_ASSERT(waiting.insert(one.number).second);
        RC_ASSERT(waiting == open_);
        RC_ASSERT(waiting.size() <= std::max(limits_.most, k_targets));
    }

    // Targets that take everything get what waits, within the time that a wait may be.
    void finish() {
        die();
        now_ += Outbox::k_retry_max;
        for (std::size_t i = 0; i < 100 && !outbox_.state().waiting.empty(); ++i) {
            for (const auto target : k_all) {
                if (const auto due = outbox_.take(target, now_))
                    outbox_.delivered(due->number);
            }
        }
        RC_ASSERT(outbox_.state().waiting.empty());
    }

  private:
    void gone(const std::vector<Delivery>& all) {
        for (const auto& one : all) {
            RC_ASSERT(open_.erase(one.number) == 1U);
            ++given_up_;
        }
    }
    void add(Target target) {
        Delivery delivery;
        delivery.target = target;
        delivery.alert =
            make_alert(*rc::gen::element(Kind::entry, Kind::crashed, Kind::fatal), now_, "a", "x");
        const auto left = outbox_.add(std::move(delivery), now_);
        open_.insert(outbox_.state().last_number);
        gone(left);
    }
    void take(Target target) {
        const auto due = outbox_.take(target, now_);
        if (!due)
            return;
        RC_ASSERT(!busy_.contains(target));
        RC_ASSERT(due->target == target);
        RC_ASSERT(open_.contains(due->number));
        for (const auto& other : outbox_.state().waiting) {
            const bool better = other.target == target && other.next <= now_ &&
                                other.alert.severity() > due->alert.severity();
            RC_ASSERT(!better);
        }
        busy_[target] = due->number;
    }
    void end(Target target) {
        const auto found = busy_.find(target);
        if (found == busy_.end())
            return;
        if (*rc::gen::arbitrary<bool>()) {
            outbox_.delivered(found->second);
            RC_ASSERT(open_.erase(found->second) == 1U);
        } else {
            outbox_.failed(found->second, "no",
                           *rc::gen::element(Outbox::Blame::delivery, Outbox::Blame::target), now_);
        }
        busy_.erase(found);
    }
    void die() {
        RC_ASSERT(outbox_.take_given_up() == std::exchange(given_up_, 0));
        outbox_ = Outbox(limits_, outbox_.state());
        busy_.clear();
    }

    OutboxLimits limits_;
    Outbox outbox_;
    UtcTime now_ = parse_utc("2026-11-22T12:00:00Z").value();
    std::set<std::uint64_t> open_;
    std::uint64_t given_up_ = 0;
    std::map<Target, std::uint64_t> busy_;
};

TEST_CASE("each delivery ends once: delivered or given up; and until then it waits") {
    CHECK(rc::check("targets that fail now and then, and processes that die", [] {
        Rig rig;
        const int steps = *rc::gen::inRange(1, 300);
        for (int i = 0; i < steps; ++i)
            rig.step();
        rig.finish();
    }));
}

}  // namespace
}  // namespace bullpen::notify
