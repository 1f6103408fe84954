// `bullpenctl calendar hours`: the sessions of a market's day, in its own time and in UTC.
#include <array>
#include <cctype>

#include "common/base/errc.hpp"
#include "common/events/market_days.hpp"
#include "common/tables/holiday_file.hpp"
#include "common/tables/instrument_file.hpp"
#include "common/time/market_calendar.hpp"
#include "ctl/act.hpp"
#include "ctl/calendar_view.hpp"
#include "ctl/json_writer.hpp"

namespace bullpen::ctl {

namespace {

using time::DayHours;

// What an exchange is called when its main market is meant.
struct Exchange {
    std::string_view name;
    time::Market market;
};
constexpr std::array k_exchanges{Exchange{"nse", time::Market::nse_cash},
                                 Exchange{"cme", time::Market::cme_equity_index}};

// As people write it: CME-FX.
std::string code_of(std::string_view word) {
    std::string code(word);
    for (char& c : code)
        c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return code;
}

}  // namespace

std::string market_codes() {
    std::string text;
    for (std::size_t i = 0; i < time::k_markets; ++i)
        text += (i == 0 ? "" : ", ") + std::string(time::code(static_cast<time::Market>(i)));
    return text;
}

std::optional<time::Market> market_of(const Context& context, std::string_view word) {
    const auto code = code_of(word);
    if (const auto market = time::market_from(code))
        return market;
    for (const auto& exchange : k_exchanges) {
        if (exchange.name == code)
            return exchange.market;
    }
    const auto instruments = tables::load_instruments(context.home);
    const auto found = instruments ? instruments->find(word) : fail(instruments.error());
    return found ? time::market_from((*found)->market) : std::nullopt;
}

namespace {

Result<time::MarketCalendar> calendar_of(const Context& context, const CalendarView& view,
                                         time::Market market) {
    BULLPEN_TRY(auto table, tables::load_holidays(context.home));
    events::complete(table, view.snapshot ? &*view.snapshot : nullptr, view.overrides, view.now);
    return time::MarketCalendar::load(market, table);
}

std::string local_text(const time::Zone& zone, UtcTime at) {
    std::string text = events::format_local(events::LocalMinute(
        std::chrono::floor<std::chrono::minutes>(zone.local(at).time_since_epoch())));
    text[10] = ' ';
    return text;
}

std::string why_text(const DayHours& hours) {
    const bool assumed = hours.holiday != nullptr && hours.holiday->assumed;
    if (!hours.covered && !assumed)
        return "unknown: the table of holidays says nothing about this day";
    if (hours.holiday == nullptr)
        return hours.count == 0 ? "closed" : "regular";
    std::string name = hours.holiday->name.empty() ? "" : " (" + hours.holiday->name + ")";
    if (assumed)
        return "unknown" + name + ": no source says so; these are the earliest of what is likely";
    switch (hours.holiday->kind) {
        case time::HolidayKind::closed: return "holiday" + name;
        case time::HolidayKind::early_close: return "early close" + name;
        case time::HolidayKind::special: return "special session" + name;
    }
    return name;
}

std::string_view kind_code(const DayHours& hours) {
    if (!hours.covered)
        return "unknown";
    if (hours.count == 0)
        return "closed";
    if (hours.holiday == nullptr)
        return "regular";
    return hours.early_close() ? "early_close" : "special";
}

void write_json(Context& context, std::string_view market, const time::MarketCalendar& calendar,
                const DayHours& hours) {
    JsonWriter json(context.out.buffer());
    json.begin_object().key("market").string(market);
    json.key("day").string(events::format_day(hours.day));
    json.key("tz").string(calendar.zone().name()).key("kind").string(kind_code(hours));
    json.key("covered").boolean(hours.covered);
    json.key("assumed").boolean(hours.holiday != nullptr && hours.holiday->assumed);
    json.key("name").text_or_null(hours.holiday != nullptr ? hours.holiday->name : "");
    json.key("sessions").begin_array();
    for (std::uint8_t i = 0; i < hours.count; ++i) {
        const auto& block = hours.blocks.at(i);
        json.begin_object();
        json.key("opens").string(local_text(calendar.zone(), block.opens));
        json.key("closes").string(local_text(calendar.zone(), block.closes));
        json.key("opens_utc").string(events::format_instant(block.opens));
        json.key("closes_utc").string(events::format_instant(block.closes)).end_object();
    }
    json.end_array().end_object();
    context.out += "\n";
}

}  // namespace

int calendar_hours(Context& context, const CalendarView& view) {
    const auto& words = context.arguments.operands;
    const auto market = words.size() > 1 ? market_of(context, words[1]) : std::nullopt;
    if (!market) {
        const std::string what =
            words.size() > 1 ? "'" + std::string(words[1]) + "' is neither: " : std::string();
        return report(context,
                      what +
                          "hours takes an instrument (ES), an exchange (NSE, CME) or a market: " +
                          market_codes(),
                      ExitCode::usage);
    }
    const auto calendar = calendar_of(context, view, *market);
    if (!calendar)
        return report(context, calendar.error(), exit_code_of(calendar.error()));
    time::TradingDay day{
        std::chrono::floor<std::chrono::days>(calendar->zone().local(view.now).time_since_epoch())};
    if (words.size() > 2) {
        const auto asked = events::parse_day(words[2]);
        if (!asked)
            return report(context, asked.error(), ExitCode::usage);
        day = *asked;
    }
    const DayHours hours = calendar->hours(day);
    if (context.globals.json) {
        write_json(context, words[1], *calendar, hours);
        return value(ExitCode::done);
    }
    context.out.line(std::string(words[1]) + " " + events::format_day(day) + ": " +
                     why_text(hours));
    for (std::uint8_t i = 0; i < hours.count; ++i) {
        const auto& block = hours.blocks.at(i);
        context.out.line("  " + local_text(calendar->zone(), block.opens) + " to " +
                         local_text(calendar->zone(), block.closes) + " " +
                         calendar->zone().name() + "   " + events::format_instant(block.opens) +
                         " to " + events::format_instant(block.closes));
    }
    return value(ExitCode::done);
}

}  // namespace bullpen::ctl
