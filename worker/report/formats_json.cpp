#include <nlohmann/json.hpp>

#include "common/documents/json_text.hpp"
#include "worker/report/compare.hpp"
#include "worker/report/exit_texts.hpp"
#include "worker/report/formats.hpp"

namespace bullpen::report {

namespace {

using nlohmann::ordered_json;

// What is no UTF-8 is replaced: the texts of a broker may be anything.
std::string written(const ordered_json& document) {
    return documents::json_text(document) + "\n";
}

ordered_json number(const std::optional<double>& value) {
    return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json time(const std::optional<UtcTime>& value) {
    return value ? ordered_json(format_utc(*value)) : ordered_json(nullptr);
}

ordered_json amount(const std::optional<model::Money>& value) {
    return value ? ordered_json(model::text(*value)) : ordered_json(nullptr);
}

ordered_json head(const RunRecord& run) {
    ordered_json out;
    out[run.kind == "account" ? "account" : "run"] = run.title;
    out["shadow"] = run.shadow;
    out["from"] = time(run.first);
    out["to"] = time(run.last);
    out["currency"] = std::string(run.start.currency.code());
    out["start_equity"] = model::text(run.start);
    return out;
}

ordered_json trade_object(const RunRecord& run, const execution::Trade& trade) {
    const auto price = [&](std::int64_t ticks, std::int64_t quantity) {
        return mean_price(*run.instruments, trade.symbol, ticks, quantity);
    };
    ordered_json out;
    out["number"] = trade.number;
    out["symbol"] = trade.symbol.str();
    out["side"] = std::string(direction(trade));
    out["signal_bar"] = trade.entry.strategy.empty()
                            ? ordered_json(nullptr)
                            : ordered_json(format_utc(trade.entry.signal_bar));
    out["opened"] = format_utc(trade.opened);
    out["closed"] = format_utc(trade.closed);
    out["quantity"] = trade.quantity;
    out["entry_price"] = price(trade.entry_ticks, trade.quantity);
    out["exit_price"] = price(trade.exit_ticks, trade.quantity);
    out["initial_stop"] =
        trade.protected_ ? ordered_json(price(trade.initial_stop.ticks, 1)) : ordered_json(nullptr);
    out["r"] = number(r_multiple(trade));
    out["slippage_ticks"] = trade.slippage_ticks;
    out["gross"] = model::text(trade.gross);
    out["fees"] = model::text(trade.fees);
    out["net"] = model::text(trade.net());
    out["exit_reason"] = exit_reason(trade);
    out["exit_text"] = std::string(exit_sentence(exit_reason(trade)));
    out["closed_by"] = std::string(model::code(trade.closed_by));
    out["adopted"] = trade.adopted;
    return out;
}

ordered_json groups(const std::vector<Group>& all) {
    auto out = ordered_json::array();
    for (const auto& group : all) {
        out.push_back({{"name", group.name},
                       {"trades", group.trades},
                       {"wins", group.wins},
                       {"net", model::text(group.net)}});
    }
    return out;
}

ordered_json exits(const std::vector<Group>& all) {
    auto out = groups(all);
    for (auto& group : out)
        group["text"] = std::string(exit_sentence(group["name"].get<std::string>()));
    return out;
}

void add_payouts(ordered_json& out, const RunRecord& run) {
    auto& payouts = out["payouts"] = ordered_json::array();
    for (const auto& payout : run.payouts)
        payouts.push_back({{"day", day_text(payout.day)}, {"amount", model::text(payout.amount)}});
}

}  // namespace

std::string trades_json(const RunRecord& run, std::size_t last_max) {
    auto out = head(run);
    auto& trades = out["trades"] = ordered_json::array();
    for (const auto& trade : last_trades(run, last_max))
        trades.push_back(trade_object(run, trade));
    return written(out);
}

std::string days_json(const RunRecord& run) {
    auto out = head(run);
    auto& days = out["days"] = ordered_json::array();
    for (const auto& row : day_rows(run)) {
        days.push_back({{"day", day_text(row.day)},
                        {"trades", row.trades},
                        {"wins", row.wins},
                        {"net", model::text(row.net)},
                        {"fees", model::text(row.fees)},
                        {"change", model::text(row.change)},
                        {"equity", model::text(row.equity)},
                        {"drawdown", model::text(row.drawdown)}});
    }
    add_payouts(out, run);
    return written(out);
}

std::string summary_json(const RunRecord& run) {
    const auto s = run.statistics();
    auto out = head(run);
    out["trades"] = s.trades;
    out["wins"] = s.wins;
    out["losses"] = s.losses;
    out["win_rate"] = number(s.win_rate);
    out["net_pnl"] = model::text(s.net);
    out["gross_pnl"] = model::text(s.gross);
    out["fees"] = model::text(s.fees);
    out["slippage_ticks"] = s.slippage_ticks;
    out["expectancy"] = number(s.expectancy);
    out["mean_win"] = number(s.mean_win);
    out["mean_loss"] = number(s.mean_loss);
    out["largest_win"] = amount(s.largest_win);
    out["largest_loss"] = amount(s.largest_loss);
    out["profit_factor"] = number(s.profit_factor);
    out["losses_in_a_row"] = s.losses_in_a_row;
    out["mean_minutes"] = number(s.mean_minutes);
    out["max_drawdown"] = model::text(s.max_drawdown);
    out["max_drawdown_percent"] = number(s.max_drawdown_percent);
    out["best_day"] = amount(s.best_day);
    out["worst_day"] = amount(s.worst_day);
    out["sharpe"] = number(s.sharpe);
    out["sortino"] = number(s.sortino);
    out["calmar"] = number(s.calmar);
    out["time_in_market"] = s.time_in_market;
    out["open_contracts"] = run.open_contracts;
    add_payouts(out, run);
    out["by_hour"] = groups(by_hour(run));
    out["by_exit"] = exits(by_exit(run));
    return written(out);
}

std::string comparison_json(const Comparison& comparison, const RunRecord& left,
                            const RunRecord& right, std::string_view left_name,
                            std::string_view right_name) {
    const std::string l(left_name);
    const std::string r(right_name);
    ordered_json out;
    out["shadow"] = left.shadow;
    out["same"] = comparison.same();
    out["notes"] = comparison.notes;
    out["equal"] = comparison.equal;
    out["differing"] = comparison.differing;
    out["only_in_" + l] = comparison.left_only;
    out["only_in_" + r] = comparison.right_only;
    out["currency"] = std::string(comparison.left_net.currency.code());
    out["net_" + l] = model::text(comparison.left_net);
    out["net_" + r] = model::text(comparison.right_net);
    out["difference"] = model::text(comparison.total());
    out["by_size"] = model::text(comparison.by_size);
    out["by_entry"] = model::text(comparison.by_entry);
    out["by_exit"] = model::text(comparison.by_exit);
    out["by_fees"] = model::text(comparison.by_fees);
    out["by_only_in_" + l] = model::text(comparison.by_left_only);
    out["by_only_in_" + r] = model::text(comparison.by_right_only);
    auto& differences = out["differences"] = ordered_json::array();
    for (const auto& pair : comparison.pairs) {
        if (pair.equal())
            continue;
        ordered_json one;
        one[l] = pair.left ? trade_object(left, left.trades[*pair.left]) : ordered_json(nullptr);
        one[r] =
            pair.right ? trade_object(right, right.trades[*pair.right]) : ordered_json(nullptr);
        one["amount"] = model::text(pair.amount);
        one["note"] = pair.note;
        auto& what = one["what"] = ordered_json::array();
        for (const auto& differing : pair.differing) {
            what.push_back({{"name", std::string(code(differing.what))},
                            {l, differing.left},
                            {r, differing.right},
                            {"amount", model::text(differing.amount)}});
        }
        differences.push_back(std::move(one));
    }
    return written(out);
}

}  // namespace bullpen::report
