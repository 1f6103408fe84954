#include "worker/jobs/share_state_file.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "tests/support/temporary.hpp"

using namespace bullpen;
using namespace bullpen::jobs;
using nlohmann::json;

namespace {

const UtcTime k_now = parse_utc("2026-11-20T10:00:00.000Z").value();

StateOwner owner() {
    return {test::account_id("asha"), {"asha", "Asha Rao"}, "NSEA"};
}

ShareState known() {
    ShareState state;
    auto& records = state.records;
    MeantOrder order;
    order.day = "2026-11-20";
    order.signal = {"INFY", {150'000}, {140'000}, {180'000}};
    order.quantity = 10;
    order.state = MeantState::sent;
    order.sent = k_now;
    records.orders["NSEA1"] = order;
    records.own["INFY"] = 10;
    records.positions["INFY"].quantity = 10;
    records.positions["TCS"].quantity = 3;
    records.positions["TCS"].manual = true;
    records.stops["INFY"].own = {17};
    for (const auto* symbol : {"INFY", "TCS"}) {
        auto& watched = state.watch[symbol];
        watched.entry = {150'000};
        watched.base = watched.left = 10;
        watched.trail.high = {160'000};
        watched.trail.rest = model::Price{151'000};
    }
    return state;
}

// As an older bot wrote it for its user.
std::string old_file(const std::string& positions, const std::string& more = "") {
    return R"({"meta":{"user_name":"Asha Rao","date":"2026-11-20"},"positions":{)" + positions +
           "}" + more + "}";
}

bool holds(const std::vector<std::string>& lines, const std::string& words) {
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
        return line.find(words) != std::string::npos;
    });
}

}  // namespace

TEST_CASE("a position is told with what was paid and where its stop stands, if that is known") {
    auto state = known();
    const auto told = [&] {
        const auto file =
            json::parse(state_file_text(state, test::account_id("asha"), StateShape::user, k_now));
        return file["positions"]["INFY"];
    };
    CHECK(told()["entry_price"] == 1500.0);
    CHECK(told()["stop_loss"] == 1400.0);
    state.records.orders.begin()->second.paid = {150'305};
    CHECK(told()["entry_price"] == 1503.05);
    CHECK(told()["stop_loss"] == 1400.0);
    state.records.stops["INFY"].standing = {145'500};
    CHECK(told()["stop_loss"] == 1455.0);
    const auto prices = known_prices(state.records, "INFY");
    CHECK(prices.signal_entry.ticks == 150'000);
    CHECK(prices.signal_stop.ticks == 140'000);
    CHECK(known_prices(state.records, "TCS").entry.ticks == 0);
}

TEST_CASE("a user's own file has what older bots read, and the shared one names nobody") {
    const auto own =
        json::parse(state_file_text(known(), test::account_id("asha"), StateShape::user, k_now));
    CHECK(own["meta"]["user_name"] == "asha");
    CHECK(own["meta"]["date"] == "2026-11-20");
    const auto& infy = own["positions"]["INFY"];
    CHECK(infy["type"] == "LONG");
    CHECK(infy["product_type"] == "CNC");
    CHECK(infy["quantity"] == 10);
    CHECK(infy["entry_price"] == 1500.0);
    CHECK(infy["stop_loss"] == 1400.0);
    CHECK(own["gtt_orders"]["INFY"]["trigger_id"] == 17);
    CHECK_FALSE(infy.contains("gtt"));
    CHECK(own["positions"]["TCS"]["manual"] == true);
    CHECK(own["positions"]["TCS"]["own_quantity"] == 0);
    CHECK(own["daily_tickers"]["long"] == json::array({"INFY"}));

    const auto shared =
        json::parse(state_file_text(known(), test::account_id("asha"), StateShape::shared, k_now));
    CHECK_FALSE(shared["meta"].contains("user_name"));
    CHECK_FALSE(shared.contains("gtt_orders"));
    CHECK(shared["positions"]["INFY"]["gtt"]["trigger_id"] == 17);
}

TEST_CASE("a file of ours comes back as it was, in both shapes, and says what changes") {
    for (const auto shape : {StateShape::user, StateShape::shared}) {
        const auto text = state_file_text(known(), test::account_id("asha"), shape, k_now);
        const auto made = plan_state_import(text, owner(), {});
        REQUIRE(made.has_value());
        CHECK(made->after == known());
        CHECK(holds(made->changes, "INFY: of its shares 10 are the account's own, 0 before"));
        CHECK(holds(made->changes, "INFY: trigger 17 is the account's own"));
        CHECK(holds(made->changes, "INFY: what the watchdog knows of it is the file's"));
        const auto again = plan_state_import(text, owner(), known());
        REQUIRE(again.has_value());
        CHECK(again->changes.empty());
    }
}

TEST_CASE("what the watchdog knew of a position that an import changes is begun anew") {
    const auto other = plan_state_import(
        old_file(R"("INFY":{"type":"LONG","product_type":"CNC","quantity":5})"), owner(), known());
    REQUIRE(other.has_value());
    CHECK_FALSE(other->after.watch.contains("INFY"));
    CHECK(other->after.watch.at("TCS") == known().watch.at("TCS"));
    CHECK(holds(other->changes, "INFY: the watchdog begins anew with it"));
    const auto same = plan_state_import(
        old_file(R"("INFY":{"type":"LONG","product_type":"CNC","quantity":10})"), owner(), known());
    REQUIRE(same.has_value());
    CHECK(same->after.watch == known().watch);
    // A file of ours in which it is not yet.
    auto older =
        json::parse(state_file_text(known(), test::account_id("asha"), StateShape::user, k_now));
    older.erase("bullpen_watch");
    auto before = known();
    before.records.positions["INFY"].quantity = 4;
    const auto ours = plan_state_import(older.dump(), owner(), before);
    REQUIRE(ours.has_value());
    CHECK_FALSE(ours->after.watch.contains("INFY"));
    CHECK(ours->after.watch.contains("TCS"));
    // Whose records they are is looked at here, too.
    auto stolen = older;
    stolen["bullpen_watch"] = json::parse(encode(known().watch, test::account_id("ravi")));
    CHECK(plan_state_import(stolen.dump(), owner(), before).error().code() == Errc::wrong_account);
}

TEST_CASE("the file of another account, or of nobody, is refused and says why") {
    const auto ours = state_file_text(known(), test::account_id("ravi"), StateShape::user, k_now);
    CHECK(plan_state_import(ours, owner(), {}).error().code() == Errc::wrong_account);
    const auto refused =
        plan_state_import(R"({"meta":{"user_name":"Ravi"},"positions":{}})", owner(), {});
    CHECK(refused.error().code() == Errc::wrong_account);
    CHECK(refused.error().message().find("'Ravi'") != std::string::npos);
    const auto nobody = plan_state_import(R"({"meta":{},"positions":{}})", owner(), {});
    CHECK(nobody.error().code() == Errc::wrong_account);
    CHECK(nobody.error().message().find("migrate split") != std::string::npos);
}

TEST_CASE("what is no such file is refused, whatever it is") {
    for (const auto* text :
         {"", "[]", "{", R"({"meta":{"user_name":"asha"}})", R"({"meta":[],"positions":1})",
          R"({"meta":{"user_name":"asha"},"positions":[]})", R"({"bullpen":{"version":1}})"}) {
        CAPTURE(text);
        CHECK_FALSE(plan_state_import(text, owner(), {}).has_value());
    }
    CHECK(plan_state_import(R"({"bullpen":{"version":99}})", owner(), {}).error().code() ==
          Errc::newer_version);
}

TEST_CASE("tickers of the day are those that were bought, and not those that were only planned") {
    auto state = known();
    const auto add = [&](const char* client, const char* symbol, std::optional<std::int64_t> fill) {
        auto order = state.records.orders.at("NSEA1");
        order.signal.symbol = symbol;
        order.filled = fill;
        state.records.orders[client] = order;
    };
    add("NSEA2", "MEANT", 0);
    add("NSEA3", "SOLD", 4);
    add("NSEA4", "OLDER", std::nullopt);
    state = ShareState{*decode_share_records(encode(state.records, test::account_id("asha")),
                                             test::account_id("asha")),
                       state.watch};
    const auto file =
        json::parse(state_file_text(state, test::account_id("asha"), StateShape::user, k_now));
    CHECK(file["daily_tickers"]["long"] == json::array({"INFY", "SOLD", "OLDER"}));
}

TEST_CASE(
    "of an older bot's file what is open for delivery is taken, wherever its trigger stands") {
    const auto made = plan_state_import(
        old_file(
            R"("INFY":{"type":"LONG","product_type":"CNC","quantity":5,"gtt":{"trigger_id":71}},
                    "TCS":{"type":"LONG","product_type":"CNC","quantity":2,"gtt_order_id":"72"},
                    "SBIN":{"type":"LONG","product_type":"CNC","quantity":9},
                    "ITC":{"type":"LONG","product_type":"CNC","quantity":1,"exit_price":0})",
            R"(,"gtt_orders":{"SBIN":{"trigger_id":73}},
                     "daily_tickers":{"long":["WIPRO","not a ticker",7],"short":[]})"),
        owner(), known());
    REQUIRE(made.has_value());
    CHECK(made->after.records.own.at("INFY") == 5);
    CHECK(made->after.records.stops.at("INFY").own == std::set<std::uint64_t>{17, 71});
    CHECK(made->after.records.stops.at("TCS").own == std::set<std::uint64_t>{72});
    CHECK(made->after.records.stops.at("SBIN").own == std::set<std::uint64_t>{73});
    CHECK(made->after.records.own.at("ITC") == 1);
    CHECK_FALSE(made->after.records.positions.at("TCS").manual);
    CHECK(made->left_out.empty());
    CHECK(holds(made->changes, "WIPRO: traded on 2026-11-20"));
    const auto traded =
        std::find_if(made->after.records.orders.begin(), made->after.records.orders.end(),
                     [](const auto& one) { return one.second.signal.symbol == "WIPRO"; });
    REQUIRE(traded != made->after.records.orders.end());
    CHECK(traded->second.state == MeantState::over);
    CHECK(traded->second.day == "2026-11-20");
    // What the file does not name stays, and the same file again changes nothing.
    CHECK(made->after.records.orders.contains("NSEA1"));
}

TEST_CASE("the same file of an older bot changes nothing the second time") {
    const auto text = old_file(
        R"("INFY":{"type":"LONG","product_type":"CNC","quantity":5,"gtt":{"trigger_id":71}})",
        R"(,"daily_tickers":{"long":["WIPRO"]})");
    const auto first = plan_state_import(text, owner(), {});
    REQUIRE(first.has_value());
    const auto second = plan_state_import(text, owner(), first->after);
    REQUIRE(second.has_value());
    CHECK(second->changes.empty());
    CHECK(second->after == first->after);
}

TEST_CASE("what an account of shares cannot have is left out and named") {
    const auto made =
        plan_state_import(old_file(R"("INFY":{"type":"SHORT","product_type":"CNC","quantity":5},
                    "TCS":{"type":"LONG","product_type":"MIS","quantity":2},
                    "SBIN":{"type":"LONG","quantity":9},
                    "ITC":{"type":"LONG","product_type":"CNC","quantity":1,"exit_price":401.5},
                    "LT":{"type":"LONG","product_type":"CNC","quantity":"many"},
                    "ONGC":{"type":"LONG","product_type":"CNC","quantity":99999999999999},
                    "no name":{"type":"LONG","product_type":"CNC","quantity":1},
                    "BEL":17)"),
                          owner(), {});
    REQUIRE(made.has_value());
    CHECK(made->after.records == ShareRecords{});
    CHECK(made->after.watch.empty());
    CHECK(made->changes == std::vector<std::string>{
                               "kept for exports, though no job uses it: the record of BEL, the "
                               "record of INFY, the record of ITC, the record of LT, the "
                               "record of ONGC, the record of SBIN, the record of TCS, the "
                               "record of no name"});
    CHECK(made->left_out.size() == 8);
    CHECK(holds(made->left_out, "INFY: it is short"));
    CHECK(holds(made->left_out, "TCS: its product is MIS"));
    CHECK(holds(made->left_out, "SBIN: it does not say"));
    CHECK(holds(made->left_out, "ITC: it was sold"));
    CHECK(holds(made->left_out, "LT: its quantity"));
}

namespace {

const char* const k_whole_old_file =
    R"({"meta":{"user_name":"Asha Rao","date":"2026-11-20","created":"2026-01-05"},
        "positions":{
          "INFY":{"type":"LONG","product_type":"CNC","quantity":5,"entry_price":1500.5,
                  "instrument_token":408065,"gtt":{"trigger_id":71,"trigger_price":1400}},
          "TCS":{"type":"LONG","product_type":"CNC","quantity":2,"exit_price":3900.0,
                 "exit_reason":"target","exit_pnl":120.5},
          "SBIN":{"type":"SHORT","product_type":"MIS","quantity":-4}},
        "daily_tickers":{"long":["INFY"],"short":["SBIN"]},
        "gtt_orders":{"WIPRO":{"trigger_id":90}},
        "session_data":{"last_scan":"09:20","tries":3},
        "notes":["kept by hand"]})";

}  // namespace

TEST_CASE(
    "session data, closed records and whatever else an older file has go out as they came in") {
    const auto id = test::account_id("asha");
    const auto old = json::parse(k_whole_old_file);
    const auto made = plan_state_import(k_whole_old_file, owner(), {});
    REQUIRE(made.has_value());
    CHECK(holds(made->left_out, "TCS: it was sold"));
    CHECK(holds(made->changes, "session data (2)"));
    CHECK(holds(made->changes, "the record of TCS"));
    CHECK(holds(made->changes, "notes"));
    const auto carried = decode_carried(encode(made->after.carried, id), id);
    REQUIRE(carried.has_value());
    CHECK(*carried == made->after.carried);
    CHECK(
        decode_carried(encode(made->after.carried, id), test::account_id("ravi")).error().code() ==
        Errc::wrong_account);

    const auto out = json::parse(state_file_text(made->after, id, StateShape::user, k_now));
    CHECK(out["session_data"] == old["session_data"]);
    CHECK(out["positions"]["TCS"] == old["positions"]["TCS"]);
    CHECK(out["positions"]["SBIN"] == old["positions"]["SBIN"]);
    CHECK(out["positions"]["INFY"]["entry_price"] == 1500.5);
    CHECK(out["positions"]["INFY"]["instrument_token"] == 408065);
    CHECK(out["positions"]["INFY"]["quantity"] == 5);
    CHECK(out["gtt_orders"]["WIPRO"] == old["gtt_orders"]["WIPRO"]);
    CHECK(out["daily_tickers"]["short"] == old["daily_tickers"]["short"]);
    CHECK(out["notes"] == old["notes"]);
    CHECK(out["meta"]["created"] == "2026-01-05");
    CHECK(out["meta"]["user_name"] == "asha");
    const auto shared = json::parse(state_file_text(made->after, id, StateShape::shared, k_now));
    CHECK_FALSE(shared.contains("session_data"));
    CHECK(shared["bullpen_carried"]["session_data"] == old["session_data"]);
    CHECK(shared["positions"]["TCS"]["exit_pnl"] == 120.5);

    for (const auto shape : {StateShape::user, StateShape::shared}) {
        const auto again =
            plan_state_import(state_file_text(made->after, id, shape, k_now), owner(), {});
        REQUIRE(again.has_value());
        CHECK(again->after == made->after);
    }
}

TEST_CASE("what an older file said of a share that was sold since is not told as held") {
    auto made = plan_state_import(k_whole_old_file, owner(), {});
    REQUIRE(made.has_value());
    auto& records = made->after.records;
    records.own.erase("INFY");
    records.positions.erase("INFY");
    // This one was bought again since its record was closed.
    records.own["TCS"] = 3;
    const auto out = json::parse(
        state_file_text(made->after, test::account_id("asha"), StateShape::user, k_now));
    CHECK_FALSE(out["positions"].contains("INFY"));
    CHECK(out["positions"]["TCS"]["quantity"] == 3);
    CHECK_FALSE(out["positions"]["TCS"].contains("exit_price"));
    CHECK(out["bullpen_carried"]["positions"]["TCS"]["exit_price"] == 3900.0);
}

TEST_CASE("another file of an older bot keeps what the one before it had") {
    const auto first = plan_state_import(k_whole_old_file, owner(), {});
    REQUIRE(first.has_value());
    const auto second = plan_state_import(
        old_file(R"("LT":{"type":"LONG","product_type":"CNC","quantity":1,"exit_price":3})",
                 R"(,"session_data":{"tries":4})"),
        owner(), first->after);
    REQUIRE(second.has_value());
    const auto out = json::parse(
        state_file_text(second->after, test::account_id("asha"), StateShape::user, k_now));
    CHECK(out["positions"].contains("LT"));
    CHECK(out["positions"].contains("TCS"));
    CHECK(out["session_data"] == json{{"tries", 4}});
    CHECK(out["notes"] == json::array({"kept by hand"}));
}

TEST_CASE("session data of an older bot is read, set and deleted entry by entry") {
    const auto made = plan_state_import(k_whole_old_file, owner(), {});
    REQUIRE(made.has_value());
    CHECK(session_value(made->after.carried, "tries") == "3");
    CHECK_FALSE(session_value(made->after.carried, "none").has_value());
    auto set = with_session_value(made->after.carried, "tries", "not JSON");
    REQUIRE(set.has_value());
    CHECK(session_value(*set, "tries") == R"("not JSON")");
    set = with_session_value(*set, "tries", std::nullopt);
    REQUIRE(set.has_value());
    CHECK_FALSE(session_value(*set, "tries").has_value());
    CHECK(with_session_value(*set, "tries", std::nullopt).error().code() == Errc::not_found);
    CHECK(session_value(*with_session_value({}, "first", "[1]"), "first") == "[1]");
}
