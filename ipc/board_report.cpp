#include "ipc/board_report.hpp"

namespace bullpen::ipc {

void put_report(BoardSlot& slot, const Heartbeat& beat) {
    slot.reports = 1;
    slot.session = beat.session;
    slot.mode = beat.mode;
    slot.mode_reason = beat.reason;
    slot.mode_since = beat.since;
    slot.mode_until = beat.until.value_or(UtcTime{});
    slot.position = beat.position;
    slot.quantity_known = beat.quantity ? 1 : 0;
    slot.quantity = beat.quantity.value_or(0);
    slot.flat = beat.flat ? 1 : 0;
    slot.product = beat.stake ? beat.stake->product : "";
    slot.per_lot = beat.stake ? beat.stake->per_lot : 1;
    slot.day_pnl = beat.day_pnl;
    for (std::size_t i = 0; i < k_board_limits_all; ++i) {
        const auto limit = i < beat.limits.size() ? beat.limits[i] : LimitUse{};
        slot.limit(i) = {std::string_view(limit.name), std::string_view(limit.unit), limit.used,
                         limit.limit};
    }
    slot.refusal = beat.refusal;
    slot.refused_at = beat.refused_at.value_or(UtcTime{});
    slot.refused_until = beat.refused_until.value_or(UtcTime{});
    slot.last_bar = beat.last_bar.value_or(UtcTime{});
    slot.bars = beat.bars;
    slot.rss_bytes = beat.rss_bytes;
    slot.log_dropped = beat.log_dropped;
}

void clear_report(BoardSlot& slot) {
    slot.reports = 0;
    slot.session = model::SessionState::closed;
    slot.mode = model::TradingMode::idle;
    slot.mode_reason = "";
    slot.mode_since = slot.mode_until = UtcTime{};
    slot.last_beat = UtcTime{};
    slot.last_beat_mono = MonoTime{};
    slot.last_bar_mono = MonoTime{};
    slot.rss_bytes = 0;
    slot.log_dropped = 0;
    slot.protocol = 0;
}

}  // namespace bullpen::ipc
