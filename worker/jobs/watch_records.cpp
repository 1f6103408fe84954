#include "worker/jobs/watch_records.hpp"

#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "common/storage/atomic_file.hpp"

namespace bullpen::jobs {

namespace {

using equity::HourlyLows;
using nlohmann::json;

constexpr int k_version = 1;
constexpr std::size_t k_size_max = 16UL * 1024 * 1024;

UtcTime time_from(const json& value) {
    return utc_from_nanos(value.get<std::int64_t>());
}
model::Price price_from(const json& value) {
    return {value.get<std::int64_t>()};
}
json price_json(const std::optional<model::Price>& price) {
    return price ? json(price->ticks) : json(nullptr);
}
std::optional<model::Price> optional_price(const json& value) {
    return value.is_null() ? std::nullopt : std::optional(price_from(value));
}

json candle_json(const std::optional<HourlyLows::Candle>& candle) {
    if (!candle)
        return nullptr;
    return {unix_nanos(UtcTime(candle->day)), candle->index, candle->low.ticks};
}
std::optional<HourlyLows::Candle> candle_from(const json& value) {
    if (value.is_null())
        return std::nullopt;
    const auto day = std::chrono::floor<std::chrono::days>(time_from(value.at(0)));
    return HourlyLows::Candle{day, value.at(1), price_from(value.at(2))};
}

json lows_json(const HourlyLows& lows) {
    json forming = nullptr;
    if (const auto& now = lows.forming()) {
        forming = {{"candle", candle_json(now->candle)},
                   {"seen", unix_nanos(now->seen)},
                   {"whole", now->whole},
                   {"shut", now->shut}};
    }
    return {{"before", candle_json(lows.before_previous())},
            {"previous", candle_json(lows.previous())},
            {"forming", std::move(forming)}};
}
HourlyLows lows_from(const json& object) {
    std::optional<HourlyLows::Forming> forming;
    if (const auto& now = object.at("forming"); !now.is_null()) {
        if (const auto candle = candle_from(now.at("candle")))
            forming = {*candle, time_from(now.at("seen")), now.at("whole"), now.at("shut")};
    }
    HourlyLows lows;
    lows.restore(candle_from(object.at("before")), candle_from(object.at("previous")), forming);
    return lows;
}

equity::Leg leg_from(const json& value) {
    const auto leg = equity::leg_from(value.get<std::string>());
    if (!leg)
        throw json::other_error::create(501, "a leg is none", &value);
    return *leg;
}

json exit_json(const WatchExit& exit) {
    return {{"leg", code(exit.leg)},
            {"level", exit.level.ticks},
            {"quantity", exit.quantity},
            {"sold", exit.sold},
            {"day", exit.day},
            {"attempts", exit.attempts},
            {"tried", unix_nanos(exit.tried)},
            {"client", exit.client},
            {"unheard", exit.unheard},
            {"note", exit.note}};
}
WatchExit exit_from(const json& object) {
    return {leg_from(object.at("leg")),
            price_from(object.at("level")),
            object.at("quantity"),
            object.at("sold"),
            object.at("day"),
            object.at("attempts"),
            time_from(object.at("tried")),
            object.at("client"),
            object.value("unheard", false),
            object.at("note")};
}

json share_json(const WatchedShare& share) {
    json done = json::array();
    for (const auto leg : share.done)
        done.push_back(code(leg));
    json object = {{"entry", share.entry.ticks},
                   {"base", share.base},
                   {"left", share.left},
                   {"high", share.trail.high.ticks},
                   {"stop", price_json(share.trail.stop)},
                   {"rest", price_json(share.trail.rest)},
                   {"lows", lows_json(share.lows)},
                   {"done", std::move(done)},
                   {"handled", share.handled},
                   {"sold", share.sold},
                   {"orders", share.orders}};
    if (share.exit)
        object["exit"] = exit_json(*share.exit);
    if (share.resting) {
        object["resting"] = {{"order", share.resting->order},
                             {"since", unix_nanos(share.resting->since)}};
    }
    if (share.absent_since)
        object["absent_since"] = unix_nanos(*share.absent_since);
    return object;
}
WatchedShare share_from(const json& object) {
    WatchedShare share;
    share.entry = price_from(object.at("entry"));
    share.base = object.at("base");
    share.left = object.at("left");
    share.trail = {price_from(object.at("high")), optional_price(object.at("stop")),
                   optional_price(object.at("rest"))};
    share.lows = lows_from(object.at("lows"));
    for (const auto& leg : object.at("done"))
        share.done.insert(leg_from(leg));
    share.handled = object.at("handled");
    share.sold = object.at("sold");
    share.orders = object.at("orders");
    if (object.contains("exit"))
        share.exit = exit_from(object.at("exit"));
    if (object.contains("resting")) {
        const auto& resting = object.at("resting");
        share.resting = {resting.at("order"), time_from(resting.at("since"))};
    }
    if (object.contains("absent_since"))
        share.absent_since = time_from(object.at("absent_since"));
    return share;
}

}  // namespace

std::string encode(const WatchRecords& records, const AccountId& account) {
    json shares = json::object();
    for (const auto& [symbol, share] : records)
        shares[symbol] = share_json(share);
    const json object = {
        {"version", k_version}, {"account", account.str()}, {"shares", std::move(shares)}};
    return documents::json_text(object) + "\n";
}

Result<WatchRecords> decode_watch_records(std::string_view text, const AccountId& account) {
    try {
        BULLPEN_TRY(const auto object, documents::read_json(text, "the watchdog's records"));
        if (object.at("version") > k_version)
            return fail(Errc::newer_version, "the watchdog's records are a newer program's");
        if (object.at("account") != account.str()) {
            return fail(Errc::wrong_account, "the watchdog's records are of account '" +
                                                 object.at("account").get<std::string>() + "'");
        }
        WatchRecords records;
        for (const auto& [symbol, share] : object.at("shares").items())
            records[symbol] = share_from(share);
        return records;
    } catch (const json::exception& problem) {
        return fail(Errc::corrupt,
                    std::string("the watchdog's records cannot be read: ") + problem.what());
    }
}

std::string watch_records_path(const std::string& account_directory) {
    return account_directory + "/watch.json";
}

Result<Kept<WatchRecords>> load_watch_records(storage::FileSystem& files, const std::string& path,
                                              const AccountId& account) {
    auto kept = load_kept<WatchRecords>(files, path, k_size_max, [&](std::string_view text) {
        return decode_watch_records(text, account);
    });
    if (kept || !is_damaged(kept.error()))
        return kept;
    const auto there = files.status(path);
    return Kept<WatchRecords>{{}, kept.error().message(), there.has_value()};
}

Result<void> save(storage::FileSystem& files, const std::string& path, const AccountId& account,
                  const WatchRecords& records) {
    return storage::replace_file(files, path, encode(records, account), {.keep_previous = true});
}

}  // namespace bullpen::jobs
