#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

#include "worker/engine.hpp"
#include "worker/mode_gate.hpp"
#include "worker/observer.hpp"

namespace bullpen::worker {

namespace {

std::vector<model::Bar> any_bars() {
    std::vector<model::Bar> bars;
    auto start = UtcTime(std::chrono::seconds(1'736'200'800));
    const auto count = *rc::gen::inRange(1, 300);
    std::int64_t price = 20'000;
    for (int i = 0; i < count; ++i) {
        start += model::k_minute * *rc::gen::inRange(1, 4);
        model::Bar bar;
        bar.start = start;
        bar.open.ticks = price;
        price += *rc::gen::inRange(-20, 21);
        bar.close.ticks = price;
        bar.high.ticks = std::max(bar.open.ticks, price) + *rc::gen::inRange(0, 5);
        bar.low.ticks = std::min(bar.open.ticks, price) - *rc::gen::inRange(0, 5);
        bar.volume = *rc::gen::inRange(0, 1000);
        bars.push_back(bar);
    }
    return bars;
}

Observer observer() {
    auto made = Observer::create(**model::find_instrument("MES"));
    made->begin("test");
    return std::move(made).value();
}

}  // namespace

TEST_CASE("saving and restoring at any bar changes no bit of what follows") {
    CHECK(rc::check("the hash of a run with a restart equals that of one without", [] {
        const auto bars = any_bars();
        const auto cut = *rc::gen::inRange<std::size_t>(0, bars.size() + 1);
        auto whole = observer();
        auto first = observer();
        auto second = observer();
        for (std::size_t i = 0; i < bars.size(); ++i) {
            whole.add(bars[i]);
            if (i < cut)
                first.add(bars[i]);
        }
        const auto saved = first.save();
        RC_ASSERT(second.restore(saved).has_value());
        RC_ASSERT(second.save() == saved);
        RC_ASSERT(second.position() == cut);
        for (std::size_t i = cut; i < bars.size(); ++i)
            second.add(bars[i]);
        RC_ASSERT(second.hash() == whole.hash());
        RC_ASSERT(second.counters() == whole.counters());
        RC_ASSERT(second.save() == whole.save());
    }));
}

TEST_CASE("one tick more or less in one bar changes the hash") {
    CHECK(rc::check("the hash sees every field of every bar", [] {
        auto bars = any_bars();
        auto one = observer();
        for (const auto& bar : bars)
            one.add(bar);
        auto& changed = bars[*rc::gen::inRange<std::size_t>(0, bars.size())];
        switch (*rc::gen::inRange(0, 3)) {
            case 0: changed.volume += 1; break;
            case 1: changed.high.ticks += 1; break;
            default: changed.low.ticks -= 1; break;
        }
        auto other = observer();
        for (const auto& bar : bars)
            other.add(bar);
        RC_ASSERT(one.hash() != other.hash());
    }));
}

TEST_CASE("a damaged save is refused and changes nothing") {
    CHECK(rc::check("any cut or changed save", [] {
        const auto bars = any_bars();
        auto one = observer();
        for (const auto& bar : bars)
            one.add(bar);
        auto saved = one.save();
        auto other = observer();
        const auto before = other.save();
        const auto at = *rc::gen::inRange<std::size_t>(0, saved.size());
        RC_ASSERT(!other.restore(saved.substr(0, at)).has_value());
        RC_ASSERT(other.save() == before);
        // A changed byte may give another sound save, but never a crash.
        saved[at] = *rc::gen::arbitrary<char>();
        (void)other.restore(saved);
    }));
}

TEST_CASE("a bar comes back from its bytes as it was") {
    CHECK(rc::check("encode and decode", [] {
        for (const auto& bar : any_bars()) {
            const auto bytes = encode_bar(bar);
            RC_ASSERT(bytes.size() == k_bar_size);
            RC_ASSERT(decode_bar(bytes).value() == bar);
            RC_ASSERT(!decode_bar(bytes.substr(1)).has_value());
        }
    }));
}

TEST_CASE("the mode is never milder than any hold") {
    CHECK(rc::check("any sequence of holds and lifts", [] {
        const auto at = [](int second) { return UtcTime(std::chrono::seconds(second)); };
        ModeGate gate(at(0));
        std::map<int, int> held;  // reason -> mode
        const auto steps = *rc::gen::inRange(1, 60);
        for (int i = 1; i <= steps; ++i) {
            const auto reason = *rc::gen::inRange(1, static_cast<int>(model::k_reasons));
            if (*rc::gen::inRange(0, 3) == 0) {
                gate.lift(static_cast<model::Reason>(reason), at(i));
                held.erase(reason);
            } else {
                const auto mode = *rc::gen::element(1, 2, 3, 4);
                gate.hold(static_cast<model::Reason>(reason), static_cast<model::TradingMode>(mode),
                          at(i));
                held[reason] = mode;
            }
            // From mild to strict: idle, reducing, halted, fenced.
            const auto severity = [](int mode) { return mode == 2 ? 1 : mode == 1 ? 2 : mode; };
            int strictest = 0;
            for (const auto& [r, mode] : held)
                strictest = std::max(strictest, severity(mode));
            const auto& shown = gate.current();
            RC_ASSERT(severity(static_cast<int>(shown.mode)) == strictest);
            RC_ASSERT(held.empty() || held.contains(static_cast<int>(shown.reason)));
            RC_ASSERT(shown.since <= at(i));
        }
    }));
}

}  // namespace bullpen::worker
