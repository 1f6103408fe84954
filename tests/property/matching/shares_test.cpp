// A client that does anything at any time with shares. What it must own and pay is worked out here
// from the executions alone, never asked of the book.
#include "common/matching/shares.hpp"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <set>

#include "common/base/random.hpp"
#include "tests/support/seed.hpp"

using namespace bullpen;
using namespace bullpen::matching;

namespace {

constexpr std::size_t k_shares = 3;
constexpr int k_worlds = 60;
constexpr int k_days = 40;
constexpr int k_acts = 60;
constexpr std::int64_t k_cash = 5'000'000;  // paise

class Chaos {
  public:
    explicit Chaos(std::uint64_t seed)
        : random_(seed),
          rules_(any_rules()),
          book_({k_cash * ShareBook::k_paisa, model::k_inr}, rules_) {
        for (std::size_t i = 0; i < k_shares; ++i) {
            const auto share = book_.add_share("S" + std::to_string(i));
            prices_[i] = random_.between(2'000, 30'000) / 10 * 10;
            held_[i] = random_.between(0, 50);
            book_.add_holding(share, held_[i]);
        }
    }

    void live() {
        auto day = std::chrono::sys_days(std::chrono::year(2026) / 7 / 1);
        for (int d = 0; d < k_days; ++d) {
            day += std::chrono::days(random_.chance(0.02) ? 200 : 1);
            open(day);
            for (int act = 0; act < k_acts; ++act) {
                random_.chance(0.5) ? move() : order();
                look();
            }
            book_.close_day();
            look();
            for (std::size_t i = 0; i < k_shares; ++i)
                REQUIRE(book_.intraday(at(i)) == 0);
            REQUIRE(book_.blocked().millionths == 0);
        }
    }
    [[nodiscard]] std::uint64_t executions() const { return executions_; }
    [[nodiscard]] std::uint64_t fired() const { return fired_; }
    // Executions of a part of an order, and of them those of an order that a trigger sent.
    [[nodiscard]] std::uint64_t parts() const { return parts_; }
    [[nodiscard]] std::uint64_t parts_of_stops() const { return parts_of_stops_; }
    [[nodiscard]] const std::map<ShareRefusal, int>& refusals() const { return refusals_; }

  private:
    static ShareRef at(std::size_t i) { return {static_cast<std::uint32_t>(i)}; }
    ShareRules any_rules() {
        ShareRules rules;
        rules.mis_leverage = static_cast<int>(random_.between(1, 7));
        rules.proceeds_at_once_percent = static_cast<int>(random_.between(0, 100));
        rules.protection_needed = random_.chance(0.5);
        rules.fee = {random_.between(0, 20) * ShareBook::k_paisa, model::k_inr};
        return rules;
    }
    void open(std::chrono::sys_days day) {
        std::vector<ShareDay> days;
        for (std::size_t i = 0; i < k_shares; ++i) {
            const model::Ticks tick{random_.chance(0.5) ? 5 : 10};
            // Much below it a band of 5 % has no price that is a multiple of the tick.
            prices_.at(i) = std::max<std::int64_t>(prices_.at(i), 500);
            days.push_back(share_day({prices_.at(i)}, random_.chance(0.3) ? 5 : 20, tick));
            days_.at(i) = days.back();
        }
        book_.open_day(day, days);
        // The gap, and with it the auction, of some of them.
        for (std::size_t i = 0; i < k_shares; ++i) {
            if (random_.chance(0.9))
                trade(i, random_.between(days_.at(i).lower.ticks, days_.at(i).upper.ticks));
        }
    }
    void trade(std::size_t i, std::int64_t price) {
        const auto& day = days_.at(i);
        price =
            std::clamp(price / day.tick.value * day.tick.value, day.lower.ticks, day.upper.ticks);
        prices_.at(i) = price;
        depth_.at(i) = random_.chance(0.3) ? random_.between(1, 5) : std::int64_t{1'000'000};
        book_.on_price(at(i), {price}, depth_.at(i));
        look();
    }
    void move() {
        const auto i = random_.below(k_shares);
        const auto step = prices_.at(i) / 50;
        trade(i, prices_.at(i) + random_.between(-step, step));
    }
    std::int64_t near(std::size_t i) {
        const auto tick = days_.at(i).tick.value;
        const auto off = random_.chance(0.05) ? 1 : 0;
        return prices_.at(i) / tick * tick + random_.between(-20, 20) * tick + off;
    }
    void order() {
        const auto i = random_.below(k_shares);
        const auto choice = random_.below(10);
        if (choice == 0 && !book_.orders().empty()) {
            (void)book_.cancel(random_.below(book_.orders().size() + 1) + 1);
        } else if (choice == 1) {
            TriggerRequest request;
            request.share = at(i);
            request.side = random_.chance(0.8) ? model::Side::sell : model::Side::buy;
            request.first = {{near(i)}, {near(i)}, random_.between(1, 40)};
            if (random_.chance(0.5))
                request.second = TriggerLeg{{near(i)}, {near(i)}, random_.between(1, 40)};
            ++refusals_[book_.place_trigger(request).refusal];
        } else if (choice == 2 && !book_.triggers().empty()) {
            (void)book_.delete_trigger(random_.below(book_.triggers().size() + 1) + 1);
        } else {
            ShareOrderRequest request;
            request.share = at(i);
            request.side = random_.chance(0.5) ? model::Side::sell : model::Side::buy;
            request.product = random_.chance(0.5) ? Product::cnc : Product::mis;
            request.quantity = random_.between(0, 60);
            request.market = random_.chance(0.3);
            if (request.market)
                request.protection_percent = static_cast<int>(random_.between(-1, 4));
            else
                request.limit = {near(i)};
            request.immediate = random_.chance(0.1);
            const auto available = book_.available();
            const auto& placed = book_.orders().at(book_.submit(request));
            ++refusals_[placed.refusal];
            // Nothing that was accepted costs more than there was, but for fees.
            if (placed.refusal == ShareRefusal::none && request.product == Product::cnc &&
                request.side == model::Side::buy)
                REQUIRE(placed.limit.ticks * request.quantity * ShareBook::k_paisa <=
                        available.millionths);
        }
    }

    // Everything that the events since the last look say, and what the book says of itself.
    void look() {
        for (const auto& event : book_.events())
            take(event);
        book_.clear_events();
        std::array<std::int64_t, k_shares> promised{};
        for (const auto& [number, order] : book_.orders()) {
            REQUIRE(order.filled <= order.request.quantity);
            REQUIRE(order.filled == filled_[number]);
            if (order.status == Status::filled)
                REQUIRE(order.left() == 0);
            if (order.status == Status::working && order.request.product == Product::cnc &&
                order.request.side == model::Side::sell)
                promised.at(order.request.share.index) += order.left();
        }
        std::int64_t total = (book_.cash() + book_.unsettled()).millionths;
        for (std::size_t i = 0; i < k_shares; ++i) {
            const auto& holding = book_.holding(at(i));
            REQUIRE(holding.settled >= 0);
            REQUIRE(holding.t1 >= 0);
            REQUIRE(holding.today >= 0);
            REQUIRE(holding.all() == held_.at(i));
            REQUIRE(book_.sellable(at(i)) == held_.at(i) - promised.at(i));
            REQUIRE(book_.sellable(at(i)) >= 0);
            REQUIRE(book_.intraday(at(i)) == intraday_.at(i));
        }
        // While intraday positions are open their cost is in nobody's cash.
        const bool flat = intraday_ == std::array<std::int64_t, k_shares>{};
        if (flat)
            REQUIRE(total == (k_cash + flow_) * ShareBook::k_paisa -
                                 static_cast<std::int64_t>(executions_) * rules_.fee.millionths);
    }
    void take(const ShareEvent& event) {
        if (event.kind == ShareEventKind::trigger_fired) {
            ++fired_;
            REQUIRE(used_.insert(event.trigger.number).second);
            REQUIRE(book_.orders().at(event.trigger.order).trigger == event.trigger.number);
        }
        if (event.kind != ShareEventKind::filled)
            return;
        const auto& execution = event.execution;
        REQUIRE(execution.number == ++executions_);
        REQUIRE(execution.quantity > 0);
        const auto i = execution.share.index;
        const bool buys = execution.side == model::Side::buy;
        flow_ += execution.price.ticks * execution.quantity * (buys ? -1 : 1);
        auto& owned = execution.product == Product::cnc ? held_.at(i) : intraday_.at(i);
        owned += buys ? execution.quantity : -execution.quantity;
        REQUIRE(held_.at(i) >= 0);
        REQUIRE(execution.price >= days_.at(i).lower);
        REQUIRE(execution.price <= days_.at(i).upper);
        if (execution.order == 0)
            return;
        filled_[execution.order] += execution.quantity;
        const auto& order = book_.orders().at(execution.order);
        // No more than stands at the price, whoever sent the order, and whenever.
        REQUIRE(execution.quantity <= depth_.at(i));
        parts_ += execution.quantity < order.request.quantity ? 1 : 0;
        parts_of_stops_ += order.trigger != 0 && execution.quantity < order.request.quantity;
        REQUIRE((buys ? execution.price <= order.limit : execution.price >= order.limit));
        // Nobody sold to it while the share stood at its circuit.
        REQUIRE(book_.last_price(execution.share) !=
                (buys ? days_.at(i).upper : days_.at(i).lower));
    }

    SeededRandom random_;
    ShareRules rules_;
    ShareBook book_;
    std::array<std::int64_t, k_shares> prices_{};
    std::array<ShareDay, k_shares> days_{};
    std::array<std::int64_t, k_shares> depth_{};  // of the newest price
    std::array<std::int64_t, k_shares> held_{};
    std::array<std::int64_t, k_shares> intraday_{};
    std::map<std::uint64_t, std::int64_t> filled_;
    std::set<std::uint64_t> used_;
    std::map<ShareRefusal, int> refusals_;
    std::int64_t flow_ = 0;  // paise that came in, less what went out
    std::uint64_t executions_ = 0;
    std::uint64_t fired_ = 0;
    std::uint64_t parts_ = 0;
    std::uint64_t parts_of_stops_ = 0;
};

}  // namespace

TEST_CASE(
    "whatever is ordered, cash is exact to the millionth and nothing is sold that is not held") {
    SeededRandom seeds(test::seed("shares"));
    std::uint64_t executions = 0;
    std::uint64_t fired = 0;
    std::uint64_t parts = 0;
    std::uint64_t parts_of_stops = 0;
    std::map<ShareRefusal, int> refusals;
    for (int world = 0; world < k_worlds; ++world) {
        CAPTURE(world);
        Chaos chaos(seeds.next());
        chaos.live();
        executions += chaos.executions();
        fired += chaos.fired();
        parts += chaos.parts();
        parts_of_stops += chaos.parts_of_stops();
        for (const auto& [refusal, count] : chaos.refusals())
            refusals[refusal] += count;
    }
    MESSAGE(executions << " executions, " << parts << " of a part, " << fired << " triggers fired, "
                       << parts_of_stops << " executions of a part of them");
    CHECK(parts > 1'000);
    CHECK(parts_of_stops > 50);
    CHECK(executions > 10'000);
    CHECK(fired > 500);
    // The client met each of them.
    for (const auto refusal :
         {ShareRefusal::none, ShareRefusal::bad_quantity, ShareRefusal::off_tick,
          ShareRefusal::outside_circuit, ShareRefusal::no_protection, ShareRefusal::no_cash,
          ShareRefusal::not_held, ShareRefusal::wrong_side, ShareRefusal::too_close})
        CHECK_MESSAGE(refusals[refusal] > 0, code(refusal));
}
