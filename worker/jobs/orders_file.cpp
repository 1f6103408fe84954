#include "worker/jobs/orders_file.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "ipc/share_message.hpp"

namespace bullpen::jobs {

namespace {

using nlohmann::json;

constexpr std::size_t k_size_max = 16UL * 1024 * 1024;
constexpr double k_paise = 100;

std::string without_dashes(std::string_view day) {
    std::string text(day);
    std::erase(text, '-');
    return text;
}

double rupees(std::int64_t paise) {
    return static_cast<double>(paise) / k_paise;
}

// How much is won for what is risked, to hundredths.
json reward_for_risk(const Signal& signal) {
    constexpr double k_hundredths = 100;
    const auto risk = signal.entry.ticks - signal.stop.ticks;
    if (risk <= 0)
        return nullptr;
    const auto reward = static_cast<double>(signal.target.ticks - signal.entry.ticks);
    return std::round(reward / static_cast<double>(risk) * k_hundredths) / k_hundredths;
}

std::string text_at(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}
// A count of shares, also where it is written as a fraction; none below zero.
std::int64_t count_at(const json& object, const char* name) {
    constexpr std::int64_t k_count_max = 1'000'000'000'000;
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number())
        return 0;
    const auto count = found->get<double>();
    if (!(count > 0))
        return 0;
    return count < static_cast<double>(k_count_max) ? static_cast<std::int64_t>(count)
                                                    : k_count_max;
}

// *placed* has `ticker`, *synced* has `tradingsymbol`.
FiledOrder order_from(const json& object) {
    FiledOrder order;
    order.symbol = text_at(object, "ticker");
    if (!order.symbol.empty()) {
        const auto success = object.find("order_success");
        order.placed = success != object.end() && success->is_boolean() && success->get<bool>();
        order.quantity = count_at(object, "position_size");
        return order;
    }
    order.symbol = text_at(object, "tradingsymbol");
    const auto side = text_at(object, "transaction_type");
    const auto status = text_at(object, "status");
    const auto filled = count_at(object, "filled_quantity");
    // Over, and what it has not brought it does not bring any more.
    const bool over =
        status == "REJECTED" || status == "EXPIRED" || status.starts_with("CANCELLED");
    order.quantity = over ? filled : std::max(filled, count_at(object, "quantity"));
    order.placed = side != "SELL" && (!over || filled > 0);
    return order;
}

json order_json(const std::string& client, const MeantOrder& order, const ShareRecords& records,
                const ShareWorld& world) {
    const auto id = model::ClientOrderId::parse(client);
    const auto* known = id ? world.find(*id) : nullptr;
    const auto& signal = order.signal;
    const auto filled = known != nullptr ? known->filled : 0;
    json object = {
        {"ticker", signal.symbol},
        {"brooks_entry_price", rupees(signal.entry.ticks)},
        {"stop_loss", rupees(signal.stop.ticks)},
        {"target_price", rupees(signal.target.ticks)},
        {"risk_reward_ratio", reward_for_risk(signal)},
        {"order_timestamp", order.sent != UtcTime{} ? json(format_utc(order.sent)) : json(nullptr)},
        {"current_price", order.last.ticks > 0 ? json(rupees(order.last.ticks)) : json(nullptr)},
        {"order_success", known != nullptr && known->status != matching::Status::rejected},
        {"gtt_success", false},
        {"error_message", order.note},
        {"position_size", order.quantity},
        {"limit_price", rupees(order.limit.ticks)},
        {"filled_quantity", filled},
        {"average_price", filled > 0 ? json(rupees(known->value / filled)) : json(nullptr)},
        {"investment_amount", known != nullptr ? rupees(known->value) : 0.0},
        {"client_order_id", client},
        {"order_id", known != nullptr ? json(known->number) : json(nullptr)},
        {"status", known != nullptr ? json(code(known->status)) : json(nullptr)}};
    const auto stops = records.stops.find(signal.symbol);
    for (const auto& stop : world.stops(signal.symbol)) {
        if (stops != records.stops.end() && stops->second.own.contains(stop.number)) {
            object["gtt_success"] = true;
            object["gtt_trigger_id"] = stop.number;
            object["gtt_trigger_price"] = rupees(stop.levels.trigger.ticks);
        }
    }
    return object;
}

}  // namespace

Result<std::vector<FiledOrder>> read_orders_file(std::string_view text) {
    const auto document = documents::parse_json(text);
    if (!document.is_object() || !document.contains("orders") || !document["orders"].is_array())
        return fail(Errc::invalid, "it has no list of orders");
    std::vector<FiledOrder> orders;
    for (const auto& object : document["orders"]) {
        if (!object.is_object())
            return fail(Errc::invalid, "an order in it is no object");
        orders.push_back(order_from(object));
        if (!ipc::is_share_symbol(orders.back().symbol))
            return fail(Errc::invalid, "an order in it has neither ticker nor tradingsymbol");
    }
    return orders;
}

std::set<std::string> ordered_by_files(storage::FileSystem& files, const std::string& directory,
                                       std::string_view day, std::vector<std::string>* unreadable) {
    std::set<std::string> ordered;
    const auto names = files.list(directory);
    if (!names) {
        if (!storage::is_missing(names.error()))
            unreadable->push_back(directory);
        return ordered;
    }
    const auto mark = "_" + without_dashes(day) + "_";
    for (const auto& name : *names) {
        if (!name.starts_with("orders_") || !name.ends_with(".json") ||
            name.find(mark) == std::string::npos)
            continue;
        const auto text = files.read(directory + "/" + name, k_size_max);
        const auto orders =
            text ? read_orders_file(*text) : Result<std::vector<FiledOrder>>(fail(text.error()));
        if (!orders) {
            unreadable->push_back(name);
            continue;
        }
        for (const auto& order : *orders) {
            if (order.placed)
                ordered.insert(order.symbol);
        }
    }
    return ordered;
}

std::string orders_file_name(const OrdersFile& file) {
    // "2026-11-20T04:00:01..." -> "040001"
    auto clock = format_utc(file.planned.at).substr(11, 8);
    std::erase(clock, ':');
    return "orders_" + file.account + "_" + without_dashes(file.day) + "_" + clock + ".json";
}

std::string orders_file_text(const OrdersFile& file, const ShareRecords& records,
                             const ShareWorld& world, UtcTime written) {
    json orders = json::array();
    std::int64_t placed = 0;
    double invested = 0;
    for (const auto& [client, order] : records.orders) {
        if (order.day != file.day)
            continue;
        orders.push_back(order_json(client, order, records, world));
        placed += orders.back()["order_success"].get<bool>() ? 1 : 0;
        invested += orders.back()["investment_amount"].get<double>();
    }
    json skipped = json::array();
    for (const auto& [symbol, why] : file.planned.skipped)
        skipped.push_back({{"ticker", symbol}, {"reason", why}});
    constexpr std::int64_t k_percent = 100;
    const model::Money usable{
        file.planned.available.millionths / k_percent * file.deployment_percent, model::k_inr};
    const json object = {{"user_profile", file.account},
                         {"timestamp", format_utc(file.planned.at)},
                         {"trading_day", file.day},
                         {"written", format_utc(written)},
                         {"brooks_file_used", file.planned.file},
                         {"signal_file_checksum", file.planned.checksum},
                         {"available_capital", model::text(file.planned.available)},
                         {"usable_capital", model::text(usable)},
                         {"capital_utilization_percent", file.deployment_percent},
                         {"total_orders_attempted", orders.size()},
                         {"successful_orders", placed},
                         {"total_investment", invested},
                         {"skipped_existing_positions", std::move(skipped)},
                         {"bad_rows", file.planned.bad_rows},
                         {"last_sync_timestamp", format_utc(world.at)},
                         {"sync_source", "broker"},
                         {"orders", std::move(orders)}};
    return documents::json_text(object, 2) + "\n";
}

}  // namespace bullpen::jobs
