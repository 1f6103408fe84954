#include <doctest/doctest.h>

#include "common/matching/exchange.hpp"

using namespace bullpen;
using namespace bullpen::matching;

namespace {

const model::Instrument& mes() {
    return **model::find_instrument("MES");
}
model::Bar bar(std::int64_t open, std::int64_t high, std::int64_t low, std::int64_t close) {
    return {UtcTime{}, model::k_minute, {open}, {high}, {low}, {close}, 1, 1};
}
OrderRequest market_order(std::string_view id, model::Side side, std::int64_t quantity) {
    OrderRequest request;
    request.client = model::ClientOrderId::parse(id).value();
    request.side = side;
    request.quantity = quantity;
    return request;
}

}  // namespace

TEST_CASE("accounts are separate: cash, positions, orders and ids") {
    Exchange exchange;
    const auto anna = exchange.add_account("anna", {1'000'000'000});
    const auto ben = exchange.add_account("ben", {2'000'000'000});
    const auto market = exchange.add_market(mes(), {});
    exchange.submit(anna, market, market_order("A1", model::Side::buy, 1));
    exchange.submit(ben, market, market_order("A1", model::Side::sell, 2));
    exchange.run_bar(market, bar(400, 404, 396, 402));
    CHECK(exchange.position(anna, market).quantity == 1);
    CHECK(exchange.position(ben, market).quantity == -2);
    // Two ticks of 1.25 dollars.
    CHECK(exchange.equity(anna).millionths == 1'002'500'000);
    CHECK(exchange.equity(ben).millionths == 1'995'000'000);
    const auto* order = exchange.find_order(anna, model::ClientOrderId::parse("A1").value());
    REQUIRE(order != nullptr);
    CHECK(exchange.cancel(ben, order->number) == Refusal::unknown_order);
    CHECK(exchange.replace(ben, order->number, 3, {400}) == Refusal::unknown_order);
    CHECK(exchange.executions(anna).size() == 1);
}

TEST_CASE("an account that may not trade cancels and does not submit") {
    Exchange exchange;
    const auto anna = exchange.add_account("anna", {});
    const auto market = exchange.add_market(mes(), {});
    auto request = market_order("A1", model::Side::buy, 1);
    request.type = model::OrderType::limit;
    request.limit = {300};
    const auto number = exchange.submit(anna, market, request);
    exchange.set_trading_allowed(anna, false);
    exchange.submit(anna, market, market_order("A2", model::Side::buy, 1));
    CHECK(exchange.events().back().order.refusal == Refusal::trading_forbidden);
    CHECK(exchange.cancel(anna, number) == Refusal::none);
}

TEST_CASE("a forgotten order is gone, but its id stays used") {
    Exchange exchange;
    const auto anna = exchange.add_account("anna", {});
    const auto market = exchange.add_market(mes(), {});
    const auto number = exchange.submit(anna, market, market_order("A1", model::Side::buy, 1));
    exchange.forget(number);
    CHECK(exchange.find_order(number) != nullptr);
    exchange.run_bar(market, bar(400, 404, 396, 402));
    exchange.forget(number);
    CHECK(exchange.find_order(number) == nullptr);
    CHECK(exchange.executions(anna).empty());
    exchange.submit(anna, market, market_order("A1", model::Side::buy, 1));
    CHECK(exchange.events().back().order.refusal == Refusal::duplicate_id);
}

TEST_CASE("no more orders rest than the limit allows") {
    Exchange exchange;
    const auto anna = exchange.add_account("anna", {});
    const auto market = exchange.add_market(mes(), {});
    auto request = market_order("A1", model::Side::buy, 1);
    request.client = {};
    request.type = model::OrderType::limit;
    request.limit = {300};
    for (std::size_t i = 0; i < k_resting_max; ++i)
        exchange.submit(anna, market, request);
    CHECK(exchange.events().back().kind == EventKind::accepted);
    exchange.submit(anna, market, request);
    CHECK(exchange.events().back().order.refusal == Refusal::too_many_orders);
}

TEST_CASE("every refusal, status and event has a code, and every refusal a sentence") {
    for (int i = 1; i <= static_cast<int>(Refusal::by_rule); ++i)
        CHECK(!sentence(static_cast<Refusal>(i)).empty());
    CHECK(code(Refusal::by_rule) == "by_rule");
    CHECK(code(Status::expired) == "expired");
    CHECK(code(EventKind::expired) == "expired");
}

TEST_CASE("an order of a price of zero is one only where zero is a price") {
    Exchange exchange;
    const auto anna = exchange.add_account("anna", {});
    const auto oil = exchange.add_market(**model::find_instrument("CL"), {});
    auto request = market_order("A1", model::Side::buy, 1);
    request.type = model::OrderType::limit;
    request.limit = {-3763};
    exchange.submit(anna, oil, request);
    CHECK(exchange.events().back().kind == EventKind::accepted);
}
