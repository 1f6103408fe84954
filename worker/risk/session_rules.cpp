#include "worker/risk/session_rules.hpp"

#include "common/base/assert.hpp"

namespace bullpen::risk {

namespace {

std::optional<Nanos> time_of(const std::string& text) {
    if (text.empty())
        return std::nullopt;
    const auto time = time::parse_time_of_day(text);
    BULLPEN_ASSERT(time.has_value(), "a time of day of the settings was validated");
    return *time;
}

}  // namespace

time::SessionRules session_rules(const config::SessionSettings& settings,
                                 const model::RulePack& pack) {
    time::SessionRules rules;
    rules.flat_by = time_of(settings.flat_by);
    rules.pack_flat_by = pack.flat_by;
    rules.flat_at_close = settings.flat_at_close;
    rules.early_close_margin = settings.early_close_margin;
    rules.flatten_lead = settings.flatten_lead;
    rules.forced_lead = settings.forced_lead;
    rules.friday_last_entry = time_of(settings.friday_last_entry);
    rules.friday_flat_by = time_of(settings.friday_flat_by);
    rules.entries_uncovered = settings.trade_uncovered_days;
    return rules;
}

}  // namespace bullpen::risk
