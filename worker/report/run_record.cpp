#include "worker/report/run_record.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>

namespace bullpen::report {

namespace {

// As older journals say it.
constexpr std::string_view k_stop_in_words = "protective stop";

void count(Group& group, const execution::Trade& trade) {
    ++group.trades;
    group.wins += trade.net().millionths > 0 ? 1 : 0;
    group.net = group.net + trade.net();
}

bool is_before(const time::MarketCalendar& calendar, UtcTime at, const Bound& bound) {
    if (const auto* day = std::get_if<time::TradingDay>(&bound))
        return calendar.trading_day(at) < *day;
    return at < std::get<UtcTime>(bound);
}

time::TradingDay first_day_from(const time::MarketCalendar& calendar, const Bound& bound) {
    if (const auto* day = std::get_if<time::TradingDay>(&bound))
        return *day;
    return calendar.trading_day(std::get<UtcTime>(bound));
}

// The first one that has nothing before the bound.
time::TradingDay day_after(const time::MarketCalendar& calendar, const Bound& bound) {
    if (const auto* day = std::get_if<time::TradingDay>(&bound))
        return *day;
    return calendar.trading_day(std::get<UtcTime>(bound) - Nanos(1)) + std::chrono::days(1);
}

UtcTime instant(const time::MarketCalendar& calendar, const Bound& bound) {
    if (const auto* day = std::get_if<time::TradingDay>(&bound))
        return calendar.hours(*day).begins;
    return std::get<UtcTime>(bound);
}

}  // namespace

Statistics RunRecord::statistics() const {
    const Nanos span = first && last ? *last - *first : Nanos{0};
    return report::statistics(trades, days, start, span, nominal);
}

std::vector<DayRow> day_rows(const RunRecord& run) {
    const model::Money zero{0, run.start.currency};
    std::map<time::TradingDay, DayRow> rows;
    const auto row_of = [&](time::TradingDay day) -> DayRow& {
        return rows.try_emplace(day, DayRow{day, 0, 0, zero, zero, zero, zero, zero}).first->second;
    };
    std::map<time::TradingDay, model::Money> equity;
    for (const auto& day : run.days) {
        row_of(day.day);
        equity.insert_or_assign(day.day, day.equity);
    }
    for (const auto& trade : run.trades) {
        auto& row = row_of(run.calendar->trading_day(trade.closed));
        ++row.trades;
        row.wins += trade.net().millionths > 0 ? 1 : 0;
        row.net = row.net + trade.net();
        row.fees = row.fees + trade.fees;
    }
    std::vector<DayRow> made;
    auto before = run.start;
    auto high = run.start;
    for (auto& [day, row] : rows) {
        const auto known = equity.find(day);
        // A day without a bar has only what its trades tell.
        row.equity = known != equity.end() ? known->second : before + row.net;
        row.change = row.equity - before;
        high = std::max(high, row.equity);
        row.drawdown = high - row.equity;
        before = row.equity;
        made.push_back(row);
    }
    return made;
}

std::vector<Group> by_hour(const RunRecord& run) {
    constexpr std::size_t k_hours = 24;
    std::array<Group, k_hours> hours;
    for (const auto& trade : run.trades) {
        const auto wall = run.calendar->zone().local(trade.opened).time_since_epoch();
        const auto of_day = wall - std::chrono::floor<std::chrono::days>(wall);
        const auto hour = std::chrono::duration_cast<std::chrono::hours>(of_day).count();
        auto& group = hours.at(static_cast<std::size_t>(hour));
        group.net.currency = run.start.currency;
        count(group, trade);
    }
    std::vector<Group> made;
    for (std::size_t hour = 0; hour < k_hours; ++hour) {
        auto& group = hours.at(hour);
        if (group.trades == 0 && made.empty())
            continue;
        group.name = (hour < 10 ? "0" : "") + std::to_string(hour);
        group.net.currency = run.start.currency;
        made.push_back(group);
    }
    while (!made.empty() && made.back().trades == 0)
        made.pop_back();
    return made;
}

std::vector<Group> by_exit(const RunRecord& run) {
    std::vector<Group> made;
    for (const auto& trade : run.trades) {
        const auto name = exit_reason(trade);
        auto group = std::ranges::find(made, name, &Group::name);
        if (group == made.end()) {
            made.push_back({name, 0, 0, {0, run.start.currency}});
            group = made.end() - 1;
        }
        count(*group, trade);
    }
    std::ranges::stable_sort(made, [](const Group& a, const Group& b) {
        return a.trades != b.trades ? a.trades > b.trades : a.name < b.name;
    });
    return made;
}

std::span<const execution::Trade> last_trades(const RunRecord& run, std::size_t last_max) {
    return std::span(run.trades).last(std::min(run.trades.size(), last_max));
}

std::string exit_reason(const execution::Trade& trade) {
    // A stop that nobody moved says no more of why than that it was one.
    if (trade.why.empty() || trade.why.view() == k_stop_in_words)
        return std::string(model::code(trade.closed_by));
    return trade.why.str();
}

std::string_view direction(const execution::Trade& trade) {
    return trade.side == model::Side::buy ? "long" : "short";
}

std::string mean_price(const model::Instruments& instruments, const model::Symbol& symbol,
                       std::int64_t ticks, std::int64_t quantity) {
    const auto found = instruments.find(symbol.view());
    if (!found || quantity == 0)
        return {};
    const auto tick = (*found)->tick;
    if (ticks % quantity == 0)
        return model::text(model::Price{ticks / quantity}, tick);
    const double mean = static_cast<double>(ticks) / static_cast<double>(quantity) *
                        static_cast<double>(tick.billionths) / 1e9;
    std::array<char, 64> text;
    std::snprintf(text.data(), text.size(), "%.6f", mean);
    std::string made(text.data());
    made.erase(made.find_last_not_of('0') + 1);
    return made;
}

std::optional<double> r_multiple(const execution::Trade& trade) {
    if (!trade.protected_ || trade.quantity == 0)
        return std::nullopt;
    const auto quantity = static_cast<double>(trade.quantity);
    const double entry = static_cast<double>(trade.entry_ticks) / quantity;
    const double risk = std::abs(entry - static_cast<double>(trade.initial_stop.ticks));
    if (risk <= 0)
        return std::nullopt;
    const auto won =
        static_cast<double>(model::sign(trade.side) * (trade.exit_ticks - trade.entry_ticks));
    return won / quantity / risk;
}

void restrict_to(RunRecord& run, std::optional<Bound> from, std::optional<Bound> to) {
    if (!from && !to)
        return;
    const auto& calendar = *run.calendar;
    const auto early = [&](UtcTime at) { return from && is_before(calendar, at, *from); };
    const auto late = [&](UtcTime at) { return to && !is_before(calendar, at, *to); };
    for (const auto& trade : run.trades) {
        if (early(trade.closed))
            run.start = run.start + trade.net();
    }
    std::erase_if(run.trades,
                  [&](const auto& trade) { return early(trade.closed) || late(trade.closed); });
    const auto first_day = from ? std::optional(first_day_from(calendar, *from)) : std::nullopt;
    const auto days_end = to ? std::optional(day_after(calendar, *to)) : std::nullopt;
    for (const auto& day : run.days) {
        if (first_day && day.day < *first_day)
            run.start = day.equity;
    }
    std::erase_if(run.days, [&](const DayEquity& day) {
        return (first_day && day.day < *first_day) || (days_end && day.day >= *days_end);
    });
    std::erase_if(run.payouts, [&](const Payout& payout) {
        return (first_day && payout.day < *first_day) || (days_end && payout.day >= *days_end);
    });
    if (run.first && from)
        run.first = std::max(*run.first, instant(calendar, *from));
    if (run.last && to)
        run.last = std::min(*run.last, instant(calendar, *to));
    if (run.first && run.last && *run.first > *run.last)
        run.first = run.last;
}

}  // namespace bullpen::report
