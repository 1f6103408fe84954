// What an account's records know of what was paid and where its stops stand.
#include <doctest/doctest.h>

#include "tests/support/share_account.hpp"

namespace bullpen::jobs {
namespace {

using Fixture = test::ShareAccount;

}  // namespace

TEST_CASE("what was paid, where stops stand and how often they rose is known, also after a death") {
    Fixture f;
    REQUIRE(f.run(config::JobKind::place_orders_daily).ok);
    REQUIRE(f.run(config::JobKind::sync).ok);
    f.ledger.reset();
    REQUIRE(f.run(config::JobKind::sync).ok);
    const auto& records = f.ledger->records();
    for (const auto& [client, order] : records.orders) {
        CAPTURE(order.signal.symbol);
        CHECK(order.paid <= order.limit);
        CHECK(order.paid.ticks > 0);
        CHECK(records.stops.at(order.signal.symbol).standing == order.signal.stop);
    }
    CHECK(records.raised == StopsRaised{});
    f.broker.price("AAA", 12'000);
    ipc::ShareRequest higher;
    higher.command = ipc::ShareCommand::place_trigger;
    higher.symbol = "AAA";
    higher.side = model::Side::sell;
    higher.first = {{11'000}, {10'500}, f.held("AAA")};
    const auto number = f.broker.serve(higher).number;
    f.ledger->records().stops["AAA"].own.insert(number);
    REQUIRE(f.ledger->keep().has_value());
    f.ledger.reset();
    REQUIRE(f.run(config::JobKind::sync).ok);
    CHECK(f.ledger->records().stops.at("AAA").standing.ticks == 11'000);
    CHECK(f.ledger->records().raised == StopsRaised{"2026-07-06", 1});
    // The same look again says nothing new.
    REQUIRE(f.run(config::JobKind::sync).ok);
    CHECK(f.ledger->records().raised.count == 1);
    f.ledger.reset();
    REQUIRE(f.run(config::JobKind::sync).ok);
    CHECK(f.ledger->records().raised.count == 1);
}

}  // namespace bullpen::jobs
