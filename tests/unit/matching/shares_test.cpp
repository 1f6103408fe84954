#include "common/matching/shares.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace bullpen;
using namespace bullpen::matching;

namespace {

constexpr std::int64_t k_rupee = 1'000'000;
constexpr auto k_monday = std::chrono::sys_days(std::chrono::year(2026) / 7 / 6);

model::Money rupees(std::int64_t amount) {
    return {amount * k_rupee, model::k_inr};
}

// A book of 100,000 rupees and one share that closed at 100.00 and trades at that.
struct Fixture {
    ShareBook book{rupees(100'000), {}};
    ShareRef share = book.add_share("INFY");
    int day = 0;

    Fixture() {
        next_day();
        price(10'000);
    }
    void next_day() {
        if (book.open())
            book.close_day();
        book.open_day(k_monday + std::chrono::days(day++),
                      {share_day({10'000}, 20, model::Ticks{5})});
    }
    void price(std::int64_t paise) { book.on_price(share, {paise}); }
    [[nodiscard]] ShareOrderRequest request(model::Side side, std::int64_t quantity,
                                            std::int64_t limit,
                                            Product product = Product::cnc) const {
        ShareOrderRequest request;
        request.share = share;
        request.side = side;
        request.product = product;
        request.quantity = quantity;
        request.limit = {limit};
        request.market = limit == 0;
        return request;
    }
    const ShareOrder& buy(std::int64_t quantity, std::int64_t limit,
                          Product product = Product::cnc) {
        return book.orders().at(book.submit(request(model::Side::buy, quantity, limit, product)));
    }
    const ShareOrder& sell(std::int64_t quantity, std::int64_t limit,
                           Product product = Product::cnc) {
        return book.orders().at(book.submit(request(model::Side::sell, quantity, limit, product)));
    }
    [[nodiscard]] TriggerRequest stop(std::int64_t quantity, std::int64_t trigger,
                                      std::int64_t limit) const {
        return {share, model::Side::sell, {{trigger}, {limit}, quantity}, std::nullopt};
    }
};

}  // namespace

TEST_CASE("the codes of refusals are all different") {
    std::set<std::string_view> codes;
    for (std::size_t i = 0; i < static_cast<std::size_t>(ShareRefusal::count_); ++i)
        CHECK(codes.insert(code(static_cast<ShareRefusal>(i))).second);
}

TEST_CASE("a circuit is rounded inwards to the tick") {
    const auto day = share_day({10'003}, 5, model::Ticks{5});
    CHECK(day.lower.ticks == 9505);    // 95.0285
    CHECK(day.upper.ticks == 10'500);  // 105.0315
    const auto wide = share_day({10'000}, 20, model::Ticks{10});
    CHECK(wide.lower.ticks == 8000);
    CHECK(wide.upper.ticks == 12'000);
}

TEST_CASE_FIXTURE(Fixture, "a purchase for delivery pays in full and settles in two days") {
    CHECK(buy(10, 10'000).status == Status::filled);
    CHECK(book.holding(share) == Holding{0, 0, 10});
    CHECK(book.cash() == rupees(99'000));
    next_day();
    CHECK(book.holding(share) == Holding{0, 10, 0});
    next_day();
    CHECK(book.holding(share) == Holding{10, 0, 0});
    CHECK(book.cash() == rupees(99'000));
}

TEST_CASE_FIXTURE(Fixture,
                  "shares may be sold before they are settled, and the day's own go first") {
    book.add_holding(share, 5);
    buy(10, 10'000);
    CHECK(book.sellable(share) == 15);
    CHECK(sell(12, 10'000).status == Status::filled);
    CHECK(book.holding(share) == Holding{3, 0, 0});
    // 80 of 100 at once, the rest with the settlement.
    CHECK(book.cash() == rupees(99'000 + 960));
    CHECK(book.unsettled() == rupees(240));
    next_day();
    CHECK(book.cash() == rupees(100'200));
    CHECK(book.unsettled() == rupees(0));
}

TEST_CASE_FIXTURE(Fixture, "no more is sold than is held, what is promised counted") {
    book.add_holding(share, 10);
    CHECK(sell(6, 11'000).status == Status::working);
    CHECK(book.sellable(share) == 4);
    const auto& refused = sell(5, 11'000);
    CHECK(refused.status == Status::rejected);
    CHECK(refused.refusal == ShareRefusal::not_held);
    CHECK(sell(4, 11'000).status == Status::working);
    price(11'000);
    CHECK(book.holding(share).all() == 0);
    CHECK(sell(1, 11'000).refusal == ShareRefusal::not_held);
}

TEST_CASE_FIXTURE(Fixture, "a purchase blocks what it may cost until it fills or ends") {
    const auto number = buy(900, 9'900).number;
    CHECK(book.blocked() == rupees(89'100));
    CHECK(book.available() == rupees(10'900));
    CHECK(buy(111, 9'900).refusal == ShareRefusal::no_cash);
    CHECK(buy(110, 9'900).status == Status::working);
    CHECK(book.cancel(number) == ShareRefusal::none);
    CHECK(book.available() == rupees(100'000 - 10'890));
    CHECK(book.cancel(number) == ShareRefusal::too_late);
    CHECK(book.cancel(99) == ShareRefusal::unknown);
}

TEST_CASE_FIXTURE(Fixture, "a price that is none of the day's is refused, each for its reason") {
    CHECK(buy(1, 9'998).refusal == ShareRefusal::off_tick);
    CHECK(buy(1, 12'005).refusal == ShareRefusal::outside_circuit);
    CHECK(buy(1, 7'995).refusal == ShareRefusal::outside_circuit);
    CHECK(buy(0, 10'000).refusal == ShareRefusal::bad_quantity);
    CHECK(buy(1, -5).refusal == ShareRefusal::bad_price);
    // Another tick from another day on.
    book.close_day();
    book.open_day(k_monday + std::chrono::days(10), {share_day({10'000}, 20, model::Ticks{10})});
    CHECK(buy(1, 9'995).refusal == ShareRefusal::off_tick);
    book.close_day();
    CHECK(buy(1, 10'000).refusal == ShareRefusal::market_shut);
}

TEST_CASE_FIXTURE(Fixture, "a market order needs protection, which is how far it goes at most") {
    CHECK(buy(1, 0).refusal == ShareRefusal::no_protection);
    auto request = this->request(model::Side::buy, 1, 0);
    request.protection_percent = 2;
    CHECK(book.orders().at(book.submit(request)).limit.ticks == 10'200);
    request.protection_percent = -1;
    CHECK(book.orders().at(book.submit(request)).limit.ticks == 10'300);
    // The circuit is nearer than the protection.
    request.protection_percent = 50;
    CHECK(book.orders().at(book.submit(request)).limit.ticks == 12'000);
    request.protection_percent = 101;
    CHECK(book.orders().at(book.submit(request)).refusal == ShareRefusal::no_protection);
    book.add_holding(share, 10);
    price(10'005);
    request.side = model::Side::sell;
    request.protection_percent = 1;
    // 99.0495: never lower than that.
    CHECK(book.orders().at(book.submit(request)).limit.ticks == 9'905);
    CHECK(book.holding(share).all() == 12);
}

TEST_CASE_FIXTURE(Fixture,
                  "before the rule a market order without protection goes to the circuit") {
    ShareRules old;
    old.protection_needed = false;
    ShareBook before(rupees(100'000), old);
    const auto one = before.add_share("INFY");
    before.open_day(k_monday, {share_day({10'000}, 20, model::Ticks{5})});
    auto request = this->request(model::Side::buy, 1, 0);
    CHECK(before.orders().at(before.submit(request)).refusal == ShareRefusal::no_price);
    before.on_price(one, {10'000});
    CHECK(before.orders().at(before.submit(request)).limit.ticks == 12'000);
}

TEST_CASE_FIXTURE(Fixture, "at a circuit nobody stands on the other side") {
    book.add_holding(share, 10);
    price(12'000);
    CHECK(buy(1, 12'000).status == Status::working);
    CHECK(sell(1, 12'000).status == Status::filled);
    price(8'000);
    CHECK(sell(1, 8'000).status == Status::working);
    price(8'005);
    CHECK(book.sellable(share) == 9 + book.holding(share).today);
}

TEST_CASE_FIXTURE(Fixture,
                  "what waits fills at its limit, and in the auction at the day's first price") {
    CHECK(buy(10, 9'000).status == Status::working);
    price(8'900);
    CHECK(book.cash() == rupees(100'000 - 900));
    next_day();
    CHECK(buy(10, 9'000).status == Status::working);
    price(8'900);
    CHECK(book.cash() == rupees(100'000 - 900 - 890));
}

TEST_CASE_FIXTURE(Fixture, "an order fills in parts, and what is not filled at the close expires") {
    const auto number = buy(10, 9'000).number;
    book.on_price(share, {9'000}, 4);
    CHECK(book.orders().at(number).filled == 4);
    CHECK(book.blocked() == rupees(540));
    book.close_day();
    CHECK(book.orders().at(number).status == Status::expired);
    CHECK(book.blocked() == rupees(0));
    CHECK(book.holding(share).today == 4);
}

TEST_CASE_FIXTURE(Fixture,
                  "each order takes at most what stands at a price, one that comes later too") {
    const auto first = buy(10, 9'500).number;
    const auto second = buy(3, 9'500).number;
    book.on_price(share, {9'400}, 4);
    CHECK(book.orders().at(first).filled == 4);
    CHECK(book.orders().at(second).filled == 3);
    // The price still stands, and as much at it.
    const auto later = buy(9, 9'500).number;
    CHECK(book.orders().at(later).filled == 4);
    auto request = this->request(model::Side::buy, 9, 9'500);
    request.immediate = true;
    const auto immediate = book.submit(request);
    CHECK(book.orders().at(immediate).filled == 4);
    CHECK(book.orders().at(immediate).status == Status::cancelled);
    // Without a word about it there is enough for everybody.
    price(9'300);
    CHECK(book.orders().at(first).status == Status::filled);
    CHECK(book.orders().at(later).status == Status::filled);
}

TEST_CASE_FIXTURE(Fixture, "the order of a trigger fills in parts like any other") {
    book.add_holding(share, 10);
    const auto placed = book.place_trigger(stop(10, 9'500, 9'400));
    book.on_price(share, {9'450}, 4);
    const auto number = book.triggers().at(placed.number).order;
    CHECK(book.orders().at(number).filled == 4);
    CHECK(book.orders().at(number).status == Status::working);
    CHECK(book.sellable(share) == 0);
    book.on_price(share, {9'390}, 4);
    CHECK(book.orders().at(number).filled == 4);
    book.on_price(share, {9'410}, 4);
    CHECK(book.orders().at(number).filled == 8);
    book.close_day();
    CHECK(book.orders().at(number).status == Status::expired);
    CHECK(book.holding(share).all() == 2);
}

TEST_CASE_FIXTURE(Fixture, "an immediate order leaves nothing behind") {
    auto request = this->request(model::Side::buy, 10, 9'000);
    request.immediate = true;
    CHECK(book.orders().at(book.submit(request)).status == Status::cancelled);
    CHECK(book.blocked() == rupees(0));
}

TEST_CASE_FIXTURE(Fixture, "an id is used once, also by an order that was refused") {
    auto request = this->request(model::Side::buy, 0, 10'000);
    request.client = *model::ClientOrderId::parse("ANNA1");
    CHECK(book.orders().at(book.submit(request)).refusal == ShareRefusal::bad_quantity);
    request.quantity = 1;
    CHECK(book.orders().at(book.submit(request)).refusal == ShareRefusal::duplicate_id);
}

TEST_CASE_FIXTURE(Fixture,
                  "intraday needs a fifth, may be short, and is closed at the end of the day") {
    CHECK(sell(1000, 10'000, Product::mis).status == Status::filled);
    CHECK(book.intraday(share) == -1000);
    CHECK(book.blocked() == rupees(20'000));
    CHECK(book.cash() == rupees(100'000));
    // What closes it needs no margin.
    CHECK(buy(1000, 9'000, Product::mis).status == Status::working);
    CHECK(book.blocked() == rupees(20'000));
    CHECK(buy(1, 9'000, Product::mis).opens);
    price(9'500);
    book.close_day();
    CHECK(book.intraday(share) == 0);
    CHECK(book.cash() == rupees(105'000));
    CHECK(book.blocked() == rupees(0));
}

TEST_CASE_FIXTURE(Fixture, "intraday and delivery of one share are two things") {
    buy(10, 10'000, Product::mis);
    CHECK(sell(10, 10'000).refusal == ShareRefusal::not_held);
    book.add_holding(share, 10);
    CHECK(sell(10, 10'000, Product::mis).status == Status::filled);
    CHECK(book.intraday(share) == 0);
    CHECK(book.holding(share).all() == 10);
}

TEST_CASE_FIXTURE(Fixture, "a trigger sends its limit order once, when its price is reached") {
    book.add_holding(share, 10);
    const auto placed = book.place_trigger(stop(10, 9'500, 9'400));
    REQUIRE(placed.refusal == ShareRefusal::none);
    CHECK(book.sellable(share) == 10);
    price(9'505);
    CHECK(book.orders().empty());
    price(9'500);
    const auto& trigger = book.triggers().at(placed.number);
    CHECK(trigger.status == TriggerStatus::triggered);
    CHECK(book.orders().at(trigger.order).status == Status::filled);
    CHECK(book.holding(share).all() == 0);
    price(9'400);
    CHECK(book.orders().size() == 1);
    CHECK(book.delete_trigger(placed.number) == ShareRefusal::too_late);
}

TEST_CASE_FIXTURE(Fixture,
                  "a gap jumps over the limit of a trigger: it is used up, and nothing is sold") {
    book.add_holding(share, 10);
    const auto placed = book.place_trigger(stop(10, 9'500, 9'400));
    price(9'000);
    const auto order = book.triggers().at(placed.number).order;
    CHECK(book.orders().at(order).status == Status::working);
    next_day();
    CHECK(book.orders().at(order).status == Status::expired);
    CHECK(book.holding(share).all() == 10);
    CHECK(book.triggers().at(placed.number).status == TriggerStatus::triggered);
}

TEST_CASE_FIXTURE(Fixture, "of two legs one is sent, and the other is gone with it") {
    book.add_holding(share, 10);
    TriggerRequest both = stop(10, 9'500, 9'400);
    both.second = TriggerLeg{{11'000}, {10'950}, 10};
    const auto placed = book.place_trigger(both);
    REQUIRE(placed.refusal == ShareRefusal::none);
    price(11'000);
    CHECK(book.holding(share).all() == 0);
    price(9'000);
    CHECK(book.orders().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a trigger on the wrong side, too close or off the tick is refused") {
    TriggerRequest both = stop(10, 10'500, 10'400);
    both.second = TriggerLeg{{11'000}, {10'950}, 10};
    CHECK(book.place_trigger(both).refusal == ShareRefusal::wrong_side);
    both = stop(10, 9'500, 9'400);
    both.second = TriggerLeg{{9'900}, {9'850}, 10};
    CHECK(book.place_trigger(both).refusal == ShareRefusal::wrong_side);
    CHECK(book.place_trigger(stop(10, 9'980, 9'400)).refusal == ShareRefusal::too_close);
    CHECK(book.place_trigger(stop(10, 9'975, 9'400)).refusal == ShareRefusal::none);
    CHECK(book.place_trigger(stop(10, 9'501, 9'400)).refusal == ShareRefusal::off_tick);
    CHECK(book.place_trigger(stop(0, 9'500, 9'400)).refusal == ShareRefusal::bad_quantity);
    CHECK(book.delete_trigger(99) == ShareRefusal::unknown);
}

TEST_CASE_FIXTURE(Fixture, "a trigger promises no shares: without them its order is refused") {
    book.add_holding(share, 10);
    const auto placed = book.place_trigger(stop(10, 9'500, 9'400));
    sell(10, 10'000);
    price(9'500);
    const auto& trigger = book.triggers().at(placed.number);
    CHECK(trigger.status == TriggerStatus::triggered);
    CHECK(book.orders().at(trigger.order).refusal == ShareRefusal::not_held);
}

TEST_CASE_FIXTURE(Fixture, "a trigger lasts over nights, for a year") {
    book.add_holding(share, 10);
    const auto placed = book.place_trigger(stop(10, 9'500, 9'400));
    next_day();
    CHECK(book.triggers().at(placed.number).status == TriggerStatus::active);
    day = 366;
    next_day();
    CHECK(book.triggers().at(placed.number).status == TriggerStatus::expired);
    price(9'500);
    CHECK(book.orders().empty());
}

TEST_CASE_FIXTURE(Fixture, "of every execution the fee is taken") {
    ShareRules rules;
    rules.fee = {15'930'000, model::k_inr};
    ShareBook with(rupees(100'000), rules);
    const auto one = with.add_share("INFY");
    with.open_day(k_monday, {share_day({10'000}, 20, model::Ticks{5})});
    with.on_price(one, {10'000});
    with.submit(request(model::Side::buy, 10, 10'000));
    CHECK(with.cash().millionths == (100'000 - 1000) * k_rupee - 15'930'000);
}
