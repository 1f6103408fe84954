#include <doctest/doctest.h>

#include "common/base/errc.hpp"
#include "ipc/venue_message.hpp"

using namespace bullpen;
using namespace bullpen::ipc;

namespace {

std::string without_newline(std::string line) {
    REQUIRE(line.back() == '\n');
    line.pop_back();
    return line;
}

const UtcTime k_time = utc_from_nanos(1'744'032'660'123'456'789);

VenueOrder order() {
    VenueOrder made;
    made.order = model::ClientOrderId::make("TEST", Fence{1}, 2);
    made.broker_order = model::BrokerOrderId::cut("V1");
    made.symbol = model::Symbol::cut("MES");
    made.side = model::Side::sell;
    made.type = model::OrderType::stop;
    made.quantity = 3;
    made.filled = 1;
    made.price = "5010.25";
    made.status = matching::Status::working;
    made.updated = k_time;
    made.text = "a \"word\"\n";
    return made;
}

VenueFill a_fill() {
    return {model::ExecutionId::cut("X1"),
            model::ClientOrderId::make("TEST", Fence{1}, 2),
            model::BrokerOrderId::cut("V1"),
            model::Symbol::cut("MES"),
            model::Side::buy,
            2,
            "5000",
            k_time,
            "0.37",
            {}};
}

}  // namespace

TEST_CASE("every request survives the wire") {
    for (int i = 0; i <= static_cast<int>(VenueRequestKind::admin); ++i) {
        VenueRequest request;
        request.kind = static_cast<VenueRequestKind>(i);
        request.id = 7;
        request.account = "ACC1";
        switch (request.kind) {
            case VenueRequestKind::hello:
                request.client = "worker 1";
                request.session = "12.abc";
                request.follows_market = request.lockstep = request.ticks = true;
                request.cookie = "0f";
                break;
            case VenueRequestKind::submit:
                request.intent = "vwap_bounce/MES/2025-04-07T13:31:00.000Z/entry/0";
                request.symbol = model::Symbol::cut("MES");
                request.side = model::Side::sell;
                request.type = model::OrderType::limit;
                request.time_in_force = model::TimeInForce::ioc;
                request.purpose = model::Purpose::target;
                [[fallthrough]];
            case VenueRequestKind::replace:
                request.quantity = 2;
                request.price = "-37.63";
                [[fallthrough]];
            case VenueRequestKind::cancel:
                request.order = model::ClientOrderId::make("TEST", Fence{1}, 2);
                break;
            case VenueRequestKind::orders:
            case VenueRequestKind::fills: request.since = k_time; break;
            case VenueRequestKind::instrument: request.symbol = model::Symbol::cut("CL"); break;
            case VenueRequestKind::step_done: request.step = 99; break;
            case VenueRequestKind::admin:
                request.command = "bar";
                request.arguments = R"({"open":"1"})";
                break;
            default: break;
        }
        const auto line = without_newline(encode(request));
        CAPTURE(line);
        const auto again = decode_venue_request(line);
        REQUIRE_MESSAGE(again, again.error().message());
        CHECK(*again == request);
    }
}

TEST_CASE("every reply survives the wire") {
    for (int i = 0; i <= static_cast<int>(VenueReplyKind::admin); ++i) {
        VenueReply reply;
        reply.kind = static_cast<VenueReplyKind>(i);
        reply.account = "ACC1";
        const auto fill = a_fill();
        switch (reply.kind) {
            case VenueReplyKind::welcome: reply.session = 4; break;
            case VenueReplyKind::refused:
                reply.final = true;
                reply.text = "no";
                break;
            case VenueReplyKind::answer:
                reply.command = VenueRequestKind::cancel;
                reply.outcome = VenueOutcome::rejected;
                reply.order = fill.order;
                break;
            case VenueReplyKind::order: reply.orders = {order()}; break;
            case VenueReplyKind::fill: reply.fills = {fill}; break;
            case VenueReplyKind::orders: reply.orders = {order(), order()}; break;
            case VenueReplyKind::fills:
                reply.fills = {fill, fill};
                reply.more = true;
                reply.total = 9;
                break;
            case VenueReplyKind::positions:
                reply.positions = {{model::Symbol::cut("MES"), -2, "5000.25"},
                                   {model::Symbol::cut("ES"), 1, ""}};
                break;
            case VenueReplyKind::balance:
                reply.balance = "49999.26";
                reply.may_trade = false;
                break;
            case VenueReplyKind::instrument:
                reply.symbol = model::Symbol::cut("MES");
                reply.tick = "0.25";
                reply.tick_value = "1.25";
                reply.point_value = "5";
                break;
            case VenueReplyKind::step:
                reply.step = {3,
                              model::Symbol::cut("MES"),
                              MarketPhase::closed,
                              17,
                              k_time,
                              "1",
                              "2",
                              "0.5",
                              "1.5",
                              42,
                              10,
                              "1.25",
                              "1.5"};
                break;
            case VenueReplyKind::admin:
                reply.ok = false;
                reply.result = R"({"a":1})";
                break;
            default: break;
        }
        const auto line = without_newline(encode(reply));
        CAPTURE(line);
        const auto again = decode_venue_reply(line);
        REQUIRE_MESSAGE(again, again.error().message());
        CHECK(*again == reply);
    }
}

TEST_CASE("what is no message is refused") {
    for (const char* line : {"", "x", "[]", "{}", R"({"v":1,"type":"submit","id":1})",
                             R"({"v":1,"type":"cancel","id":1,"order":"?"})",
                             R"({"v":1,"type":"cancel","id":-1,"order":"A"})",
                             R"({"v":1,"type":"orders","id":1,"since":"yesterday"})",
                             R"({"v":1,"type":"pong","id":1}{"v":1})"}) {
        CAPTURE(line);
        CHECK(!decode_venue_request(line));
    }
    CHECK(decode_venue_reply(R"({"v":2,"type":"pong","id":1})").error().code() ==
          Errc::newer_version);
    CHECK(!decode_venue_reply(R"({"v":1,"type":"orders","orders":[1],"more":false,"total":1})"));
    CHECK(!decode_venue_reply(R"({"v":1,"type":"fills","more":false,"total":0})"));
}

TEST_CASE("a full page fits into a line") {
    VenueReply reply;
    reply.kind = VenueReplyKind::orders;
    reply.account = std::string(k_venue_account_max, 'a');
    for (std::size_t i = 0; i < k_venue_page_max; ++i) {
        reply.orders.push_back(order());
        reply.orders.back().text = std::string(k_venue_text_max, 'x');
    }
    CHECK(encode(reply).size() <= k_venue_line_max);
}

TEST_CASE("lines come out of pieces of any size") {
    const std::string text = "one\n\ntwo\nthree";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        LineSplitter splitter;
        std::vector<std::string> lines;
        for (std::size_t at = 0; at < text.size(); at += piece) {
            splitter.add(text.substr(at, piece));
            while (const auto line = splitter.next())
                lines.emplace_back(*line);
        }
        CHECK(lines == std::vector<std::string>{"one", "", "two"});
        CHECK(splitter.rest() == 5);
        CHECK(!splitter.overflown());
    }
}

TEST_CASE("a line beyond the limit stops everything after it") {
    LineSplitter splitter(8);
    splitter.add("1234567\n12345678\nok\n");
    CHECK(splitter.next() == "1234567");
    CHECK(!splitter.next());
    CHECK(splitter.overflown());
    CHECK(!splitter.next());
    LineSplitter endless(8);
    endless.add("123456789");
    CHECK(!endless.next());
    CHECK(endless.overflown());
    endless.clear();
    endless.add("a\n");
    CHECK(endless.next() == "a");
}
