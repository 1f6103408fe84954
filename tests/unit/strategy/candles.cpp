#include "tests/unit/strategy/candles.hpp"

#include <doctest/doctest.h>

#include <array>
#include <sstream>

namespace bullpen::strategy::test {

namespace {

using namespace std::chrono;

constexpr sys_days k_tuesday = 2025y / 4 / 8;
constexpr sys_days k_friday = 2025y / 4 / 11;
constexpr hours k_utc_ahead{4};                // of New York, in April
constexpr std::int64_t k_mirror = 2 * 20'000;  // 5000.00 in ticks, twice

std::vector<std::string> split(std::string_view line) {
    std::istringstream in{std::string(line)};
    std::vector<std::string> words;
    for (std::string word; in >> word;)
        words.push_back(word);
    return words;
}

// "10:02" or "10:02:30".
seconds time_of(std::string_view text) {
    const auto two = [&](std::size_t i) {
        return text.size() < i + 2 ? 0 : (text[i] - '0') * 10 + (text[i + 1] - '0');
    };
    return hours(two(0)) + minutes(two(3)) + seconds(two(6));
}

config::StrategySettings turned(config::StrategySettings settings, bool mirrored) {
    if (!mirrored)
        return settings;
    std::swap(settings.long_entries, settings.short_entries);
    const double low = settings.rsi_low;
    settings.rsi_low = 100 - settings.rsi_high;
    settings.rsi_high = 100 - low;
    return settings;
}

model::Side turned(model::Side side, bool mirrored) {
    return mirrored ? model::opposite(side) : side;
}

}  // namespace

const model::Instrument& es() {
    return *model::find_instrument("ES").value();
}

config::StrategySettings plain() {
    config::StrategySettings settings;
    settings.adaptive = false;
    return settings;
}

Desk::Desk(const config::StrategySettings& settings, bool mirrored)
    : mirrored_(mirrored),
      runner_(StrategyRunner::create(turned(settings, mirrored), es()).value()),
      day_(k_tuesday) {
    facts_.session.state = TradingState::entry_window;
    values_.vwap = indicators::VwapValues{5000, 4, 1000};
    values_.rsi_15m = 50;
    values_.bars_15m = 50;
}

model::Price Desk::price(std::string_view text) const {
    const auto at = model::price_from_text(text, es().tick, model::Rounding::exact).value();
    return mirrored_ ? model::Price{k_mirror - at.ticks} : at;
}

std::string Desk::text(model::Price price) const {
    const std::int64_t ticks = mirrored_ ? k_mirror - price.ticks : price.ticks;
    constexpr std::array<const char*, 4> k_parts = {".00", ".25", ".50", ".75"};
    return std::to_string(ticks / 4) + k_parts.at(static_cast<std::size_t>(ticks % 4));
}

void Desk::direct_session(const std::vector<std::string>& words) {
    SessionFacts& session = facts_.session;
    if (words[0] == "day") {
        day_ = words[1] == "friday" ? k_friday : k_friday - days(words[1] == "thursday" ? 1 : 3);
    } else if (words[0] == "state") {
        session.state = words[1] == "flatten"    ? TradingState::flatten
                        : words[1] == "closed"   ? TradingState::closed
                        : words[1] == "blackout" ? TradingState::blackout
                                                 : TradingState::entry_window;
        session.forced = words.size() > 2 && words[2] == "forced";
        session.event_exit = words.size() > 2 && words[2] == "exit";
    } else if (words[0] == "flatten") {  // in N
        session.minutes_to_flatten = std::stoi(words[2]);
    } else if (words[0] == "entries") {
        session.entries = words[1] == "on";
    } else if (words[0] == "allowed") {
        facts_.entries_allowed = words[1] == "on";
    } else {
        FAIL("no such direction: ", words[0]);
    }
}

void Desk::direct_values(const std::vector<std::string>& words) {
    const auto number = [&](std::size_t i) { return std::stod(words.at(i)); };
    const auto mirror = [&](double at) { return mirrored_ ? 10'000 - at : at; };
    if (words[0] == "rsi") {
        values_.rsi_15m.reset();
        if (words[1] != "none")
            values_.rsi_15m = mirrored_ ? 100 - number(1) : number(1);
    } else if (words[0] == "vwap") {  // VWAP DEVIATION, or none
        values_.vwap.reset();
        if (words[1] != "none")
            values_.vwap = indicators::VwapValues{mirror(number(1)), number(2), 1000};
    } else if (words[0] == "macd") {  // histogram
        values_.macd_15m = indicators::MacdValues{0, 0, mirrored_ ? -number(1) : number(1)};
    } else if (words[0] == "atr") {
        values_.atr_sma_15m = number(1);
    } else if (words[0] == "volume") {
        volume_ = std::stoll(words[1]);
    } else if (words[0] == "quarter") {  // CLOSE EMA VOLUME, fifteen minutes
        model::Bar quarter;
        quarter.close = price(words.at(1));
        quarter.volume = std::stoll(words.at(3));
        quarter.minutes = 15;
        quarters_.push_back(quarter);
        values_.ema_fast_15m = mirror(number(2));
    } else {
        direct_session(words);
    }
}

void Desk::direct(const std::vector<std::string>& words) {
    PositionFacts& position = facts_.position;
    if (words[0] == "position") {  // N at PRICE TIME
        const std::int64_t quantity = std::stoll(words.at(1));
        position.quantity = mirrored_ ? -quantity : quantity;
        position.average = price(words.at(3));
        position.entered = UtcTime(day_ + time_of(words.at(4)) + k_utc_ahead);
    } else if (words[0] == "flat") {
        position.quantity = 0;
        position.stop.reset();
    } else if (words[0] == "stop") {
        position.stop.reset();
        if (words[1] != "none")
            position.stop = price(words[1]);
    } else if (words[0] == "closed") {  // positions so far, and what the last one won
        position.closed = std::stoll(words.at(1));
        position.closed_ticks = std::stoll(words.at(2));
    } else if (words[0] == "working") {
        position.entry_working = words[1] == "entry";
        position.exit_working = words[1] == "exit";
    } else if (words[0] == "orders") {  // stay: what is decided is not carried out
        carries_out_ = words[1] != "stay";
    } else {
        direct_values(words);
    }
}

std::string Desk::carry_out(const Decisions& decisions, bool name_gate) {
    PositionFacts& position = facts_.position;
    if (const auto* enter = decisions.get<Enter>()) {
        if (carries_out_)
            position.stop = enter->stop;  // goes to the broker with the fill
        return std::string(turned(enter->side, mirrored_) == model::Side::buy ? "buy " : "sell ") +
               text(enter->signal) + " stop " + text(enter->stop) + " target " +
               text(enter->target);
    }
    if (const auto* exit = decisions.get<Exit>()) {
        if (carries_out_)
            direct({"flat"});
        return "exit " + std::string(code(exit->reason)) + (exit->urgent ? "" : " patient");
    }
    if (const auto* part = decisions.get<Partial>()) {
        if (carries_out_)
            position.quantity += position.quantity > 0 ? -part->quantity : part->quantity;
        return "part " + std::to_string(part->quantity) + " stage " + std::to_string(part->stage) +
               (part->urgent ? " urgent" : "");
    }
    if (const auto* move = decisions.get<MoveStop>()) {
        if (carries_out_)
            position.stop = move->price;
        return "stop " + text(move->price) + " " + std::string(code(move->reason));
    }
    if (name_gate && decisions.refusal())
        return "no " + std::string(code(decisions.refusal()->gate));
    if (decisions.notice())
        return "notice " + std::string(code(*decisions.notice()));
    return "-";
}

std::string Desk::minute(std::string_view time, const std::vector<std::string>& prices,
                         bool name_gate) {
    const auto start = duration_cast<minutes>(time_of(time));
    model::Bar bar;
    bar.start = UtcTime(day_ + start + k_utc_ahead);
    bar.open = price(prices.at(0));
    bar.high = price(prices.at(mirrored_ ? 2 : 1));
    bar.low = price(prices.at(mirrored_ ? 1 : 2));
    bar.close = price(prices.at(3));
    bar.volume = volume_;
    REQUIRE(model::well_formed(bar));
    facts_.now = bar.end();
    facts_.session.minute_of_day = static_cast<int>((start.count() + 1) % 1440);
    // The evening belongs to the next trading day.
    facts_.session.trading_day = day_ + days(start >= hours(18) ? 1 : 0);
    const std::string decided =
        carry_out(runner_.on_bar(bar, values_, quarters_, facts_), name_gate);
    quarters_.clear();
    return decided;
}

void run(std::string_view name, const config::StrategySettings& settings, std::string_view table) {
    for (const bool mirrored : {false, true}) {
        Desk desk(settings, mirrored);
        std::istringstream lines{std::string(table)};
        int number = 0;
        for (std::string line; std::getline(lines, line);) {
            ++number;
            const std::vector<std::string> words = split(line);
            if (words.empty() || words[0] == "#")
                continue;
            const std::string where = std::string(name) + (mirrored ? ", mirrored" : "") +
                                      ", line " + std::to_string(number) + ": " + line;
            if (words[0] == "@") {
                desk.direct({words.begin() + 1, words.end()});
                continue;
            }
            REQUIRE_MESSAGE(words.size() >= 6, where);
            std::string expected;
            for (std::size_t i = 5; i < words.size(); ++i)
                expected += (i > 5 ? " " : "") + words[i];
            const std::string decided = desk.minute(
                words[0], {words.begin() + 1, words.begin() + 5}, expected.starts_with("no "));
            CHECK_MESSAGE(decided == expected, where);
        }
    }
}

}  // namespace bullpen::strategy::test
