#include "calendar/collector.hpp"

#include <algorithm>
#include <utility>

#include "calendar/text.hpp"
#include "common/events/series.hpp"

namespace bullpen::calendar {

namespace {

events::Event event_of(Row row) {
    const events::Series* const known = events::find_series(row.series);
    events::Event event;
    event.id = events::event_id(row.series, row.period);
    event.series = std::move(row.series);
    event.title = std::move(row.title);
    event.country = std::move(row.country);
    event.currency = std::move(row.currency);
    event.zone = std::move(row.zone);
    event.importance = row.importance;
    if (known != nullptr) {
        if (event.title.empty())
            event.title = known->title;
        if (event.country.empty())
            event.country = known->country;
        if (event.currency.empty())
            event.currency = known->currency;
        if (event.zone.empty())
            event.zone = known->zone;
        if (event.importance == 0)
            event.importance = known->importance;
    }
    if (event.importance == 0)
        event.importance = 1;
    event.tags = std::move(row.tags);
    event.local = events::LocalMinute(row.day.time_since_epoch() +
                                      row.time.value_or(std::chrono::minutes(0)));
    event.precision = row.time ? events::Precision::exact : events::Precision::date;
    event.status = row.status;
    return event;
}

}  // namespace

Collector::Collector(std::string_view source, const Context& context) : context_(context) {
    parsed_.source = source;
}

bool Collector::admits_json(std::string_view& body) {
    body = without_bom(body);
    const auto good = check_json(body);
    if (!good)
        refuse(good.error().context());
    return good.has_value();
}

bool Collector::has_room_for(std::size_t rows) {
    if (rows > k_rows_max && !full_) {
        full_ = true;
        refuse("there are more than " + std::to_string(k_rows_max) + " rows");
    }
    return !full_;
}

void Collector::add(Row row) {
    if (!has_room_for(++rows_))
        return;
    std::string raw = squeezed(row.raw);
    events::Event event = event_of(std::move(row));
    const time::Zone* const zone = context_.zones->find(event.zone);
    if (zone == nullptr)
        return refuse("'" + event.id + "' is in the zone '" + event.zone + "', which is not known");
    events::resolve(event, *zone);
    if (auto good = events::check(event); !good)
        return refuse(good.error().context());
    const auto [found, is_new] = by_id_.try_emplace(event.id, parsed_.events.size());
    if (!is_new) {
        const events::Event& there = parsed_.events[found->second];
        if (there.local != event.local || there.status != event.status)
            refuse("'" + event.id + "' is listed at " + events::format_local(there.local) +
                   " and at " + events::format_local(event.local));
        return;
    }
    if (parsed_.events.size() >= k_events_max) {
        by_id_.erase(found);
        full_ = true;
        return refuse("there are more than " + std::to_string(k_events_max) + " events");
    }
    event.sources.push_back(
        {parsed_.source, context_.fetched, context_.sha256, context_.etag, std::move(raw)});
    parsed_.events.push_back(std::move(event));
}

void Collector::refuse(std::string sentence) {
    if (parsed_.reasons.size() < k_sentences_max)
        parsed_.reasons.push_back(std::move(sentence));
}

void Collector::note(std::string sentence) {
    if (parsed_.notes.size() < k_sentences_max)
        parsed_.notes.push_back(std::move(sentence));
}

void Collector::cover(std::string_view series, events::Day from, events::Day to) {
    if (to < from)
        return;
    const Source* const source = find_source(parsed_.source);
    const bool official = source != nullptr && source->rank <= Rank::table;
    parsed_.coverage.push_back(
        {std::string(series), from, to, parsed_.source, context_.fetched, official});
    cover_days(from, to);
}

void Collector::cover_releases(std::string_view series, std::vector<events::Day> on,
                               events::Day from, events::Day to, std::chrono::days wait_max) {
    std::sort(on.begin(), on.end());
    std::vector<std::pair<events::Day, events::Day>> stretches;
    for (std::size_t i = 1; i < on.size(); ++i) {
        const events::Day before = last_of_month(on[i - 1]);
        const events::Day after = first_of_month(on[i]);
        if (on[i] - on[i - 1] <= wait_max || after - before <= std::chrono::days(1))
            continue;
        stretches.emplace_back(from, before);
        from = after;
    }
    stretches.emplace_back(from, to);
    // Of a series that is full of holes the end is what matters.
    const std::size_t first = stretches.size() - std::min(stretches.size(), k_stretches_max);
    for (std::size_t i = first; i < stretches.size(); ++i)
        cover(series, stretches[i].first, stretches[i].second);
}

void Collector::cover_days(events::Day from, events::Day to) {
    parsed_.covered_from = std::min(parsed_.covered_from.value_or(from), from);
    parsed_.covered_to = std::max(parsed_.covered_to.value_or(to), to);
}

Parsed Collector::finish(bool may_be_empty) {
    if (parsed_.events.empty() && parsed_.reasons.empty() && !may_be_empty)
        refuse("there is no event in it");
    std::sort(parsed_.events.begin(), parsed_.events.end(), events::before);
    parsed_.accepted = parsed_.reasons.empty();
    if (!parsed_.accepted) {
        parsed_.coverage.clear();
        parsed_.covered_from.reset();
        parsed_.covered_to.reset();
    }
    return std::move(parsed_);
}

}  // namespace bullpen::calendar
