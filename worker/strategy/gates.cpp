#include "worker/strategy/gates.hpp"

namespace bullpen::strategy {

namespace {

struct GateText {
    std::string_view code;
    std::string_view sentence;
    std::string_view changes;
};

constexpr std::array<GateText, k_gates> k_texts = {{
    {"entries_not_allowed", "the account's mode, its risk limits or its feed allow no entry",
     "when that ends"},
    {"session_closed", "the market is shut", "when the session opens"},
    {"blackout", "an event is near", "when the event's blackout ends"},
    {"flatten_time", "positions are being wound up before the time to be flat by",
     "when the next session opens"},
    {"friday_cutoff", "the week's last entry has passed", "when the next week opens"},
    {"position_open", "a position is open", "when it is closed"},
    {"entry_working", "an entry is at the broker and not done", "when it is filled or cancelled"},
    {"first_bar", "no bar before this one is known of this trading day", "with the next bar"},
    {"not_warm", "an indicator has not seen enough bars", "when it has"},
    {"bands_not_ready", "the VWAP has no bands: no volume, or all of it at one price",
     "when more is traded"},
    {"market_stressed", "the spread is at least three times its mean", "when the spread narrows"},
    {"spread_abnormal", "the spread is far above its mean", "when the spread narrows"},
    {"no_touch", "the bar before did not reach the entry band", "with the market"},
    {"no_bounce", "the price did not come back from the entry band", "with the market"},
    {"side_off", "the settings do not trade this side", "when the settings do"},
    {"wrong_side_of_vwap", "the price is on the wrong side of the VWAP", "with the market"},
    {"rsi", "the RSI is not far enough", "with the market"},
    {"trend", "the trend is against it", "with the market"},
    {"volume", "the minute's volume is too small", "with the market"},
    {"macd", "the MACD does not agree", "with the market"},
    {"both_sides", "there is a signal on both sides", "with the market"},
    {"stop_side", "the stop would not be behind the price", "with the market"},
    {"target_side", "the target would not be ahead of the price", "with the market"},
}};

const GateText& text(Gate gate) {
    return k_texts.at(static_cast<std::size_t>(gate));
}

bool valid_refusal(const std::optional<Refusal>& refusal) {
    return !refusal || (static_cast<std::size_t>(refusal->gate) < k_gates &&
                        (!refusal->side || *refusal->side == model::Side::buy ||
                         *refusal->side == model::Side::sell));
}

}  // namespace

std::string_view code(Gate gate) {
    return text(gate).code;
}

std::string_view sentence(Gate gate) {
    return text(gate).sentence;
}

std::string text_of(Gate gate) {
    const auto& [code, sentence, changes] = text(gate);
    return std::string(code) + ": " + std::string(sentence) + "; it may change " +
           std::string(changes);
}

std::optional<Gate> gate_from(std::string_view code) {
    for (std::size_t i = 0; i < k_gates; ++i) {
        if (k_texts[i].code == code)
            return static_cast<Gate>(i);
    }
    return std::nullopt;
}

bool GateCounters::valid() const {
    return valid_refusal(last_) && valid_refusal(current_);
}

}  // namespace bullpen::strategy
