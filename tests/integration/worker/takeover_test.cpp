// What a person did at the broker, and what becomes of it at an account that trades there.
#include <doctest/doctest.h>

#include <variant>
#include <vector>

#include "common/storage/file_system.hpp"
#include "common/storage/journal.hpp"
#include "tests/integration/worker/paper_scene.hpp"
#include "worker/execution/record.hpp"

namespace bullpen {

namespace {

using namespace std::chrono_literals;

void trade_by_hand(test::PaperScene& scene, const char* side, int quantity) {
    REQUIRE(scene.venue
                .admin("order", R"({"account":"alpha","market":"mes","kind":"market","side":")" +
                                    std::string(side) + R"(","quantity":)" +
                                    std::to_string(quantity) + "}")
                .ok);
}

template <class T>
std::vector<T> journaled(test::PaperScene& scene) {
    std::vector<T> found;
    storage::SystemFileSystem files;
    const auto account = test::account_id("alpha");
    const auto read = storage::Journal::look(
        files, scene.venue.home().home().account(account).journal, account,
        [&](const storage::JournalRecord& record) -> Result<void> {
            if (!execution::is_record_kind(record.kind))
                return {};
            BULLPEN_TRY(const auto decoded, execution::decode(record.kind, record.body));
            if (const auto* wanted = std::get_if<T>(&decoded))
                found.push_back(*wanted);
            return {};
        });
    REQUIRE(read);
    return found;
}

}  // namespace

TEST_CASE("what a person sold is taken over at the market's time and the price of now") {
    test::PaperScene scene(
        {}, "orders.reconcile_every = \"5 s\"\norders.unexpected_stop_ticks = 2000\n");
    trade_by_hand(scene, "sell", 2);
    const auto worker = scene.daemon->launch();
    REQUIRE(scene.beat([&](const ipc::Heartbeat& said) {
        return said.quantity == -2 && scene.at_exchange().value("working", 0) == 1;
    }));
    const auto adopted = journaled<execution::Adopted>(scene);
    REQUIRE(adopted.size() == 1);
    // The market is made up, and of another day than the clock's.
    CHECK(adopted[0].at < scene.begin - 24h);
    trade_by_hand(scene, "buy", 2);
    REQUIRE(scene.beat([&](const ipc::Heartbeat& said) {
        return !journaled<execution::Traded>(scene).empty() && said.quantity.has_value();
    }));
    const auto trade = journaled<execution::Traded>(scene).front().trade;
    CHECK(trade.why.view() == "closed_elsewhere");
    CHECK(trade.opened == adopted[0].at);
    CHECK(trade.closed > trade.opened);
    CHECK(trade.closed < trade.opened + 24h);
}

TEST_CASE("who lost its session says to whom, and an order to flatten takes it back and closes") {
    test::PaperScene scene;
    const auto worker = scene.daemon->launch();
    REQUIRE(scene.holds());
    test::RawClient other(scene.venue.socket());
    other.hello("alpha");
    const auto welcome = other.reply();
    REQUIRE(welcome);
    CHECK(welcome->kind == ipc::VenueReplyKind::welcome);
    const auto told = scene.beat([](const ipc::Heartbeat& said) {
        return said.reason == "broker_unreachable" && !said.reason_text.empty();
    });
    REQUIRE(told);
    CHECK(told->reason_text.starts_with("another session of the account took over; it connects"));
    CHECK(told->last_error.starts_with("disconnected: another session"));
    scene.daemon->send(ipc::Reduce{.flatten = true});
    CHECK(scene.beat([](const ipc::Heartbeat& said) { return said.flat; }));
    CHECK(scene.at_exchange().value("working", -1) == 0);
}

}  // namespace bullpen
