#include "worker/tools/share_days.hpp"

#include <nlohmann/json.hpp>

#include "common/documents/json_text.hpp"
#include "common/storage/file_system.hpp"

namespace bullpen::tools {

namespace {

using nlohmann::json;

constexpr std::int64_t k_paisa = 10'000;  // millionths

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width)
        text.insert(0, width - text.size(), ' ');
    return text;
}

std::string pnl_text(const jobs::HoldingDay& day) {
    return day.pnl ? model::text(*day.pnl) : "not known";
}

model::Money worth(const jobs::HoldingLine& line) {
    return {(line.quantity + line.intraday) * line.last * k_paisa, model::k_inr};
}

}  // namespace

Result<jobs::Holdings> read_share_days(const Home& home, const AccountId& account,
                                       std::optional<UtcTime> from, std::optional<UtcTime> to) {
    storage::SystemFileSystem files;
    BULLPEN_TRY(
        auto holdings,
        jobs::load_holdings(files, jobs::holdings_path(home.account(account).directory), account));
    std::erase_if(holdings.days, [&](const jobs::HoldingDay& day) {
        const auto at = parse_utc(day.day + "T00:00:00Z");
        return !at || (from && *at < *from) || (to && *at >= *to);
    });
    return holdings;
}

std::string share_days_text(const jobs::Holdings& holdings) {
    constexpr std::size_t k_wide = 16;
    std::string text = "day       " + padded("P&L INR", k_wide) + padded("held INR", k_wide) + "\n";
    for (const auto& day : holdings.days) {
        text +=
            day.day + padded(pnl_text(day), k_wide) + padded(model::text(day.value), k_wide) + "\n";
    }
    text += "\nheld at " + format_utc(holdings.at) + ", by the market's time:\n";
    for (const auto& line : holdings.lines) {
        text += line.symbol + " " + std::to_string(line.quantity);
        if (line.intraday != 0)
            text += ", intraday " + std::to_string(line.intraday);
        text += ", " + std::to_string(line.own) + " of them by jobs, worth " +
                model::text(worth(line)) + " INR\n";
    }
    if (holdings.lines.empty())
        text += "nothing\n";
    return text + "available " + model::text(holdings.available) + " INR\n";
}

std::string share_days_csv(const jobs::Holdings& holdings) {
    std::string text = "day,pnl,held,currency\n";
    for (const auto& day : holdings.days) {
        text += day.day + "," + (day.pnl ? model::text(*day.pnl) : "") + "," +
                model::text(day.value) + ",INR\n";
    }
    return text;
}

std::string share_days_json(const jobs::Holdings& holdings, const AccountId& account) {
    json days = json::array();
    for (const auto& day : holdings.days) {
        days.push_back({{"day", day.day},
                        {"pnl", day.pnl ? json(model::text(*day.pnl)) : json(nullptr)},
                        {"held", model::text(day.value)}});
    }
    json shares = json::array();
    for (const auto& line : holdings.lines) {
        shares.push_back({{"symbol", line.symbol},
                          {"quantity", line.quantity},
                          {"intraday", line.intraday},
                          {"own", line.own},
                          {"value", model::text(worth(line))}});
    }
    const json object = {{"account", account.str()},
                         {"currency", model::k_inr.code()},
                         {"market_time", format_utc(holdings.at)},
                         {"available", model::text(holdings.available)},
                         {"days", std::move(days)},
                         {"shares", std::move(shares)}};
    return documents::json_text(object) + "\n";
}

}  // namespace bullpen::tools
