// `bullpen-worker state show`: what an account of shares remembers, beside what its broker held
// when its worker last looked.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "worker/jobs/day_loss.hpp"
#include "worker/jobs/rupees.hpp"
#include "worker/jobs/share_edits.hpp"
#include "worker/jobs/share_state_file.hpp"
#include "worker/tools/state_files.hpp"

namespace bullpen::tools {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr double k_paise = 100;

struct Row {
    std::string symbol;
    bool intraday = false;
    std::optional<std::int64_t> held;  // none: its broker was not looked at yet
    std::int64_t own = 0;
    bool manual = false;  // not what the account's own orders come to
    bool watched = false;
    jobs::KnownPrices prices{};
    std::uint64_t trigger = 0;  // the newest that is the account's own
};

struct Shown {
    std::string day;
    std::vector<Row> rows;
    std::set<std::string> traded;  // by jobs, on the day
};

Row row_of(const jobs::ShareState& state, const std::string& symbol,
           const std::optional<jobs::Holdings>& held) {
    const auto& records = state.records;
    Row row;
    row.symbol = symbol;
    if (held)
        row.held = 0;
    if (const auto own = records.own.find(symbol); own != records.own.end())
        row.own = own->second;
    if (const auto known = records.positions.find(symbol); known != records.positions.end())
        row.manual = known->second.manual;
    row.watched = state.watch.contains(symbol);
    row.prices = jobs::known_prices(records, symbol);
    if (const auto stops = records.stops.find(symbol);
        stops != records.stops.end() && !stops->second.own.empty())
        row.trigger = *stops->second.own.rbegin();
    return row;
}

Shown look(const AskedState& asked, const jobs::ShareState& state,
           const std::optional<jobs::Holdings>& held) {
    const auto& records = state.records;
    Shown shown;
    shown.day = jobs::newest_day(records, held);
    std::map<std::string, Row> rows;
    const auto known = [&](const std::string& symbol) -> Row& {
        return rows.try_emplace(symbol, row_of(state, symbol, held)).first->second;
    };
    for (const auto& [symbol, quantity] : records.own)
        known(symbol);
    for (const auto& [symbol, position] : records.positions)
        known(symbol);
    std::vector<Row> intraday;
    for (const auto& line : held ? held->lines : std::vector<jobs::HoldingLine>()) {
        if (line.quantity != 0)
            known(line.symbol).held = line.quantity;
        if (line.intraday != 0)
            intraday.push_back({.symbol = line.symbol, .intraday = true, .held = line.intraday});
    }
    const auto product = asked.words.value("--product");
    const auto symbol = asked.more.empty() ? std::string() : asked.more.front();
    for (auto& [name, row] : rows) {
        if (product != "MIS")
            shown.rows.push_back(std::move(row));
    }
    if (product != "CNC")
        shown.rows.insert(shown.rows.end(), intraday.begin(), intraday.end());
    if (!symbol.empty())
        std::erase_if(shown.rows, [&](const Row& row) { return row.symbol != symbol; });
    for (const auto& [client, order] : records.orders) {
        if (order.day == shown.day && order.filled.value_or(1) > 0 &&
            (symbol.empty() || order.signal.symbol == symbol))
            shown.traded.insert(order.signal.symbol);
    }
    return shown;
}

std::string rupees(model::Price price) {
    return price.ticks > 0 ? jobs::rupees_text(price) : "-";
}

std::string padded(std::string text, std::size_t width, bool left = false) {
    if (text.size() < width)
        text.insert(left ? text.size() : 0, width - text.size(), ' ');
    return text;
}

std::string line_of(const Row& row) {
    constexpr std::size_t k_name = 16;
    constexpr std::size_t k_number = 11;
    std::string text = padded(row.symbol, k_name, true) + (row.intraday ? " MIS" : " CNC") +
                       padded(row.held ? std::to_string(*row.held) : "-", k_number) +
                       padded(std::to_string(row.own), k_number) +
                       padded(rupees(row.prices.entry), k_number) +
                       padded(rupees(row.prices.stop), k_number) +
                       padded(rupees(row.prices.signal_entry), k_number) +
                       padded(rupees(row.prices.signal_stop), k_number) +
                       padded(row.trigger != 0 ? std::to_string(row.trigger) : "-", k_number);
    if (row.manual)
        text += "  by hand";
    return text + "\n";
}

std::string text_for(const AskedState& asked, const jobs::ShareState& state,
                     const std::optional<jobs::Holdings>& held, const Shown& shown) {
    const auto& records = state.records;
    std::string text = "day " + (shown.day.empty() ? std::string("not known") : shown.day) + "; ";
    text += held ? "its broker was last looked at at " + format_utc(held->at) + " by the market\n"
                 : "its broker was not looked at yet\n";
    text +=
        "SYMBOL          PROD       HELD        OWN      ENTRY       STOP  SIG ENTRY   SIG STOP"
        "        GTT\n";
    for (const auto& row : shown.rows)
        text += line_of(row);
    if (shown.rows.empty())
        text += asked.more.empty() ? "nothing\n" : "nothing of " + asked.more.front() + "\n";
    for (const auto& symbol : shown.traded)
        text += symbol + ": bought by a job on " + shown.day + "\n";
    const auto wanted = [&](const std::string& symbol) {
        return asked.more.empty() || asked.more.front() == symbol;
    };
    for (const auto& [symbol, at] : records.sold) {
        if (wanted(symbol))
            text += symbol + ": sold at " + format_utc(at) + ", it may cool\n";
    }
    if (records.loss && asked.more.empty())
        text += jobs::text_of(*records.loss) + "\n";
    if (records.planned && asked.more.empty())
        text += "planned from " + records.planned->file + " at " + format_utc(records.planned->at) +
                "\n";
    if (!state.carried.json.empty() && asked.more.empty())
        text += "an older bot's file was taken over: `bullpenctl state export " + asked.id().str() +
                "` has all of it\n";
    return text;
}

ordered_json price_json(model::Price price) {
    return price.ticks > 0 ? ordered_json(static_cast<double>(price.ticks) / k_paise)
                           : ordered_json(nullptr);
}

ordered_json json_of(const Row& row) {
    return {{"symbol", row.symbol},
            {"product", row.intraday ? "MIS" : "CNC"},
            {"held", row.held ? ordered_json(*row.held) : ordered_json(nullptr)},
            {"own", row.own},
            {"manual", row.manual},
            {"watched", row.watched},
            {"entry", price_json(row.prices.entry)},
            {"stop", price_json(row.prices.stop)},
            {"signal_entry", price_json(row.prices.signal_entry)},
            {"signal_stop", price_json(row.prices.signal_stop)},
            {"gtt", row.trigger != 0 ? ordered_json(row.trigger) : ordered_json(nullptr)}};
}

std::string json_for(const AskedState& asked, const jobs::ShareState& state,
                     const std::optional<jobs::Holdings>& held, const Shown& shown) {
    const auto& records = state.records;
    ordered_json out = {
        {"account", asked.id().str()},
        {"day", shown.day},
        {"looked_at", held ? ordered_json(format_utc(held->at)) : ordered_json(nullptr)},
        {"positions", ordered_json::array()},
        {"traded", shown.traded},
        {"sold", ordered_json::object()},
        {"planned", nullptr},
        {"loss", nullptr},
        {"carried", nullptr}};
    for (const auto& row : shown.rows)
        out["positions"].push_back(json_of(row));
    for (const auto& [symbol, at] : records.sold)
        out["sold"][symbol] = format_utc(at);
    if (records.planned)
        out["planned"] = {{"day", records.planned->day},
                          {"file", records.planned->file},
                          {"at", format_utc(records.planned->at)}};
    if (records.loss)
        out["loss"] = {{"day", records.loss->day},
                       {"loss", model::text(records.loss->loss)},
                       {"limit", model::text(records.loss->limit)}};
    if (!state.carried.json.empty())
        out["carried"] = documents::parse_ordered_json(state.carried.json);
    return documents::json_text(out) + "\n";
}

}  // namespace

Result<std::string> show_state(const AskedState& asked) {
    const auto product = asked.words.value("--product");
    if (!product.empty() && product != "CNC" && product != "MIS")
        return fail(Errc::invalid, "--product is CNC or MIS");
    storage::SystemFileSystem files;
    BULLPEN_TRY(const auto state, known_state(files, asked));
    BULLPEN_TRY(const auto held, held_by_broker(files, asked));
    const auto shown = look(asked, state, held);
    return asked.words.has("--json") ? json_for(asked, state, held, shown)
                                     : text_for(asked, state, held, shown);
}

Result<std::string> show_session(const AskedState& asked) {
    storage::SystemFileSystem files;
    BULLPEN_TRY(const auto state, known_state(files, asked));
    if (asked.more.empty()) {
        const auto carried = documents::parse_json(state.carried.json);
        const bool known = carried.is_object() && carried.contains("session_data");
        return (known ? documents::json_text(carried["session_data"], 2) : std::string("{}")) +
               "\n";
    }
    auto value = jobs::session_value(state.carried, asked.more.front());
    if (!value)
        return fail(Errc::not_found, "there is no session data '" + asked.more.front() + "'");
    return *value + "\n";
}

}  // namespace bullpen::tools
