#include "common/config/job_hours.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "common/config/units.hpp"
#include "common/time/schedule.hpp"

namespace bullpen::config {

namespace {

using time::TradingDay;

constexpr int k_days_of_week = 7;

// Weeks of winter and of summer, for schedules by the wall clock of a zone that changes it.
struct Hours {
    std::array<TradingDay, 2> mondays;
};
constexpr TradingDay day(int year, unsigned month, unsigned number) {
    return TradingDay(std::chrono::year(year) / std::chrono::month(month) /
                      std::chrono::day(number));
}
constexpr Hours k_old{{day(2026, 1, 5), day(2026, 7, 6)}};
constexpr Hours k_now{{day(2027, 1, 4), day(2027, 7, 5)}};

// Of a market without holidays. Nothing of it changes.
const time::MarketCalendar* market() {
    static const auto calendar =
        time::MarketCalendar::load(time::Market::nse_cash, time::HolidayTable{});
    return calendar ? &*calendar : nullptr;
}

// By the market's wall clock: "15:10".
std::string clock_text(const time::MarketCalendar& market, UtcTime at) {
    return format_utc(UtcTime(market.zone().local(at).time_since_epoch())).substr(11, 5);
}

TradingDay local_day(const time::MarketCalendar& market, UtcTime at) {
    return TradingDay(
        std::chrono::floor<std::chrono::days>(market.zone().local(at).time_since_epoch()));
}

// From when on a run that begins on a day can do nothing on it; none on a day without a session.
std::optional<UtcTime> too_late(const AccountSettings& settings, JobKind kind,
                                const time::DayHours& hours) {
    if (hours.count == 0)
        return std::nullopt;
    return kind == JobKind::place_orders_daily
               ? hours.closes() - settings.jobs->place_orders.cancel_before_close
               : hours.closes();
}

struct Found {
    bool works = false;
    std::optional<UtcTime> at;      // when it does not
    std::optional<UtcTime> before;  // from when on it is too late on that day
};

// What becomes of each of the day's times, in the weeks of some hours.
std::vector<Found> look(const AccountSettings& settings, JobKind kind,
                        const time::Schedule& schedule, const time::MarketCalendar& market,
                        const Hours& hours) {
    std::vector<Found> all;
    for (const auto monday : hours.mondays) {
        for (int i = 0; i < k_days_of_week; ++i) {
            const auto times = schedule.on(monday + std::chrono::days(i), market);
            all.resize(std::max(all.size(), times.size()));
            for (std::size_t t = 0; t < times.size(); ++t) {
                const auto late =
                    too_late(settings, kind, market.hours(local_day(market, times[t])));
                if (late && times[t] < *late)
                    all[t].works = true;
                else if (!all[t].before)
                    all[t] = {all[t].works, times[t], late};
            }
        }
    }
    return all;
}

std::string sentence(const time::MarketCalendar& market, JobKind kind, const Found& found) {
    auto text = "begins it at " + clock_text(market, *found.at) + " by the market's clock, ";
    if (!found.before)
        return text + "on days on which shares are not traded";
    return text + "and from " + clock_text(market, *found.before) + " on " +
           (kind == JobKind::place_orders_daily ? "nothing is bought (cancel_before_close)"
                                                : "the market is shut");
}

bool works(const Found& found) {
    return found.works;
}

// What is wrong: with all times by any hours, or with one of them by those of now.
std::string trouble(const AccountSettings& settings, JobKind kind, bool with_all) {
    const bool trades =
        kind == JobKind::place_orders_daily || kind == JobKind::hourly_candle_watchdog;
    if (!trades || settings.trading != TradingKind::shares || !settings.command.empty())
        return {};
    const auto schedule = time::Schedule::parse(settings.jobs->of(kind).schedule);
    const auto* calendar = market();
    if (!schedule || !schedule->after().empty() || calendar == nullptr)
        return {};
    const auto now = look(settings, kind, *schedule, *calendar, k_now);
    const auto wrong = std::find_if_not(now.begin(), now.end(), works);
    if (wrong == now.end())
        return {};
    const auto old = look(settings, kind, *schedule, *calendar, k_old);
    const bool never =
        std::none_of(now.begin(), now.end(), works) && std::none_of(old.begin(), old.end(), works);
    // The last times of "every 15 min in session" come too late on every day, and nobody minds.
    if (never != with_all || (!never && schedule->in_session()))
        return {};
    return sentence(*calendar, kind, *wrong);
}

}  // namespace

std::string hours_trouble(const AccountSettings& settings, JobKind kind) {
    return trouble(settings, kind, true);
}

std::string hours_note(const AccountSettings& settings, JobKind kind) {
    return trouble(settings, kind, false);
}

}  // namespace bullpen::config
