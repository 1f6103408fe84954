#include "common/config/shared_names.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <set>
#include <vector>

using namespace bullpen;
using namespace bullpen::config;

namespace {

AccountSettings account(const char* id = "anna") {
    return AccountSettings(AccountId::parse(id).value());
}

}  // namespace

TEST_CASE("a market is its source, whatever its speed") {
    FeedSettings feed;
    feed.seed = 7;
    CHECK(market_name(feed) == "MES seed 7");
    feed.speed = 60;
    CHECK(market_name(feed) == "MES seed 7");
    feed.kind = FeedKind::replay;
    feed.file = "data/mes.csv";
    const auto plain = market_name(feed);
    CHECK(plain.starts_with("MES file data/mes.csv"));
    feed.time_zone = "UTC";
    const auto zoned = market_name(feed);
    CHECK(zoned != plain);
    feed.labels = BarLabel::end;
    CHECK(market_name(feed) != zoned);
    feed.labels = BarLabel::start;
    feed.contract = "ESM5";
    CHECK(market_name(feed) != zoned);
    feed.contract.clear();
    std::set<std::string> orders{zoned};
    for (const auto order : {DateOrder::month_first, DateOrder::day_first}) {
        feed.date_order = order;
        CHECK(orders.insert(market_name(feed)).second);
    }
}

TEST_CASE("accounts share signals when their markets and indicators are the same") {
    const auto name = signals_service(account());
    CHECK(name.starts_with("bullpen-signals-mes-"));
    CHECK(AccountId::valid(name));
    CHECK(signals_service(account("ben")) == name);
    // What does not change what is reckoned keeps them together.
    auto other = account();
    other.label = "other";
    other.priority = 5;
    other.strategy.edit().stop_ticks = 99;
    other.risk.edit().daily_loss_max = 1;
    CHECK(signals_service(other) == name);

    const std::vector<std::function<void(AccountSettings&)>> changes = {
        [](auto& a) { a.feed.seed = 2; },
        [](auto& a) { a.feed.instrument = "MNQ"; },
        [](auto& a) { a.feed.speed = 2; },
        [](auto& a) { a.trading = TradingKind::on; },
        [](auto& a) { a.strategy.edit().vwap_window = "200 bars"; },
        [](auto& a) { a.strategy.edit().rsi_length = 11; },
        [](auto& a) { a.strategy.edit().trend_length = 22; },
        [](auto& a) { a.strategy.edit().atr_length = 15; },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        CAPTURE(i);
        auto changed = account();
        changes[i](changed);
        CHECK(signals_service(changed) != name);
        CHECK(AccountId::valid(signals_service(changed)));
    }
}

TEST_CASE("the longest symbol makes a name that is one") {
    auto settings = account();
    settings.feed.instrument = "ABCDEFGHIJKL";
    CHECK(AccountId::valid(signals_service(settings)));
}
