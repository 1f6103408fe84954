#include "world.hpp"

#include <algorithm>
#include <cstdlib>

namespace bullpen::simulation {

using namespace execution;
using std::chrono::seconds;

namespace {

constexpr Nanos k_doubled_max = seconds(80);
constexpr Nanos k_left_max = seconds(120);

}  // namespace

World::World(const Personality& personality, std::uint64_t seed)
    : broker(personality, seed * 3 + 1), killer(seed * 5 + 2), random(seed * 7 + 3) {
    settings_.tag = "SIMU";
    settings_.account = BrokerAccount::cut("PA-1");
}

void World::fail(const std::string& text) {
    if (findings.failure.empty())
        findings.failure =
            text + " at " +
            std::to_string((now.mono - MonoTime(seconds(100))) / std::chrono::milliseconds(1)) +
            " ms";
}

void World::build() {
    manager =
        std::make_unique<OrderManager>(instruments_, settings_, broker, journal, gate, &killer);
}

void World::die() {
    ++findings.deaths;
    manager.reset();
    broker.peer_died(now);
    restart_at_ = now.mono + Nanos(random.between(0, restart_delay_max.count()));
}

// What recovery gives is what replaying everything gives, to the byte.
void World::check_recovery() {
    Book whole(instruments_);
    for (const Record& record : journal.records)
        (void)whole.apply(record);
    if (whole.save() != manager->book().save())
        fail("the snapshot with the records after it is not what all records give");
}

void World::restart() {
    build();
    if (!snapshot_.empty() && !manager->restore(snapshot_))
        fail("the snapshot cannot be read");
    for (std::size_t i = snapshot_at_; i < journal.records.size(); ++i) {
        const Record& record = journal.records[i];
        const auto read = decode(static_cast<std::uint16_t>(kind(record)), encode(record));
        if (!read || *read != record)
            fail("a record is not what it was");
        manager->replay(record);
    }
    check_recovery();
    try {
        if (!manager->start(Fence{++fence}, now))
            fail("it does not start");
        broker.connect(now);
    } catch (const Died&) {
        die();
    }
}

bool World::step(Nanos by) {
    now.mono += by;
    now.utc += by;
    broker.expect_closing(journal.closing);
    broker.step(now);
    if (!broker.complaint().empty())
        fail(broker.complaint());
    if (!alive() && now.mono >= restart_at_)
        restart();
    if (alive()) {
        with_manager([&](OrderManager& managed) {
            events_.clear();
            broker.poll(now, events_);
            for (const broker::Event& event : events_)
                managed.on_event(event, now);
            managed.on_time(now);
            if (random.chance(0.02)) {
                const std::string saved = managed.save();
                snapshot_ = saved;
                snapshot_at_ = journal.records.size();
            }
        });
    }
    if (alive()) {
        manager->on_mark(k_mes, {5000});
        for (const Notice& notice : manager->notices())
            findings.adopted += notice.kind == NoticeKind::adopted ? 1 : 0;
        manager->take();
    }
    check_promises(by);
    return findings.failure.empty();
}

void World::check_promises(Nanos by) {
    const std::int64_t position = broker.position();
    std::int64_t protected_contracts = 0;
    std::int64_t exits = 0;
    int stops = 0;
    bool live = false;
    for (const BrokerOrder& order : broker.orders()) {
        if (!order.live())
            continue;
        live = live || order.closes();
        const bool closing = position * sign(order.terms.side) < 0;
        // What is pending protects nothing and closes nothing.
        if (!order.works())
            continue;
        if (order.is_stop() && closing) {
            ++stops;
            protected_contracts = std::max(protected_contracts, order.remaining());
        } else if (order.closes() && closing) {
            exits += order.remaining();
        }
    }
    // The time counts while the worker could do something about it.
    const bool able = alive() && broker.connected();
    const auto count = [&](bool is, Nanos& time, Nanos& longest) {
        time = is ? time + (able ? by : Nanos{}) : Nanos{};
        longest = std::max(longest, time);
    };
    Nanos left_max{};
    count(position != 0 && protected_contracts + exits < std::abs(position), naked_,
          findings.naked_max);
    count(stops > 1, doubled_, findings.doubled_max);
    count(position == 0 && live, left_, left_max);
    if (naked_ > naked_max)
        fail("a position of " + std::to_string(position) + " without a stop for " +
             std::to_string(naked_ / seconds(1)) + " s");
    if (doubled_ > k_doubled_max)
        fail("two stops for " + std::to_string(doubled_ / seconds(1)) + " s");
    if (left_ > k_left_max)
        fail("an order is left behind a closed position");
}

void World::judge_end() {
    findings.submitted = broker.orders().size();
    findings.kept_pending = broker.kept_pending();
    findings.took_away = broker.took_away();
    findings.took_back = broker.took_back();
    if (!findings.failure.empty())
        return;
    if (broker.position() != 0)
        fail("the position is " + std::to_string(broker.position()));
    for (const BrokerOrder& order : broker.orders()) {
        if (order.live())
            fail("order " + order.terms.id.str() + " lives");
    }
    for (const Order& order : manager->book().orders()) {
        if (is_open(order.status))
            fail("order " + order.terms.id.str() + " is " + std::string(code(order.status)));
    }
    const LedgerTotals& totals = manager->book().ledger().totals();
    findings.trades = totals.trades;
    findings.net_millionths = totals.net().millionths;
    if (manager->held(k_mes) != 0)
        fail("the worker holds " + std::to_string(manager->held(k_mes)));
    if (findings.adopted == 0 && totals.executions != broker.executions().size())
        fail("the ledger has " + std::to_string(totals.executions) + " executions of " +
             std::to_string(broker.executions().size()));
    model::Money fees;
    for (const model::Fill& fill : broker.executions())
        fees = fees + fill.fee;
    const auto gross = value_of_ticks(**model::find_instrument("MES"), broker.cash_ticks());
    if (findings.adopted == 0 && (totals.gross != gross || totals.fees != fees))
        fail("the ledger won " + model::text(totals.net()) + ", the broker paid " +
             model::text(gross - fees));
    std::vector<std::uint64_t> numbers;
    model::Money traded;
    for (const Record& record : journal.records) {
        if (const auto* trade = std::get_if<Traded>(&record)) {
            numbers.push_back(trade->trade.number);
            traded = traded + trade->trade.net();
        }
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (numbers[i] != i + 1)
            fail("trade " + std::to_string(i + 1) + " is recorded as " +
                 std::to_string(numbers[i]));
    }
    if (traded != totals.net())
        fail("the trades won " + model::text(traded) + ", the ledger " + model::text(totals.net()));
    check_recovery();
}

}  // namespace bullpen::simulation
