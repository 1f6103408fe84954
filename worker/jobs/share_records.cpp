#include "worker/jobs/share_records.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "common/storage/atomic_file.hpp"
#include "common/storage/checksum.hpp"

namespace bullpen::jobs {

namespace {

using nlohmann::json;

constexpr int k_version = 1;
constexpr std::size_t k_size_max = 16UL * 1024 * 1024;
constexpr std::array<std::string_view, 4> k_states{"planned", "sent", "rejected", "over"};

json signal_json(const Signal& signal) {
    return {{"symbol", signal.symbol},
            {"entry", signal.entry.ticks},
            {"stop", signal.stop.ticks},
            {"target", signal.target.ticks}};
}
Signal signal_from(const json& object) {
    return {object.at("symbol"),
            {object.at("entry").get<std::int64_t>()},
            {object.at("stop").get<std::int64_t>()},
            {object.at("target").get<std::int64_t>()}};
}

json levels_json(const StopLevels& levels) {
    return {{"trigger", levels.trigger.ticks}, {"limit", levels.limit.ticks}};
}
StopLevels levels_from(const json& object) {
    return {{object.at("trigger").get<std::int64_t>()}, {object.at("limit").get<std::int64_t>()}};
}

UtcTime time_from(const json& value) {
    return utc_from_nanos(value.get<std::int64_t>());
}

json orders_json(const ShareRecords& records) {
    json all = json::object();
    for (const auto& [client, order] : records.orders) {
        all[client] = {{"day", order.day},
                       {"rank", order.rank},
                       {"signal", signal_json(order.signal)},
                       {"quantity", order.quantity},
                       {"limit", order.limit.ticks},
                       {"state", code(order.state)},
                       {"sent", unix_nanos(order.sent)},
                       {"stop_refusals", order.stop_refusals},
                       {"closings", order.closings},
                       {"note", order.note},
                       {"last", order.last.ticks},
                       {"paid", order.paid.ticks}};
        if (order.filled)
            all[client]["filled"] = *order.filled;
    }
    return all;
}
void orders_from(const json& all, ShareRecords* records) {
    for (const auto& [client, object] : all.items()) {
        auto& order = records->orders[client];
        order.day = object.at("day");
        order.rank = object.at("rank");
        order.signal = signal_from(object.at("signal"));
        order.quantity = object.at("quantity");
        order.limit = {object.at("limit").get<std::int64_t>()};
        const auto state = meant_state_from(object.at("state").get<std::string>());
        if (!state)
            throw json::other_error::create(501, "a state of an order is none", &object);
        order.state = *state;
        order.sent = time_from(object.at("sent"));
        order.stop_refusals = object.at("stop_refusals");
        order.closings = object.at("closings");
        order.note = object.at("note");
        order.last = {object.value("last", std::int64_t{0})};
        order.paid = {object.value("paid", std::int64_t{0})};
        order.filled.reset();
        if (object.contains("filled"))
            order.filled = object.at("filled").get<std::int64_t>();
    }
}

json intent_json(const StopRecords::Intent& intent) {
    return {{"levels", levels_json(intent.levels)},
            {"quantity", intent.quantity},
            {"before", intent.before},
            {"unheard", intent.unheard},
            {"last_price", intent.last_price.ticks}};
}
StopRecords::Intent intent_from(const json& object) {
    return {levels_from(object.at("levels")),
            object.at("quantity"),
            object.at("before").get<std::set<std::uint64_t>>(),
            object.value("unheard", false),
            {object.value("last_price", std::int64_t{0})}};
}

json stops_json(const ShareRecords& records) {
    json all = json::object();
    for (const auto& [symbol, stops] : records.stops) {
        json one = {{"own", stops.own}, {"standing", stops.standing.ticks}};
        if (stops.intent)
            one["intent"] = intent_json(*stops.intent);
        for (const auto& late : stops.late) {
            one["late"].push_back(
                {{"intent", intent_json(late.intent)}, {"since", unix_nanos(late.since)}});
        }
        all[symbol] = std::move(one);
    }
    return all;
}
void stops_from(const json& all, ShareRecords* records) {
    for (const auto& [symbol, object] : all.items()) {
        auto& stops = records->stops[symbol];
        stops.own = object.at("own").get<std::set<std::uint64_t>>();
        stops.standing = {object.value("standing", std::int64_t{0})};
        if (object.contains("intent"))
            stops.intent = intent_from(object.at("intent"));
        if (!object.contains("late"))
            continue;
        for (const auto& late : object.at("late"))
            stops.late.push_back({intent_from(late.at("intent")), time_from(late.at("since"))});
    }
}

json positions_json(const ShareRecords& records) {
    json all = json::object();
    for (const auto& [symbol, position] : records.positions) {
        json one = {{"quantity", position.quantity},
                    {"manual", position.manual},
                    {"own_day", position.own_day},
                    {"own", position.own}};
        if (position.absent_since)
            one["absent_since"] = unix_nanos(*position.absent_since);
        all[symbol] = std::move(one);
    }
    return all;
}
void positions_from(const json& all, ShareRecords* records) {
    for (const auto& [symbol, object] : all.items()) {
        auto& position = records->positions[symbol];
        position.quantity = object.at("quantity");
        position.manual = object.at("manual");
        position.own_day = object.at("own_day");
        position.own = object.at("own");
        if (object.contains("absent_since"))
            position.absent_since = time_from(object.at("absent_since"));
    }
}

json sold_json(const ShareRecords& records) {
    json all = json::object();
    for (const auto& [symbol, at] : records.sold)
        all[symbol] = unix_nanos(at);
    return all;
}

// Pairs, because an object's names are texts.
json counted_json(const ShareRecords& records) {
    json all = json::array();
    for (const auto& [number, filled] : records.counted)
        all.push_back({number, filled});
    return all;
}
// Records of an older program have positions alone: what was not bought by hand is taken as own.
void own_from(const json& object, ShareRecords* records) {
    if (!object.contains("own")) {
        for (const auto& [symbol, position] : records->positions) {
            if (!position.manual)
                records->own[symbol] = position.quantity;
        }
        return;
    }
    records->own = object.at("own").get<std::map<std::string, std::int64_t>>();
    for (const auto& one : object.at("counted"))
        records->counted[one.at(0).get<std::uint64_t>()] = one.at(1).get<std::int64_t>();
}

LossReached loss_from(const json& object) {
    const auto money = [&](const char* name) {
        return model::Money{object.at(name).get<std::int64_t>(), model::k_inr};
    };
    return {object.at("day"), time_from(object.at("at")), money("loss"), money("limit")};
}

PlannedFrom planned_from(const json& object) {
    PlannedFrom planned{object.at("day"), object.at("file"), object.at("checksum"),
                        time_from(object.at("at"))};
    if (!object.contains("modified"))
        return planned;
    planned.modified = time_from(object.at("modified"));
    planned.available.millionths = object.at("available");
    planned.skipped = object.at("skipped").get<decltype(planned.skipped)>();
    planned.bad_rows = object.at("bad_rows").get<decltype(planned.bad_rows)>();
    return planned;
}

}  // namespace

std::string_view code(MeantState state) {
    return k_states.at(static_cast<std::size_t>(state));
}

std::optional<MeantState> meant_state_from(std::string_view text) {
    for (std::size_t i = 0; i < k_states.size(); ++i) {
        if (k_states.at(i) == text)
            return static_cast<MeantState>(i);
    }
    return std::nullopt;
}

model::ClientOrderId share_order_id(std::string_view tag, std::string_view day,
                                    std::string_view symbol, std::string_view leg) {
    constexpr std::string_view k_alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    constexpr std::uint64_t k_offset = 0xcbf29ce484222325U;  // FNV-1a
    constexpr std::uint64_t k_prime = 0x100000001b3U;
    constexpr int k_digits = 13;  // of 64 bits
    std::uint64_t hash = k_offset;
    for (const auto part : {day, symbol, leg}) {
        for (const char c : part)
            hash = (hash ^ static_cast<std::uint8_t>(c)) * k_prime;
        hash = (hash ^ 0xFFU) * k_prime;
    }
    std::string text(tag);
    for (int i = 0; i < k_digits; ++i, hash >>= 5U)
        text.push_back(k_alphabet[hash % k_alphabet.size()]);
    return model::ClientOrderId::parse(text).value();
}

std::string encode(const ShareRecords& records, const AccountId& account) {
    json object = {{"version", k_version},
                   {"account", account.str()},
                   {"orders", orders_json(records)},
                   {"stops", stops_json(records)},
                   {"positions", positions_json(records)},
                   {"own", records.own},
                   {"counted", counted_json(records)},
                   {"sold", sold_json(records)}};
    if (records.planned) {
        object["planned"] = {{"day", records.planned->day},
                             {"file", records.planned->file},
                             {"checksum", records.planned->checksum},
                             {"at", unix_nanos(records.planned->at)},
                             {"modified", unix_nanos(records.planned->modified)},
                             {"available", records.planned->available.millionths},
                             {"skipped", records.planned->skipped},
                             {"bad_rows", records.planned->bad_rows}};
    }
    if (records.loss) {
        object["loss"] = {{"day", records.loss->day},
                          {"at", unix_nanos(records.loss->at)},
                          {"loss", records.loss->loss.millionths},
                          {"limit", records.loss->limit.millionths}};
    }
    if (!records.raised.day.empty())
        object["raised"] = {{"day", records.raised.day}, {"count", records.raised.count}};
    return documents::json_text(object, 1) + "\n";
}

Result<ShareRecords> decode_share_records(std::string_view text, const AccountId& account) {
    try {
        BULLPEN_TRY(const auto object, documents::read_json(text, "the records of shares"));
        if (object.at("version") > k_version)
            return fail(Errc::newer_version, "the records of shares are a newer program's");
        if (object.at("account") != account.str()) {
            return fail(Errc::wrong_account, "the records of shares are of account '" +
                                                 object.at("account").get<std::string>() + "'");
        }
        ShareRecords records;
        orders_from(object.at("orders"), &records);
        stops_from(object.at("stops"), &records);
        positions_from(object.at("positions"), &records);
        own_from(object, &records);
        if (object.contains("sold")) {
            for (const auto& [symbol, at] : object.at("sold").items())
                records.sold[symbol] = time_from(at);
        }
        if (object.contains("planned"))
            records.planned = planned_from(object.at("planned"));
        if (object.contains("loss"))
            records.loss = loss_from(object.at("loss"));
        if (object.contains("raised"))
            records.raised = {object.at("raised").at("day"), object.at("raised").at("count")};
        return records;
    } catch (const json::exception& problem) {
        return fail(Errc::corrupt,
                    std::string("the records of shares cannot be read: ") + problem.what());
    }
}

std::string share_records_path(const std::string& account_directory) {
    return account_directory + "/shares.json";
}

Result<Kept<ShareRecords>> load_share_records(storage::FileSystem& files, const std::string& path,
                                              const AccountId& account) {
    return load_kept<ShareRecords>(files, path, k_size_max, [&](std::string_view text) {
        return decode_share_records(text, account);
    });
}

Result<void> save(storage::FileSystem& files, const std::string& path, const AccountId& account,
                  const ShareRecords& records) {
    return storage::replace_file(files, path, encode(records, account), {.keep_previous = true});
}

}  // namespace bullpen::jobs
