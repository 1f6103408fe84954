#include "worker/report/formats.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>

#include "worker/report/exit_texts.hpp"

namespace bullpen::report {

namespace {

std::string fixed(double value, int digits) {
    std::array<char, 400> text;
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    return text.data();
}

// Columns of text, each as wide as its widest cell; those named in `left` start at the left.
class Table {
  public:
    explicit Table(std::vector<std::string> header) { rows_.push_back(std::move(header)); }
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    [[nodiscard]] std::string text(std::size_t left) const {
        std::vector<std::size_t> widths(rows_.front().size());
        for (const auto& row : rows_) {
            for (std::size_t i = 0; i < row.size(); ++i)
                widths[i] = std::max(widths[i], row[i].size());
        }
        std::string out;
        for (const auto& row : rows_) {
            std::string line;
            for (std::size_t i = 0; i < row.size(); ++i) {
                const std::string pad(widths[i] - row[i].size(), ' ');
                line += (i > 0 ? "  " : "") + (i < left ? row[i] + pad : pad + row[i]);
            }
            line.erase(line.find_last_not_of(' ') + 1);
            out += line + "\n";
        }
        return out;
    }

  private:
    std::vector<std::vector<std::string>> rows_;
};

std::string cell(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos)
        return std::string(text);
    std::string quoted = "\"";
    for (const char c : text)
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    return quoted + "\"";
}

std::string header_text(const RunRecord& run) {
    return run.title + (run.shadow ? "  SHADOW: nothing of this was sent to a broker" : "") + "\n";
}

}  // namespace

std::string money_text(model::Money amount) {
    auto text = model::text(amount);
    const std::size_t first = text.starts_with('-') ? 1 : 0;
    for (auto at = text.find('.'); at > first + 3; at -= 3)
        text.insert(at - 3, ",");
    return text + " " + std::string(amount.currency.code());
}

std::string day_text(time::TradingDay day) {
    return format_utc(UtcTime(day)).substr(0, 10);
}

std::string time_text(UtcTime time) {
    auto text = format_utc(time).substr(0, 19);
    text[10] = ' ';
    return text;
}

std::string ratio_text(const std::optional<double>& value) {
    return value ? fixed(*value, 2) : "-";
}

std::string count_text(std::uint64_t count, std::string_view one) {
    return std::to_string(count) + " " + std::string(one) + (count == 1 ? "" : "s");
}

std::string open_text(const RunRecord& run) {
    if (run.open_contracts == 0)
        return {};
    return (run.open_contracts > 0 ? "long " : "short ") +
           count_text(static_cast<std::uint64_t>(std::abs(run.open_contracts)), "contract");
}

std::string percent_text(double share) {
    return fixed(100 * share, 1) + " %";
}

std::vector<StatisticLine> statistic_lines(const Statistics& s) {
    const auto amount = [&](const std::optional<double>& value) {
        return value ? fixed(*value, 2) + " " + std::string(s.net.currency.code())
                     : std::string("-");
    };
    const auto sum = [&](const std::optional<model::Money>& value) {
        return value ? money_text(*value) : std::string("-");
    };
    return {
        {"Trades", std::to_string(s.trades), "round trips, from flat to flat"},
        {"Won, lost", std::to_string(s.wins) + ", " + std::to_string(s.losses),
         "net above and below zero"},
        {"Win rate", s.win_rate ? percent_text(*s.win_rate) : "-", "won / trades"},
        {"Net", money_text(s.net), "gross - fees"},
        {"Gross", money_text(s.gross), "slippage is in it, for it is in the prices"},
        {"Fees", money_text(s.fees), "commission of every contract, each way"},
        {"Slippage", std::to_string(s.slippage_ticks) + " ticks",
         "ticks times contracts lost against the prices expected"},
        {"Expectancy", amount(s.expectancy), "net / trades"},
        {"Mean win", amount(s.mean_win), "net of the won trades / won"},
        {"Mean loss", amount(s.mean_loss), "net of the lost trades / lost"},
        {"Largest win", sum(s.largest_win), "net of one trade"},
        {"Largest loss", sum(s.largest_loss), "net of one trade"},
        {"Profit factor", ratio_text(s.profit_factor), "sum of net wins / sum of net losses"},
        {"Losses in a row", std::to_string(s.losses_in_a_row), "the longest run of lost trades"},
        {"Mean time", s.mean_minutes ? fixed(*s.mean_minutes, 1) + " min" : "-",
         "first entry to last exit of a trade"},
        {"Max drawdown",
         money_text(s.max_drawdown) +
             (s.max_drawdown_percent ? " (" + percent_text(*s.max_drawdown_percent / 100) + ")"
                                     : std::string()),
         "greatest fall of equity from a high before it, over trades' and days' ends"},
        {"Best day", sum(s.best_day), "greatest change of a day's equity"},
        {"Worst day", sum(s.worst_day), "least change of a day's equity"},
        {"Sharpe", ratio_text(s.sharpe),
         "mean of daily returns / their sample deviation x sqrt(252), no risk-free rate"},
        {"Sortino", ratio_text(s.sortino),
         "mean of daily returns / root of the mean of squared negative ones x sqrt(252)"},
        {"Calmar", ratio_text(s.calmar),
         "mean of daily returns x 252 / greatest fall of daily equity, as a share"},
        {"Time in market", percent_text(s.time_in_market),
         "sum of the trades' durations / time from first to last bar"},
    };
}

std::string trades_text(const RunRecord& run, std::size_t last_max) {
    Table table({"#", "symbol", "side", "reason", "opened (UTC)", "closed (UTC)", "qty", "entry",
                 "exit", "R", "fees", "net", "sum"});
    const std::size_t skipped = run.trades.size() - std::min(run.trades.size(), last_max);
    auto sum = run.start - run.start;
    std::map<std::string, std::string_view> reasons;
    for (std::size_t i = 0; i < run.trades.size(); ++i) {
        const auto& trade = run.trades[i];
        sum = sum + trade.net();
        if (i < skipped)
            continue;
        table.add({std::to_string(trade.number), trade.symbol.str(), std::string(direction(trade)),
                   exit_reason(trade), time_text(trade.opened), time_text(trade.closed),
                   std::to_string(trade.quantity),
                   mean_price(*run.instruments, trade.symbol, trade.entry_ticks, trade.quantity),
                   mean_price(*run.instruments, trade.symbol, trade.exit_ticks, trade.quantity),
                   ratio_text(r_multiple(trade)), model::text(trade.fees), model::text(trade.net()),
                   model::text(sum)});
        if (const auto sentence = exit_sentence(exit_reason(trade)); !sentence.empty())
            reasons.emplace(exit_reason(trade), sentence);
    }
    auto out = header_text(run);
    if (run.trades.empty())
        return out + "no trades\n";
    if (skipped > 0)
        out += "the first " + std::to_string(skipped) + " trades are not shown\n";
    out += table.text(6);
    for (const auto& [code, sentence] : reasons)
        out += (code + ": ").append(sentence) + "\n";
    const auto s = run.statistics();
    return out + count_text(s.trades, "trade") + ", " + std::to_string(s.wins) + " won, net " +
           money_text(s.net) + "\n";
}

namespace {

// Empty when nothing was.
std::string payouts_text(const RunRecord& run) {
    if (run.payouts.empty())
        return {};
    std::string text = "paid out, which no figure counts as a loss: ";
    const char* between = "";
    for (const auto& payout : run.payouts) {
        text += between + money_text(payout.amount) + " on " + day_text(payout.day);
        between = ", ";
    }
    return text + "\n";
}

}  // namespace

std::string days_text(const RunRecord& run) {
    Table table({"day", "trades", "won", "net", "fees", "change", "equity", "drawdown"});
    const auto rows = day_rows(run);
    for (const auto& row : rows) {
        table.add({day_text(row.day), std::to_string(row.trades), std::to_string(row.wins),
                   model::text(row.net), model::text(row.fees), model::text(row.change),
                   model::text(row.equity), model::text(row.drawdown)});
    }
    if (rows.empty())
        return header_text(run) + "no trading days\n";
    const auto s = run.statistics();
    const auto change = rows.back().equity - run.start;
    return header_text(run) + table.text(1) + count_text(rows.size(), "day") + ", " +
           count_text(s.trades, "trade") + ", net of trades " + money_text(s.net) +
           ", equity changed by " + money_text(change) + "\n" + payouts_text(run);
}

std::string summary_text(const RunRecord& run) {
    auto out = header_text(run);
    for (const auto& [name, value] : run.facts)
        out += "  " + name + ": " + value + "\n";
    out += "\n";
    for (const auto& line : statistic_lines(run.statistics())) {
        std::string name = line.name;
        name.resize(std::max<std::size_t>(name.size(), 16), ' ');
        std::string value = line.value;
        value.resize(std::max<std::size_t>(value.size(), 24), ' ');
        out += "  " + name + " " + value + " " + line.definition + "\n";
    }
    const auto groups = [&](const std::string& title, const std::vector<Group>& all) {
        if (all.empty())
            return;
        Table table({title, "trades", "won", "net"});
        for (const auto& group : all) {
            table.add({group.name, std::to_string(group.trades), std::to_string(group.wins),
                       model::text(group.net)});
        }
        out += "\n" + table.text(1);
    };
    const auto hours = "hour of entry (" + std::string(run.calendar->zone().name()) + ")";
    groups(hours, by_hour(run));
    const auto exits = by_exit(run);
    groups("exit", exits);
    for (const auto& exit : exits) {
        if (const auto sentence = exit_sentence(exit.name); !sentence.empty())
            out += (exit.name + ": ").append(sentence) + "\n";
    }
    if (!run.payouts.empty())
        out += "\n" + payouts_text(run);
    if (run.open_contracts != 0)
        out += "\nstill open: " + open_text(run) + "\n";
    return out;
}

std::string trades_csv(const RunRecord& run, std::size_t last_max) {
    std::string out =
        "number,symbol,side,signal_bar,opened,closed,quantity,entry_price,exit_price,initial_stop,"
        "r,slippage_ticks,gross,fees,net,currency,exit_reason,closed_by,adopted,shadow\n";
    for (const auto& trade : last_trades(run, last_max)) {
        const auto price = [&](std::int64_t ticks, std::int64_t quantity) {
            return mean_price(*run.instruments, trade.symbol, ticks, quantity);
        };
        const auto r = r_multiple(trade);
        out += std::to_string(trade.number) + "," + cell(trade.symbol.view()) + "," +
               std::string(direction(trade)) + "," +
               (trade.entry.strategy.empty() ? "" : format_utc(trade.entry.signal_bar)) + "," +
               format_utc(trade.opened) + "," + format_utc(trade.closed) + "," +
               std::to_string(trade.quantity) + "," + price(trade.entry_ticks, trade.quantity) +
               "," + price(trade.exit_ticks, trade.quantity) + "," +
               (trade.protected_ ? price(trade.initial_stop.ticks, 1) : "") + "," +
               (r ? fixed(*r, 4) : "") + "," + std::to_string(trade.slippage_ticks) + "," +
               model::text(trade.gross) + "," + model::text(trade.fees) + "," +
               model::text(trade.net()) + "," + std::string(trade.gross.currency.code()) + "," +
               cell(exit_reason(trade)) + "," + std::string(model::code(trade.closed_by)) + "," +
               (trade.adopted ? "true" : "false") + "," + (run.shadow ? "true" : "false") + "\n";
    }
    return out;
}

std::string days_csv(const RunRecord& run) {
    std::string out = "day,trades,won,net,fees,change,equity,drawdown,currency,shadow\n";
    for (const auto& row : day_rows(run)) {
        out += day_text(row.day) + "," + std::to_string(row.trades) + "," +
               std::to_string(row.wins) + "," + model::text(row.net) + "," + model::text(row.fees) +
               "," + model::text(row.change) + "," + model::text(row.equity) + "," +
               model::text(row.drawdown) + "," + std::string(row.equity.currency.code()) + "," +
               (run.shadow ? "true" : "false") + "\n";
    }
    return out;
}

}  // namespace bullpen::report
