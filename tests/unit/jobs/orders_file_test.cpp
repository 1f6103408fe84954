#include "worker/jobs/orders_file.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::jobs;

namespace {

// As the older bots wrote them, with names and numbers of our own.
constexpr std::string_view k_placed = R"({"user_profile":"x","orders":[
 {"ticker":"AAA","brooks_entry_price":100.0,"order_success":true,"position_size":5,"gtt_success":false},
 {"ticker":"BBB","order_success":false,"error_message":"no","position_size":7}]})";
constexpr std::string_view k_synced = R"({"orders":[
 {"tradingsymbol":"CCC","transaction_type":"BUY","status":"COMPLETE","quantity":3,"filled_quantity":3},
 {"tradingsymbol":"DDD","transaction_type":"SELL","status":"COMPLETE","quantity":4},
 {"tradingsymbol":"EEE","transaction_type":"BUY","status":"REJECTED","quantity":4}]})";

}  // namespace

TEST_CASE("an order that ended keeps a share from being bought only by what it brought") {
    const auto placed = [](const std::string& rest) {
        const auto orders = read_orders_file(
            R"({"orders":[{"tradingsymbol":"CCC","transaction_type":"BUY","quantity":9,)" + rest +
            "}]}");
        REQUIRE(orders.has_value());
        return orders->at(0).placed ? orders->at(0).quantity : -1;
    };
    CHECK(placed(R"("status":"OPEN","filled_quantity":0)") == 9);
    CHECK(placed(R"("status":"CANCELLED","filled_quantity":0)") == -1);
    CHECK(placed(R"("status":"CANCELLED AMO","filled_quantity":0)") == -1);
    CHECK(placed(R"("status":"EXPIRED","filled_quantity":0)") == -1);
    CHECK(placed(R"("status":"CANCELLED","filled_quantity":4)") == 4);
    CHECK(placed(R"("status":"REJECTED","filled_quantity":0)") == -1);
}

TEST_CASE("a quantity that is no count of shares is none, or as many as there may be") {
    const auto count = [](const std::string& number) {
        return read_orders_file(R"({"orders":[{"ticker":"AAA","position_size":)" + number + "}]}")
            .value()
            .at(0)
            .quantity;
    };
    CHECK(count("5.0") == 5);
    CHECK(count("-5") == 0);
    CHECK(count("1e300") == 1'000'000'000'000);
    CHECK(count("18446744073709551615") == 1'000'000'000'000);
    CHECK(count("\"5\"") == 0);
}

TEST_CASE("both older shapes are read, also in one file") {
    CHECK(read_orders_file(k_placed).value() ==
          std::vector<FiledOrder>{{"AAA", true, 5}, {"BBB", false, 7}});
    CHECK(read_orders_file(k_synced).value() ==
          std::vector<FiledOrder>{{"CCC", true, 3}, {"DDD", false, 4}, {"EEE", false, 0}});
    for (const char* text :
         {"", "[]", "{}", R"({"orders":3})", R"({"orders":[1]})", R"({"orders":[{"name":"AAA"}]})"})
        CHECK_FALSE(read_orders_file(text).has_value());
}

TEST_CASE("what files of the day say was placed counts; what cannot be read is named") {
    const test::TemporaryDirectory directory;
    storage::SystemFileSystem files;
    const auto write = [&](const char* name, std::string_view text) {
        test::write_text(directory.path() + "/" + name, text);
    };
    write("orders_x_20260706_093000.json", k_placed);
    write("orders_x_20260706_101500.json", k_synced);
    write("orders_x_20260705_093000.json", R"({"orders":[{"ticker":"OLD","order_success":true}]})");
    write("orders_x_20260706_111500.json", "{");
    std::vector<std::string> unreadable;
    CHECK(ordered_by_files(files, directory.path(), "2026-07-06", &unreadable) ==
          std::set<std::string>{"AAA", "CCC"});
    CHECK(unreadable == std::vector<std::string>{"orders_x_20260706_111500.json"});
    // A folder that is not there has no orders; what is no folder says nothing.
    unreadable.clear();
    CHECK(ordered_by_files(files, directory.path() + "/none", "2026-07-06", &unreadable).empty());
    CHECK(unreadable.empty());
    const auto file = directory.path() + "/orders_x_20260706_093000.json";
    CHECK(ordered_by_files(files, file, "2026-07-06", &unreadable).empty());
    CHECK(unreadable == std::vector<std::string>{file});
}

namespace {

// Of one order that filled, and one of which nothing is known.
std::string written_file() {
    ShareRecords records;
    const auto client = share_order_id("TEST", "2026-07-06", "AAA", "buy0");
    auto& order = records.orders[client.str()];
    order.day = "2026-07-06";
    order.signal = {"AAA", {10'000}, {9'500}, {12'000}};
    order.quantity = 5;
    order.limit = {10'050};
    order.last = {10'010};
    order.sent = *parse_utc("2026-07-06T04:00:02Z");
    records.stops["AAA"].own = {7};
    // Refused before it was sent, so that nothing is known of it.
    auto& other = records.orders["TESTOTHER"];
    other.day = "2026-07-06";
    other.signal = {"BBB", {10'000}, {10'000}, {12'000}};
    ShareWorld world;
    world.orders.push_back({3,
                            client,
                            "AAA",
                            model::Side::buy,
                            matching::Product::cnc,
                            {10'050},
                            5,
                            5,
                            50'000,
                            matching::Status::filled,
                            "",
                            0,
                            {}});
    world.triggers.push_back({7,
                              "AAA",
                              model::Side::sell,
                              matching::TriggerStatus::active,
                              {{9'500}, {9'025}, 5},
                              std::nullopt,
                              0,
                              {}});
    OrdersFile file;
    file.deployment_percent = 50;
    file.account = "anna";
    file.day = "2026-07-06";
    file.planned = {"2026-07-06", "s.csv", "0", *parse_utc("2026-07-06T04:00:01Z")};
    file.planned.available = {123'450'000, model::k_inr};
    file.planned.skipped = {{"BBB", "held"}};
    file.planned.bad_rows = {"row 4: Ticker 'x y' is no symbol"};
    CHECK(orders_file_name(file) == "orders_anna_20260706_040001.json");
    return orders_file_text(file, records, world, *parse_utc("2026-07-06T04:02:00Z"));
}

}  // namespace

TEST_CASE("our file is of the placed shape, with what the broker has of each order") {
    const auto text = written_file();
    auto read = read_orders_file(text).value();
    REQUIRE(read.size() == 2);
    if (read.front().symbol != "AAA")
        std::swap(read.front(), read.back());
    CHECK(read == std::vector<FiledOrder>{{"AAA", true, 5}, {"BBB", false, 0}});
    for (const char* part : {"\"gtt_success\": true", "\"gtt_trigger_id\": 7", "\"order_id\": 3",
                             "\"stop_loss\": 95.0", "\"investment_amount\": 500.0",
                             "\"available_capital\": \"123.45\"", "\"reason\": \"held\"",
                             "\"row 4: Ticker 'x y' is no symbol\""}) {
        CAPTURE(part);
        CHECK(text.find(part) != std::string::npos);
    }
}

TEST_CASE("our file has every field of the older bots' files, null where it is not known") {
    const auto document = nlohmann::json::parse(written_file());
    for (const char* name :
         {"user_profile", "timestamp", "brooks_file_used", "available_capital", "usable_capital",
          "capital_utilization_percent", "total_orders_attempted", "successful_orders",
          "total_investment", "skipped_existing_positions", "last_sync_timestamp", "sync_source"})
        CHECK_MESSAGE(document.contains(name), name);
    for (const auto& one : document["orders"]) {
        for (const char* name :
             {"ticker", "brooks_entry_price", "stop_loss", "target_price", "risk_reward_ratio",
              "order_timestamp", "order_success", "gtt_success", "error_message", "current_price",
              "position_size", "investment_amount"})
            CHECK_MESSAGE(one.contains(name), name);
        const bool known = one["ticker"] == "AAA";
        CHECK(one["risk_reward_ratio"] == (known ? nlohmann::json(4.0) : nlohmann::json()));
        CHECK(one["order_timestamp"].is_string() == known);
        CHECK(one["current_price"] == (known ? nlohmann::json(100.1) : nlohmann::json()));
        CHECK(one["average_price"] == (known ? nlohmann::json(100.0) : nlohmann::json()));
    }
    CHECK(document["usable_capital"] == "61.725");
}

TEST_CASE("the records read back as they were, and never another account's") {
    ShareRecords records;
    auto& order = records.orders["TESTX"];
    order.day = "2026-07-06";
    order.rank = 2;
    order.signal = {"M&M", {1}, {2}, {3}};
    order.quantity = 4;
    order.limit = {5};
    order.state = MeantState::rejected;
    order.sent = *parse_utc("2026-07-06T04:00:01Z");
    order.stop_refusals = 1;
    order.closings = 2;
    order.note = "no \"cash\"";
    order.last = {6};
    order.paid = {7};
    records.stops["M&M"] = {{1, 2}, StopRecords::Intent{{{3}, {4}}, 5, {6, 7}, true, {8}}};
    records.stops["M&M"].standing = {9};
    records.raised = {"2026-07-06", 3};
    records.positions["M&M"] = {8, true, *parse_utc("2026-07-06T05:00:00Z"), "2026-07-06", -3};
    records.planned = PlannedFrom{"2026-07-06", "a.csv", "00", order.sent};
    records.planned->modified = order.sent;
    records.planned->available = {5, model::k_inr};
    records.planned->skipped = {{"M&M", "held"}};
    records.planned->bad_rows = {"row 2"};
    const auto anna = test::account_id("anna");
    const auto text = encode(records, anna);
    const auto again = decode_share_records(text, anna);
    REQUIRE_MESSAGE(again, again.error().message());
    CHECK(*again == records);
    // An earlier program noted less.
    auto object = nlohmann::json::parse(text);
    for (const char* later : {"modified", "available", "skipped", "bad_rows"})
        object["planned"].erase(later);
    const auto earlier = decode_share_records(object.dump(), anna);
    REQUIRE_MESSAGE(earlier, earlier.error().message());
    CHECK(earlier->planned->checksum == "00");
    CHECK(earlier->planned->modified == UtcTime{});
    CHECK_FALSE(decode_share_records(text, test::account_id("berta")).has_value());
    CHECK_FALSE(decode_share_records(text.substr(0, text.size() / 2), anna).has_value());
    CHECK_FALSE(decode_share_records("{}", anna).has_value());
}

TEST_CASE("order ids are the same for the same words, and others for others") {
    std::set<std::string> all;
    for (const char* day : {"2026-07-06", "2026-07-07"}) {
        for (const char* symbol : {"AAA", "AAB", "AA"}) {
            for (const char* leg : {"buy0", "buy1", "close1"}) {
                const auto id = share_order_id("TEST", day, symbol, leg);
                CHECK(id == share_order_id("TEST", day, symbol, leg));
                all.insert(id.str());
            }
        }
    }
    CHECK(all.size() == 18);
}
