#include "common/time/posix_rule.hpp"

#include <optional>

#include "common/base/errc.hpp"

namespace bullpen::time {

namespace {

// POSIX allows 24 hours, TZif files a week.
constexpr int k_hours_max = 167;
constexpr std::int32_t k_seconds_a_day = 86400;

// Reads the rule from left to right; the first thing that does not fit ends it.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}

    [[nodiscard]] bool done() const { return at_ == text_.size(); }
    bool literal(char c) {
        if (done() || text_[at_] != c)
            return false;
        ++at_;
        return true;
    }
    // "EST" or "<+0330>".
    bool name() {
        const std::size_t begin = at_;
        if (literal('<')) {
            while (!done() && text_[at_] != '>')
                ++at_;
            return literal('>');
        }
        while (!done() && ((text_[at_] >= 'A' && text_[at_] <= 'Z') ||
                           (text_[at_] >= 'a' && text_[at_] <= 'z')))
            ++at_;
        return at_ - begin >= 3;
    }
    std::optional<int> number(int max) {
        const std::size_t begin = at_;
        int value = 0;
        for (; !done() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
            value = value * 10 + (text_[at_] - '0');
            if (value > max)
                return std::nullopt;
        }
        if (at_ == begin)
            return std::nullopt;
        return value;
    }
    // "[+-]hh[:mm[:ss]]" in seconds.
    std::optional<std::int32_t> clock() {
        const bool negative = literal('-');
        if (!negative)
            literal('+');
        const auto hours = number(k_hours_max);
        if (!hours)
            return std::nullopt;
        std::int32_t seconds = *hours * 3600;
        for (const int unit : {60, 1}) {
            if (!literal(':'))
                break;
            const auto part = number(59);
            if (!part)
                return std::nullopt;
            seconds += *part * unit;
        }
        return negative ? -seconds : seconds;
    }
    // "Mm.w.d", "Jn" or "n", with an optional "/time".
    std::optional<YearlyRule> rule() {
        YearlyRule rule;
        if (literal('M')) {
            const auto month = number(12);
            const auto week = literal('.') ? number(5) : std::nullopt;
            const auto day = literal('.') ? number(6) : std::nullopt;
            if (!month || !week || !day || *month == 0 || *week == 0)
                return std::nullopt;
            rule.month = *month;
            rule.week = *week;
            rule.day = *day;
        } else {
            const bool julian = literal('J');
            rule.form =
                julian ? YearlyRule::Form::julian_without_leap : YearlyRule::Form::julian_with_leap;
            const auto day = number(365);
            if (!day || (julian && *day == 0))
                return std::nullopt;
            rule.day = *day;
        }
        if (literal('/')) {
            const auto at = clock();
            if (!at)
                return std::nullopt;
            rule.at_seconds = *at;
        }
        return rule;
    }

  private:
    std::string_view text_;
    std::size_t at_ = 0;
};

std::optional<Footer> scan(std::string_view text) {
    Scanner scanner(text);
    Footer footer;
    footer.present = true;
    if (!scanner.name())
        return std::nullopt;
    const auto standard = scanner.clock();
    if (!standard)
        return std::nullopt;
    // POSIX counts west as positive.
    footer.standard_offset = -*standard;
    if (scanner.done())
        return footer;
    if (!scanner.name())
        return std::nullopt;
    footer.has_daylight = true;
    footer.daylight_offset = footer.standard_offset + 3600;
    if (!scanner.literal(',')) {
        const auto daylight = scanner.clock();
        if (!daylight || !scanner.literal(','))
            return std::nullopt;
        footer.daylight_offset = -*daylight;
    }
    const auto begins = scanner.rule();
    if (!begins || !scanner.literal(','))
        return std::nullopt;
    const auto ends = scanner.rule();
    if (!ends || !scanner.done())
        return std::nullopt;
    footer.begins = *begins;
    footer.ends = *ends;
    return footer;
}

}  // namespace

Result<Footer> parse_footer(std::string_view text) {
    if (text.empty())
        return Footer{};
    if (const auto footer = scan(text))
        return *footer;
    return fail(Errc::corrupt, "the zone's closing rule '" + std::string(text.substr(0, 64)) +
                                   "' cannot be understood");
}

std::int64_t change_of_year(const YearlyRule& rule, int year_number) {
    using namespace std::chrono;
    const year in(year_number);
    sys_days day;
    switch (rule.form) {
        case YearlyRule::Form::month_week_day: {
            const weekday wanted(static_cast<unsigned>(rule.day));
            const month of(static_cast<unsigned>(rule.month));
            // Week 5 is the last one, whether the month has five or four.
            day = rule.week == 5 ? sys_days(in / of / wanted[last])
                                 : sys_days(in / of / wanted[static_cast<unsigned>(rule.week)]);
            break;
        }
        case YearlyRule::Form::julian_without_leap: {
            const bool after_february = rule.day >= 60;
            day = sys_days(in / January / 1) + days(rule.day - 1) +
                  days(after_february && in.is_leap() ? 1 : 0);
            break;
        }
        case YearlyRule::Form::julian_with_leap:
            day = sys_days(in / January / 1) + days(rule.day);
            break;
    }
    return std::int64_t{day.time_since_epoch().count()} * k_seconds_a_day + rule.at_seconds;
}

}  // namespace bullpen::time
