// One worker's order manager before the adversarial broker, with a journal that survives its
// deaths, and the promises that are checked after every step from the broker's side.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "broker.hpp"
#include "worker/execution/order_manager.hpp"
#include "worker/execution/planted.hpp"

namespace bullpen::risk {

// Stands in for the risk gate, the only maker of approved orders.
class RiskGate {
  public:
    static Approved<model::OrderTerms> pass(const model::OrderTerms& terms) {
        return Approved<model::OrderTerms>(terms);
    }
};

}  // namespace bullpen::risk

namespace bullpen::simulation {

struct Died {
    execution::KillPoint point{};
};

class OpenGate final : public execution::Approver {
  public:
    execution::Verdict approve(const model::OrderTerms& terms,
                               const execution::Exposure& /*exposure*/,
                               const std::optional<execution::Plan>& /*plan*/,
                               Instant /*now*/) override {
        return risk::RiskGate::pass(terms);
    }
};

// Survives the process.
class Journal final : public execution::Recorder {
  public:
    Result<void> durable(const execution::Record& record) override {
        records.push_back(record);
        if (std::holds_alternative<execution::ExitBegun>(record))
            closing = true;
        if (std::holds_alternative<execution::ExitEnded>(record))
            closing = false;
        return {};
    }
    Result<void> record(const execution::Record& record) override { return durable(record); }
    std::vector<execution::Record> records;
    bool closing = false;  // by the newest of them
};

// Kills by chance, or at the one point that was asked for.
class Killer final : public execution::KillPoints {
  public:
    explicit Killer(std::uint64_t seed) : random_(seed) {}
    void reached(execution::KillPoint point) override {
        ++counted[static_cast<std::size_t>(point)];
        ++passed;
        if (passed == kill_at || passed == kill_again_at || random_.chance(probability))
            throw Died{point};
    }
    double probability = 0;
    std::uint64_t passed = 0;
    std::uint64_t kill_at = 0;
    std::uint64_t kill_again_at = 0;
    std::array<std::uint64_t, execution::k_kill_points> counted{};

  private:
    SeededRandom random_;
};

struct Findings {
    std::string failure;  // empty: every promise was kept
    std::uint64_t trades = 0;
    std::uint64_t deaths = 0;
    std::uint64_t submitted = 0;
    std::uint64_t adopted = 0;
    std::uint64_t kept_pending = 0;  // stops, by the broker
    std::uint64_t took_away = 0;     // likewise
    std::uint64_t took_back = 0;     // executions, by the broker
    Nanos naked_max{};    // longest time of a position without a stop, the worker alive and linked
    Nanos doubled_max{};  // longest time with more than one stop
    std::int64_t net_millionths = 0;
};

class World {
  public:
    // The worker starts with the first step.
    World(const Personality& personality, std::uint64_t seed);

    // A step of the world; false when a promise was broken.
    bool step(Nanos by);
    void die();
    void restart();
    // Does `what` with the manager; a death inside is one of the worker.
    template <class What>
    void with_manager(What what) {
        try {
            what(*manager);
        } catch (const Died&) {
            die();
        }
    }
    [[nodiscard]] bool alive() const { return manager != nullptr; }
    void fail(const std::string& text);
    // At the end, when everything was closed and told.
    void judge_end();

    Findings findings;
    Broker broker;
    Journal journal;
    Killer killer;
    OpenGate gate;
    std::unique_ptr<execution::OrderManager> manager;
    Instant now{utc_from_nanos(1'700'000'000'000'000'000), MonoTime(std::chrono::seconds(100))};
    SeededRandom random;
    std::uint64_t fence = 0;
    Nanos restart_delay_max = std::chrono::seconds(5);
    Nanos naked_max = std::chrono::seconds(150);  // the longest that a position may be without

  private:
    void build();
    void check_promises(Nanos by);
    void check_recovery();

    std::array<const model::Instrument*, 1> instruments_{*model::find_instrument("MES")};
    execution::OrderManagerSettings settings_;
    std::string snapshot_;
    std::size_t snapshot_at_ = 0;
    MonoTime restart_at_{};
    Nanos naked_{};
    Nanos doubled_{};
    Nanos left_{};
    std::vector<broker::Event> events_;
};

inline const execution::BrokerAccount k_account = execution::BrokerAccount::cut("PA-1");
inline const model::Symbol k_mes = model::Symbol::cut("MES");

}  // namespace bullpen::simulation
