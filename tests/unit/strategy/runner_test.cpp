#include "worker/strategy/runner.hpp"

#include <doctest/doctest.h>

#include <set>

#include "common/base/errc.hpp"
#include "tests/unit/strategy/candles.hpp"
#include "worker/strategy/registry.hpp"

namespace bullpen::strategy {
namespace {

using test::es;
using test::plain;

TEST_CASE("a strategy is made by its name, and an unknown name lists the known ones") {
    CHECK(make_strategy(plain(), es()).has_value());
    config::StrategySettings settings = plain();
    settings.name = "moon_phase";
    const auto unknown = make_strategy(settings, es());
    REQUIRE_FALSE(unknown.has_value());
    CHECK(unknown.error().code() == Errc::not_found);
    CHECK(unknown.error().message().find("vwap_bounce") != std::string::npos);
    for (const Registered& registered : strategies()) {
        settings.name = registered.name;
        CHECK(make_strategy(settings, es()).has_value());
        CHECK_FALSE(registered.description.empty());
    }
}

TEST_CASE("a window that is none is refused by the name of its key") {
    struct Row {
        void (*change)(config::StrategySettings&);
        std::string_view named;
    };
    using S = config::StrategySettings;
    for (const Row& row : {
             Row{[](S& s) { s.vwap_window = "0 bars"; }, "strategy.vwap_window"},
             Row{[](S& s) { s.vwap_window = "1441 bars"; }, "strategy.vwap_window"},
             Row{[](S& s) { s.vwap_window = "200"; }, "strategy.vwap_window"},
         }) {
        CAPTURE(row.named);
        S settings;
        row.change(settings);
        const auto made = make_strategy(settings, es());
        REQUIRE_FALSE(made.has_value());
        CHECK(made.error().code() == Errc::invalid);
        CHECK(made.error().message().find(row.named) != std::string::npos);
    }
}

TEST_CASE("the indicators are made as the settings say") {
    config::StrategySettings settings;
    settings.vwap_window = "200 bars";
    settings.rsi_length = 7;
    settings.atr_length = 8;
    settings.trend_length = 9;
    const auto runner = StrategyRunner::create(settings, es()).value();
    const indicators::IndicatorSettings made = runner.indicator_settings();
    CHECK(made.vwap.bars == 200);
    CHECK(made.rsi_length == 7);
    CHECK(made.atr_length == 8);
    CHECK(made.ema_fast_length == 9);
    CHECK(StrategyRunner::create({}, es())->indicator_settings().vwap.bars == 0);
}

// A desk with a position whose break-even is done, half closed and trailing.
test::Desk managed() {
    config::StrategySettings settings;
    test::Desk desk(settings, false);
    desk.direct({"rsi", "30"});
    desk.minute("10:00", {"4992.50", "4993.00", "4991.50", "4992.50"}, false);
    CHECK(desk.minute("10:01", {"4992.50", "4993.00", "4991.75", "4992.00"}, false) ==
          "buy 4992.00 stop 4989.25 target 5014.75");
    desk.direct({"position", "4", "at", "4992.00", "10:02"});
    CHECK(desk.minute("10:02", {"4992.00", "4997.50", "4992.00", "4997.50"}, false) ==
          "part 2 stage 1");
    CHECK(desk.minute("10:03", {"4997.50", "4997.50", "4997.00", "4997.50"}, false) ==
          "stop 4995.50 trailing");
    return desk;
}

TEST_CASE("after a restart nothing is forgotten: break-even, parts, trail, best price") {
    test::Desk desk = managed();
    const std::string saved = desk.runner().save();
    auto restored = StrategyRunner::create({}, es()).value();
    REQUIRE(restored.restore(saved).has_value());
    CHECK(restored.save() == saved);
    CHECK(restored.gates() == desk.runner().gates());
    const auto same = dynamic_cast<const VwapBounce&>(restored.strategy()).management();
    CHECK(same == dynamic_cast<const VwapBounce&>(desk.runner().strategy()).management());
    CHECK(same.break_even_done);
    CHECK(same.trailing);
    CHECK(same.partial_stage == 1);
    CHECK(same.initial_risk == 11);
    CHECK(same.best == model::Price{19'990});
    indicators::RunHash one;
    indicators::RunHash other;
    restored.add_to(&one);
    desk.runner().add_to(&other);
    CHECK(one.value() == other.value());
}

TEST_CASE("what was not saved by it, or with other lengths, is refused and changes nothing") {
    test::Desk desk = managed();
    const std::string saved = desk.runner().save();
    auto runner = StrategyRunner::create({}, es()).value();
    const std::string fresh = runner.save();
    const auto refused = [&](const std::string& text) {
        const auto result = runner.restore(text);
        CHECK(runner.save() == fresh);
        return result.has_value() ? std::error_code() : result.error().code();
    };
    CHECK(refused("") == Errc::corrupt);
    CHECK(refused("nonsense/") == Errc::corrupt);
    CHECK(refused(saved.substr(0, saved.size() - 17)) == Errc::corrupt);
    std::string flipped = saved;
    flipped[saved.size() / 2] = flipped[saved.size() / 2] == '0' ? '1' : '0';
    CHECK(refused(flipped) == Errc::corrupt);
    config::StrategySettings other;
    other.regime_length = 30;
    auto differs = StrategyRunner::create(other, es()).value();
    CHECK(refused(differs.save()) == Errc::invalid);
    auto elsewhere = StrategyRunner::create({}, *model::find_instrument("YM").value()).value();
    CHECK(refused(elsewhere.save()) == Errc::invalid);
}

TEST_CASE("the bars before the first on which it may enter count as no refusals") {
    test::Desk desk(config::StrategySettings{}, false);
    const auto minute = [&](const char* time) {
        (void)desk.minute(time, {"5000.00", "5001.00", "4999.00", "5000.00"}, false);
    };
    const auto counted = [](const StrategyRunner& runner) {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < k_gates; ++i)
            sum += runner.gates().count(static_cast<Gate>(i));
        return sum;
    };
    desk.direct({"allowed", "off"});
    minute("10:00");
    minute("10:01");
    CHECK(counted(desk.runner()) == 0);
    // It says why it does not enter all the same.
    REQUIRE(desk.runner().last().refusal());
    CHECK(desk.runner().last().refusal()->gate == Gate::entries_not_allowed);
    desk.direct({"allowed", "on"});
    minute("10:02");
    CHECK(counted(desk.runner()) == 1);
    desk.direct({"allowed", "off"});
    minute("10:03");
    CHECK(desk.runner().gates().count(Gate::entries_not_allowed) == 1);
    // A restart does not begin anew, and another market does.
    auto restored = StrategyRunner::create({}, es()).value();
    REQUIRE(restored.restore(desk.runner().save()));
    CHECK(restored.gates().begun());
    restored.begin_market();
    CHECK(!restored.gates().begun());
    CHECK(counted(restored) == 2);
}

TEST_CASE("what version 1 saved is read, and its counters go on") {
    test::Desk desk(config::StrategySettings{}, false);
    (void)desk.minute("10:00", {"5000.00", "5001.00", "4999.00", "5000.00"}, false);
    const auto saved = desk.runner().save();
    const auto end = saved.find('/');
    constexpr std::size_t k_word = 16;
    REQUIRE(saved.substr(0, k_word) == "0000000000000002");
    // Without its last word, which says whether it has begun.
    const auto before = "0000000000000001" + saved.substr(k_word, end - 2 * k_word - 1);
    auto restored = StrategyRunner::create({}, es()).value();
    REQUIRE(restored.restore(before + saved.substr(end)));
    CHECK(restored.gates().begun());
    CHECK(restored.gates().current() == desk.runner().gates().current());
    CHECK_FALSE(restored.restore("0000000000000003" + saved.substr(k_word)));
}

TEST_CASE("what it describes can be told to people") {
    const auto details = managed().runner().strategy().describe();
    const auto value = [&](std::string_view name) {
        for (const Detail& detail : details) {
            if (detail.name == name)
                return detail.text;
        }
        return std::string("missing");
    };
    CHECK(value("regime") == "normal");
    CHECK(value("side") == "long");
    CHECK(value("stage") == "open");
    CHECK(value("break_even_done") == "yes");
    CHECK(value("trailing") == "yes");
    CHECK(value("partial_stage") == "1");
    CHECK(value("initial_risk_ticks") == "11");
    CHECK(value("stop") == "4995.5");
}

TEST_CASE("a price between two bars is judged as it is, not by the last bar") {
    test::Desk desk = managed();
    Facts facts;
    facts.now = UtcTime(std::chrono::sys_days(std::chrono::year(2025) / 4 / 8) +
                        std::chrono::hours(14) + std::chrono::seconds(250));
    facts.session.state = TradingState::entry_window;
    facts.session.minute_of_day = 604;
    facts.position.quantity = 2;
    facts.position.average = {4'992 * 4};
    facts.position.stop = model::Price{19'982};  // 4995.50
    StrategyRunner& runner = desk.runner();
    CHECK(runner.on_price({19'990}, facts).none());
    // 4998.00, two ticks better than ever: the trail follows.
    CHECK(*runner.on_price({19'992}, facts).get<MoveStop>() ==
          MoveStop{{19'984}, MoveReason::trailing});
    facts.position.stop = model::Price{19'984};
    CHECK(runner.on_price({19'999}, facts).get<MoveStop>()->price == model::Price{19'991});
    CHECK(runner.on_price({20'059}, facts).get<Exit>()->reason == ExitReason::target);
    CHECK(runner.on_price({19'984}, facts).get<Exit>()->reason == ExitReason::stop);
}

TEST_CASE("reasons have words of their own") {
    std::set<std::string_view> codes;
    for (std::size_t i = 0; i < k_exit_reasons; ++i) {
        codes.insert(code(static_cast<ExitReason>(i)));
        CHECK_FALSE(sentence(static_cast<ExitReason>(i)).empty());
    }
    CHECK(codes.size() == k_exit_reasons);
    for (std::size_t i = 0; i < k_move_reasons; ++i)
        codes.insert(code(static_cast<MoveReason>(i)));
    CHECK(codes.size() == k_exit_reasons + k_move_reasons);
}

}  // namespace
}  // namespace bullpen::strategy
