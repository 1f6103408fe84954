#include "common/time/schedule.hpp"

#include <algorithm>
#include <charconv>

#include "common/base/errc.hpp"
#include "common/time/session_clock.hpp"

namespace bullpen::time {

namespace {

using std::chrono::days;

// No market is shut for longer.
constexpr int k_days_max = 366;
constexpr std::size_t k_times_max = 96;
// Further from a session it would not be clear whose day a time belongs to.
constexpr std::int64_t k_minutes_max = 12 * 60;
constexpr std::size_t k_name_max = 48;
constexpr std::array<std::string_view, 7> k_weekday_names = {"sun", "mon", "tue", "wed",
                                                             "thu", "fri", "sat"};

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (true) {
        while (text.starts_with(' '))
            text.remove_prefix(1);
        if (text.empty())
            return words;
        const auto end = std::min(text.find(' '), text.size());
        words.push_back(text.substr(0, end));
        text.remove_prefix(end);
    }
}

Error bad(std::string_view word, std::string_view what) {
    return {Errc::invalid, "'" + std::string(word) + "' " + std::string(what)};
}

Result<Nanos> minutes_of(std::string_view number, std::string_view unit) {
    std::int64_t value = 0;
    const auto* end = number.data() + number.size();
    const auto read = std::from_chars(number.data(), end, value);
    if (read.ec != std::errc{} || read.ptr != end || value < 0 || value > k_minutes_max ||
        unit != "min") {
        return fail(bad(std::string(number) + " " + std::string(unit),
                        "is no number of minutes up to 720, as in '15 min'"));
    }
    return Nanos(std::chrono::minutes(value));
}

bool is_time(std::string_view word) {
    return !word.empty() && word.front() >= '0' && word.front() <= '9';
}

std::optional<std::size_t> weekday_of(std::string_view name) {
    const auto* found = std::find(k_weekday_names.begin(), k_weekday_names.end(), name);
    if (found == k_weekday_names.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - k_weekday_names.begin());
}

// "mon-fri", "mon,wed,fri", "sat-mon".
bool add_weekdays(std::string_view word, std::array<bool, 7>& weekdays) {
    while (!word.empty()) {
        const auto comma = std::min(word.find(','), word.size());
        const auto part = word.substr(0, comma);
        word.remove_prefix(std::min(comma + 1, word.size()));
        const auto dash = part.find('-');
        const auto first = weekday_of(part.substr(0, dash));
        const auto last =
            dash == std::string_view::npos ? first : weekday_of(part.substr(dash + 1));
        if (!first || !last)
            return false;
        for (std::size_t day = *first;; day = (day + 1) % weekdays.size()) {
            weekdays.at(day) = true;
            if (day == *last)
                break;
        }
    }
    return true;
}

bool is_name(std::string_view word) {
    return word.size() <= k_name_max && std::all_of(word.begin(), word.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
}

TradingDay local_day(const Zone& zone, UtcTime at) {
    return TradingDay(std::chrono::floor<days>(zone.local(at).time_since_epoch()));
}

}  // namespace

Result<Schedule> Schedule::parse(std::string_view text) {
    BULLPEN_TRY(auto form, parse_form(text));
    return Schedule(std::move(form));
}

Result<Schedule::Form> Schedule::parse_form(std::string_view text) {
    const auto words = words_of(text);
    if (words.empty())
        return fail(Errc::invalid, "a schedule has a time, as in '14:00 market days'");
    const auto is = [&](std::size_t size, std::string_view first) {
        return words.size() == size && words[0] == first;
    };
    if (is(2, "after")) {
        if (!is_name(words[1]))
            return fail(bad(words[1], "is no name"));
        return Form(After{std::string(words[1])});
    }
    if (is(5, "every") && words[3] == "in" && words[4] == "session") {
        BULLPEN_TRY(const auto step, minutes_of(words[1], words[2]));
        if (step == Nanos{})
            return fail(bad(text, "has no time between two runs"));
        return Form(InSession{step});
    }
    const bool close = words[0] == "close";
    if (close || words[0] == "open") {
        if (words.size() == 1)
            return Form(AtEdge{close, Nanos{}});
        if (words.size() != 4 || (words[1] != "+" && words[1] != "-"))
            return fail(bad(text, "is not as in 'open + 5 min' or 'close - 10 min'"));
        BULLPEN_TRY(const auto offset, minutes_of(words[2], words[3]));
        return Form(AtEdge{close, words[1] == "-" ? -offset : offset});
    }
    return parse_times(words);
}

Result<Schedule::Form> Schedule::parse_times(const std::vector<std::string_view>& words) {
    AtTimes form;
    std::size_t at = 0;
    for (; at < words.size() && is_time(words[at]); ++at) {
        auto rest = words[at];
        while (!rest.empty()) {
            const auto comma = std::min(rest.find(','), rest.size());
            BULLPEN_TRY(const auto time, parse_time_of_day(rest.substr(0, comma)));
            form.times.push_back(time);
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    }
    if (form.times.empty())
        return fail(
            bad(words[0], "is neither a time as 14:00 nor 'open', 'close', 'every', 'after'"));
    std::sort(form.times.begin(), form.times.end());
    form.times.erase(std::unique(form.times.begin(), form.times.end()), form.times.end());
    if (form.times.size() > k_times_max)
        return fail(Errc::invalid, "a day has at most 96 times; use 'every 15 min in session'");
    bool days_given = false;
    for (; at < words.size(); ++at) {
        const auto word = words[at];
        const bool market = word == "market" && at + 1 < words.size() && words[at + 1] == "days";
        const bool days_word = market || word == "daily" || weekday_of(word.substr(0, 3));
        if (days_word && days_given)
            return fail(bad(word, "comes after other days"));
        if (market) {
            days_given = true;
            ++at;
        } else if (word == "daily" || add_weekdays(word, form.weekdays)) {
            days_given = true;
            form.market_days = false;
            if (word == "daily")
                form.weekdays.fill(true);
        } else if (form.zone) {
            return fail(bad(word, "is not understood: times, then a zone, then days"));
        } else {
            BULLPEN_TRY(form.zone, Zone::load(word));
        }
    }
    return Form(std::move(form));
}

std::string_view Schedule::after() const {
    const auto* form = std::get_if<After>(&form_);
    return form != nullptr ? std::string_view(form->name) : std::string_view();
}

std::optional<Nanos> Schedule::step() const {
    if (const auto* form = std::get_if<InSession>(&form_))
        return form->step;
    const auto* form = std::get_if<AtTimes>(&form_);
    if (form == nullptr || form->times.size() < 2)
        return std::nullopt;
    Nanos least = Nanos::max();
    for (std::size_t i = 1; i < form->times.size(); ++i)
        least = std::min(least, form->times[i] - form->times[i - 1]);
    return least;
}

std::vector<UtcTime> Schedule::on(TradingDay day, const MarketCalendar& market) const {
    std::vector<UtcTime> times;
    if (const auto* form = std::get_if<AtTimes>(&form_)) {
        const bool wanted = form->market_days
                                ? market.hours(day).count > 0
                                : form->weekdays.at(std::chrono::weekday(day).c_encoding());
        if (!wanted)
            return times;
        const Zone& zone = form->zone ? *form->zone : market.zone();
        for (const auto time : form->times) {
            const auto at = zone.read(LocalTime(Nanos(day.time_since_epoch()) + time)).earliest;
            // Two times that the clocks skip are one instant.
            if (times.empty() || times.back() < at)
                times.push_back(at);
        }
    } else if (const auto* edge = std::get_if<AtEdge>(&form_)) {
        const auto hours = market.hours(day);
        if (hours.count > 0)
            times.push_back((edge->close ? hours.closes() : hours.opens()) + edge->offset);
    } else if (const auto* session = std::get_if<InSession>(&form_)) {
        const auto hours = market.hours(day);
        for (std::size_t i = 0; i < hours.count; ++i) {
            const auto& block = hours.blocks.at(i);
            for (auto at = block.opens; at < block.closes; at += session->step)
                times.push_back(at);
        }
    }
    return times;
}

// Only a schedule within the session has more than a few times a day, and is reckoned.
std::optional<UtcTime> Schedule::first_after(TradingDay day, UtcTime now,
                                             const MarketCalendar& market) const {
    if (const auto* session = std::get_if<InSession>(&form_)) {
        const auto hours = market.hours(day);
        for (std::size_t i = 0; i < hours.count; ++i) {
            const auto& block = hours.blocks.at(i);
            if (now < block.opens)
                return block.opens;
            const auto at = block.opens + session->step * ((now - block.opens) / session->step + 1);
            if (at < block.closes)
                return at;
        }
        return std::nullopt;
    }
    for (const auto at : on(day, market)) {
        if (at > now)
            return at;
    }
    return std::nullopt;
}

std::optional<UtcTime> Schedule::last_until(TradingDay day, UtcTime now,
                                            const MarketCalendar& market) const {
    std::optional<UtcTime> found;
    if (const auto* session = std::get_if<InSession>(&form_)) {
        const auto hours = market.hours(day);
        for (std::size_t i = 0; i < hours.count; ++i) {
            const auto& block = hours.blocks.at(i);
            if (now < block.opens)
                break;
            const auto in_block = std::min(now, block.closes - Nanos(1)) - block.opens;
            found = block.opens + session->step * (in_block / session->step);
        }
        return found;
    }
    for (const auto at : on(day, market)) {
        if (at <= now)
            found = at;
    }
    return found;
}

TradingDay Schedule::day_of(UtcTime at, const MarketCalendar& market) const {
    const auto* form = std::get_if<AtTimes>(&form_);
    return local_day(form != nullptr && form->zone ? *form->zone : market.zone(), at);
}

// What belongs to a day may come up to a day before or after it.
std::optional<UtcTime> Schedule::next(UtcTime now, const MarketCalendar& market) const {
    if (!after().empty())
        return std::nullopt;
    const auto today = day_of(now, market);
    for (int i = -1; i <= k_days_max; ++i) {
        if (const auto at = first_after(today + days(i), now, market))
            return at;
    }
    return std::nullopt;
}

std::optional<UtcTime> Schedule::last(UtcTime now, const MarketCalendar& market) const {
    if (!after().empty())
        return std::nullopt;
    const auto today = day_of(now, market);
    for (int i = 1; i >= -k_days_max; --i) {
        if (const auto at = last_until(today + days(i), now, market))
            return at;
    }
    return std::nullopt;
}

std::uint64_t Schedule::count(UtcTime from, UtcTime to, const MarketCalendar& market,
                              std::uint64_t most) const {
    std::uint64_t counted = 0;
    for (auto at = next(from, market); at && *at <= to && counted < most; at = next(*at, market))
        ++counted;
    return counted;
}

bool is_schedule(std::string_view text) {
    return Schedule::parse(text).has_value();
}

}  // namespace bullpen::time
