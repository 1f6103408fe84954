// `bullpen-worker replay`: what an account knew and decided, rebuilt from its journal.
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/config/rules.hpp"
#include "common/documents/json_text.hpp"
#include "worker/tools/account_replay.hpp"
#include "worker/tools/record_text.hpp"
#include "worker/tools/tool.hpp"
#include "worker/tools/words.hpp"

namespace bullpen::tools {

namespace {

using nlohmann::ordered_json;

constexpr std::string_view k_replay_usage =
    "usage: bullpenctl replay ACCOUNT [--until TIME] [--lines N] [--json]\n"
    "\n"
    "Goes through the account's journal once more, with its own strategy and limits as they were\n"
    "in force, and prints what it held, ordered, won and decided, and whether its state file says\n"
    "the same.\n"
    "\n"
    "  --until TIME  only the bars that are over then, by the market's time, and what came of "
    "them\n"
    "  --lines N     the last N decisions; 20 when nothing is said, 0 for all\n"
    "\n"
    "Example:\n"
    "  bullpenctl replay mes01 --until 2025-03-10T15:00\n";

constexpr std::array<Known, 4> k_replay_options = {
    {{"--until"}, {"--home"}, {"--lines"}, {"--json", false}}};
constexpr std::size_t k_lines = 20;

using Pairs = std::vector<std::pair<std::string, std::uint64_t>>;

// Everything that is counted, by name.
Pairs counters_of(const AccountReplay& replay) {
    const auto& trader = *replay.trader();
    const auto& counters = trader.counters();
    Pairs all = {{"bars", counters.bars},         {"signals", counters.signals},
                 {"entries", counters.entries},   {"exits", counters.exits},
                 {"partials", counters.partials}, {"stop_moves", counters.stop_moves}};
    if (counters.ticks > 0) {
        all.emplace_back("tick_told", counters.ticks);
        all.emplace_back("tick_exits", counters.exits_on_ticks);
    }
    for (std::size_t i = 0; i < counters.denied.size(); ++i) {
        if (counters.denied[i] > 0) {
            all.emplace_back("denied_" + std::string(risk::code(static_cast<risk::DenialCode>(i))),
                             counters.denied[i]);
        }
    }
    for (std::size_t i = 0; i < counters.refused.size(); ++i) {
        if (counters.refused[i] > 0) {
            all.emplace_back(
                "refused_" + std::string(execution::code(static_cast<execution::Refusal>(i))),
                counters.refused[i]);
        }
    }
    for (std::size_t i = 0; i < strategy::k_gates; ++i) {
        const auto gate = static_cast<strategy::Gate>(i);
        if (const auto count = trader.strategy().gates().count(gate); count > 0)
            all.emplace_back("gate_" + std::string(strategy::code(gate)), count);
    }
    return all;
}

std::string position_text(const AccountReplay& replay) {
    const auto& orders = replay.trader()->orders();
    const auto symbol = model::Symbol::cut(replay.instrument().symbol);
    const auto held = orders.held(symbol);
    if (held == 0)
        return "flat";
    std::string text = (held > 0 ? "long " : "short ") + std::to_string(std::abs(held));
    const auto* line = orders.book().ledger().find(symbol);
    const auto tick = replay.instrument().tick;
    if (line != nullptr && !line->position.flat())
        text += " at " + model::text(model::average_price(line->position), tick);
    const auto* guard = orders.book().guard(symbol);
    if (guard != nullptr && guard->protect)
        text += ", protected at " + model::text(guard->stop, tick);
    return text;
}

std::string sides_mode(const AccountReplay& replay) {
    const auto& facts = replay.facts();
    return facts.mode.empty() ? "none was noted" : facts.mode;
}

std::size_t unexplained(const AccountReplay& replay) {
    return static_cast<std::size_t>(std::ranges::count_if(
        replay.decisions(), [](const auto& one) { return !one.explained(); }));
}

std::string outcome_text(const ReplayedDecision& decision, const model::Instrument& instrument) {
    std::string text;
    for (const auto& record : decision.followed)
        text += (text.empty() ? "" : "; ") + record_text(record, instrument);
    if (text.empty())
        text = decision.late ? "nothing, the bar was taken late"
               : decision.mode != model::TradingMode::active
                   ? "nothing, the account was " + std::string(model::code(decision.mode))
                   : "nothing was recorded";
    return decision.explained() ? text : text + " (recorded otherwise than it is decided now)";
}

ordered_json order_json(const execution::Order& order, const model::Instrument& instrument) {
    const auto& terms = order.terms;
    ordered_json out;
    out["order"] = terms.id.str();
    out["broker_order"] = order.broker_order.str();
    out["status"] = std::string(execution::code(order.status));
    out["purpose"] = std::string(model::code(terms.purpose));
    out["side"] = std::string(model::code(terms.side));
    out["type"] = std::string(model::code(terms.type));
    out["quantity"] = terms.quantity;
    out["filled"] = order.filled;
    if (terms.type == model::OrderType::limit)
        out["limit"] = model::text(terms.limit, instrument.tick);
    if (terms.type == model::OrderType::stop)
        out["stop"] = model::text(terms.stop, instrument.tick);
    out["intent"] = model::text(terms.key);
    return out;
}

ordered_json trading_json(const AccountReplay& replay) {
    const auto& trader = *replay.trader();
    const auto& instrument = replay.instrument();
    const auto& book = trader.orders().book();
    const auto& totals = book.ledger().totals();
    ordered_json out;
    out["shadow"] = replay.facts().shadow;
    out["mode"] = replay.facts().mode;
    out["quantity"] = trader.orders().held(model::Symbol::cut(instrument.symbol));
    out["position"] = position_text(replay);
    out["orders"] = ordered_json::array();
    for (const auto& order : book.orders()) {
        if (execution::is_open(order.status))
            out["orders"].push_back(order_json(order, instrument));
    }
    out["gross"] = model::text(totals.gross);
    out["fees"] = model::text(totals.fees);
    out["net"] = model::text(totals.net());
    out["open_profit"] = model::text(trader.risk().open_profit());
    out["day_profit"] = model::text(trader.risk().day_profit());
    out["slippage_ticks"] = totals.slippage_ticks;
    out["executions"] = totals.executions;
    out["trades"] = totals.trades;
    out["counters"] = ordered_json::object();
    for (const auto& [name, count] : counters_of(replay))
        out["counters"][name] = count;
    return out;
}

ordered_json decisions_json(const AccountReplay& replay) {
    auto all = ordered_json::array();
    for (const auto& decision : replay.decisions()) {
        ordered_json one;
        one["bar"] = format_utc(decision.bar.start);
        one["mode"] = std::string(model::code(decision.mode));
        one["late"] = decision.late;
        one["decision"] = text(decision.action, replay.instrument());
        one["followed"] = ordered_json::array();
        for (const auto& record : decision.followed)
            one["followed"].push_back(record_text(record, replay.instrument()));
        one["explained"] = decision.explained();
        all.push_back(std::move(one));
    }
    return all;
}

ordered_json settings_json(const ReplayFacts& facts) {
    auto all = ordered_json::array();
    for (const auto& change : facts.settings_changes) {
        ordered_json one;
        one["record"] = change.record;
        one["market_time"] =
            change.market_time ? ordered_json(format_utc(*change.market_time)) : ordered_json();
        one["taken_anew"] = change.taken_anew;
        one["keys"] = ordered_json::array();
        for (const auto& key : change.keys)
            one["keys"].push_back({{"key", key.key}, {"from", key.old_text}, {"to", key.new_text}});
        all.push_back(std::move(one));
    }
    return all;
}

std::string json_of(const AccountReplay& replay) {
    const auto& facts = replay.facts();
    const auto time = [](const std::optional<UtcTime>& at) {
        return at ? ordered_json(format_utc(*at)) : ordered_json(nullptr);
    };
    ordered_json out;
    out["account"] = replay.settings().id.str();
    out["records"] = facts.records;
    out["bars"] = facts.bars;
    out["order_records"] = facts.order_records;
    out["last_record"] = facts.last_record;
    out["complete"] = facts.complete;
    out["from"] = time(facts.first);
    out["to"] = time(facts.last);
    out["settings_note"] = facts.settings_note;
    out["settings_changes"] = settings_json(facts);
    out["payouts"] = ordered_json::array();
    for (const auto& paid : facts.payouts) {
        out["payouts"].push_back({{"amount", model::text(paid.amount)},
                                  {"currency", std::string(paid.amount.currency.code())},
                                  {"at", format_utc(paid.at)}});
    }
    out["engine_hash"] = replay.observer().hash_text();
    out["trading"] = replay.trader() != nullptr ? trading_json(replay) : ordered_json(nullptr);
    out["decisions"] = decisions_json(replay);
    out["unexplained"] = unexplained(replay);
    ordered_json state;
    state["record"] = facts.state_record;
    state["note"] = facts.state_note;
    for (const auto& part : facts.state)
        state["same"][part.part] = part.same;
    state["differences"] = ordered_json::array();
    for (const auto& part : facts.state) {
        for (const auto& difference : part.differences)
            state["differences"].push_back(part.part + difference);
    }
    out["state_file"] = std::move(state);
    return documents::json_text(out) + "\n";
}

void line(std::string& out, std::string_view name, const std::string& text) {
    constexpr std::size_t k_column = 12;
    out += name;
    out.append(name.size() < k_column ? k_column - name.size() : 1, ' ');
    out += text + "\n";
}

void trading_text(std::string& out, const AccountReplay& replay) {
    const auto& trader = *replay.trader();
    const auto& instrument = replay.instrument();
    const auto& book = trader.orders().book();
    const auto& totals = book.ledger().totals();
    if (replay.facts().shadow)
        line(out, "shadow", "nothing of this was sent");
    line(out, "position", position_text(replay));
    std::size_t open = 0;
    for (const auto& order : book.orders()) {
        if (!execution::is_open(order.status))
            continue;
        ++open;
        line(out, open == 1 ? "orders" : "",
             terms_text(order.terms, instrument) + ", " +
                 std::string(execution::code(order.status)) + ": " + order.terms.id.str());
    }
    if (open == 0)
        line(out, "orders", "none open");
    line(out, "P&L",
         "net " + model::text(totals.net()) + " of " + std::to_string(totals.trades) +
             " trades (gross " + model::text(totals.gross) + ", fees " + model::text(totals.fees) +
             "); open " + model::text(trader.risk().open_profit()) + ", of the day " +
             model::text(trader.risk().day_profit()));
    line(out, "mode", sides_mode(replay));
    std::string counted;
    for (const auto& [name, count] : counters_of(replay))
        counted += (counted.empty() ? "" : ", ") + name + " " + std::to_string(count);
    line(out, "counters", counted);
}

void decisions_text(std::string& out, const AccountReplay& replay, std::size_t lines) {
    const auto& all = replay.decisions();
    const auto odd = unexplained(replay);
    line(out, "decisions",
         std::to_string(all.size()) + (odd == 0 ? ", as the records have them"
                                                : ", of which " + std::to_string(odd) +
                                                      " are not as the records have them"));
    const auto from = lines == 0 || all.size() <= lines ? 0 : all.size() - lines;
    for (std::size_t i = from; i < all.size(); ++i) {
        line(out, "",
             format_utc(all[i].bar.end()) + "  " + text(all[i].action, replay.instrument()) +
                 " -> " + outcome_text(all[i], replay.instrument()));
    }
}

void settings_text(std::string& out, const ReplayFacts& facts) {
    line(out, "settings",
         facts.settings_note.empty() ? "those that were in force, as the journal has them"
                                     : facts.settings_note);
    for (const auto& change : facts.settings_changes) {
        line(out, "",
             "others from record " + std::to_string(change.record) + " on" +
                 (change.market_time ? ", after " + format_utc(*change.market_time) : "") +
                 (change.taken_anew == 0
                      ? ""
                      : "; the run before had not ended in order, and the worker took its last " +
                            std::to_string(change.taken_anew) +
                            " records with them: the state file may differ by that"));
        for (const auto& key : change.keys) {
            const auto shown = [](const std::string& text) {
                return text.empty() ? std::string("(none)") : config::made_printable(text);
            };
            line(out, "",
                 "  " + key.key + ": " + shown(key.old_text) + " -> " + shown(key.new_text));
        }
    }
}

void payouts_text(std::string& out, const ReplayFacts& facts) {
    for (const auto& paid : facts.payouts) {
        line(out, "paid out",
             model::text(paid.amount) + " " + std::string(paid.amount.currency.code()) + ", told " +
                 format_utc(paid.at));
    }
}

std::string text_of(const AccountReplay& replay, std::size_t lines) {
    const auto& facts = replay.facts();
    std::string out;
    line(out, replay.settings().id.str(),
         std::to_string(facts.bars) + " bars and " + std::to_string(facts.order_records) +
             " records of orders" +
             (facts.first ? ", from " + format_utc(*facts.first) + " to " + format_utc(*facts.last)
                          : "") +
             (facts.complete ? "" : "; the journal goes on"));
    settings_text(out, facts);
    payouts_text(out, facts);
    if (replay.trader() != nullptr)
        trading_text(out, replay);
    else
        line(out, "trading", "none: the account only observes");
    decisions_text(out, replay, lines);
    std::string state;
    for (const auto& part : facts.state)
        state += (state.empty() ? "" : ", ") + part.part + (part.same ? " the same" : " DIFFERS");
    line(out, "state file",
         state.empty() ? facts.state_note
                       : "at record " + std::to_string(facts.state_record) + ": " + state);
    for (const auto& part : facts.state) {
        for (const auto& difference : part.differences)
            line(out, "", part.part + difference);
    }
    line(out, "engine", replay.observer().hash_text());
    return out;
}

struct AskedReplay {
    std::unique_ptr<const MarketTables> tables;  // the replay refers to it
    std::unique_ptr<AccountReplay> replay;
    std::size_t lines = k_lines;
    bool json = false;
};

Result<AskedReplay> ask_replay(std::span<const std::string_view> words, UtcTime now) {
    BULLPEN_TRY(const auto taken, take_words(words, k_replay_options, 1));
    if (taken.operands.empty())
        return fail(Errc::invalid, "an account is needed");
    if (!taken.has("--home"))
        return fail(Errc::invalid, "--home DIR is needed");
    BULLPEN_TRY(const auto account, AccountId::parse(taken.operands.front()));
    BULLPEN_TRY(const auto until, taken.time("--until"));
    BULLPEN_TRY(const auto home, Home::at(taken.value("--home")));
    AskedReplay asked;
    asked.json = taken.has("--json");
    if (taken.has("--lines")) {
        BULLPEN_TRY(asked.lines, taken.count("--lines"));
    }
    BULLPEN_TRY(auto tables, load_tables(home.root(), now));
    asked.tables = std::make_unique<const MarketTables>(std::move(tables));
    BULLPEN_TRY(asked.replay, AccountReplay::open(home, account, *asked.tables));
    BULLPEN_CHECK(asked.replay->run(until));
    return asked;
}

bool differs(const AccountReplay& replay) {
    return std::ranges::any_of(replay.facts().state, [](const auto& part) { return !part.same; });
}

ExitCode run_replay(std::span<const std::string_view> words, const Clock& clock) {
    const auto asked = ask_replay(words, clock.utc());
    if (!asked) {
        const bool wrong_words = asked.error().code() == make_error_code(Errc::invalid);
        return complain("replay", wrong_words ? ExitCode::usage : ExitCode::failed, asked.error());
    }
    const auto printed =
        asked->json ? json_of(*asked->replay) : text_of(*asked->replay, asked->lines);
    std::fwrite(printed.data(), 1, printed.size(), stdout);
    return differs(*asked->replay) ? ExitCode::failed : ExitCode::done;
}

}  // namespace

const Tool k_replay{"replay", k_replay_usage, run_replay};

}  // namespace bullpen::tools
