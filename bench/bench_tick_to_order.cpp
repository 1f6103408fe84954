// From the tick that completes a bar to the order at the broker's port, in one process: bar into
// the indicators, strategy, risk gate, order manager, record. Every bar of which something comes
// for the broker is counted, up to the first of it: entries, exits, stops that move.
//
// First without a disk: records are encoded as a journal has them and go nowhere. Then entries
// alone with an account's journal, into which the bar goes too, and the order's record with an
// fsync before the order is sent; how much of the time that took stands beside it. What the
// measuring itself costs is the floor: a clock read twice.
#include "bench/support/command_line.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"
#include "bench/support/seeded_market.hpp"
#include "common/storage/file_system.hpp"
#include "common/storage/journal.hpp"
#include "tests/support/forwarding_port.hpp"
#include "tests/support/temporary.hpp"
#include "worker/broker/exchange_port.hpp"
#include "worker/execution/codec.hpp"
#include "worker/indicators/market_indicators.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::bench;

constexpr std::size_t k_bars = 1'000'000;
constexpr std::size_t k_orders_on_disk = 400;
constexpr std::size_t k_floors = 10'000;
constexpr std::uint16_t k_bar_kind = 1;
constexpr std::size_t k_bar_size = 100;  // bytes of a bar's record

double us(std::int64_t nanos) {
    return static_cast<double>(nanos) / 1e3;
}

// What one bar took.
struct Watch {
    std::int64_t begin = 0;
    std::int64_t journal = 0;           // spent in it so far
    std::optional<std::int64_t> order;  // when the first one came to the port
    std::int64_t journal_before_order = 0;
    bool entry = false;
};

// The exchange, and when an order came to it.
class TimedPort final : public test::ForwardingPort {
  public:
    TimedPort(broker::ExchangePort& port, Watch& watch) : ForwardingPort(port), watch_(watch) {}

    void submit(const risk::Approved<model::OrderTerms>& terms, Instant now) override {
        note(terms->purpose == model::Purpose::entry);
        ForwardingPort::submit(terms, now);
    }
    void cancel(const model::ClientOrderId& order, Instant now) override {
        note(false);
        ForwardingPort::cancel(order, now);
    }
    void replace(const model::ClientOrderId& order, std::int64_t quantity, model::Price price,
                 Instant now) override {
        note(false);
        ForwardingPort::replace(order, quantity, price, now);
    }

  private:
    void note(bool entry) {
        if (watch_.order)
            return;
        watch_.order = mono_ns();
        watch_.journal_before_order = watch_.journal;
        watch_.entry = entry;
    }

    Watch& watch_;
};

// Encodes as a worker does; into a journal where there is one.
class TimedRecorder final : public execution::Recorder {
  public:
    TimedRecorder(storage::Journal* journal, Watch& watch) : journal_(journal), watch_(watch) {}
    Result<void> durable(const execution::Record& record) override {
        return append(record, storage::Durability::disk);
    }
    Result<void> record(const execution::Record& record) override {
        return append(record, storage::Durability::process);
    }
    void bar() {
        const auto begin = mono_ns();
        if (journal_ != nullptr) {
            require(journal_->append(k_bar_kind, std::string(k_bar_size, 'b')).has_value(),
                    "the bar is in the journal");
        }
        watch_.journal += mono_ns() - begin;
    }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

  private:
    Result<void> append(const execution::Record& record, storage::Durability durability) {
        const auto body = encode(record);
        bytes_ += body.size();
        if (journal_ == nullptr)
            return {};
        const auto begin = mono_ns();
        auto appended =
            journal_->append(static_cast<std::uint16_t>(execution::kind(record)), body, durability);
        watch_.journal += mono_ns() - begin;
        if (!appended)
            return fail(appended.error());
        return {};
    }

    storage::Journal* journal_;
    Watch& watch_;
    std::uint64_t bytes_ = 0;
};

Instant at(UtcTime utc) {
    return {utc, MonoTime(utc.time_since_epoch())};
}

trading::TraderSettings trader_settings(const backtest::BacktestSettings& from) {
    trading::TraderSettings made;
    made.instrument = from.instrument;
    made.strategy = from.strategy;
    made.risk = from.risk;
    made.session = from.session;
    made.pack = from.pack;
    made.orders.tag = "TEST";
    made.orders.account = execution::BrokerAccount::cut("BENCH");
    made.orders.reconcile_every = Nanos{0};
    made.orders.verify_after_exit = false;
    return made;
}

struct Latencies {
    std::vector<double> whole;    // microseconds
    std::vector<double> journal;  // of it
};

Latencies measure(const std::vector<model::Bar>& bars, storage::Journal* journal,
                  std::size_t orders_max) {
    const auto settings = seeded_settings();
    Watch watch;
    broker::ExchangePort exchange({.account = "BENCH", .cash = settings.cash, .text = {}});
    const auto market = exchange.add_market(*settings.instrument, settings.costs);
    TimedPort port(exchange, watch);
    TimedRecorder recorder(journal, watch);
    auto trader = trading::Trader::create(trader_settings(settings), port, recorder);
    auto session = time::FuturesSession::load();
    require(trader && session, "there is a trader");
    indicators::MarketIndicators indicators(*settings.instrument, *session,
                                            (*trader)->indicator_settings());
    require((*trader)->start(Fence{1}, at(bars.front().start)).has_value(), "the trader started");
    (*trader)->set_mode(model::TradingMode::active);
    Latencies result;
    for (const auto& bar : bars) {
        (*trader)->begin_bar(bar.start, at(bar.start));
        exchange.open_bar(market, bar);
        do {
            if (exchange.pending())
                (*trader)->serve(at(bar.start));
        } while (exchange.advance(market));
        if (exchange.pending())
            (*trader)->serve(at(bar.end()));
        watch = {};
        watch.begin = mono_ns();
        recorder.bar();
        indicators.add(bar);
        (*trader)->on_bar(bar, indicators.values(), indicators.closed_quarters(), at(bar.end()));
        if (watch.order && (journal == nullptr || watch.entry)) {
            result.whole.push_back(us(*watch.order - watch.begin));
            result.journal.push_back(us(watch.journal_before_order));
        }
        (*trader)->orders().take();
        if (result.whole.size() >= orders_max)
            break;
    }
    require(recorder.bytes() > 0 && !result.whole.empty(), "orders were sent");
    return result;
}

double floor_us() {
    std::vector<double> reads;
    for (std::size_t i = 0; i < k_floors; ++i) {
        const auto begin = mono_ns();
        reads.push_back(us(mono_ns() - begin));
    }
    return median(reads);
}

}  // namespace

int main(int argc, char**) try {
    require(argc == 1, "it takes no arguments");
    const auto bars = seeded_market(k_bars);
    const auto without = measure(bars, nullptr, SIZE_MAX);
    const test::TemporaryDirectory directory;
    storage::SystemFileSystem files;
    auto journal =
        storage::Journal::open(files, directory.file("journal"), test::account_id("bench"));
    require(journal.has_value(), "opened a journal");
    const auto with = measure(bars, &*journal, k_orders_on_disk);
    std::vector<double> ours;
    for (std::size_t i = 0; i < with.whole.size(); ++i)
        ours.push_back(with.whole[i] - with.journal[i]);
    JsonLine("tick_to_order")
        .add("n", static_cast<double>(without.whole.size()))
        .add("p50_us", median(without.whole))
        .add("p99_us", quantile(without.whole, 0.99))
        .add("p999_us", quantile(without.whole, 0.999))
        .add("floor_us", floor_us())
        .add("disk_p50_us", median(with.whole))
        .add("disk_p99_us", quantile(with.whole, 0.99))
        .add("disk_share", 1 - median(ours) / median(with.whole))
        .print();
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
