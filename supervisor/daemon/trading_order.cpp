#include "supervisor/daemon/trading_order.hpp"

#include "common/model/reason.hpp"
#include "ipc/resumption.hpp"

namespace bullpen::daemon {

namespace {

using model::WorkerState;

std::string position_of(const ipc::Heartbeat& beat) {
    return beat.position.empty() ? "unknown" : beat.position;
}

}  // namespace

bool is_overtaken(const StandingOrder& standing, const ipc::Heartbeat& beat) {
    return standing.lifts() && beat.since > standing.given &&
           beat.reason == model::code(model::Reason::order_trouble);
}

std::optional<Outcome> judge(const StandingOrder& standing, const fleet::AccountView& view,
                             const ipc::Heartbeat* beat, const std::optional<std::string>& found) {
    if (beat != nullptr && is_done(standing.order, *beat)) {
        switch (standing.order) {
            case TradingOrder::halt: return Outcome{true, "halted", "flat, and no order is left"};
            case TradingOrder::reduce:
                return Outcome{true, beat->latched,
                               "no new entries; position " + position_of(*beat)};
            case TradingOrder::flatten:
                return Outcome{true, "flat", "no order is left, and nothing new is entered"};
            case TradingOrder::resume:
            case TradingOrder::restart_floor:
                auto told = ipc::resumption(found, *beat);
                return Outcome{true, std::move(told.code), std::move(told.text)};
        }
    }
    if (beat != nullptr && is_overtaken(standing, *beat)) {
        return Outcome{
            false, "halted_again",
            "it halted itself after it was told, and stays so: see why, then say it again"};
    }
    // A worker that died or hangs is replaced, and its successor is told.
    switch (view.state) {
        case WorkerState::stopped:
        case WorkerState::fatal: break;
        default: return std::nullopt;
    }
    if (view.recovering)
        return std::nullopt;
    const auto heard = std::string("it has no process; when it was heard of last it was ") +
                       (view.flat == true ? "flat"
                        : view.flat       ? "not flat"
                                          : "of unknown position");
    if (standing.order == TradingOrder::flatten && view.flat == true)
        return Outcome{true, "flat", heard};
    if (closes(standing.order) && view.flat != true)
        return Outcome{false, "not_flat",
                       heard + "; the launch to close it did not: see its log, then say it again"};
    return Outcome{false, "not_running", heard + "; start it, then say it again"};
}

Outcome too_late(const StandingOrder& standing, const fleet::AccountView& view,
                 const ipc::Heartbeat* beat) {
    Outcome outcome{false, "timed_out", "when the time was up it was "};
    outcome.message += model::code(view.state);
    if (beat != nullptr) {
        outcome.message +=
            ", mode " + std::string(model::code(beat->mode)) + ", position " + position_of(*beat);
    }
    outcome.message += standing.lifts() ? "; no worker is told any more: say it again"
                                        : "; the order stands and goes on";
    return outcome;
}

}  // namespace bullpen::daemon
