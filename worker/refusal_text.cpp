#include "worker/refusal_text.hpp"

#include <array>

namespace bullpen::worker {

namespace {

struct RefusalWords {
    std::string_view sentence;
    std::string_view changes;
};

constexpr std::array<RefusalWords, static_cast<std::size_t>(execution::Refusal::count_)> k_words{{
    {"nothing was refused", "with the next signal"},
    {"the risk gate denied it", "with the next signal"},
    {"the bar's signal has its order already", "with the next bar"},
    {"the signal is older than those that are remembered", "with the next bar"},
    {"signal, account and broker's session are not of one account", "when the session is"},
    {"there is no session with the broker", "when it is connected"},
    {"its books and the broker's are not compared yet", "when they are"},
    {"nobody knows whether an order is at the broker", "when the broker says it"},
    {"an order has not ended", "when it has"},
    {"a position is open", "when it is closed"},
    {"there is no position", "when there is one"},
    {"its position is being closed", "when it is flat"},
    {"a protective stop could not be placed", "with bullpenctl resume"},
    {"the broker's position is not its own", "when both agree"},
    {"the broker's side fails too often", "after a pause"},
    {"its journal takes no record", "when there is room on the disk"},
    {"sending was forbidden", "with the next start"},
    {"its quantity, side or prices make no sense", "with the next signal"},
    {"it is more than is held", "with the next signal"},
    {"a stop only comes closer", "with the next price"},
    {"the broker's instrument is not ours, or not known yet", "when both agree"},
    {"another account of its owner stands against it", "when that one is flat"},
    {"nobody said whether its owner's accounts allow it", "when the daemon answers"},
}};

}  // namespace

std::string text(execution::Refusal refusal) {
    const auto& words = k_words.at(static_cast<std::size_t>(refusal));
    return std::string(execution::code(refusal)) + ": " + std::string(words.sentence) +
           "; it may change " + std::string(words.changes);
}

std::optional<LastRefusal> last_refusal(const std::optional<trading::Unmade>& unmade,
                                        const strategy::GateCounters& gates) {
    if (unmade && (!gates.last() || gates.last()->at <= unmade->at)) {
        return LastRefusal{unmade->denial ? risk::text(*unmade->denial) : text(unmade->refusal),
                           unmade->at, std::nullopt};
    }
    const auto& gate = gates.last() ? gates.last() : gates.current();
    if (!gate)
        return std::nullopt;
    LastRefusal last{strategy::text_of(gate->gate), gates.last() ? gate->at : gates.since(), {}};
    if (gate->may_change != UtcTime{})
        last.until = gate->may_change;
    return last;
}

std::string newest_bar_text(const strategy::GateCounters& gates) {
    const auto& gate = gates.current();
    if (!gate)
        return {};
    auto text = strategy::text_of(gate->gate) + "; since " + format_utc(gates.since());
    if (gate->may_change != UtcTime{})
        text += ", until " + format_utc(gate->may_change);
    return text;
}

std::string limit_text(risk::DenialCode denial) {
    const auto& facts = risk::facts(denial);
    return std::string(facts.name) + ": " + std::string(facts.sentence) + ". " +
           std::string(facts.advice);
}

std::string standing_text(risk::DenialCode denial) {
    const std::string name(risk::facts(denial).name);
    switch (denial) {
        case risk::DenialCode::loss_floor_headroom:
            return name +
                   ": what is left above the loss floor is less than the least that one contract "
                   "can lose, so no entry fits. If it is meant, `resume --restart-floor` begins "
                   "the floor anew; more balance or a smaller instrument helps, too.";
        case risk::DenialCode::daily_loss_headroom:
            return name +
                   ": what is left of the daily loss is less than the least that one contract can "
                   "lose, so no entry fits. It goes on with the next trading day.";
        default: return limit_text(denial);
    }
}

std::string limit_text(risk::Limit limit) {
    switch (limit) {
        case risk::Limit::daily_loss: return limit_text(risk::DenialCode::daily_loss_reached);
        case risk::Limit::near_daily_loss: return limit_text(risk::DenialCode::near_daily_loss);
        case risk::Limit::loss_floor: return limit_text(risk::DenialCode::loss_floor_reached);
    }
    return {};
}

}  // namespace bullpen::worker
