#include "common/events/blackout.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "common/base/errc.hpp"
#include "common/events/nfp_rule.hpp"
#include "common/events/series.hpp"
#include "common/events/staleness.hpp"

namespace bullpen::events {

namespace {

using config::EventActions;
using config::EventWindow;
using std::chrono::days;
using std::chrono::minutes;

// Why the calendar cannot say it; what an answer's `why` points at.
enum Why : std::uint8_t { no_reason, no_calendar, expired, not_covered, outside };
constexpr std::array<std::string_view, 5> k_why{
    "", "there is no calendar", "nothing was fetched for 60 days",
    "no source states the events of this day", "the calendar is not worked out for this time"};

// The times of day at which events of high importance usually are, on New York's clock.
constexpr std::array k_slots{minutes(8 * 60 + 30), minutes(10 * 60), minutes(14 * 60)};
// What is left of them when an operator vouches for a calendar that nobody fetched for 60 days: on
// business days of this part of the month prices are published.
struct Span {
    minutes from;
    minutes to;
};
constexpr std::array k_price_slots{Span{minutes(8 * 60 + 25), minutes(8 * 60 + 45)},
                                   Span{minutes(9 * 60 + 58), minutes(10 * 60 + 5)}};
constexpr std::chrono::day k_prices_first{9};
constexpr std::chrono::day k_prices_last{18};

constexpr std::string_view k_dollar = "USD";

// "ff.eur".
std::string currency_series(std::string_view currency) {
    std::string name(k_currency_prefix);
    for (const char c : currency)
        name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return name;
}

constexpr EventWindow default_window() {
    return {{}, minutes(30), minutes(60), {}};
}

std::string_view importance_name(int importance) {
    constexpr std::array<std::string_view, 3> k_names{"low", "medium", "high"};
    return k_names.at(static_cast<std::size_t>(std::clamp(importance, 1, 3) - 1));
}

EventActions both(EventActions a, const EventActions& b) {
    a.cancel_resting = a.cancel_resting || b.cancel_resting;
    a.forbid_modifications = a.forbid_modifications || b.forbid_modifications;
    a.reduce = a.reduce || b.reduce;
    a.flatten = a.flatten || b.flatten;
    return a;
}

Event probe(const Series& series) {
    Event event;
    event.series = series.name;
    event.currency = series.currency;
    event.importance = series.importance;
    return event;
}

}  // namespace

std::string_view code(Standing standing) {
    switch (standing) {
        case Standing::clear: return "clear";
        case Standing::blocked: return "blocked";
        case Standing::unknown: return "unknown";
    }
    return "";
}

Result<AccountRules> AccountRules::from(const config::EventSettings& settings) {
    AccountRules rules{settings.enabled, {}, settings.currencies, settings.on_unknown};
    for (const std::string& text : settings.windows) {
        auto window = config::parse_event_window(text);
        if (!window)
            return fail(window.error().wrap("events.windows: '" + text + "'"));
        rules.windows.push_back(std::move(*window));
    }
    return rules;
}

const EventWindow* AccountRules::window(const Event& event) const {
    const bool counts =
        currencies.empty() || event.currency.empty() ||
        std::find(currencies.begin(), currencies.end(), event.currency) != currencies.end();
    if (!enabled || !counts)
        return nullptr;
    for (const std::string_view name : {std::string_view(event.series), class_of(event.series),
                                        importance_name(event.importance)}) {
        const auto found = std::find_if(windows.begin(), windows.end(),
                                        [&](const EventWindow& w) { return w.events == name; });
        if (found != windows.end())
            return &*found;
    }
    return nullptr;
}

std::vector<std::string> minded_series(const AccountRules& rules) {
    std::vector<std::string> series;
    if (!rules.enabled)
        return series;
    for (const Series& candidate : all_series()) {
        const EventWindow* const window = rules.window(probe(candidate));
        const bool named =
            window != nullptr && candidate.stated &&
            (window->events == candidate.name || window->events == candidate.event_class);
        if (window != nullptr && (candidate.guarded || named))
            series.emplace_back(candidate.name);
    }
    for (const std::string& currency : rules.currencies) {
        if (currency != k_dollar && !rules.windows.empty())
            series.push_back(currency_series(currency));
    }
    return series;
}

class Timeline::Builder {
  public:
    explicit Builder(const Input& input) : in_(input) {}

    Timeline build() {
        line_.from_ = in_.from;
        line_.to_ = std::min(in_.to, in_.from + k_span_max);
        if (in_.snapshot != nullptr)
            line_.events_ = in_.snapshot->events;
        if (in_.overrides != nullptr)
            apply(*in_.overrides, in_.now, line_.events_);
        std::erase_if(line_.events_, [&](const Event& event) {
            return event.utc < line_.from_ - EventWindow::k_span_max - days(1) ||
                   event.utc > line_.to_ + EventWindow::k_span_max + days(1);
        });
        if (in_.rules->enabled) {
            add_events();
            add_unknown();
        }
        sweep();
        join();
        return std::move(line_);
    }

  private:
    // A window of an event, or a stretch of which the calendar says nothing.
    struct Piece {
        UtcTime from;
        UtcTime to;
        std::int32_t event;  // -1: unknown
        bool entries;
        EventActions actions;
        std::uint8_t why;
    };

    void add(const Piece& piece) {
        if (piece.from < piece.to && piece.from < line_.to_ && line_.from_ < piece.to)
            pieces_.push_back(piece);
    }

    void add_events() {
        for (std::size_t i = 0; i < line_.events_.size(); ++i) {
            const Event& event = line_.events_[i];
            const EventWindow* const window = in_.rules->window(event);
            if (window == nullptr || event.cancelled())
                continue;
            const auto index = static_cast<std::int32_t>(i);
            // When only the day is known, it may be at any time of it.
            const Nanos length =
                event.precision == Precision::date ? Nanos(days(1)) : Nanos(window->after);
            add({event.utc - window->before, event.utc + length, index, false, window->actions,
                 no_reason});
            for (const OtherTime& other : event.other_times)
                add({other.utc - window->before, other.utc + window->after, index, false,
                     window->actions, no_reason});
        }
    }

    [[nodiscard]] UtcTime at(Day day, minutes time_of_day) const {
        return in_.new_york
            ->read(time::LocalTime(Nanos(day.time_since_epoch()) + Nanos(time_of_day)))
            .earliest;
    }

    // The instants at which a source's word stops to count.
    [[nodiscard]] std::vector<UtcTime> expiries() const {
        std::vector<UtcTime> all;
        if (in_.snapshot == nullptr)
            return all;
        for (const SourceStatus& source : in_.snapshot->sources) {
            if (source.accepted)
                all.push_back(*source.accepted + k_expired_age);
        }
        std::sort(all.begin(), all.end());
        return all;
    }

    void add_unknown() {
        const auto series = minded_series(*in_.rules);
        const auto cuts = expiries();
        const Day first = std::chrono::floor<days>(in_.from) - days(1);
        for (Day day = first; at(day, minutes(0)) < line_.to_; day += days(1)) {
            UtcTime from = at(day, minutes(0));
            const UtcTime to = at(day + days(1), minutes(0));
            for (const UtcTime cut : cuts) {
                if (from < cut && cut < to) {
                    add_day(day, from, cut, series);
                    from = cut;
                }
            }
            add_day(day, from, to, series);
        }
    }

    [[nodiscard]] Why why(Day day, UtcTime at, const std::vector<std::string>& series) const {
        if (in_.snapshot == nullptr)
            return series.empty() ? no_reason : no_calendar;
        const Counting counts = counting(*in_.snapshot, series, at);
        const bool known = std::all_of(series.begin(), series.end(), [&](const std::string& one) {
            return covers(counts.rows, one, day, day);
        });
        return known ? no_reason : counts.old ? expired : not_covered;
    }

    void add_day(Day day, UtcTime from, UtcTime to, const std::vector<std::string>& series) {
        const Why lack = why(day, from, series);
        if (lack == no_reason || from >= to)
            return;
        const bool trade = in_.rules->on_unknown == config::OnUnknown::trade;
        const auto vouched = in_.overrides != nullptr ? in_.overrides->acknowledged(in_.now)
                                                      : std::optional<UtcTime>();
        const UtcTime vouched_to = std::clamp(vouched.value_or(from), from, to);
        // Vouched for, or nothing is asked of the account.
        add({from, trade ? to : vouched_to, -1, true, {}, lack});
        if (trade)
            return;
        if (lack == expired)
            add_price_slots(day, from, vouched_to);
        const bool always = lack == expired || in_.rules->on_unknown == config::OnUnknown::block;
        add({vouched_to, to, -1, !always, {}, lack});
        if (!always)
            add_slots(day, vouched_to, to, lack);
    }

    void add_slots(Day day, UtcTime from, UtcTime to, Why lack) {
        if (!is_business_day(day))
            return;
        Event high;
        high.importance = Event::k_importance_max;
        const EventWindow* const own = in_.rules->window(high);
        const EventWindow window = own != nullptr ? *own : default_window();
        for (const minutes slot : k_slots) {
            const UtcTime middle = at(day, slot);
            // Nothing is known to happen, so nothing is closed or taken back for it.
            add({std::max(from, middle - window.before),
                 std::min(to, middle + window.after),
                 -1,
                 false,
                 {},
                 lack});
        }
    }

    void add_price_slots(Day day, UtcTime from, UtcTime to) {
        const auto of_month = std::chrono::year_month_day(day).day();
        if (!is_business_day(day) || of_month < k_prices_first || of_month > k_prices_last)
            return;
        for (const Span& span : k_price_slots)
            add({std::max(from, at(day, span.from)),
                 std::min(to, at(day, span.to)),
                 -1,
                 false,
                 {},
                 expired});
    }

    [[nodiscard]] bool tells_more(std::int32_t a, std::int32_t b) const {
        if (b < 0)
            return true;
        const auto rank = [&](std::int32_t index) {
            const Event& event = line_.events_[static_cast<std::size_t>(index)];
            return std::tuple(-event.importance, event.utc, index);
        };
        return rank(a) < rank(b);
    }

    // Between two neighbouring ends of pieces everything stays as it is.
    void sweep() {
        std::vector<UtcTime> ends{line_.from_};
        for (const Piece& piece : pieces_) {
            for (const UtcTime end : {piece.from, piece.to}) {
                if (line_.from_ < end && end < line_.to_)
                    ends.push_back(end);
            }
        }
        std::sort(ends.begin(), ends.end());
        ends.erase(std::unique(ends.begin(), ends.end()), ends.end());
        std::sort(pieces_.begin(), pieces_.end(),
                  [](const Piece& a, const Piece& b) { return a.from < b.from; });
        std::vector<const Piece*> open;
        std::size_t next = 0;
        for (const UtcTime from : ends) {
            std::erase_if(open, [&](const Piece* piece) { return piece->to <= from; });
            for (; next < pieces_.size() && pieces_[next].from <= from; ++next) {
                if (pieces_[next].to > from)
                    open.push_back(&pieces_[next]);
            }
            take(from, open);
        }
    }

    void take(UtcTime from, const std::vector<const Piece*>& open) {
        Segment segment{from, line_.to_, Standing::clear, true, {}, -1, no_reason};
        bool blocked = false;
        for (const Piece* piece : open) {
            segment.entries = segment.entries && piece->entries;
            segment.actions = both(segment.actions, piece->actions);
            blocked = blocked || piece->event >= 0;
            if (piece->event >= 0 && tells_more(piece->event, segment.event))
                segment.event = piece->event;
            segment.why = std::max(segment.why, piece->why);
        }
        if (blocked)
            segment.why = no_reason;
        if (!open.empty())
            segment.standing = blocked ? Standing::blocked : Standing::unknown;
        auto& segments = line_.segments_;
        const auto same = [](const Segment& a, const Segment& b) {
            return a.standing == b.standing && a.entries == b.entries && a.actions == b.actions &&
                   a.event == b.event && a.why == b.why;
        };
        if (segments.empty() || !same(segments.back(), segment)) {
            segments.push_back(segment);
            line_.starts_.push_back(from);
        }
    }

    // Neighbours that stand alike are one stretch.
    void join() {
        auto& segments = line_.segments_;
        for (std::size_t i = 0; i < segments.size();) {
            std::size_t end = i + 1;
            while (end < segments.size() && segments[end].standing == segments[i].standing &&
                   segments[end].entries == segments[i].entries)
                ++end;
            const UtcTime to = end < segments.size() ? line_.starts_[end] : line_.to_;
            for (std::size_t k = i; k < end; ++k) {
                segments[k].stretch_from = line_.starts_[i];
                segments[k].stretch_to = to;
            }
            i = end;
        }
    }

    const Input& in_;
    Timeline line_;
    std::vector<Piece> pieces_;
};

Timeline Timeline::build(const Input& input) {
    return Builder(input).build();
}

Answer Timeline::answer(const Segment& segment) const {
    Answer answer;
    answer.standing = segment.standing;
    answer.entries = segment.entries;
    answer.actions = segment.actions;
    answer.from = segment.stretch_from;
    answer.to = segment.stretch_to;
    if (segment.event >= 0)
        answer.event = &events_[static_cast<std::size_t>(segment.event)];
    answer.why = k_why.at(segment.why);
    return answer;
}

std::size_t Timeline::after(UtcTime at) const {
    return static_cast<std::size_t>(std::upper_bound(starts_.begin(), starts_.end(), at) -
                                    starts_.begin());
}

Answer Timeline::query(UtcTime at) const {
    if (at < from_ || at >= to_ || segments_.empty()) [[unlikely]] {
        Answer nothing;
        nothing.entries = false;
        nothing.from = at < from_ ? UtcTime::min() : to_;
        nothing.to = at < from_ ? from_ : UtcTime::max();
        nothing.why = k_why[outside];
        return nothing;
    }
    return answer(segments_[after(at) - 1]);
}

std::optional<Answer> Timeline::next_block(UtcTime at) const {
    for (std::size_t i = after(at); i < segments_.size(); ++i) {
        if (!segments_[i].entries && starts_[i] == segments_[i].stretch_from)
            return answer(segments_[i]);
    }
    return std::nullopt;
}

}  // namespace bullpen::events
