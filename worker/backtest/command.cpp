#include "worker/backtest/command.hpp"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/config/roster.hpp"
#include "common/feed/feed.hpp"
#include "worker/backtest/backtest.hpp"
#include "worker/strategy/registry.hpp"

namespace bullpen::backtest {

namespace {

using nlohmann::ordered_json;

constexpr std::string_view k_usage =
    "usage: bullpenctl backtest --data FILE [--data FILE ...] [--strategy NAME]\n"
    "                [--instrument SYMBOL] [--set KEY=VALUE ...] [--from TIME] [--to TIME]\n"
    "                [--zone ZONE] [--labels start|end] [--json]\n"
    "\n"
    "Runs a strategy over bars of the past with the engine that live accounts have: the same\n"
    "indicators, rules, risk gate and order manager, with the paper exchange in one process.\n"
    "Orders fill at the next open, stops and limits within a bar at the worst order of its\n"
    "extremes, with the instrument's slippage and commission.\n"
    "\n"
    "  --data FILE        bars as CSV, plain or gzip; several files follow each other in time\n"
    "  --strategy NAME    default vwap_bounce\n"
    "  --instrument SYM   what the bars are of: ES, MES, NQ, ...; default MES\n"
    "  --set KEY=VALUE    a key of an account's file: strategy.stop_ticks=9, risk.contracts_max=1\n"
    "  --from, --to TIME  only bars from, and before: 2025-03-10 or 2025-03-10T13:30:00Z, in UTC\n"
    "  --zone ZONE        time zone of a file whose times say none: America/New_York\n"
    "  --labels WHEN      whether a time is a bar's start (default) or its end\n"
    "  --json             one JSON object instead of the report\n"
    "\n"
    "Examples:\n"
    "  bullpenctl backtest --data es_1m.csv.gz --instrument ES\n"
    "  bullpenctl backtest --data es_1m.csv.gz --instrument ES --set strategy.rsi_filter=false \\\n"
    "      --from 2025-01-01 --json\n";

Result<UtcTime> time_from(std::string_view text) {
    constexpr std::size_t k_date = 10;
    return parse_utc(text.size() == k_date ? std::string(text) + "T00:00:00Z" : std::string(text));
}

// A word that TOML would not take as a value is meant as text.
std::string as_toml(const std::string& value) {
    const bool bare =
        value == "true" || value == "false" || value.starts_with('"') || value.starts_with('[') ||
        (!value.empty() && value.find_first_not_of("+-.0123456789eE_") == std::string::npos);
    return bare ? value : '"' + value + '"';
}

Result<config::AccountSettings> settings_of(const CommandOptions& options) {
    std::string text = "strategy.name = \"" + options.strategy + "\"\n";
    for (const auto& [key, value] : options.settings)
        text += key + " = " + as_toml(value) + "\n";
    return config::settings_from_text(AccountId::parse("backtest").value(), text, "--set");
}

struct Data {
    std::vector<model::Bar> bars;
    std::vector<std::pair<std::string, std::string>> quality;  // file and what was found
    std::uint64_t refused = 0;
};

Result<void> read_file(const CommandOptions& options, const std::string& path, Data& data) {
    feed::ReplayOptions replay;
    replay.instrument = options.instrument;
    replay.path = path;
    replay.time_zone = options.time_zone;
    replay.labels = options.labels_at_end ? feed::BarLabels::end : feed::BarLabels::start;
    BULLPEN_TRY(auto feed, feed::open_replay(replay));
    feed->start({});
    for (;;) {
        const auto next = feed->next({});
        if (const auto* fault = std::get_if<feed::Fault>(&next))
            return fail(fault->error);
        const auto* bar = std::get_if<model::Bar>(&next);
        if (bar == nullptr)
            break;
        if ((options.from && bar->start < *options.from) ||
            (options.to && bar->start >= *options.to))
            continue;
        if (!data.bars.empty() && bar->start < data.bars.back().end()) {
            return fail(Errc::invalid, path + " has bars at " + format_utc(bar->start) +
                                           ", before the end of those already read; give files "
                                           "in the order of their times");
        }
        data.bars.push_back(*bar);
    }
    data.quality.emplace_back(path, feed->quality().summary());
    data.refused += feed->quality().refused();
    return {};
}

void show_progress(std::uint64_t done, std::size_t all) {
    constexpr int k_width = 40;
    const int filled = all == 0 ? k_width : static_cast<int>(done * k_width / all);
    std::string bar(static_cast<std::size_t>(filled), '#');
    bar.resize(k_width, '.');
    std::fprintf(stderr, "\r[%s] %3d %%", bar.c_str(), static_cast<int>(done * 100 / all));
    if (done == all)
        std::fputs("\r\x1b[K", stderr);
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

struct Report {
    const CommandOptions& options;
    const Data& data;
    const BacktestResult& result;
    Statistics statistics;
    double total_seconds = 0;
};

// Calls `tell` with code, count and sentence of each reason why a signal became no order.
template <class Tell>
void each_unmade(const trading::TraderCounters& counters, Tell tell) {
    if (counters.no_size > 0)
        tell("no_size", counters.no_size, "within its limits no contract may be taken");
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

void print_json(const Report& report) {
    const auto& result = report.result;
    const auto& s = report.statistics;
    ordered_json out;
    out["strategy"] = report.options.strategy;
    out["instrument"] = report.options.instrument;
    out["bars"] = result.bars;
    out["from"] = result.first ? ordered_json(format_utc(*result.first)) : ordered_json(nullptr);
    out["to"] = result.last ? ordered_json(format_utc(*result.last)) : ordered_json(nullptr);
    out["rows_refused"] = report.data.refused;
    out["gaps"] = result.gaps;
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
    std::printf("%s\n", out.dump().c_str());
}

void print_text(const Report& report) {
    const auto& result = report.result;
    const auto& s = report.statistics;
    std::printf("Data\n");
    for (const auto& [file, found] : report.data.quality)
        std::printf("  %s: %s\n", file.c_str(), found.c_str());
    if (result.first) {
        std::printf("  %s to %s\n", format_utc(*result.first).c_str(),
                    format_utc(*result.last).c_str());
    }
    std::printf("  pauses within sessions: %llu\n", static_cast<unsigned long long>(result.gaps));
    std::printf("\n%s on %s\n", report.options.strategy.c_str(), report.options.instrument.c_str());
    const auto line = [](const char* name, const std::string& value) {
        std::printf("  %-18s %s\n", name, value.c_str());
    };
    const auto percent = [](double share) {
        char text[32];
        std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
        return std::string(text);
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
    line("largest win", money(s.largest_win));
    line("largest loss", money(s.largest_loss));
    line("max drawdown",
         money(s.max_drawdown) + " (" + percent(s.max_drawdown_percent / 100) + ")");
    line("Sharpe", plain(s.sharpe));
    line("Sortino", plain(s.sortino));
    line("Calmar", plain(s.calmar));
    line("time in market", percent(s.time_in_market));
    line("end equity", money(result.end_equity));
    line("trades hash", result.trades_hash);
    if (result.open_contracts != 0)
        line("still open", std::to_string(result.open_contracts) + " contracts");
    const auto counted = [](std::string_view code, std::uint64_t count, std::string_view sentence) {
        std::printf("  %-20s %9llu  %s\n", std::string(code).c_str(),
                    static_cast<unsigned long long>(count), std::string(sentence).c_str());
    };
    std::printf("\nWhy a signal became no order\n");
    each_unmade(result.counters, counted);
    std::printf("\nWhy there was no signal (bars)\n");
    for (std::size_t i = 0; i < strategy::k_gates; ++i) {
        const auto gate = static_cast<strategy::Gate>(i);
        if (result.gates.count(gate) > 0) {
            counted(strategy::code(gate), result.gates.count(gate), strategy::sentence(gate));
        }
    }
    std::printf(
        "\nengine %.3f s, %.1f million bars a second; %.2f s in all\n", result.engine_seconds,
        ratio(static_cast<double>(result.bars), result.engine_seconds) / 1e6, report.total_seconds);
}

ExitCode complain(ExitCode code, const Error& error) {
    std::fprintf(stderr, "backtest: %s\n", error.context().c_str());
    return code;
}

}  // namespace

Result<CommandOptions> parse_command(std::span<const std::string_view> words) {
    CommandOptions options;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto word = words[i];
        if (word == "--json") {
            options.json = true;
            continue;
        }
        if (word == "--help" || word == "-h") {
            options.help = true;
            continue;
        }
        const bool known = word == "--data" || word == "--strategy" || word == "--instrument" ||
                           word == "--set" || word == "--from" || word == "--to" ||
                           word == "--zone" || word == "--labels";
        if (!known)
            return fail(Errc::invalid, "'" + std::string(word) + "' is not expected");
        if (i + 1 == words.size() || words[i + 1].empty())
            return fail(Errc::invalid, std::string(word) + " needs a value");
        const std::string value(words[++i]);
        const auto time_of = [&]() -> Result<UtcTime> {
            auto time = time_from(value);
            if (!time)
                return fail(time.error().wrap(std::string(word)));
            return time;
        };
        if (word == "--data") {
            options.files.push_back(value);
        } else if (word == "--strategy") {
            options.strategy = value;
        } else if (word == "--instrument") {
            options.instrument = value;
        } else if (word == "--zone") {
            options.time_zone = value;
        } else if (word == "--from") {
            BULLPEN_TRY(options.from, time_of());
        } else if (word == "--to") {
            BULLPEN_TRY(options.to, time_of());
        } else if (word == "--labels") {
            if (value != "start" && value != "end")
                return fail(Errc::invalid, "--labels is start or end, not '" + value + "'");
            options.labels_at_end = value == "end";
        } else {
            const auto equals = value.find('=');
            if (equals == 0 || equals == std::string::npos)
                return fail(Errc::invalid, "--set is KEY=VALUE, not '" + value + "'");
            const auto key = value.substr(0, equals);
            // Of several for one key the last counts.
            if (key == "strategy.name")
                options.strategy = value.substr(equals + 1);
            else
                options.settings.insert_or_assign(key, value.substr(equals + 1));
        }
    }
    if (options.files.empty() && !options.help)
        return fail(Errc::invalid, "--data FILE is needed");
    return options;
}

std::string_view command_usage() {
    return k_usage;
}

ExitCode run_command(const CommandOptions& options, const Clock& clock) {
    const auto begin = clock.mono();
    const auto settings = settings_of(options);
    if (!settings)
        return complain(ExitCode::usage, settings.error());
    BacktestSettings run_settings;
    const auto instrument = model::find_instrument(options.instrument);
    if (!instrument)
        return complain(ExitCode::usage, instrument.error());
    const auto pack = risk::RulePacks::built_in().find(settings->risk.rule_pack);
    if (!pack)
        return complain(ExitCode::usage, pack.error());
    // Before a file is read, which may take a while.
    if (auto known = strategy::make_strategy(settings->strategy, **instrument); !known)
        return complain(ExitCode::usage, known.error());
    Data data;
    for (const auto& file : options.files) {
        if (auto read = read_file(options, file, data); !read)
            return complain(ExitCode::usage, read.error());
    }
    if (data.bars.empty()) {
        std::string found;
        for (const auto& [file, quality] : data.quality)
            found += (found.empty() ? "" : "; ") + file + " has " + quality;
        return complain(
            ExitCode::usage,
            Error(Errc::not_found,
                  "no bar is left to run over: " + found +
                      (options.from || options.to ? "; is it within --from and --to?" : "")));
    }
    run_settings.instrument = *instrument;
    run_settings.strategy = settings->strategy;
    run_settings.risk = settings->risk;
    run_settings.session = settings->session;
    run_settings.pack = **pack;
    run_settings.costs = default_costs(**instrument);
    run_settings.cash = {settings->risk.start_balance * 1'000'000,
                         (*instrument)->tick_value.currency};
    Progress progress;
    if (::isatty(STDERR_FILENO) == 1 && !options.json) {
        progress = [&](std::uint64_t done) {
            show_progress(done, data.bars.size());
            return true;
        };
    }
    const auto result = run(run_settings, data.bars, clock, progress);
    if (!result)
        return complain(ExitCode::usage, result.error());
    if (progress)
        show_progress(data.bars.size(), data.bars.size());
    const Nanos span = result->first ? *result->last - *result->first : Nanos{0};
    const std::chrono::duration<double> total = clock.mono() - begin;
    const Report report{options, data, *result,
                        statistics(result->trades, result->days, result->start_cash, span),
                        total.count()};
    if (options.json)
        print_json(report);
    else
        print_text(report);
    return ExitCode::done;
}

}  // namespace bullpen::backtest
