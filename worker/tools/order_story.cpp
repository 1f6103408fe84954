#include "worker/tools/order_story.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "common/base/errc.hpp"
#include "common/storage/journal.hpp"
#include "worker/report/exit_texts.hpp"
#include "worker/report/run_record.hpp"
#include "worker/strategy/decisions.hpp"
#include "worker/tools/account_run.hpp"
#include "worker/tools/record_text.hpp"
#include "worker/trader_setup.hpp"

namespace bullpen::tools {

namespace {

using execution::Record;

// The ids under which the journal has the order.
struct Named {
    model::ClientOrderId order;
    model::BrokerOrderId broker_order;
    model::IntentKey key;
    bool found = false;  // its intent is there
};

const model::BrokerOrderId* broker_order_of(const Record& record) {
    if (const auto* answered = std::get_if<execution::Answered>(&record))
        return &answered->broker_order;
    if (const auto* reported = std::get_if<execution::Reported>(&record))
        return &reported->broker_order;
    if (const auto* filled = std::get_if<execution::Filled>(&record))
        return &filled->fill.broker_order;
    return nullptr;
}

Result<Named> name_in(const Home& home, const AccountId& account, std::string_view id) {
    Named named;
    std::optional<model::ClientOrderId> client;
    std::map<model::ClientOrderId, model::IntentKey> keys;
    storage::SystemFileSystem files;
    BULLPEN_CHECK(storage::Journal::look(
        files, home.account(account).journal, account,
        [&](const storage::JournalRecord& read) -> Result<void> {
            if (!execution::is_record_kind(read.kind))
                return {};
            BULLPEN_TRY(const auto record, execution::decode(read.kind, read.body));
            const auto order = order_of(record);
            if (const auto* intended = std::get_if<execution::Intended>(&record))
                keys[order] = intended->terms.key;
            const auto* broker_order = broker_order_of(record);
            const bool broker_id = broker_order != nullptr && broker_order->view() == id;
            if (!order.empty() && (order.view() == id || broker_id))
                client = order;
            if (client && order == *client && broker_order != nullptr && !broker_order->empty())
                named.broker_order = *broker_order;
            return {};
        }));
    if (!client)
        return named;
    named.order = *client;
    const auto key = keys.find(*client);
    named.found = key != keys.end();
    if (named.found)
        named.key = key->second;
    return named;
}

std::string decimal(double value) {
    std::string text = std::to_string(value);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.'))
        text.pop_back();
    return text;
}

// Puts the chain together while the replay goes by.
class Telling {
  public:
    Telling(AccountReplay& replay, const Named& named, OrderStory& story)
        : replay_(replay), named_(named), story_(story) {}

    void on_bar() {
        const auto* trader = replay_.trader();
        if (trader == nullptr || replay_.observer().last_bar()->start != named_.key.signal_bar)
            return;
        tell_bar();
        tell_signal(*trader);
    }

    void on_record(const Record& record) {
        if (const auto* intended = std::get_if<execution::Intended>(&record);
            intended != nullptr && intended->terms.id == named_.order) {
            // A stop that takes the place of another one is where that one was to be moved to.
            if (planned_ && named_.key.leg == model::Purpose::protective_stop &&
                planned_->stop == intended->terms.stop)
                tell_move(*planned_);
            tell_risk(*intended);
            tell_intent(*intended);
            follows_stop_ = named_.key.leg == model::Purpose::protective_stop ||
                            named_.key.leg == model::Purpose::entry;
            return;
        }
        follow_stop(record);
        if (order_of(record) == named_.order)
            return tell(record);
        // What an entry brought about: where its position was protected, and its round trip.
        if (named_.key.leg != model::Purpose::entry)
            return;
        if (const auto* other = std::get_if<execution::Intended>(&record);
            other != nullptr && is_of_entry(other->terms.key))
            add("brought about", other->at, record_text(record, replay_.instrument()));
        if (const auto* traded = std::get_if<execution::Traded>(&record);
            traded != nullptr && traded->trade.entry == named_.key)
            tell_trade(*traded);
    }

  private:
    StoryStep& add(std::string what, std::optional<UtcTime> at, std::string text) {
        return story_.steps.emplace_back(StoryStep{std::move(what), at, std::move(text), {}});
    }
    [[nodiscard]] std::string price(model::Price value) const {
        return model::text(value, replay_.instrument().tick);
    }
    // Stops and closings carry the bar of the entry that they are about, or that they end.
    [[nodiscard]] bool is_of_entry(const model::IntentKey& key) const {
        return key.symbol == named_.key.symbol && key.signal_bar == named_.key.signal_bar &&
               key.leg != model::Purpose::entry;
    }

    // Where the stop of the position was to be moved, as long as this order has to do with it.
    void follow_stop(const Record& record) {
        if (const auto* planned = std::get_if<execution::Planned>(&record);
            planned != nullptr && planned->symbol == named_.key.symbol) {
            planned_ = *planned;
            if (follows_stop_)
                tell_move(*planned);
        }
        const auto* traded = std::get_if<execution::Traded>(&record);
        const bool is_flat = traded != nullptr && traded->trade.symbol == named_.key.symbol;
        if (is_flat)
            planned_.reset();
        const auto* reported = std::get_if<execution::Reported>(&record);
        const bool has_ended = named_.key.leg == model::Purpose::protective_stop &&
                               reported != nullptr && reported->order == named_.order &&
                               broker::is_final(reported->status);
        if (is_flat || has_ended)
            follows_stop_ = false;
    }

    void tell_move(const execution::Planned& planned) {
        auto& step = add("stop moved", planned.at, record_text(planned, replay_.instrument()));
        if (const auto why = strategy::move_reason_from(planned.why.view()))
            step.facts.emplace_back("because", strategy::sentence(*why));
    }

    void tell_trade(const execution::Traded& traded) {
        auto& step = add("trade", traded.trade.closed, record_text(traded, replay_.instrument()));
        const auto why = report::exit_sentence(report::exit_reason(traded.trade));
        if (!why.empty())
            step.facts.emplace_back("because", why);
    }

    void tell_bar() {
        const auto& bar = *replay_.observer().last_bar();
        auto& step = add("bar", bar.start,
                         "open " + price(bar.open) + ", high " + price(bar.high) + ", low " +
                             price(bar.low) + ", close " + price(bar.close) + ", volume " +
                             std::to_string(bar.volume));
        const auto values = replay_.observer().values();
        const auto value = [&](const char* name, const std::optional<double>& number) {
            if (number)
                step.facts.emplace_back(name, decimal(*number));
        };
        if (values.vwap) {
            value("vwap", values.vwap->vwap);
            value("deviation", values.vwap->deviation);
        }
        value("rsi_15m", values.rsi_15m);
        value("atr_15m", values.atr_15m);
        value("ema_fast_15m", values.ema_fast_15m);
        value("ema_slow_15m", values.ema_slow_15m);
        if (values.macd_15m)
            value("macd_histogram_15m", values.macd_15m->histogram);
    }

    void tell_signal(const trading::Trader& trader) {
        const auto& decisions = trader.strategy().last();
        auto& step = add("signal", replay_.observer().last_bar()->end(),
                         text(decisions.action(), replay_.instrument()));
        step.facts.emplace_back("strategy", replay_.settings().strategy->name);
        step.facts.emplace_back("mode", std::string(model::code(trader.mode())));
        const auto refusal = decisions.refusal();
        auto& gates = add("gates", replay_.observer().last_bar()->end(),
                          refusal ? std::string(strategy::code(refusal->gate)) + ": " +
                                        std::string(strategy::sentence(refusal->gate))
                                  : "none said no");
        for (std::size_t i = 0; i < strategy::k_gates; ++i) {
            const auto gate = static_cast<strategy::Gate>(i);
            if (const auto count = trader.strategy().gates().count(gate); count > 0) {
                gates.facts.emplace_back("so_far_" + std::string(strategy::code(gate)),
                                         std::to_string(count));
            }
        }
    }

    void tell_risk(const execution::Intended& intended) {
        const auto* trader = replay_.trader();
        if (trader == nullptr)
            return;
        const auto& gate = trader->risk();
        auto& step = add("risk", intended.at,
                         "approved: " + std::to_string(intended.terms.quantity) + " contracts");
        if (const auto equity = gate.equity())
            step.facts.emplace_back("equity", model::text(*equity));
        step.facts.emplace_back("day_profit", model::text(gate.day_profit()));
        for (const auto& distance : gate.distances(trader->market_time())) {
            const bool money = distance.unit == risk::Distance::Unit::money;
            const auto amount = [&](std::int64_t value) {
                return money ? model::text(
                                   model::Money{value, replay_.instrument().tick_value.currency})
                             : std::to_string(value);
            };
            step.facts.emplace_back(std::string(distance.name),
                                    amount(distance.used) + " of " + amount(distance.limit));
        }
    }

    void tell_intent(const execution::Intended& intended) {
        auto& step = add("intent", intended.at, record_text(intended, replay_.instrument()));
        step.facts.emplace_back("key", model::text(intended.terms.key));
        step.facts.emplace_back("expected",
                                intended.expected ? price(*intended.expected) : "not known");
        if (const auto parts = intended.terms.id.parts()) {
            step.facts.emplace_back("tag", std::string(parts->tag.begin(), parts->tag.end()));
            step.facts.emplace_back("fence", std::to_string(parts->fence.value));
            step.facts.emplace_back("number", std::to_string(parts->sequence));
        }
    }

    void tell(const Record& record) {
        const bool sent = std::holds_alternative<execution::Sent>(record) ||
                          std::holds_alternative<execution::Commanded>(record);
        const bool ours = std::holds_alternative<execution::Unwanted>(record);
        const bool fill = std::holds_alternative<execution::Filled>(record);
        add(sent   ? "sent"
            : ours ? "wish"
            : fill ? "fill"
                   : "broker",
            time_of(record), record_text(record, replay_.instrument()));
    }

    AccountReplay& replay_;
    const Named& named_;
    OrderStory& story_;
    std::optional<execution::Planned> planned_;  // the newest move of the position's stop
    bool follows_stop_ = false;
};

}  // namespace

Result<std::optional<OrderStory>> order_story(const Home& home, const AccountId& account,
                                              std::string_view id, const MarketTables& tables) {
    BULLPEN_TRY(const auto named, name_in(home, account, id));
    if (named.order.empty())
        return std::nullopt;
    OrderStory story{account, false, named.order, named.broker_order.str(), {}, {}, true, {}};
    if (named.found)
        story.intent = model::text(named.key);
    BULLPEN_TRY(auto replay, AccountReplay::open(home, account, tables));
    Telling telling(*replay, named, story);
    replay->on_bar = [&] { telling.on_bar(); };
    replay->on_record = [&](const Record& record) { telling.on_record(record); };
    BULLPEN_CHECK(replay->run(std::nullopt));
    story.shadow = named.order.view().starts_with("SHADOW") || replay->facts().shadow;
    story.replayed =
        std::ranges::any_of(story.steps, [](const StoryStep& step) { return step.what == "bar"; });
    if (const auto* trader = replay->trader()) {
        if (const auto* order = trader->orders().book().find(named.order))
            story.status = execution::code(order->status);
    }
    return story;
}

std::vector<AccountId> accounts_for(const Home& home, std::string_view id) {
    std::set<AccountId> all;
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(home.root() + "/accounts", code)) {
        const auto account = AccountId::parse(entry.path().filename().string());
        if (account && std::filesystem::is_directory(home.account(*account).journal, code))
            all.insert(*account);
    }
    const auto parsed = model::ClientOrderId::parse(id);
    const auto parts = parsed ? parsed->parts() : std::nullopt;
    std::vector<AccountId> ordered(all.begin(), all.end());
    if (!parts)
        return ordered;
    const std::string tag(parts->tag.begin(), parts->tag.end());
    std::stable_partition(ordered.begin(), ordered.end(), [&](const AccountId& account) {
        return worker::order_tag(known_settings(home, account).settings) == tag;
    });
    return ordered;
}

}  // namespace bullpen::tools
