#include <algorithm>
#include <array>
#include <cstdint>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/config/document.hpp"
#include "common/config/venue_settings.hpp"
#include "common/model/instrument.hpp"

namespace bullpen::config {

namespace {

constexpr std::int64_t k_millis_max = 3'600'000;
constexpr double k_speed_max = 1e6;

using Wrong = std::optional<std::string>;  // a rule that a value breaks

Wrong text_of(const Leaf& leaf, std::string* out) {
    const auto* value = std::get_if<std::string>(&leaf.content);
    if (value == nullptr)
        return "must be a text";
    *out = *value;
    return std::nullopt;
}

Wrong texts(const Leaf& leaf, std::vector<std::string>* out) {
    const auto* value = std::get_if<std::vector<std::string>>(&leaf.content);
    if (value == nullptr)
        return "must be a list of texts";
    *out = *value;
    return std::nullopt;
}

Wrong whole(const Leaf& leaf, std::int64_t min, std::int64_t max, std::int64_t* out) {
    const auto* value = std::get_if<std::int64_t>(&leaf.content);
    if (value == nullptr || *value < min || *value > max) {
        return "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max);
    }
    *out = *value;
    return std::nullopt;
}

Wrong boolean(const Leaf& leaf, bool* out) {
    const auto* value = std::get_if<bool>(&leaf.content);
    if (value == nullptr)
        return "must be true or false";
    *out = *value;
    return std::nullopt;
}

Wrong millis(const Leaf& leaf, Nanos* out) {
    std::int64_t number = 0;
    auto wrong = whole(leaf, 1, k_millis_max, &number);
    if (!wrong)
        *out = Millis(number);
    return wrong;
}

// An amount is a text, as everywhere.
Wrong money(const Leaf& leaf, model::Money* out) {
    std::string amount;
    if (auto wrong = text_of(leaf, &amount))
        return "must be an amount as a text";
    const auto value = model::money_from_text(amount, model::k_usd);
    if (!value)
        return "must be an amount as a text";
    *out = *value;
    return std::nullopt;
}

template <class Enum, std::size_t N>
Wrong choice(const Leaf& leaf, const std::array<std::string_view, N>& words, Enum* out) {
    const auto* value = std::get_if<std::string>(&leaf.content);
    const auto found =
        value == nullptr ? words.end() : std::find(words.begin(), words.end(), *value);
    if (found == words.end()) {
        std::string all;
        for (const auto word : words)
            all += (all.empty() ? "" : ", ") + std::string(word);
        return "must be one of " + all;
    }
    *out = static_cast<Enum>(found - words.begin());
    return std::nullopt;
}

constexpr std::array<std::string_view, 3> k_syncs{"always", "interval", "never"};
constexpr std::array<std::string_view, 3> k_sources{"synthetic", "replay", "manual"};
constexpr std::int64_t k_history_max = 1'000'000;
constexpr std::int64_t k_log_mib_max = 1 << 20;
constexpr std::int64_t k_spread_max = 1000;
constexpr std::array<std::string_view, 2> k_paces{"wall", "lockstep"};
constexpr std::array<std::string_view, 2> k_labels{"start", "end"};
constexpr std::array<std::string_view, 3> k_date_orders{"unstated", "month_first", "day_first"};

Wrong top_key(const Leaf& leaf, VenueSettings* out) {
    if (leaf.name == "fsync")
        return choice(leaf, k_syncs, &out->sync);
    if (leaf.name == "fsync_interval_ms")
        return millis(leaf, &out->sync_interval);
    if (leaf.name == "cash") {
        out->cash_stated = true;
        return money(leaf, &out->cash);
    }
    if (leaf.name == "order_days")
        return whole(leaf, 1, 36'500, &out->order_days);
    if (leaf.name == "log_steps")
        return boolean(leaf, &out->log_steps);
    if (leaf.name == "log_mib") {
        std::int64_t mib = 0;
        auto wrong = whole(leaf, 0, k_log_mib_max, &mib);
        if (!wrong)
            out->log_size_max = static_cast<std::uint64_t>(mib) << 20U;
        return wrong;
    }
    if (leaf.name == "lockstep_wait_ms")
        return millis(leaf, &out->lockstep_wait);
    if (leaf.name == "lockstep_accounts")
        return texts(leaf, &out->lockstep_accounts);
    return "there is no such key";
}

Wrong speed(const Leaf& leaf, double* out) {
    const auto* real = std::get_if<double>(&leaf.content);
    const auto* number = std::get_if<std::int64_t>(&leaf.content);
    *out = real != nullptr ? *real : number != nullptr ? static_cast<double>(*number) : 0.0;
    if (!(*out > 0 && *out <= k_speed_max))
        return "must be above 0 and at most a million";
    return std::nullopt;
}

Wrong market_key(const Leaf& leaf, VenueMarket* out) {
    if (leaf.name == "source")
        return choice(leaf, k_sources, &out->source);
    if (leaf.name == "pace")
        return choice(leaf, k_paces, &out->pace);
    if (leaf.name == "instrument") {
        auto wrong = text_of(leaf, &out->instrument);
        if (!wrong && !model::find_instrument(out->instrument))
            return "must be a listed instrument";
        return wrong;
    }
    if (leaf.name == "file")
        return text_of(leaf, &out->file);
    if (leaf.name == "time_zone")
        return text_of(leaf, &out->time_zone);
    if (leaf.name == "labels")
        return choice(leaf, k_labels, &out->labels_end);
    if (leaf.name == "date_order")
        return choice(leaf, k_date_orders, &out->date_order);
    if (leaf.name == "contract")
        return text_of(leaf, &out->contract);
    if (leaf.name == "history") {
        std::int64_t history = 0;
        auto wrong = whole(leaf, 0, k_history_max, &history);
        out->history = static_cast<std::uint64_t>(history);
        return wrong;
    }
    if (leaf.name == "seed") {
        std::int64_t seed = 0;
        auto wrong = whole(leaf, 0, INT64_MAX, &seed);
        out->seed = static_cast<std::uint64_t>(seed);
        return wrong;
    }
    if (leaf.name == "speed")
        return speed(leaf, &out->speed);
    if (leaf.name == "ticks")
        return boolean(leaf, &out->ticks);
    if (leaf.name == "spread")
        return whole(leaf, 1, k_spread_max, &out->spread);
    return "there is no such key";
}

Wrong costs_key(const Leaf& leaf, VenueCosts* out) {
    constexpr std::int64_t k_ticks_max = 10'000;
    if (leaf.name == "slippage")
        return whole(leaf, 0, k_ticks_max, &out->slippage.emplace().value);
    if (leaf.name == "limit_through")
        return whole(leaf, 0, k_ticks_max, &out->limit_through.emplace().value);
    if (leaf.name == "commission")
        return money(leaf, &out->commission.emplace());
    return "there is no such key";
}

Wrong account_key(const Leaf& leaf, VenueAccount* out) {
    if (leaf.name == "cash")
        return money(leaf, &out->cash.emplace());
    if (leaf.name == "markets")
        return texts(leaf, &out->markets);
    return "there is no such key";
}

Wrong first_day(const Leaf& leaf, std::optional<std::chrono::sys_days>* out) {
    std::string date;
    if (auto wrong = text_of(leaf, &date))
        return wrong;
    const auto midnight = parse_utc(date + "T00:00:00Z");
    if (!midnight)
        return "must be a date, as \"2026-07-27\"";
    *out = std::chrono::floor<std::chrono::days>(*midnight);
    return std::nullopt;
}

constexpr std::array<std::string_view, 2> k_share_paces{"wall", "manual"};

Wrong shares_key(const Leaf& leaf, VenueShares* out) {
    constexpr std::int64_t k_percent_max = 50;
    if (leaf.name == "pace")
        return choice(leaf, k_share_paces, &out->pace);
    if (leaf.name == "speed")
        return speed(leaf, &out->speed);
    if (leaf.name == "first_day")
        return first_day(leaf, &out->first_day);
    if (leaf.name == "symbols")
        return texts(leaf, &out->symbols);
    if (leaf.name == "seed" || leaf.name == "circuit_percent") {
        const bool seeds = leaf.name == "seed";
        std::int64_t number = 0;
        auto wrong = whole(leaf, seeds ? 0 : 1, seeds ? INT64_MAX : k_percent_max, &number);
        if (!wrong && seeds)
            out->seed = static_cast<std::uint64_t>(number);
        else if (!wrong)
            out->circuit_percent = static_cast<int>(number);
        return wrong;
    }
    if (leaf.name == "cash") {
        auto wrong = money(leaf, &out->cash);
        out->cash.currency = model::k_inr;
        return wrong;
    }
    return "there is no such key";
}

// "market.mes" is the market "mes".
std::optional<std::string> below(const Leaf& leaf, std::string_view group) {
    const std::string_view table = leaf.table;
    if (!table.starts_with(group) || table.size() <= group.size() + 1 || table[group.size()] != '.')
        return std::nullopt;
    auto name = table.substr(group.size() + 1);
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
        name = name.substr(1, name.size() - 2);
    return std::string(name);
}

Wrong set_leaf(const Leaf& leaf, VenueSettings* out) {
    if (leaf.table.empty() && leaf.found != Found::empty_table)
        return top_key(leaf, out);
    if (leaf.found == Found::empty_table)
        return std::nullopt;
    if (const auto name = below(leaf, "market")) {
        auto found = std::find_if(out->markets.begin(), out->markets.end(),
                                  [&](const VenueMarket& m) { return m.name == *name; });
        if (found == out->markets.end()) {
            out->markets.emplace_back().name = *name;
            found = out->markets.end() - 1;
        }
        return market_key(leaf, &*found);
    }
    if (leaf.table == "shares")
        return shares_key(leaf, &out->shares);
    if (const auto symbol = below(leaf, "costs"))
        return costs_key(leaf, &out->costs[*symbol]);
    if (const auto name = below(leaf, "account"))
        return account_key(leaf, &out->accounts[*name]);
    return "there is no such key";
}

Issue issue_at(Place place, std::string key, std::string message) {
    Issue issue;
    issue.file = k_venue_file;
    issue.line = place.line;
    issue.column = place.column;
    issue.key = std::move(key);
    issue.message = std::move(message);
    return issue;
}

}  // namespace

VenueFile parse_venue_file(std::string_view toml) {
    const auto document = parse_document(toml);
    VenueFile file;
    for (const auto& error : document.errors)
        file.issues.push_back(issue_at(error.place, "", "cannot be read: " + error.message));
    if (!document.readable)
        return file;
    for (const auto& leaf : document.leaves) {
        if (const auto wrong = set_leaf(leaf, &file.settings))
            file.issues.push_back(issue_at(leaf.place, leaf.path, *wrong));
    }
    for (const auto& [name, account] : file.settings.accounts) {
        for (const auto& market : account.markets) {
            const auto& markets = file.settings.markets;
            const bool known = std::any_of(markets.begin(), markets.end(),
                                           [&](const VenueMarket& m) { return m.name == market; });
            if (known)
                continue;
            const auto path = "account." + path_part(name) + ".markets";
            const auto leaf = std::find_if(document.leaves.begin(), document.leaves.end(),
                                           [&](const Leaf& one) { return one.path == path; });
            file.issues.push_back(issue_at(leaf == document.leaves.end() ? Place{} : leaf->place,
                                           path, "names a market that is not there: " + market));
        }
    }
    return file;
}

std::vector<Issue> check_venue_file(const Home& home) {
    const auto text =
        read_file(home.root() + "/" + std::string(k_venue_file), k_venue_file_size_max);
    if (text)
        return parse_venue_file(*text).issues;
    if (text.error().code() == std::errc::no_such_file_or_directory)
        return {};
    return {issue_at({}, "", "cannot be read: " + text.error().message())};
}

}  // namespace bullpen::config
