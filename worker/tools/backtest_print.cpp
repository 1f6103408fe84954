#include "worker/tools/backtest_print.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/documents/json_text.hpp"
#include "worker/report/formats.hpp"

namespace bullpen::tools {

namespace {

using nlohmann::ordered_json;

// printf to the end of a string; a line is never longer than this.
[[gnu::format(printf, 2, 3)]] void print(std::string& out, const char* format, ...) {
    std::array<char, 1024> text;
    va_list values;
    va_start(values, format);
    const int size = std::vsnprintf(text.data(), text.size(), format, values);
    va_end(values);
    out.append(text.data(), std::min<std::size_t>(static_cast<std::size_t>(size), text.size() - 1));
}

double ratio(double a, double b) {
    return b > 0 ? a / b : 0;
}

std::string money(model::Money amount) {
    return model::text(amount) + " " + std::string(amount.currency.code());
}

ordered_json number(const std::optional<double>& value) {
    return value ? ordered_json(*value) : ordered_json(nullptr);
}

std::string percent(double share) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
    return text;
}

void print_time(std::string& out, const backtest::BacktestResult& result, bool learns) {
    if (result.first) {
        print(out, "  %s to %s\n", format_utc(*result.first).c_str(),
              format_utc(*result.last).c_str());
    }
    if (learns) {
        print(out, "  warmed up with %llu bars before\n",
              static_cast<unsigned long long>(result.learnt));
    }
    print(out, "  pauses within sessions: %llu\n", static_cast<unsigned long long>(result.gaps));
    if (result.overdue_since) {
        print(out,
              "  held past the time to be flat by: %llu trades, the first opened %s: bars are\n"
              "  missing there, and they were closed at the opening of the first bar after; a "
              "worker\n"
              "  closes by its own clock, and their figures are not those of an account\n",
              static_cast<unsigned long long>(result.overdue),
              format_utc(*result.overdue_since).c_str());
    }
}

// Calls `tell` with code, count and sentence of each reason why a signal became no order.
template <class Tell>
void each_unmade(const trading::TraderCounters& counters, Tell tell) {
    for (std::size_t i = 0; i < counters.denied.size(); ++i) {
        const auto& facts = risk::facts(static_cast<risk::DenialCode>(i));
        if (counters.denied[i] > 0)
            tell(facts.name, counters.denied[i], facts.sentence);
    }
    for (std::size_t i = 0; i < counters.refused.size(); ++i) {
        if (counters.refused[i] > 0) {
            tell(execution::code(static_cast<execution::Refusal>(i)), counters.refused[i],
                 "the order manager made no order of it");
        }
    }
}

}  // namespace

std::string data_text(const Bars& data, const MarketTables& tables, std::string_view instrument) {
    std::string out = "Data\n";
    for (const auto& [file, found] : data.quality) {
        out += "  " + file + ": " + std::to_string(found.rows()) + " rows, " +
               std::to_string(found.bars()) + " bars\n";
        for (const auto& rule : feed::defect_rules()) {
            const auto count = found.count(rule.defect);
            if (count == 0)
                continue;
            const auto& kept = found.findings();
            const auto first = std::find_if(kept.begin(), kept.end(), [&](const auto& finding) {
                return finding.defect == rule.defect && finding.line > 0;
            });
            const auto where = first == kept.end()
                                   ? std::string()
                                   : ", first in line " + std::to_string(first->line);
            print(out, "    %-22s %7llu  %s%s\n", std::string(rule.code).c_str(),
                  static_cast<unsigned long long>(count), std::string(rule.rule).c_str(),
                  where.c_str());
        }
        if (holds_contracts(found))
            out += "    " + std::string(k_contracts_hint) + "\n";
        if (found.count(feed::Defect::off_tick) * 2 > found.rows()) {
            print(out, "    most prices are between two ticks of %s: is --instrument right?\n",
                  std::string(instrument).c_str());
        }
    }
    return out + "  " + tables.origin + "\n";
}

std::string data_json(const Bars& data) {
    auto all = ordered_json::array();
    for (const auto& [file, found] : data.quality) {
        auto defects = ordered_json::object();
        for (const auto& rule : feed::defect_rules()) {
            if (found.count(rule.defect) > 0)
                defects[std::string(rule.code)] = found.count(rule.defect);
        }
        all.push_back({{"file", file},
                       {"rows", found.rows()},
                       {"bars", found.bars()},
                       {"defects", std::move(defects)}});
    }
    return documents::json_text(all);
}

std::string backtest_json(const BacktestReport& report) {
    const auto& result = report.result;
    const auto& s = report.statistics;
    ordered_json out;
    out["strategy"] = report.options.strategy;
    out["instrument"] = report.options.bars.instrument;
    out["bars"] = result.bars;
    out["bars_learnt"] = result.learnt;
    out["from"] = result.first ? ordered_json(format_utc(*result.first)) : ordered_json(nullptr);
    out["to"] = result.last ? ordered_json(format_utc(*result.last)) : ordered_json(nullptr);
    out["tables"] = report.tables.origin;
    out["data"] = documents::parse_ordered_json(data_json(report.data));
    out["rows_refused"] = report.data.refused;
    out["gaps"] = result.gaps;
    out["overdue"] = result.overdue;
    out["overdue_since"] =
        result.overdue_since ? ordered_json(format_utc(*result.overdue_since)) : ordered_json();
    out["trades"] = result.trades.size();
    out["wins"] = s.wins;
    out["losses"] = s.losses;
    out["net_pnl"] = model::text(s.net);
    out["gross_pnl"] = model::text(s.gross);
    out["fees"] = model::text(s.fees);
    out["currency"] = std::string(s.net.currency.code());
    out["end_equity"] = model::text(result.end_equity);
    out["open_contracts"] = result.open_contracts;
    out["max_drawdown"] = model::text(s.max_drawdown);
    out["profit_factor"] = number(s.profit_factor);
    out["expectancy"] = number(s.expectancy);
    out["sharpe"] = number(s.sharpe);
    out["sortino"] = number(s.sortino);
    out["calmar"] = number(s.calmar);
    out["time_in_market"] = s.time_in_market;
    auto& gates = out["refusals"] = ordered_json::object();
    for (std::size_t i = 0; i < strategy::k_gates; ++i) {
        const auto gate = static_cast<strategy::Gate>(i);
        if (result.gates.count(gate) > 0)
            gates[std::string(strategy::code(gate))] = result.gates.count(gate);
    }
    auto& unmade = out["signals_without_order"] = ordered_json::object();
    each_unmade(result.counters, [&](std::string_view code, std::uint64_t count, std::string_view) {
        unmade[std::string(code)] = count;
    });
    out["signals"] = result.counters.signals;
    out["entries"] = result.counters.entries;
    out["trades_hash"] = result.trades_hash;
    out["engine_seconds"] = result.engine_seconds;
    out["total_seconds"] = report.total_seconds;
    out["bars_per_second"] =
        std::round(ratio(static_cast<double>(result.bars), result.engine_seconds));
    return documents::json_text(out) + "\n";
}

std::string backtest_text(const BacktestReport& report) {
    const auto& result = report.result;
    const auto& s = report.statistics;
    auto out = data_text(report.data, report.tables, report.options.bars.instrument);
    print_time(out, result, report.options.bars.from.has_value());
    print(out, "\n%s on %s\n", report.options.strategy.c_str(),
          report.options.bars.instrument.c_str());
    const auto line = [&out](const char* name, const std::string& value) {
        print(out, "  %-18s %s\n", name, value.c_str());
    };
    const auto plain = [](const std::optional<double>& value) {
        char text[32];
        std::snprintf(text, sizeof text, "%.2f", value.value_or(0));
        return value ? std::string(text) : std::string("-");
    };
    line("bars", std::to_string(result.bars));
    line("signals", std::to_string(result.counters.signals));
    line("trades", std::to_string(s.trades));
    line("won, lost", std::to_string(s.wins) + ", " + std::to_string(s.losses) +
                          (s.win_rate ? " (" + percent(*s.win_rate) + ")" : ""));
    line("net", money(s.net));
    line("gross, fees", money(s.gross) + ", " + money(s.fees));
    line("expectancy", plain(s.expectancy) + " a trade");
    line("profit factor", plain(s.profit_factor));
    line("largest win", s.largest_win ? money(*s.largest_win) : "-");
    line("largest loss", s.largest_loss ? money(*s.largest_loss) : "-");
    line("max drawdown",
         money(s.max_drawdown) + (s.max_drawdown_percent
                                      ? " (" + percent(*s.max_drawdown_percent / 100) + ")"
                                      : std::string()));
    line("Sharpe", plain(s.sharpe));
    line("Sortino", plain(s.sortino));
    line("Calmar", plain(s.calmar));
    line("time in market", percent(s.time_in_market));
    line("end equity", money(result.end_equity));
    line("trades hash", result.trades_hash);
    if (result.open_contracts != 0) {
        line("still open",
             (result.open_contracts > 0 ? "long " : "short ") +
                 report::count_text(static_cast<std::uint64_t>(std::abs(result.open_contracts)),
                                    "contract"));
    }
    const auto counted = [&out](std::string_view code, std::uint64_t count,
                                std::string_view sentence) {
        print(out, "  %-20s %9llu  %s\n", std::string(code).c_str(),
              static_cast<unsigned long long>(count), std::string(sentence).c_str());
    };
    const auto before = out.size();
    each_unmade(result.counters, counted);
    if (out.size() > before)
        out.insert(before, "\nWhy a signal became no order\n");
    print(out, "\nWhy there was no signal (bars)\n");
    for (std::size_t i = 0; i < strategy::k_gates; ++i) {
        const auto gate = static_cast<strategy::Gate>(i);
        if (result.gates.count(gate) > 0) {
            counted(strategy::code(gate), result.gates.count(gate), strategy::sentence(gate));
        }
    }
    print(
        out, "\nengine %.3f s, %.1f million bars a second; %.2f s in all\n", result.engine_seconds,
        ratio(static_cast<double>(result.bars), result.engine_seconds) / 1e6, report.total_seconds);
    return out;
}

}  // namespace bullpen::tools
