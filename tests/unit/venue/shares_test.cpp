// The market of shares and the books of those who trade in it, without their sockets.
#include <doctest/doctest.h>

#include "venue/record.hpp"
#include "venue/share_desk.hpp"

using namespace bullpen;
using namespace bullpen::venue;

namespace {

const UtcTime k_monday = *parse_utc("2026-07-06T00:00:00Z");

ShareMarket market(SharePace pace = SharePace::wall, std::uint64_t seed = 1,
                   UtcTime begins = k_monday) {
    ShareMarketSettings settings;
    settings.pace = pace;
    settings.seed = seed;
    auto calendar = time::MarketCalendar::load(time::Market::nse_cash);
    REQUIRE(calendar.has_value());
    return {settings, std::move(*calendar), begins};
}

// A desk whose records are kept as the venue keeps them: as text.
struct Kept {
    std::vector<std::string> records;
    ShareKeeper keeper() {
        const auto keep = [this](auto record) { records.push_back(encode(Record(record))); };
        return {keep, keep, keep, [](const std::string&, const std::string&) {}};
    }
};

constexpr model::Money k_cash{100'000'000'000, model::k_inr};

ShareDesk restored(const std::vector<std::string>& records, Kept& kept) {
    ShareDesk desk(market(SharePace::manual), kept.keeper());
    for (const auto& text : records) {
        const auto record = decode_record(text);
        REQUIRE_MESSAGE(record, record.error().message());
        if (const auto* book = std::get_if<ShareBookRecord>(&*record))
            desk.apply(*book, k_cash);
        else if (const auto* at = std::get_if<ShareMarketRecord>(&*record))
            desk.apply(*at);
        else
            desk.apply(std::get<ShareFactsRecord>(*record));
    }
    desk.resume();
    return desk;
}

// Everything that an account is told of itself.
std::vector<ipc::ShareReply> told(ShareDesk& desk) {
    std::vector<ipc::ShareReply> all;
    for (const auto command : {ipc::ShareCommand::account, ipc::ShareCommand::orders,
                               ipc::ShareCommand::triggers, ipc::ShareCommand::quotes}) {
        ipc::ShareRequest request;
        request.command = command;
        request.symbols = {"AAA", "BBB"};
        for (auto& page : desk.serve("anna", k_cash, request))
            all.push_back(std::move(page));
    }
    return all;
}

ipc::ShareRequest order(const std::string& symbol, model::Side side, std::int64_t quantity,
                        std::int64_t limit) {
    ipc::ShareRequest request;
    request.command = ipc::ShareCommand::submit;
    request.symbol = symbol;
    request.side = side;
    request.quantity = quantity;
    request.limit = {limit};
    return request;
}
ipc::ShareRequest stop(const std::string& symbol, std::int64_t quantity, std::int64_t trigger) {
    ipc::ShareRequest request;
    request.command = ipc::ShareCommand::place_trigger;
    request.symbol = symbol;
    request.side = model::Side::sell;
    request.first = {{trigger}, {trigger - 500}, quantity};
    request.last_price = {trigger * 11 / 10 + 1};
    return request;
}

}  // namespace

TEST_CASE("the market opens and closes as the NSE does, and leaps over what is shut") {
    auto shares = market();
    CHECK(shares.step() == ShareStep{SharePhase::opens, *parse_utc("2026-07-06T03:45:00Z")});
    CHECK(shares.step() == ShareStep{SharePhase::minute, *parse_utc("2026-07-06T03:46:00Z")});
    int minutes = 2;
    while (shares.next().phase != SharePhase::closes) {
        (void)shares.step();
        ++minutes;
    }
    CHECK(minutes == 375);
    CHECK(shares.step().at == *parse_utc("2026-07-06T10:00:00Z"));
    CHECK_FALSE(shares.is_open());
    CHECK(shares.next().at == *parse_utc("2026-07-07T03:45:00Z"));
}

TEST_CASE("prices keep to the tick and the circuit, and are the same for the same seed") {
    auto one = market();
    auto two = market();
    auto other = market(SharePace::wall, 2);
    REQUIRE(one.find("INFY") != nullptr);
    REQUIRE(other.find("INFY") != nullptr);
    bool differs = false;
    for (int i = 0; i < 376 * 5; ++i) {
        (void)one.step();
        (void)two.step();
        (void)other.step();
        const auto& facts = one.shares().at("INFY");
        const auto day = one.day_of(facts);
        CHECK(facts.last.ticks % 5 == 0);
        CHECK(facts.last >= day.lower);
        CHECK(facts.last <= day.upper);
        CHECK(facts.low <= facts.last);
        differs = differs || other.shares().at("INFY").last != facts.last;
        // Asked for later, it is the same share.
        if (i == 700)
            REQUIRE(two.find("INFY") != nullptr);
        if (i >= 700 + 2 * 376)
            CHECK(two.shares().at("INFY").last == facts.last);
    }
    CHECK(differs);
}

TEST_CASE("what is no symbol is not listed, nor what the settings leave out") {
    auto shares = market();
    CHECK(shares.find("infy") == nullptr);
    CHECK(shares.find("") == nullptr);
    CHECK(shares.find("M&M") != nullptr);
    ShareMarketSettings settings;
    settings.symbols = {"INFY"};
    ShareMarket few(settings, *time::MarketCalendar::load(time::Market::nse_cash), k_monday);
    CHECK(few.find("INFY") != nullptr);
    CHECK(few.find("TCS") == nullptr);
}

TEST_CASE("a desk that takes up its records is the one that wrote them, at every record") {
    Kept kept;
    ShareDesk desk(market(SharePace::manual), kept.keeper());
    std::vector<std::vector<ipc::ShareReply>> states;
    std::vector<std::size_t> counts;
    const auto note = [&] {
        states.push_back(told(desk));
        counts.push_back(kept.records.size());
    };
    (void)desk.serve("anna", k_cash, {});
    (void)desk.step();
    REQUIRE(desk.set_price("AAA", {10'000}).has_value());
    REQUIRE(desk.set_price("BBB", {20'000}).has_value());
    note();
    REQUIRE(
        desk.serve("anna", k_cash, order("AAA", model::Side::buy, 10, 10'000))[0].refusal.empty());
    note();
    REQUIRE(desk.serve("anna", k_cash, stop("AAA", 10, 9'500))[0].refusal.empty());
    REQUIRE(
        desk.serve("anna", k_cash, order("BBB", model::Side::buy, 5, 19'000))[0].refusal.empty());
    note();
    CHECK(desk.serve("anna", k_cash, order("BBB", model::Side::sell, 5, 20'000))[0].refusal ==
          "not_held");
    note();
    REQUIRE(desk.set_price("AAA", {9'400}).has_value());
    note();
    while (desk.step().phase != SharePhase::closes) {
    }
    note();
    (void)desk.step();
    note();
    for (std::size_t i = 0; i < states.size(); ++i) {
        CAPTURE(i);
        Kept again;
        const std::vector<std::string> some(
            kept.records.begin(), kept.records.begin() + static_cast<std::ptrdiff_t>(counts[i]));
        auto other = restored(some, again);
        CHECK(told(other) == states[i]);
        // Read twice, they change nothing more.
        auto twice = some;
        twice.insert(twice.end(), some.begin(), some.end());
        auto doubled = restored(twice, again);
        CHECK(told(doubled) == states[i]);
        // As does a snapshot.
        Kept snapshot;
        other.keep_all(snapshot.keeper());
        auto third = restored(snapshot.records, again);
        CHECK(told(third) == states[i]);
    }
}

TEST_CASE("what is asked for and answered reads back as it was said") {
    ipc::ShareRequest request = stop("M&M", 7, 9'500);
    request.second = {{12'000}, {12'000}, 7};
    CHECK(ipc::decode_share_request(encode(request)).value() == request);
    auto buy = order("INFY", model::Side::buy, 3, 0);
    buy.client = *model::ClientOrderId::parse("TEST1");
    buy.market = true;
    buy.immediate = true;
    buy.protection_percent = -1;
    buy.product = matching::Product::mis;
    CHECK(ipc::decode_share_request(encode(buy)).value() == buy);
    for (const char* text :
         {"", "{}", R"({"command":"explode"})", R"({"command":"submit","symbol":"infy"})",
          R"({"command":"quotes","symbols":["a b"]})", R"({"command":"cancel"})",
          R"({"command":"cancel","number":-1})"})
        CHECK_FALSE(ipc::decode_share_request(text).has_value());

    ipc::ShareReply reply;
    reply.command = ipc::ShareCommand::orders;
    reply.refusal = "no_cash";
    reply.number = 4;
    reply.available = -5;
    reply.cash = 6;
    reply.unsettled = 7;
    reply.held = {{"INFY", {1, 2, 3}, 6, -4}};
    reply.orders = {{9,
                     buy.client,
                     "INFY",
                     model::Side::sell,
                     matching::Product::mis,
                     {5},
                     4,
                     3,
                     15,
                     matching::Status::cancelled,
                     "x",
                     8,
                     std::chrono::sys_days{}}};
    reply.triggers = {{3,
                       "INFY",
                       model::Side::sell,
                       matching::TriggerStatus::triggered,
                       {{1}, {2}, 3},
                       matching::TriggerLeg{{4}, {5}, 6},
                       2,
                       std::chrono::sys_days{std::chrono::days{20'000}},
                       {7}}};
    reply.quotes = {{"INFY", {100}, {90}, {110}, model::Ticks{5}, {95}, {99}}};
    reply.market_time = k_monday;
    reply.open = true;
    reply.more = true;
    CHECK(ipc::decode_share_reply(encode(reply)).value() == reply);
}
