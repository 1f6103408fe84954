// What says why an account does not enter, and what alarms it, fits where it is shown.
#include <doctest/doctest.h>

#include "ipc/status_board.hpp"
#include "worker/execution/notice.hpp"
#include "worker/risk/denial.hpp"
#include "worker/strategy/gates.hpp"

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
