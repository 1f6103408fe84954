// The script that is killed at every point of the order path.
#include <cstdlib>

#include "life.hpp"

namespace bullpen::simulation {

using namespace execution;
using std::chrono::milliseconds;
using std::chrono::minutes;

namespace {

// One thing that is wanted, at a price that stands while it is not yet so.
struct Act {
    enum class Kind : std::uint8_t { enter, move_stop, partial, exit, fire, flatten };
    Kind kind{};
    std::int64_t price = 0;
    std::int64_t quantity = 0;
    model::Side side{};
    std::int64_t stop = 0;
};

using enum Act::Kind;
constexpr std::array k_acts{
    Act{enter, 5000, 3, model::Side::buy, 4980},
    Act{move_stop, 5010, 0, {}, 4990},
    Act{partial, 5012, 1, {}, 0},
    Act{move_stop, 5015, 0, {}, 5005},
    Act{exit, 5016, 0, {}, 0},
    Act{enter, 5020, 2, model::Side::sell, 5030},
    Act{fire, 5031, 0, {}, 0},
    Act{enter, 5040, 2, model::Side::buy, 5020},
    Act{flatten, 5044, 0, {}, 0},
};

class Script {
  public:
    explicit Script(World& world) : world_(world) {}

    bool run() {
        for (; at_ < k_acts.size(); ++at_) {
            world_.broker.set_price({k_acts.at(at_).price});
            Nanos waited{};
            for (; !done(); waited += milliseconds(20)) {
                if (waited > minutes(5)) {
                    world_.fail("act " + std::to_string(at_) + " is not done");
                    return false;
                }
                if (world_.alive())
                    world_.with_manager([&](OrderManager& manager) { act(manager); });
                if (!world_.step(milliseconds(20)))
                    return false;
            }
        }
        return true;
    }

  private:
    model::IntentKey key(model::Purpose leg) const {
        model::IntentKey key;
        key.strategy = model::Symbol::cut("script");
        key.symbol = k_mes;
        key.signal_bar =
            utc_from_nanos(1'700'000'000'000'000'000) + minutes(static_cast<std::int64_t>(at_));
        key.leg = leg;
        return key;
    }
    // What an act wants is asked for until it is so; that it becomes one order is the manager's.
    void act(OrderManager& manager) {
        const Act& wanted = k_acts.at(at_);
        switch (wanted.kind) {
            case enter: {
                Entry entry;
                entry.account = k_account;
                entry.key = key(model::Purpose::entry);
                entry.side = wanted.side;
                entry.quantity = wanted.quantity;
                entry.expected = {wanted.price};
                entry.stop = model::Price{wanted.stop};
                (void)manager.enter(entry, world_.now);
                break;
            }
            case move_stop:
                if (manager.book().guard(k_mes)->stop != model::Price{wanted.stop})
                    (void)manager.move_stop({k_account, k_mes, {wanted.stop}}, world_.now);
                break;
            case partial:
            case exit: {
                Exit leave;
                leave.account = k_account;
                leave.key =
                    key(wanted.kind == exit ? model::Purpose::exit : model::Purpose::partial_exit);
                leave.quantity = wanted.quantity;
                leave.expected = {wanted.price};
                (void)manager.exit(leave, world_.now);
                break;
            }
            case fire: break;
            case flatten:
                if (manager.held(k_mes) != 0)
                    manager.flatten(k_mes, Label::cut("script"), world_.now);
                break;
        }
    }
    [[nodiscard]] bool done() const {
        if (!world_.alive() || !world_.manager->reconciled())
            return false;
        const OrderManager& manager = *world_.manager;
        const Guard& guard = *manager.book().guard(k_mes);
        const std::int64_t held = manager.held(k_mes);
        std::int64_t wanted = 0;
        for (std::size_t i = 0; i <= at_; ++i) {
            const Act& act = k_acts.at(i);
            wanted = act.kind == enter       ? sign(act.side) * act.quantity
                     : act.kind == partial   ? wanted - act.quantity
                     : act.kind == move_stop ? wanted
                                             : 0;
        }
        std::size_t open = 0;
        for (const Order& order : manager.book().orders())
            open += is_open(order.status) ? 1 : 0;
        if (held != wanted || guard.closing.active || open != (wanted == 0 ? 0U : 1U))
            return false;
        const Act& act = k_acts.at(at_);
        return (act.kind != move_stop || guard.stop == model::Price{act.stop}) &&
               manager.protected_quantity(k_mes) == std::abs(wanted);
    }

    World& world_;
    std::size_t at_ = 0;
};

}  // namespace

ScriptFindings run_script(const ScriptOptions& options) {
    Personality personality;
    personality.part_fill = 1.0;
    personality.replaces = options.replaces;
    World world(personality, 1);
    world.restart_delay_max = Nanos(1);
    world.killer.kill_at = options.kill_at;
    world.killer.kill_again_at = options.kill_again_at;
    ScriptFindings made;
    if (Script(world).run())
        world.judge_end();
    made.findings = world.findings;
    made.points = world.killer.passed;
    made.counted = world.killer.counted;
    return made;
}

}  // namespace bullpen::simulation
