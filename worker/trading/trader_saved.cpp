// The trader's part of the state file, and its way back from the journal.
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/base/hex.hpp"
#include "common/documents/json_text.hpp"
#include "worker/trading/gate_approver.hpp"
#include "worker/trading/trader.hpp"

namespace bullpen::trading {

namespace {

using Json = nlohmann::json;

constexpr int k_version = 2;

Unexpected corrupt() {
    return fail(Errc::corrupt, "the saved state of the trader is damaged");
}

template <std::size_t size>
Json counts(const std::array<std::uint64_t, size>& values) {
    Json json = Json::array();
    for (const auto value : values)
        json.push_back(value);
    return json;
}

// Codes are only ever added, so a shorter list is of an older program.
template <std::size_t size>
bool read_counts(const Json& json, std::array<std::uint64_t, size>& values) {
    if (!json.is_array() || json.size() > size)
        return false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        if (!json[i].is_number_unsigned())
            return false;
        values[i] = json[i].get<std::uint64_t>();
    }
    return true;
}

Json to_json(const TraderCounters& counters) {
    return {{"bars", counters.bars},
            {"signals", counters.signals},
            {"entries", counters.entries},
            {"exits", counters.exits},
            {"partials", counters.partials},
            {"stop_moves", counters.stop_moves},
            {"ticks", counters.ticks},
            {"exits_on_ticks", counters.exits_on_ticks},
            {"refused", counts(counters.refused)},
            {"denied", counts(counters.denied)}};
}

std::optional<TraderCounters> counters_from(const Json& json) {
    TraderCounters counters;
    struct Field {
        const char* name;
        std::uint64_t* value;
    };
    for (const auto& field :
         {Field{"bars", &counters.bars}, Field{"signals", &counters.signals},
          Field{"entries", &counters.entries}, Field{"exits", &counters.exits},
          Field{"partials", &counters.partials}, Field{"stop_moves", &counters.stop_moves}}) {
        const auto found = json.find(field.name);
        if (found == json.end() || !found->is_number_unsigned())
            return std::nullopt;
        *field.value = found->get<std::uint64_t>();
    }
    // Before there were ticks nobody counted them.
    for (const auto& field :
         {Field{"ticks", &counters.ticks}, Field{"exits_on_ticks", &counters.exits_on_ticks}}) {
        const auto found = json.find(field.name);
        if (found == json.end())
            continue;
        if (!found->is_number_unsigned())
            return std::nullopt;
        *field.value = found->get<std::uint64_t>();
    }
    if (!json.contains("refused") || !json.contains("denied") ||
        !read_counts(json["refused"], counters.refused) ||
        !read_counts(json["denied"], counters.denied)) {
        return std::nullopt;
    }
    return counters;
}

Json to_json(const Unmade& unmade) {
    Json json = {{"refusal", static_cast<unsigned>(unmade.refusal)}, {"at", unix_nanos(unmade.at)}};
    if (unmade.denial) {
        json["denial"] = std::string(risk::code(unmade.denial->code));
        json["have"] = unmade.denial->have;
        json["limit"] = unmade.denial->limit;
    }
    return json;
}

std::optional<Unmade> unmade_from(const Json& json) {
    const auto whole = [&](const char* name) {
        const auto found = json.find(name);
        return found != json.end() && found->is_number_integer()
                   ? std::optional(found->get<std::int64_t>())
                   : std::nullopt;
    };
    const auto refusal = whole("refusal");
    const auto at = whole("at");
    if (!refusal || *refusal < 0 ||
        *refusal >= static_cast<std::int64_t>(execution::Refusal::count_) || !at) {
        return std::nullopt;
    }
    Unmade unmade;
    unmade.refusal = static_cast<execution::Refusal>(*refusal);
    unmade.at = utc_from_nanos(*at);
    if (json.contains("denial") && json["denial"].is_string()) {
        if (const auto code = risk::denial_from(json["denial"].get<std::string>()))
            unmade.denial =
                risk::Denial{*code, whole("have").value_or(0), whole("limit").value_or(0)};
    }
    return unmade;
}

}  // namespace

std::string Trader::save(model::TradingMode as) const {
    Json json = {{"v", k_version},
                 {"instrument", std::string(symbol_.view())},
                 {"risk", gate_.save()},
                 {"strategy", strategy_.save()},
                 {"orders", hex(orders_->save())},
                 {"mode", std::string(model::code(as))},
                 {"market_time", unix_nanos(market_time_)},
                 {"bar_time", unix_nanos(bar_time_)},
                 {"last_trade_ticks", last_trade_ticks_},
                 {"counters", to_json(counters_)}};
    if (last_unmade_)
        json["last_unmade"] = to_json(*last_unmade_);
    const auto& account =
        live_ || restored_account_.empty() ? settings_.orders.account : restored_account_;
    json["broker_account"] = account.str();
    return documents::json_text(json);
}

Result<void> Trader::restore(std::string_view saved) {
    const Json json = documents::parse_json(saved);
    if (!json.is_object())
        return corrupt();
    for (const char* name : {"instrument", "risk", "strategy", "orders", "mode"}) {
        if (!json.contains(name) || !json[name].is_string())
            return corrupt();
    }
    for (const char* name : {"v", "market_time", "last_trade_ticks"}) {
        if (!json.contains(name) || !json[name].is_number_integer())
            return corrupt();
    }
    if (json["v"].get<std::int64_t>() > k_version)
        return fail(Errc::newer_version, "the trader's state was saved by a newer program");
    const auto orders = bytes_from_hex(json["orders"].get<std::string>());
    const auto mode = model::trading_mode_from(json["mode"].get<std::string>());
    const auto counters =
        json.contains("counters") ? counters_from(json["counters"]) : std::nullopt;
    if (!orders || !mode || !counters)
        return corrupt();
    BULLPEN_CHECK(gate_.restore(json["risk"].get<std::string>()));
    BULLPEN_CHECK(orders_->restore(*orders));
    // A strategy with other settings, or of another version, begins anew; orders and limits do not.
    if (auto restored = strategy_.restore(json["strategy"].get<std::string>()); !restored)
        strategy_trouble_ = restored.error().message();
    counters_ = *counters;
    set_mode(*mode);
    market_time_ = utc_from_nanos(json["market_time"].get<std::int64_t>());
    bar_time_ = utc_from_nanos(json.value("bar_time", unix_nanos(market_time_)));
    approver_->set_time(market_time_);
    last_trade_ticks_ = json["last_trade_ticks"].get<std::int64_t>();
    if (json.contains("broker_account") && json["broker_account"].is_string())
        restored_account_ =
            execution::BrokerAccount::cut(json["broker_account"].get<std::string>());
    if (json.contains("last_unmade"))
        last_unmade_ = unmade_from(json["last_unmade"]);
    position_stale_ = true;
    return {};
}

void Trader::replay(const execution::Record& record) {
    orders_->replay(record);
    follow_ledger();
}

void Trader::replay_bar(const model::Bar& bar, const indicators::IndicatorValues& values,
                        std::span<const model::Bar> closed_quarters) {
    if (is_news(bar))
        take_bar(bar);
    else
        look_at_session(bar.end());
    if (settings_.without_strategy)
        return;
    const auto& decisions = strategy_.on_bar(bar, values, closed_quarters, facts(bar.end()));
    pending_.reset();
    if (decisions.none())
        return;
    pending_ = Pending{decisions.action(), bar};
    if (decisions.get<strategy::Enter>() != nullptr)
        ++counters_.signals;
}

void Trader::replay_tick(const model::QuotedTrade& tick) {
    const auto* decisions = take_tick(tick);
    pending_.reset();
    if (decisions != nullptr && !decisions->none())
        pending_ = Pending{decisions->action(), bar_of(tick)};
}

void Trader::resume_decision(Instant now) {
    if (!pending_)
        return;
    const auto pending = *std::exchange(pending_, std::nullopt);
    if (std::holds_alternative<strategy::Enter>(pending.action)) {
        // Its order was made, and was found to be more than an intent.
        if (!orders_->book().attempt(key(pending.bar, model::Purpose::entry)))
            return;
        // Counted in the replay.
        --counters_.signals;
    }
    carry_out(pending.action, pending.bar, now);
}

}  // namespace bullpen::trading
