#include "worker/order_journal.hpp"

#include <doctest/doctest.h>

#include "tests/support/simulated_disk.hpp"

namespace bullpen::worker {

namespace {

constexpr const char* k_reserve = "/home/tmp/reserve";

execution::Intended intended(model::Purpose purpose) {
    execution::Intended made;
    made.terms.purpose = purpose;
    made.terms.key.leg = purpose;
    made.terms.quantity = 1;
    return made;
}

struct Table {
    test::SimulatedDisk disk;
    storage::Journal journal =
        storage::Journal::open(disk, "/home/journal", AccountId::parse("anna").value()).value();
    OrderJournal orders{[this]() -> storage::Journal& { return journal; }, disk, k_reserve};

    [[nodiscard]] std::size_t records() const {
        std::size_t count = 0;
        REQUIRE(journal.read(1, [&](const auto&) -> Result<void> {
            ++count;
            return {};
        }));
        return count;
    }
};

}  // namespace

TEST_CASE("on a full disk what protects and closes is recorded, and nothing is entered") {
    Table table;
    REQUIRE(table.orders.durable(intended(model::Purpose::entry)));
    REQUIRE(table.disk.exists(k_reserve));
    const auto used = table.disk.used();
    // The disk is full in the moment in which the entry is executed.
    table.disk.set_capacity(used);
    REQUIRE(table.orders.record(execution::Sent{}));
    CHECK_FALSE(table.disk.exists(k_reserve));
    for (int i = 0; i < 30; ++i) {
        REQUIRE(table.orders.durable(intended(model::Purpose::protective_stop)));
        REQUIRE(table.orders.durable(intended(model::Purpose::flatten)));
    }
    CHECK(table.disk.used() <= used);
    const auto refused = table.orders.durable(intended(model::Purpose::entry));
    REQUIRE_FALSE(refused);
    CHECK(storage::is_out_of_space(refused.error()));
    CHECK_FALSE(table.disk.exists(k_reserve));
    CHECK(table.records() == 62);
    // With room again it is kept again before anything is entered.
    table.disk.clear_faults();
    REQUIRE(table.orders.durable(intended(model::Purpose::entry)));
    CHECK(table.disk.exists(k_reserve));
    CHECK(table.disk.content(k_reserve).size() == OrderJournal::k_reserve_bytes);
}

TEST_CASE("an entry never takes the room that its stop needs") {
    Table table;
    REQUIRE(table.orders.durable(intended(model::Purpose::entry)));
    table.disk.set_capacity(table.disk.used());
    REQUIRE_FALSE(table.orders.durable(intended(model::Purpose::entry)));
    CHECK(table.disk.exists(k_reserve));
    REQUIRE(table.orders.durable(intended(model::Purpose::protective_stop)));
}

TEST_CASE("where the file of nothing has no room, or was taken away, orders are told so") {
    Table table;
    table.disk.set_capacity(table.disk.used() + OrderJournal::k_reserve_bytes - 1);
    REQUIRE_FALSE(table.orders.durable(intended(model::Purpose::entry)));
    CHECK_FALSE(table.disk.exists(k_reserve));
    CHECK(table.records() == 0);
    // An error that is not about room leaves it alone.
    table.disk.clear_faults();
    REQUIRE(table.orders.durable(intended(model::Purpose::entry)));
    table.disk.fail_at(table.disk.steps(), EIO, 1, false);
    REQUIRE_FALSE(table.orders.record(execution::Sent{}));
    CHECK(table.disk.exists(k_reserve));
}

}  // namespace bullpen::worker
