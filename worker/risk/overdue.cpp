#include "worker/risk/overdue.hpp"

#include <algorithm>
#include <array>

namespace bullpen::risk {

namespace {

// After the moment from which it only closes, the strategy has a bar to decide on and one to be
// executed in.
constexpr Nanos k_strategy_time = std::chrono::minutes(2);

}  // namespace

std::string_view code(Overdue overdue) {
    constexpr std::array<std::string_view, k_overdues> k_codes{"none", "flat_by", "overnight"};
    return k_codes.at(static_cast<std::size_t>(overdue));
}

std::string_view sentence(Overdue overdue) {
    constexpr std::array<std::string_view, k_overdues> k_sentences{
        "nothing is overdue", "the time to be flat by was near, and the strategy had not closed it",
        "the time to be flat by of the day on which it was opened had passed"};
    return k_sentences.at(static_cast<std::size_t>(overdue));
}

Overdue overdue(const time::SessionFacts& session, const time::SessionFacts& opened, UtcTime at) {
    if (session.shut != time::Shut::open)
        return Overdue::none;
    if (opened.day < session.day && opened.flat_by < at)
        return Overdue::overnight;
    if (session.flat_by == UtcTime::max())
        return Overdue::none;
    const Nanos half = (session.flat_by - session.forced_begins) / 2;
    return at >= session.forced_begins + std::min<Nanos>(k_strategy_time, half) ? Overdue::flat_by
                                                                                : Overdue::none;
}

}  // namespace bullpen::risk
