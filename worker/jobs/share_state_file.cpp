#include "worker/jobs/share_state_file.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "ipc/share_message.hpp"

namespace bullpen::jobs {

namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* k_own_member = "bullpen";
constexpr const char* k_watch_member = "bullpen_watch";
constexpr const char* k_carried_member = "bullpen_carried";
constexpr const char* k_session = "session_data";
// What is carried is within something else wherever it is written.
constexpr int k_carried_depth_max = documents::k_depth_max - 4;
constexpr std::size_t k_positions_max = 10'000;
constexpr std::int64_t k_quantity_max = 1'000'000'000'000;
constexpr double k_paise = 100;

std::string newest_day(const ShareRecords& records, UtcTime now) {
    std::string day;
    for (const auto& [client, order] : records.orders)
        day = std::max(day, order.day);
    return day.empty() ? format_utc(now).substr(0, 10) : day;
}

std::map<std::string, std::int64_t> quantities(const ShareRecords& records) {
    auto all = records.own;
    for (const auto& [symbol, position] : records.positions) {
        if (position.quantity != 0)
            all[symbol] = position.quantity;
    }
    return all;
}

ordered_json position_json(const ShareRecords& records, const std::string& symbol,
                           std::int64_t quantity) {
    const auto* order = newest_order(records, symbol);
    const auto known = records.positions.find(symbol);
    const auto own = records.own.find(symbol);
    const auto rupees = [](model::Price price) {
        return price.ticks > 0 ? ordered_json(static_cast<double>(price.ticks) / k_paise)
                               : ordered_json(nullptr);
    };
    const auto prices = known_prices(records, symbol);
    return {{"type", "LONG"},
            {"product_type", "CNC"},
            {"exchange", "NSE"},
            {"quantity", quantity},
            {"own_quantity", own == records.own.end() ? 0 : own->second},
            {"entry_price", rupees(prices.entry.ticks > 0 ? prices.entry : prices.signal_entry)},
            {"stop_loss", rupees(prices.stop.ticks > 0 ? prices.stop : prices.signal_stop)},
            {"timestamp",
             order != nullptr ? ordered_json(format_utc(order->sent)) : ordered_json(nullptr)},
            {"manual", known != records.positions.end() && known->second.manual}};
}

std::int64_t count_of(const std::map<std::string, std::int64_t>& all, const std::string& symbol) {
    const auto found = all.find(symbol);
    return found == all.end() ? 0 : found->second;
}

// The newest trigger of a share that is the account's own; 0: there is none.
std::uint64_t trigger_of(const ShareRecords& records, const std::string& symbol) {
    const auto found = records.stops.find(symbol);
    return found == records.stops.end() || found->second.own.empty() ? 0
                                                                     : *found->second.own.rbegin();
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    return out;
}

std::string text_at(const json& object, const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const json& member(const json& object, const char* name) {
    static const json k_none;
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found != object.end() ? *found : k_none;
}

// A number, or the digits of one: the older bots write both.
std::uint64_t trigger_in(const json& value) {
    if (value.is_number_unsigned())
        return value.get<std::uint64_t>();
    constexpr std::size_t k_digits_max = 18;
    if (!value.is_string())
        return 0;
    const auto text = value.get<std::string>();
    const bool digits =
        !text.empty() && text.size() <= k_digits_max &&
        std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits ? std::stoull(text) : 0;
}

std::uint64_t trigger_in(const json& position, const json& gtt_orders, const std::string& symbol) {
    for (const auto* found :
         {&member(member(position, "gtt"), "trigger_id"), &member(position, "gtt_order_id"),
          &member(member(gtt_orders, symbol.c_str()), "trigger_id"),
          &member(gtt_orders, symbol.c_str())}) {
        if (const auto number = trigger_in(*found); number != 0)
            return number;
    }
    return 0;
}

// Why no job is to look after a position of an older bot; empty: it becomes the account's own.
std::string why_left(const std::string& symbol, const json& position) {
    if (!ipc::is_share_symbol(symbol))
        return "its name is none of a share";
    const auto& quantity = member(position, "quantity");
    if (!quantity.is_number_integer() || quantity.get<std::int64_t>() > k_quantity_max ||
        quantity.get<std::int64_t>() < -k_quantity_max)
        return "its quantity is no whole number";
    const auto shares = quantity.get<std::int64_t>();
    const auto& exit = member(position, "exit_price");
    if (shares == 0 || (exit.is_number() && exit.get<double>() != 0.0))
        return "it was sold";
    if (shares < 0 || lower(text_at(position, "type")) == "short")
        return "it is short, and shares for delivery are held";
    const auto product = text_at(position, "product_type");
    if (product == "CNC")
        return {};
    return product.empty() ? "it does not say that it is for delivery (CNC)"
                           : "its product is " + product + ", and only CNC lasts over the night";
}

bool is_left(const json& positions, const std::string& symbol) {
    const auto found = positions.find(symbol);
    return found != positions.end() && !why_left(symbol, *found).empty();
}

json object_in(const CarriedState& carried) {
    auto object = documents::parse_json(carried.json);
    return object.is_object() ? object : json::object();
}

// What `into` does not say; what it says stays.
void fill_in(ordered_json& into, const json& from) {
    for (const auto& [name, value] : from.items()) {
        auto& there = into[name];
        if (there.is_null() || (there.is_array() && there.empty()))
            there = documents::parse_ordered_json(documents::json_text(value));
        else if (there.is_object() && value.is_object())
            fill_in(there, value);
    }
}

// Another stop stands now.
void forget_stop(json& position) {
    for (const auto* name :
         {"gtt", "gtt_order_id", "stop_loss", "stop_loss_updated", "stop_loss_source"})
        position.erase(name);
}

// What was carried over goes where it was. A position that is held now is told as it is now; one
// that was held then, and is not any more, is none.
void put_back(ordered_json& file, const ShareState& state, StateShape shape) {
    const auto carried = object_in(state.carried);
    if (carried.empty())
        return;
    const auto held = quantities(state.records);
    const auto& positions = member(carried, "positions");
    json back = carried;
    if (shape == StateShape::shared) {
        back.erase(k_session);
        back.erase("gtt_orders");
    }
    for (const auto& [symbol, position] : positions.items()) {
        const bool left = is_left(positions, symbol);
        const bool is_ours = held.contains(symbol);
        const bool known = newest_order(state.records, symbol) != nullptr;
        if (left == is_ours || (is_ours && known))
            back["positions"].erase(symbol);
        else if (is_ours && trigger_in(position, member(carried, "gtt_orders"), symbol) !=
                                trigger_of(state.records, symbol))
            forget_stop(back["positions"][symbol]);
        if (!left && shape == StateShape::user && (!is_ours || known))
            back["gtt_orders"].erase(symbol);
    }
    if (text_at(member(carried, "meta"), "date") != file["meta"]["date"].get<std::string>())
        back.erase("daily_tickers");
    fill_in(file, back);
    file[k_carried_member] = documents::parse_ordered_json(state.carried.json);
}

class Import {
  public:
    Import(const StateOwner& owner, const ShareState& before) : owner_(owner), before_(before) {
        made_.after = before;
    }

    Result<void> read(const json& file) {
        const auto& own = member(file, k_own_member);
        if (own.is_object())
            return take_whole(own, file);
        BULLPEN_CHECK(check_user(text_at(member(file, "meta"), "user_name")));
        const auto& positions = member(file, "positions");
        if (!positions.is_object() || positions.size() > k_positions_max)
            return fail(Errc::corrupt, "it has no object `positions`: it is no state of a bot");
        for (const auto& [symbol, position] : positions.items())
            take(symbol, position, member(file, "gtt_orders"));
        take_traded(file);
        forget_changed();
        return carry(file);
    }
    StateImport done() {
        tell();
        return std::move(made_);
    }

  private:
    // A file of before the watchdog's records went along has none.
    Result<void> take_whole(const json& own, const json& file) {
        BULLPEN_TRY(made_.after.records,
                    decode_share_records(documents::json_text(own), owner_.account));
        if (const auto& carried = member(file, k_carried_member); carried.is_object())
            made_.after.carried.json = documents::json_text(carried);
        const auto& watch = member(file, k_watch_member);
        if (watch.is_null()) {
            forget_changed();
            return {};
        }
        BULLPEN_TRY(made_.after.watch,
                    decode_watch_records(documents::json_text(watch), owner_.account));
        return {};
    }

    // What the watchdog knew of positions that are other ones now.
    void forget_changed() {
        const auto was = quantities(before_.records);
        const auto is = quantities(made_.after.records);
        std::erase_if(made_.after.watch, [&](const auto& watched) {
            return count_of(was, watched.first) != count_of(is, watched.first);
        });
    }

    Result<void> check_user(const std::string& user) {
        if (user.empty())
            return fail(Errc::wrong_account,
                        "it names no user: it is what several users shared; `bullpenctl migrate "
                        "split` divides it");
        const bool known =
            std::any_of(owner_.names.begin(), owner_.names.end(),
                        [&](const std::string& name) { return lower(name) == lower(user); });
        if (known)
            return {};
        return fail(Errc::wrong_account,
                    "it is the state of '" + user + "', and not of '" + owner_.account.str() + "'");
    }

    void leave(const std::string& symbol, const std::string& why) {
        made_.left_out.push_back(symbol + ": " + why);
    }

    void take(const std::string& symbol, const json& position, const json& gtt_orders) {
        if (const auto why = why_left(symbol, position); !why.empty())
            return leave(ipc::is_share_symbol(symbol) ? symbol : "a position", why);
        const auto shares = position.at("quantity").get<std::int64_t>();
        auto& records = made_.after.records;
        records.own[symbol] = shares;
        KnownPosition position_now;
        position_now.quantity = shares;
        records.positions[symbol] = position_now;
        if (const auto trigger = trigger_in(position, gtt_orders, symbol); trigger != 0)
            records.stops[symbol].own.insert(trigger);
    }

    // What the file has beside that. What an earlier file had and this one does not stays.
    Result<void> carry(const json& file) {
        auto carried = file;
        if (const auto meta = carried.find("meta"); meta != carried.end() && meta->is_object())
            meta->erase("user_name");
        const auto before = object_in(before_.carried);
        for (const auto& [name, value] : before.items()) {
            if (!carried.contains(name))
                carried[name] = value;
        }
        for (const auto& [symbol, position] : member(before, "positions").items()) {
            if (!carried["positions"].contains(symbol))
                carried["positions"][symbol] = position;
        }
        auto text = documents::json_text(carried);
        if (documents::nests_too_deep(text, k_carried_depth_max))
            return fail(Errc::corrupt, "it is nested too deeply");
        made_.after.carried.json = std::move(text);
        return {};
    }

    // What was traded on the file's day is not bought again on it.
    void take_traded(const json& file) {
        const auto day = text_at(member(file, "meta"), "date").substr(0, 10);
        const auto& traded = member(member(file, "daily_tickers"), "long");
        if (!traded.is_array() || !parse_utc(day + "T00:00:00Z"))
            return;
        for (const auto& one : traded) {
            const auto symbol = one.is_string() ? one.get<std::string>() : std::string();
            if (!ipc::is_share_symbol(symbol))
                continue;
            const auto id = share_order_id(owner_.tag, day, symbol, "imported");
            MeantOrder order;
            order.day = day;
            order.signal.symbol = symbol;
            order.state = MeantState::over;
            order.note = "traded before the import";
            order.filled.reset();  // the file does not say how much
            made_.after.records.orders.try_emplace(id.str(), order);
        }
    }

    void tell() {
        const auto& after = made_.after.records;
        const auto& before = before_.records;
        const auto was = quantities(before);
        auto symbols = quantities(after);
        symbols.insert(was.begin(), was.end());
        for (const auto& known : symbols) {
            const auto& symbol = known.first;
            const auto now = count_of(after.own, symbol);
            const auto owned = count_of(before.own, symbol);
            if (now != owned)
                made_.changes.push_back(symbol + ": of its shares " + std::to_string(now) +
                                        " are the account's own, " + std::to_string(owned) +
                                        " before");
        }
        for (const auto& [symbol, stops] : after.stops) {
            const auto found = before.stops.find(symbol);
            for (const auto number : stops.own) {
                if (found == before.stops.end() || !found->second.own.contains(number))
                    made_.changes.push_back(symbol + ": trigger " + std::to_string(number) +
                                            " is the account's own");
            }
        }
        for (const auto& [client, order] : after.orders) {
            if (!before.orders.contains(client))
                made_.changes.push_back(order.signal.symbol + ": traded on " + order.day);
        }
        tell_watch();
        tell_carried();
        if (made_.changes.empty() && !(after == before))
            made_.changes.emplace_back("what is remembered of orders and positions");
    }

    void tell_carried() {
        if (made_.after.carried == before_.carried)
            return;
        const auto carried = object_in(made_.after.carried);
        std::string names;
        const auto add = [&](const std::string& name) {
            names += (names.empty() ? "" : ", ") + name;
        };
        for (const auto& [name, value] : carried.items()) {
            if (name == k_session && value.is_object() && !value.empty())
                add("session data (" + std::to_string(value.size()) + ")");
            else if (name != "meta" && name != "positions" && name != "daily_tickers" &&
                     name != "gtt_orders" && name != k_session)
                add(name);
        }
        const auto& positions = member(carried, "positions");
        for (const auto& [symbol, position] : positions.items()) {
            if (is_left(positions, symbol))
                add("the record of " + symbol);
        }
        if (!names.empty())
            made_.changes.push_back("kept for exports, though no job uses it: " + names);
    }

    void tell_watch() {
        const auto& after = made_.after.watch;
        for (const auto& [symbol, watched] : after) {
            const auto found = before_.watch.find(symbol);
            if (found == before_.watch.end() || !(found->second == watched))
                made_.changes.push_back(symbol + ": what the watchdog knows of it is the file's");
        }
        for (const auto& [symbol, watched] : before_.watch) {
            if (!after.contains(symbol))
                made_.changes.push_back(symbol + ": the watchdog begins anew with it");
        }
    }

    const StateOwner& owner_;
    const ShareState& before_;
    StateImport made_;
};

}  // namespace

const MeantOrder* newest_order(const ShareRecords& records, const std::string& symbol) {
    const MeantOrder* newest = nullptr;
    for (const auto& [client, order] : records.orders) {
        if (order.signal.symbol == symbol && order.signal.entry.ticks != 0 &&
            (newest == nullptr || newest->day < order.day))
            newest = &order;
    }
    return newest;
}

KnownPrices known_prices(const ShareRecords& records, const std::string& symbol) {
    KnownPrices prices;
    if (const auto* order = newest_order(records, symbol))
        prices = {order->paid, {}, order->signal.entry, order->signal.stop};
    if (const auto stops = records.stops.find(symbol); stops != records.stops.end())
        prices.stop = stops->second.standing;
    return prices;
}

std::string state_file_text(const ShareState& state, const AccountId& account, StateShape shape,
                            UtcTime now) {
    const auto& records = state.records;
    const auto day = newest_day(records, now);
    ordered_json file = {{"meta", {{"date", day}}},
                         {"positions", ordered_json::object()},
                         {"daily_tickers", {{"long", ordered_json::array()}}}};
    file["meta"]["last_updated"] = format_utc(now);
    file["daily_tickers"]["short"] = ordered_json::array();
    const bool of_user = shape == StateShape::user;
    if (of_user) {
        file["meta"]["user_name"] = account.str();
        file["gtt_orders"] = ordered_json::object();
        file[k_session] = ordered_json::object();
    }
    for (const auto& [symbol, quantity] : quantities(records)) {
        auto position = position_json(records, symbol, quantity);
        if (const auto trigger = trigger_of(records, symbol); trigger != 0) {
            auto& gtt = of_user ? file["gtt_orders"][symbol] : position["gtt"];
            gtt = ordered_json{{"trigger_id", trigger}};
        }
        file["positions"][symbol] = std::move(position);
    }
    for (const auto& [client, order] : records.orders) {
        // What was only meant, or bought by nobody, may still be bought on this day. One that
        // filled after its run was over shows in what is owned.
        const auto own = records.own.find(order.signal.symbol);
        const bool bought =
            order.filled.value_or(1) > 0 || (own != records.own.end() && own->second > 0);
        if (order.day == day && bought)
            file["daily_tickers"]["long"].push_back(order.signal.symbol);
    }
    put_back(file, state, shape);
    file[k_own_member] = documents::parse_ordered_json(encode(records, account));
    file[k_watch_member] = documents::parse_ordered_json(encode(state.watch, account));
    return documents::json_text(file, 2) + "\n";
}

Result<StateImport> plan_state_import(std::string_view text, const StateOwner& owner,
                                      const ShareState& before) {
    const auto file = documents::parse_json(text);
    if (!file.is_object())
        return fail(Errc::corrupt, "it is no JSON object");
    Import import(owner, before);
    BULLPEN_CHECK(import.read(file));
    return import.done();
}

}  // namespace bullpen::jobs
