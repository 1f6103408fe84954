#include "life.hpp"

#include "trace.hpp"

#include <algorithm>
#include <cstdlib>

namespace bullpen::simulation {

using namespace execution;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr Nanos k_step = milliseconds(20);

Personality temper(SeededRandom& random) {
    Personality made;
    const auto maybe = [&](double most) { return random.chance(0.4) ? most * random.unit() : 0.0; };
    made.lose_request = maybe(0.1);
    made.lose_answer = maybe(0.3);
    made.late_request = maybe(0.1);
    made.not_sent = maybe(0.1);
    made.reject = maybe(0.2);
    made.reject_stop = maybe(0.05);
    made.duplicate = maybe(0.5);
    made.omit_fill = maybe(0.5);
    made.omit_report = maybe(0.4);
    made.part_fill = maybe(1.0);
    made.slow_event = maybe(0.3);
    made.refuse_cancel = maybe(0.2);
    made.query_fails = maybe(0.3);
    made.query_lost = maybe(0.2);
    made.hang_up = maybe(0.02);
    made.keep_pending = maybe(0.3);
    made.void_fill = maybe(0.1);
    made.cancel_stop = maybe(0.05);
    made.drop_stop = maybe(0.05);
    made.replaces = random.chance(0.5);
    return made;
}

Personality without_drops(Personality temper) {
    temper.drop_stop = 0;
    return temper;
}

Personality without_voids(Personality temper) {
    temper.void_fill = 0;
    return temper;
}

// How long a position may be without a stop before such a broker. A request that is lost takes 5
// seconds to be missed and 30 to be settled, and the one after it may be lost again. That a stop is
// there no more is seen by the next comparison, 45 seconds later at the most, and believed
// after 30.
// That an execution was taken back, and not told, is seen by the next comparison too.
Nanos naked_max(const Personality& temper, bool dies) {
    if (temper.void_fill > 0 && temper.omit_fill > 0)
        return seconds(50) + naked_max(without_voids(temper), dies);
    if (temper.drop_stop > 0)
        return seconds(90) + naked_max(without_drops(temper), dies);
    if (temper.lose_request > 0 || temper.late_request > 0 || dies)
        return seconds(150);
    if (temper.lose_answer > 0 || temper.query_fails > 0 || temper.query_lost > 0 ||
        temper.hang_up > 0 || temper.omit_report > 0)
        return seconds(75);
    return temper.slow_event > 0 || temper.refuse_cancel > 0 || temper.keep_pending > 0
               ? seconds(30)
               : seconds(8);
}

// Decides anything that a strategy or an operator may decide.
class Trader {
  public:
    Trader(World& world, std::uint64_t seed, Nanos pace)
        : world_(world), random_(seed), pace_(pace) {}

    void step() {
        if (world_.now.mono < next_)
            return;
        next_ = world_.now.mono + Nanos(random_.between(100'000'000, pace_.count()));
        price_ += random_.between(-6, 6);
        world_.broker.set_price({price_});
        if (world_.alive())
            world_.with_manager([&](OrderManager& manager) { decide(manager); });
    }

  private:
    model::IntentKey key(model::Purpose leg) {
        model::IntentKey key;
        key.strategy = model::Symbol::cut("chance");
        key.symbol = k_mes;
        key.signal_bar = world_.now.utc;
        key.leg = leg;
        return key;
    }
    void decide(OrderManager& manager) {
        const std::int64_t held = manager.held(k_mes);
        if (held == 0) {
            if (random_.chance(0.6))
                enter(manager);
            else if (random_.chance(0.1))
                manager.cancel_entries(world_.now);
            if (random_.chance(0.05))
                manager.resume(world_.now);
            return;
        }
        const std::int64_t way = held > 0 ? 1 : -1;
        const double what = random_.unit();
        if (what < 0.25) {
            (void)manager.move_stop({k_account, k_mes, {price_ - way * random_.between(1, 15)}},
                                    world_.now);
        } else if (what < 0.45) {
            Exit exit;
            exit.account = k_account;
            exit.key = key(model::Purpose::exit);
            if (random_.chance(0.3))
                exit.limit = model::Price{price_ + random_.between(-3, 3)};
            (void)manager.exit(exit, world_.now);
        } else if (what < 0.6) {
            Exit exit;
            exit.account = k_account;
            exit.key = key(model::Purpose::partial_exit);
            exit.quantity = 1;
            (void)manager.exit(exit, world_.now);
        } else if (what < 0.65) {
            manager.flatten_all(Label::cut("by chance"), world_.now);
        }
    }
    void enter(OrderManager& manager) {
        Entry entry;
        entry.account = k_account;
        entry.key = key(model::Purpose::entry);
        entry.side = random_.chance(0.5) ? model::Side::buy : model::Side::sell;
        entry.quantity = random_.between(1, 4);
        entry.expected = {price_};
        if (random_.chance(0.3)) {
            entry.type = model::OrderType::limit;
            entry.limit = {price_ - sign(entry.side) * random_.between(0, 5)};
        }
        entry.stop = model::Price{price_ - sign(entry.side) * random_.between(8, 30)};
        (void)manager.enter(entry, world_.now);
    }

    World& world_;
    SeededRandom random_;
    Nanos pace_;
    MonoTime next_{};
    std::int64_t price_ = 5000;
};

// Everything is closed and told, by a broker that behaves.
void come_to_rest(World& world) {
    world.broker.calm();
    world.killer.probability = 0;
    world.killer.kill_at = 0;
    for (Nanos passed{}; passed < minutes(4) && world.findings.failure.empty(); passed += k_step) {
        world.step(k_step);
        if (world.alive() && passed % seconds(10) == Nanos{})
            world.manager->flatten_all(Label::cut("the end"), world.now);
    }
    if (!world.alive())
        world.fail("no worker at the end");
    else
        world.judge_end();
}

}  // namespace

Findings live(const LifeOptions& options) {
    planted_defect = options.defect;
    SeededRandom random(options.seed);
    const Personality personality = temper(random);
    World world(personality, options.seed);
    if (random.chance(0.6))
        world.killer.probability = 0.03 * random.unit();
    world.naked_max = naked_max(personality, world.killer.probability > 0);
    const Nanos pace = random.chance(0.7)   ? milliseconds(1500)
                       : random.chance(0.5) ? seconds(30)
                                            : seconds(120);
    Trader trader(world, options.seed * 11 + 5, pace);
    for (Nanos passed{}; passed < options.length && world.findings.failure.empty();
         passed += k_step) {
        world.step(k_step);
        trader.step();
    }
    if (world.findings.failure.empty())
        come_to_rest(world);
    planted_defect = Defect::none;
    if (options.trace)
        print_records(world.journal.records, 60);
    return world.findings;
}

std::string_view code(Defect defect) {
    switch (defect) {
        case Defect::none: return "none";
        case Defect::fill_counted_twice: return "an execution told twice counts twice";
        case Defect::unknown_sent_again: return "an unknown submission is taken for not sent";
        case Defect::stop_deleted_first: return "a stop is deleted before the new one stands";
        case Defect::exit_beside_stop: return "an exit is sent while the stop lives";
        case Defect::orders_left_behind: return "orders are left when the position is closed";
        case Defect::stop_does_not_grow: return "the stop stays as large as the first fill";
        case Defect::restart_forgets: return "a restart believes that what was sent is on its way";
        case Defect::refused_cancel_believed:
            return "a refused cancel is taken for a cancelled order";
        case Defect::missed_fills_not_asked: return "executions that were not told are ignored";
        case Defect::sent_before_recorded: return "orders are sent before they are recorded";
        case Defect::pending_stop_believed: return "a stop that is pending counts as protection";
        case Defect::missing_stop_believed: return "a stop that is not listed is believed to stand";
        case Defect::count_: break;
    }
    return "";
}

}  // namespace bullpen::simulation
