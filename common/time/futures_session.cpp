#include "common/time/futures_session.hpp"

#include <algorithm>

namespace bullpen::time {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

// The trading day of an instant is its wall-clock date this much later.
constexpr hours k_into_next_day{6};

UtcTime instant(const Zone& zone, TradingDay day, Nanos time_of_day) {
    return zone.read(LocalTime(Nanos(day.time_since_epoch()) + time_of_day)).earliest;
}

}  // namespace

bool is_trading_day(TradingDay day) {
    const std::chrono::weekday weekday(day);
    return weekday != std::chrono::Saturday && weekday != std::chrono::Sunday;
}

Result<FuturesSession> FuturesSession::load() {
    BULLPEN_TRY(Zone zone, Zone::load("America/New_York"));
    return FuturesSession(std::move(zone));
}

TradingDay FuturesSession::trading_day(UtcTime at) const {
    return trading_day(zone_.local(at));
}

TradingDay FuturesSession::trading_day(LocalTime wall) {
    const LocalTime shifted = wall + k_into_next_day;
    return TradingDay(std::chrono::floor<days>(shifted.time_since_epoch()));
}

UtcTime FuturesSession::opens(TradingDay day) const {
    return instant(zone_, day - days(1), k_opens);
}

UtcTime FuturesSession::closes(TradingDay day) const {
    return instant(zone_, day, k_closes);
}

bool FuturesSession::open(UtcTime at) const {
    const TradingDay day = trading_day(at);
    return is_trading_day(day) && opens(day) <= at && at < closes(day);
}

UtcTime FuturesSession::next_open(UtcTime at) const {
    if (open(at))
        return at;
    TradingDay day = trading_day(at);
    while (!is_trading_day(day) || opens(day) < at)
        day += days(1);
    return opens(day);
}

}  // namespace bullpen::time
