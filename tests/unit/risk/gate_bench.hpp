// An account for tests of the risk gate: MES at 5000.00, one Tuesday in the entry window, with
// nothing in the way of one contract.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "worker/risk/risk_gate.hpp"

namespace bullpen::risk::test_gate {

inline constexpr std::int64_t k_market = 20'000;  // ticks: 5000.00

inline UtcTime at(const std::string& text) {
    return parse_utc(text).value();
}
inline model::Money dollars(std::int64_t whole) {
    return {whole * 1'000'000, model::k_usd};
}
inline model::Bar bar(UtcTime start, std::int64_t low, std::int64_t high, std::int64_t close) {
    model::Bar made;
    made.start = start;
    made.open = made.close = {close};
    made.low = {low};
    made.high = {high};
    made.volume = 1;
    return made;
}

struct Bench {
    config::RiskSettings settings;
    const model::RulePack* pack = *model::RulePacks::built_in().find("plain");
    const model::Instrument* instrument = *model::find_instrument("MES");
    UtcTime now = at("2025-04-08T14:00:00Z");  // 10:00 in New York
    time::SessionRules session_rules;
    std::unique_ptr<RiskGate> gate;
    Situation situation;
    model::OrderTerms terms;
    std::uint64_t executions = 0;

    Bench() {
        situation.mode = model::TradingMode::active;
        situation.plan = EntryPlan{{k_market}, {k_market - 11}, model::Price{k_market + 60}};
        terms.id = model::ClientOrderId::make("T001", Fence{1}, 1);
        terms.symbol = model::Symbol::cut("MES");
        terms.quantity = 1;
    }

    // Makes the gate, shows it a session, a balance and five quiet bars.
    RiskGate& open() {
        gate = std::make_unique<RiskGate>(*instrument, settings, *pack);
        show_session();
        for (int i = 5; i > 0; --i)
            gate->on_bar(bar(now - std::chrono::minutes(i), k_market - 4, k_market + 4, k_market));
        return *gate;
    }
    [[nodiscard]] time::SessionFacts session() const {
        static const auto calendar = *time::MarketCalendar::load(time::Market::cme_equity_index);
        return time::SessionClock(calendar, session_rules).facts(now);
    }
    void show_session() { gate->on_session(session()); }

    // What becomes of the order: "approved", or the code of the denial.
    std::string ask() {
        situation.now = now;
        const Approval answer = gate->check(terms, situation);
        if (const auto* no = std::get_if<Denial>(&answer))
            return std::string(code(no->code));
        CHECK(*std::get<Approved<model::OrderTerms>>(answer) == terms);
        return "approved";
    }

    // Buys or sells at a price of `ticks` with no fee; both position and exposure follow.
    FillVerdict fill(model::Side side, std::int64_t quantity, std::int64_t ticks,
                     std::optional<model::Price> expected = std::nullopt) {
        model::Fill one;
        one.execution = model::ExecutionId::cut("X" + std::to_string(++executions));
        one.symbol = model::Symbol::cut(instrument->symbol);
        one.side = side;
        one.quantity = quantity;
        one.price = {ticks};
        one.time = now;
        const FillVerdict verdict = gate->on_fill(one, expected);
        situation.exposure.held = gate->position().quantity;
        return verdict;
    }
    // Loses or wins so many dollars: four ticks of MES are five dollars.
    void realise(std::int64_t money) {
        fill(model::Side::buy, 1, k_market - money * 4 / 5);
        fill(model::Side::sell, 1, k_market);
    }
    // An exit order for what is held.
    void as_exit(model::Side side, std::int64_t quantity,
                 model::Purpose purpose = model::Purpose::exit) {
        terms.purpose = purpose;
        terms.side = side;
        terms.quantity = quantity;
    }
};

// Contracts to buy at the market, with a stop so far below.
inline std::int64_t size_at(const Bench& bench, std::int64_t stop_ticks) {
    return bench.gate->size(model::Side::buy, {k_market}, {k_market - stop_ticks}).contracts;
}

}  // namespace bullpen::risk::test_gate
