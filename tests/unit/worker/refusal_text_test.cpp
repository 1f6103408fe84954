// What says why an account does not enter, and what alarms it, fits where it is shown.
#include <doctest/doctest.h>

#include "common/model/reason.hpp"
#include "ipc/status_board.hpp"
#include "worker/refusal_text.hpp"

namespace bullpen::worker {
namespace {

constexpr std::size_t k_room = decltype(ipc::BoardSlot::refusal)::k_bytes_max;

TEST_CASE("every gate's reason fits into its place on the status board") {
    for (std::size_t i = 0; i < strategy::k_gates; ++i) {
        const auto text = strategy::text_of(static_cast<strategy::Gate>(i));
        CAPTURE(text);
        CHECK(text.size() <= k_room);
    }
}

TEST_CASE(
    "what the order manager refuses says what it means and when it may change, in its place") {
    for (std::size_t i = 0; i < static_cast<std::size_t>(execution::Refusal::count_); ++i) {
        const auto text = worker::text(static_cast<execution::Refusal>(i));
        CAPTURE(text);
        CHECK(text.size() <= k_room);
        CHECK(text.find("; it may change ") != std::string::npos);
    }
}

TEST_CASE("the last refusal is the newer of a signal's without an order and of a bar's") {
    const auto at = [](int minute) { return utc_from_nanos(0) + std::chrono::minutes(minute); };
    strategy::GateCounters gates;
    CHECK_FALSE(last_refusal(std::nullopt, gates));
    CHECK(newest_bar_text(gates).empty());
    gates.count({strategy::Gate::no_touch, {}, at(1), {}});
    gates.count({strategy::Gate::no_touch, {}, at(2), {}});
    auto last = last_refusal(std::nullopt, gates);
    REQUIRE(last);
    CHECK(last->text.starts_with("no_touch: "));
    CHECK(last->at == at(1));
    gates.count({strategy::Gate::rsi, {}, at(3), {}});
    gates.count({strategy::Gate::no_bounce, {}, at(4), at(9)});
    last = last_refusal(std::nullopt, gates);
    REQUIRE(last);
    CHECK(last->text.starts_with("rsi: "));
    CHECK(last->at == at(3));
    CHECK(newest_bar_text(gates).starts_with("no_bounce: "));
    CHECK(
        newest_bar_text(gates).ends_with("; since 1970-01-01T00:04:00.000Z, until "
                                         "1970-01-01T00:09:00.000Z"));
    trading::Unmade unmade;
    unmade.refusal = execution::Refusal::not_granted;
    unmade.at = at(2);
    last = last_refusal(unmade, gates);
    REQUIRE(last);
    CHECK(last->text.starts_with("rsi: "));
    unmade.at = at(5);
    last = last_refusal(unmade, gates);
    REQUIRE(last);
    CHECK(last->text.starts_with("not_granted: another account of its owner"));
    CHECK(last->at == at(5));
    unmade.denial = risk::Denial{risk::DenialCode::trades_reached, 5, 5};
    last = last_refusal(unmade, gates);
    REQUIRE(last);
    CHECK(last->text == risk::text(*unmade.denial));
    // That there was no pattern is no refusal that would be newer.
    gates.count({strategy::Gate::no_touch, {}, at(6), {}});
    CHECK(last_refusal(unmade, gates)->text == risk::text(*unmade.denial));
    gates.count({strategy::Gate::entries_not_allowed, {}, at(7), at(9)});
    last = last_refusal(unmade, gates);
    REQUIRE(last);
    CHECK(last->text.starts_with("entries_not_allowed: "));
    CHECK(last->at == at(7));
    CHECK(last->until == at(9));
    gates.passed();
    CHECK(newest_bar_text(gates).empty());
}

TEST_CASE("a limit says what can be done about it") {
    for (const auto limit :
         {risk::Limit::daily_loss, risk::Limit::near_daily_loss, risk::Limit::loss_floor}) {
        const auto text = limit_text(limit);
        CAPTURE(text);
        CHECK(text.starts_with(risk::code(limit)));
        CHECK((text.find("--restart-floor") != std::string::npos) ==
              (limit == risk::Limit::loss_floor));
        CHECK((text.find("next trading day") != std::string::npos) ==
              (limit != risk::Limit::loss_floor));
    }
    CHECK(limit_text(risk::DenialCode::broker_locked).find("Ask the broker") != std::string::npos);
    // The reason's own advice is shown beside it.
    const auto advice = model::text(model::Reason::limit_reached).advice;
    CHECK(advice.find("--restart-floor") != std::string_view::npos);
    CHECK(advice.find("explain") == std::string_view::npos);
}

TEST_CASE("every denial with numbers of millions fits into its place on the status board") {
    constexpr std::int64_t k_millions = 9'999'999;
    for (const auto& facts : risk::denials()) {
        const auto scale = facts.unit == risk::DenialUnit::money ? 1'000'000 : 1;
        const auto text = risk::text({facts.code, -k_millions * scale, -k_millions * scale});
        CAPTURE(text);
        CHECK(text.size() <= k_room);
    }
}

TEST_CASE("every alarm says what to do, and fits where the last error is shown") {
    std::size_t alarms = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(execution::NoticeKind::count_); ++i) {
        const auto kind = static_cast<execution::NoticeKind>(i);
        const auto alarm = execution::alarm(kind);
        if (alarm.empty())
            continue;
        ++alarms;
        CAPTURE(alarm);
        CHECK(alarm.find(": ") != std::string_view::npos);
        CHECK(execution::code(kind).size() + 2 + alarm.size() <=
              decltype(ipc::BoardSlot::last_error)::k_bytes_max);
    }
    CHECK(alarms > 10);
}

}  // namespace
}  // namespace bullpen::worker
