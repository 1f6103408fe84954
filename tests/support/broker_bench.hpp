// An adapter to a broker with all that a test does to both of them.
#pragma once

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/model/instrument.hpp"
#include "tests/support/approve.hpp"
#include "worker/broker/port.hpp"

namespace bullpen::test {

// What the broker behind an adapter is to do wrong from now on.
enum class Misdeed : std::uint8_t {
    none,
    expire_session,  // the next command or question finds that the session is not valid any more
    lose_answer,     // the next submission is executed, and never answered
    lose_line,       // the next submission is executed, and the connection ends without an answer
    fill_in_parts,   // one contract of an order first, the rest later
    tell_twice,      // each event comes twice
    gather,          // several events come in one frame
    late_answer,     // a submission is answered after its execution
};
inline constexpr std::array k_misdeeds{
    Misdeed::expire_session, Misdeed::lose_answer, Misdeed::lose_line,  Misdeed::fill_in_parts,
    Misdeed::tell_twice,     Misdeed::gather,      Misdeed::late_answer};

// An adapter with a market that the test moves: MES, in ticks of 0.25. Commission 0.50 a contract.
class BrokerBench {
  public:
    BrokerBench() = default;
    BrokerBench(const BrokerBench&) = delete;
    BrokerBench& operator=(const BrokerBench&) = delete;
    virtual ~BrokerBench() = default;

    [[nodiscard]] virtual broker::Port& port() = 0;
    // The account as the broker is to write it.
    [[nodiscard]] virtual std::string account() const = 0;
    [[nodiscard]] virtual Instant now() const = 0;
    // A whole bar, in ticks.
    virtual void bar(std::int64_t open, std::int64_t high, std::int64_t low,
                     std::int64_t close) = 0;
    // Polls until the condition holds; false when it takes too long.
    virtual bool until(const std::function<bool()>& condition) = 0;
    // False where there is nothing that could do it: an exchange in the same process has no line to
    // lose an answer on. Whatever has one must be able to do all of them.
    virtual bool misbehave(Misdeed /*misdeed*/) { return false; }
    // The adapter goes, as with its process, and a new one comes that has not connected yet; false
    // where that cannot be.
    virtual bool leave() { return false; }
    // How often the broker got the submission, by its own word; none where it keeps no account.
    [[nodiscard]] virtual std::optional<std::size_t> submissions(
        const model::ClientOrderId& /*order*/) {
        return std::nullopt;
    }

    // Everything that was told, oldest first.
    std::vector<broker::Event> events;

    template <class T>
    [[nodiscard]] std::vector<T> all() const {
        std::vector<T> found;
        for (const auto& event : events) {
            if (const auto* one = std::get_if<T>(&event))
                found.push_back(*one);
        }
        return found;
    }
    [[nodiscard]] std::vector<broker::Answer> answers(const model::ClientOrderId& order) const {
        auto found = all<broker::Answer>();
        std::erase_if(found, [&](const broker::Answer& one) { return one.order != order; });
        return found;
    }
    [[nodiscard]] std::optional<broker::BrokerStatus> status(
        const model::ClientOrderId& order) const {
        std::optional<broker::BrokerStatus> last;
        for (const auto& report : all<broker::OrderReport>()) {
            if (report.order == order)
                last = report.status;
        }
        return last;
    }

    model::OrderTerms terms(model::Side side, model::OrderType type, std::int64_t quantity,
                            std::int64_t price = 0) {
        model::OrderTerms made;
        made.id = model::ClientOrderId::make("TEST", Fence{7}, ++sequence_);
        made.key.strategy = model::Symbol::cut("test");
        made.key.symbol = made.symbol = model::Symbol::cut("MES");
        made.side = side;
        made.type = type;
        made.time_in_force = model::TimeInForce::gtc;
        made.quantity = quantity;
        if (type == model::OrderType::limit)
            made.limit = {price};
        if (type == model::OrderType::stop)
            made.stop = {price};
        return made;
    }
    void submit(const model::OrderTerms& order) { port().submit(approved(order), now()); }
    // Submits and waits for the answer.
    broker::Outcome outcome(const model::OrderTerms& order) {
        const auto before = answers(order.id).size();
        submit(order);
        REQUIRE(until([&] { return answers(order.id).size() > before; }));
        return answers(order.id).back().outcome;
    }
    void connect() {
        port().connect(now());
        REQUIRE(until([&] { return port().connected(); }));
        REQUIRE(until([&] { return !all<broker::Connected>().empty(); }));
    }
    template <class T>
    T asked(std::uint64_t query) {
        std::optional<T> answer;
        REQUIRE(until([&] {
            for (const auto& one : all<T>()) {
                if (one.query == query)
                    answer = one;
            }
            return answer.has_value();
        }));
        return *answer;
    }
    std::vector<broker::OrderReport> orders() {
        return asked<broker::OrdersAnswer>(port().query_orders(UtcTime{}, now())).orders.value();
    }
    std::vector<model::Fill> fills() {
        return asked<broker::FillsAnswer>(port().query_fills(UtcTime{}, now())).fills.value();
    }
    std::int64_t position() {
        const auto answer = asked<broker::PositionsAnswer>(port().query_positions(now()));
        for (const auto& one : answer.positions.value()) {
            if (one.symbol.view() == "MES")
                return one.quantity;
        }
        return 0;
    }
    model::Money balance() {
        return asked<broker::BalanceAnswer>(port().query_balance(now())).balance.value();
    }

  private:
    std::uint64_t sequence_ = 0;
};

}  // namespace bullpen::test
