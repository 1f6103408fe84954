// A third party's list of one week's events of all currencies. It has no ids and goes on changing
// after an event, so its events count for currencies whose own agencies are not read, and never
// against an official source.
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "calendar/collector.hpp"
#include "calendar/sources/parsers.hpp"
#include "calendar/text.hpp"
#include "common/documents/json_text.hpp"

namespace bullpen::calendar {

namespace {

using nlohmann::json;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::minutes;

constexpr std::size_t k_slug_max = 40;
constexpr std::size_t k_code_max = 8;
constexpr std::size_t k_bad_share = 20;  // one unreadable row in so many is let pass
constexpr days k_week{7};
const std::string k_of_any = "*";  // what cannot be read may be of any currency

struct Impact {
    std::string_view name;
    int importance;
};
constexpr std::array k_impacts{Impact{"high", 3}, Impact{"medium", 2}, Impact{"low", 1},
                               Impact{"holiday", 1}, Impact{"non-economic", 1}};

std::string text_of(const json& row, const char* name) {
    const auto found = row.find(name);
    return found != row.end() && found->is_string()
               ? squeezed(unescaped(found->get_ref<const std::string&>()))
               : std::string();
}

class Feed {
  public:
    explicit Feed(const Context& context) : collector_("forexfactory-json", context) {}

    Parsed read(std::string_view body) {
        if (!collector_.admits_json(body))
            return collector_.finish();
        const json document = documents::parse_json(body);
        if (!document.is_array()) {
            collector_.refuse("it is no JSON list");
            return collector_.finish();
        }
        if (!collector_.has_room_for(document.size()))
            return collector_.finish();
        std::size_t bad = 0;
        for (const json& row : document) {
            if (!row.is_object())
                unread_.insert(k_of_any);
            if (!row.is_object() || !read_row(row))
                ++bad;
        }
        if (bad * k_bad_share > document.size())
            collector_.refuse(std::to_string(bad) + " of " + std::to_string(document.size()) +
                              " rows cannot be read");
        if (first_ <= last_) {
            if (last_ - first_ >= k_week)
                collector_.refuse("it is of more than one week");
            for (const std::string& currency : currencies_) {
                if (!unread_.contains(currency) && !unread_.contains(k_of_any))
                    collector_.cover("ff." + currency, first_, last_);
            }
        }
        return collector_.finish();
    }

  private:
    bool read_row(const json& entry) {
        const std::string title = text_of(entry, "title");
        const std::string code = lower(text_of(entry, "country"));
        const std::string date = text_of(entry, "date");
        const std::string impact = lower(text_of(entry, "impact"));
        const auto at = iso_instant(date);
        const Impact* known = nullptr;
        for (const Impact& one : k_impacts) {
            if (one.name == impact)
                known = &one;
        }
        if (title.empty() || code.empty() || code.size() > k_code_max || !at || known == nullptr) {
            collector_.note("the row '" + title + "' of '" + code + "' at '" + date +
                            "' cannot be read");
            unread_.insert(code.empty() ? k_of_any : slug(code, k_code_max));
            return false;
        }
        const time::LocalTime local = collector_.context().zones->new_york().local(*at);
        const auto midnight = floor<days>(local);
        Row row;
        row.day = events::Day(midnight.time_since_epoch());
        first_ = std::min(first_, row.day);
        last_ = std::max(last_, row.day);
        if (impact != "holiday")
            row.time = floor<minutes>(local - midnight);
        else
            row.tags.emplace_back("holiday");
        currencies_.insert(slug(code, k_code_max));
        row.series = "ff." + slug(code, k_code_max) + "." + slug(title, k_slug_max);
        // An event that moves within its week stays the same: the week names it.
        const auto sunday = row.day - (std::chrono::weekday(row.day) - std::chrono::Sunday);
        row.period = events::format_day(sunday);
        if (const int turn = ++turns_[row.series]; turn > 1)
            row.period += "-" + std::to_string(turn);
        row.title = title;
        row.country = code == "usd" ? "US" : "";
        row.currency = text_of(entry, "country");
        row.zone = "America/New_York";
        row.importance = known->importance;
        row.raw = title + " " + date + " " + impact;
        collector_.add(std::move(row));
        return true;
    }

    Collector collector_;
    std::map<std::string, int> turns_;
    std::set<std::string> currencies_;
    // Those with a row that cannot be read: its event may be at any time of the week.
    std::set<std::string> unread_;
    events::Day first_ = events::Day::max();
    events::Day last_ = events::Day::min();
};

}  // namespace

Parsed parse_forexfactory_json(std::string_view body, const Context& context) {
    return Feed(context).read(body);
}

}  // namespace bullpen::calendar
