#include "ipc/resumption.hpp"

#include "common/model/reason.hpp"

namespace bullpen::ipc {

namespace {

// A code that this build does not know is shown as it is: a worker may be newer.
std::string sentence_of(const std::string& code) {
    const auto reason = model::reason_from(code);
    return reason ? std::string(model::text(*reason).sentence) : code;
}

std::string still_in_the_way(const Heartbeat& beat) {
    std::string text;
    if (beat.mode != model::TradingMode::active) {
        text = "; it enters nothing yet: " + std::string(model::code(beat.mode)) + ", " +
               sentence_of(beat.reason);
        if (!beat.reason_text.empty())
            text += " (" + beat.reason_text + ")";
        if (beat.until)
            text += ", until " + format_utc(*beat.until);
    }
    if (beat.floor_reached)
        text += "; its loss floor stays reached until it is resumed with --restart-floor";
    return text;
}

}  // namespace

std::string to_lift(const Heartbeat& before, bool restart_floor) {
    std::string text = before.latched;
    if (!text.empty() && model::code(before.mode) == text)
        text += " (" + sentence_of(before.reason) + ", since " + format_utc(before.since) + ")";
    if (restart_floor && before.floor_reached)
        text += std::string(text.empty() ? "" : ", and ") + "the loss floor, which begins anew";
    return text;
}

Resumption resumption(const std::optional<std::string>& lifted, const Heartbeat& after) {
    Resumption made{"resumed", ""};
    if (lifted && lifted->empty())
        made = {"nothing_to_resume", "nothing was to be resumed; "};
    else if (lifted)
        made.text = "lifted: " + *lifted + "; ";
    made.text += "position " + (after.position.empty() ? std::string("unknown") : after.position) +
                 still_in_the_way(after);
    return made;
}

}  // namespace bullpen::ipc
