#include "worker/jobs/holdings.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "worker/jobs/share_own.hpp"

namespace bullpen::jobs {

namespace {

using nlohmann::json;

constexpr int k_version = 1;
constexpr std::size_t k_size_max = 4UL * 1024 * 1024;
constexpr std::int64_t k_paisa = 10'000;  // millionths

model::Money rupees(std::int64_t paise) {
    return {paise * k_paisa, model::k_inr};
}

model::Money value_of(const std::vector<HoldingLine>& lines) {
    std::int64_t paise = 0;
    for (const auto& line : lines)
        paise += (line.quantity + line.intraday) * line.last;
    return rupees(paise);
}

json line_json(const HoldingLine& line) {
    return {{"symbol", line.symbol},
            {"quantity", line.quantity},
            {"intraday", line.intraday},
            {"own", line.own},
            {"last", line.last},
            {"value", model::text(rupees((line.quantity + line.intraday) * line.last))}};
}

json day_json(const HoldingDay& day) {
    return {{"day", day.day},
            {"pnl", day.pnl ? json(model::text(*day.pnl)) : json(nullptr)},
            {"value", model::text(day.value)}};
}

HoldingDay day_from(const json& object) {
    HoldingDay day;
    day.day = object.at("day");
    if (const auto& pnl = object.at("pnl"); !pnl.is_null()) {
        if (const auto money = model::money_from_text(pnl.get<std::string>(), model::k_inr))
            day.pnl = *money;
    }
    const auto value = model::money_from_text(object.at("value").get<std::string>(), model::k_inr);
    day.value = value ? *value : rupees(0);
    return day;
}

}  // namespace

void take(Holdings& holdings, const ShareRecords& records, const ShareWorld& world,
          std::chrono::sys_days day) {
    holdings.at = world.at;
    holdings.available = world.available;
    holdings.lines.clear();
    for (const auto& [symbol, held] : world.held) {
        const auto quote = world.quotes.find(symbol);
        const auto last = quote == world.quotes.end() ? 0 : quote->second.last.ticks;
        const HoldingLine line{symbol, held.holding.all(), held.intraday,
                               own_quantity(records, world, symbol), last};
        if (line.quantity != 0 || line.intraday != 0)
            holdings.lines.push_back(line);
    }
    HoldingDay today{format_utc(UtcTime(day)).substr(0, 10),
                     standing_of(records, world, day).day_pnl, value_of(holdings.lines)};
    auto& days = holdings.days;
    if (!days.empty() && days.back().day == today.day)
        days.pop_back();
    days.push_back(std::move(today));
    if (days.size() > Holdings::k_days_max)
        days.erase(days.begin());
}

bool holds_other(const Holdings& holdings, const Holdings& before) {
    const auto same = [](const HoldingLine& a, const HoldingLine& b) {
        return a.symbol == b.symbol && a.quantity == b.quantity && a.intraday == b.intraday;
    };
    return !std::equal(holdings.lines.begin(), holdings.lines.end(), before.lines.begin(),
                       before.lines.end(), same);
}

std::string encode(const Holdings& holdings, const AccountId& account, UtcTime written) {
    json lines = json::array();
    for (const auto& line : holdings.lines)
        lines.push_back(line_json(line));
    json days = json::array();
    for (const auto& day : holdings.days)
        days.push_back(day_json(day));
    const json object = {{"version", k_version},
                         {"account", account.str()},
                         {"written", format_utc(written)},
                         {"market_time", format_utc(holdings.at)},
                         {"currency", model::k_inr.code()},
                         {"available", model::text(holdings.available)},
                         {"shares", std::move(lines)},
                         {"days", std::move(days)}};
    return documents::json_text(object) + "\n";
}

Result<Holdings> decode_holdings(std::string_view text, const AccountId& account) {
    try {
        BULLPEN_TRY(const auto object, documents::read_json(text, "the holdings"));
        if (object.at("version") > k_version)
            return fail(Errc::newer_version, "the holdings are a newer program's");
        if (object.at("account") != account.str()) {
            return fail(Errc::wrong_account, "the holdings are of account '" +
                                                 object.at("account").get<std::string>() + "'");
        }
        Holdings holdings;
        BULLPEN_TRY(holdings.at, parse_utc(object.at("market_time").get<std::string>()));
        BULLPEN_TRY(
            holdings.available,
            model::money_from_text(object.at("available").get<std::string>(), model::k_inr));
        for (const auto& line : object.at("shares")) {
            holdings.lines.push_back({line.at("symbol"), line.at("quantity"), line.at("intraday"),
                                      line.at("own"), line.at("last")});
        }
        for (const auto& day : object.at("days"))
            holdings.days.push_back(day_from(day));
        return holdings;
    } catch (const json::exception& problem) {
        return fail(Errc::corrupt, std::string("the holdings cannot be read: ") + problem.what());
    }
}

std::string holdings_path(const std::string& account_directory) {
    return account_directory + "/holdings.json";
}

Result<Holdings> load_holdings(storage::FileSystem& files, const std::string& path,
                               const AccountId& account) {
    const auto text = files.read(path, k_size_max);
    if (!text && storage::is_missing(text.error()))
        return fail(Errc::not_found, path + " was not written yet");
    if (!text)
        return fail(text.error());
    auto holdings = decode_holdings(*text, account);
    if (!holdings)
        return fail(std::move(holdings).error().wrap(path));
    return holdings;
}

}  // namespace bullpen::jobs
