#include "worker/execution/kill_points.hpp"

#include <algorithm>
#include <array>

namespace bullpen::execution {

namespace {

constexpr std::array<std::string_view, k_kill_points> k_codes{
    "before_intent_record",
    "after_intent_record",
    "before_submit",
    "after_submit",
    "before_sent_record",
    "after_sent_record",
    "before_stop_intent_record",
    "after_stop_intent_record",
    "before_stop_submit",
    "after_stop_submit",
    "before_exit_intent_record",
    "after_exit_intent_record",
    "before_exit_submit",
    "after_exit_submit",
    "before_cancel_record",
    "after_cancel_record",
    "before_cancel_send",
    "after_cancel_send",
    "before_replace_record",
    "after_replace_record",
    "before_replace_send",
    "after_replace_send",
    "before_answer_record",
    "after_answer_record",
    "before_report_record",
    "after_report_record",
    "before_fill_record",
    "after_fill_record",
    "after_fill_applied",
    "before_trade_record",
    "after_trade_record",
    "before_decision_record",
    "after_decision_record",
    "before_start_record",
    "after_start_record",
    "before_snapshot",
    "after_snapshot",
};

}  // namespace

std::string_view code(KillPoint point) {
    return k_codes.at(static_cast<std::size_t>(point));
}

std::optional<KillPoint> kill_point_from(std::string_view code) {
    const auto* const found = std::find(k_codes.begin(), k_codes.end(), code);
    if (found == k_codes.end())
        return std::nullopt;
    return static_cast<KillPoint>(found - k_codes.begin());
}

}  // namespace bullpen::execution
