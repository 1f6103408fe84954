#include "calendar/source.hpp"

#include <algorithm>
#include <array>
#include <exception>

#include "calendar/sources/parsers.hpp"

namespace bullpen::calendar {

namespace {

// What error pages are smaller than.
constexpr std::size_t k_page_size_min = 2048;

constexpr std::array k_sources{
    Source{"fed-json", Rank::official_feed, true, "json|text/plain", k_page_size_min,
           parse_fed_json},
    Source{"bls-ics", Rank::official_feed, true, "calendar|text/plain|octet-stream",
           k_page_size_min, parse_bls_ics},
    Source{"bea-json", Rank::official_feed, true, "json|text/plain", k_page_size_min,
           parse_bea_json},
    Source{"fomc-html", Rank::official_page, true, "html", k_page_size_min, parse_fomc_html},
    Source{"bea-html", Rank::official_page, true, "html", k_page_size_min, parse_bea_html},
    Source{"fed-rss", Rank::press, true, "xml|rss", k_page_size_min, parse_fed_rss},
    Source{"forexfactory-json", Rank::third_party, true, "json|text/plain", k_page_size_min,
           parse_forexfactory_json},
    Source{"nse-holidays", Rank::official_feed, false, "", 0, parse_nse_holidays},
    Source{"bot-file", Rank::old_file, false, "", 0, parse_bot_file},
    Source{"fomc-table", Rank::table, false, "", 0, fomc_table},
};

Parsed refused(const Source& source, std::string sentence) {
    Parsed parsed;
    parsed.source = source.name;
    parsed.reasons.push_back(std::move(sentence));
    return parsed;
}

}  // namespace

Result<Zones> Zones::load() {
    std::vector<time::Zone> zones;
    for (const std::string_view name : {"America/New_York", "Asia/Kolkata"}) {
        BULLPEN_TRY(auto zone, time::Zone::load(name));
        zones.push_back(std::move(zone));
    }
    return Zones(std::move(zones));
}

const time::Zone* Zones::find(std::string_view name) const {
    const auto found = std::find_if(zones_.begin(), zones_.end(),
                                    [&](const time::Zone& zone) { return zone.name() == name; });
    return found == zones_.end() ? nullptr : &*found;
}

std::span<const Source> all_sources() {
    return k_sources;
}

const Source* find_source(std::string_view name) {
    const auto found = std::find_if(k_sources.begin(), k_sources.end(),
                                    [&](const Source& source) { return source.name == name; });
    return found == k_sources.end() ? nullptr : &*found;
}

Parsed parse(const Source& source, std::string_view body, const Context& context) {
    if (body.size() >= k_body_size_max)
        return refused(source, "it has " + std::to_string(k_body_size_max) +
                                   " bytes or more, and that is too many");
    try {
        Parsed parsed = source.parse(body, context);
        if (body.size() <= source.size_min && source.size_min > 0) {
            parsed.accepted = false;
            parsed.coverage.clear();
            parsed.covered_from.reset();
            parsed.covered_to.reset();
            parsed.reasons.insert(parsed.reasons.begin(),
                                  "it has " + std::to_string(body.size()) +
                                      " bytes, and a whole one has more than " +
                                      std::to_string(source.size_min));
        }
        return parsed;
    } catch (const std::exception& error) {
        return refused(source, std::string("it cannot be read: ") + error.what());
    }
}

}  // namespace bullpen::calendar
