// KillPoints: the named points of the order path at which a test may let the process die. In
// production there is no hook, and a point costs one test of a pointer, on the way of an order
// only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bullpen::execution {

enum class KillPoint : std::uint8_t {
    before_intent_record,
    after_intent_record,
    before_submit,
    after_submit,
    before_sent_record,
    after_sent_record,
    before_stop_intent_record,
    after_stop_intent_record,
    before_stop_submit,
    after_stop_submit,
    before_exit_intent_record,
    after_exit_intent_record,
    before_exit_submit,
    after_exit_submit,
    before_cancel_record,
    after_cancel_record,
    before_cancel_send,
    after_cancel_send,
    before_replace_record,
    after_replace_record,
    before_replace_send,
    after_replace_send,
    before_answer_record,
    after_answer_record,
    before_report_record,
    after_report_record,
    before_fill_record,
    after_fill_record,
    after_fill_applied,
    before_trade_record,
    after_trade_record,
    before_decision_record,
    after_decision_record,
    before_start_record,
    after_start_record,
    before_snapshot,
    after_snapshot,
    count_
};
inline constexpr std::size_t k_kill_points = static_cast<std::size_t>(KillPoint::count_);

std::string_view code(KillPoint point);
std::optional<KillPoint> kill_point_from(std::string_view code);

class KillPoints {
  public:
    KillPoints() = default;
    KillPoints(const KillPoints&) = delete;
    KillPoints& operator=(const KillPoints&) = delete;
    virtual ~KillPoints() = default;
    // Called when `point` is reached; may end the process, or throw in a test.
    virtual void reached(KillPoint point) = 0;
};

}  // namespace bullpen::execution
