// The rules of the VWAP bounce as tables of candles: tests/golden/candles, whose README says how to
// read them. Each is run through what an account has: strategy, risk gate, order manager and the
// paper exchange; what happens in each candle, and the trades, are compared with the table.
//
// With $BULLPEN_CANDLES_OUT set to a directory, the tables are also written there with what
// happened.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "common/config/roster.hpp"
#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "worker/backtest/backtest.hpp"
#include "worker/broker/exchange_port.hpp"
#include "worker/indicators/market_indicators.hpp"
#include "worker/report/run_record.hpp"

namespace bullpen::backtest {
namespace {

std::vector<std::string> split(const std::string& line) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;)
        words.push_back(word);
    return words;
}

std::string trimmed(const std::string& text) {
    const auto begin = text.find_first_not_of(' ');
    return begin == std::string::npos ? std::string()
                                      : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

// With two digits after the point at least.
std::string padded(std::string price) {
    auto point = price.find('.');
    if (point == std::string::npos) {
        point = price.size();
        price += '.';
    }
    while (price.size() < point + 3)
        price += '0';
    return price;
}

// Tells what the records say of fills and stops.
class Teller final : public execution::Recorder {
  public:
    explicit Teller(model::TickSize tick) : tick_(tick) {}
    Result<void> durable(const execution::Record& record) override { return this->record(record); }
    Result<void> record(const execution::Record& record) override {
        if (const auto* filled = std::get_if<execution::Filled>(&record)) {
            const auto& fill = filled->fill;
            tell((fill.side == model::Side::buy ? "bought " : "sold ") +
                 std::to_string(fill.quantity) + " at " + padded(model::text(fill.price, tick_)));
        } else if (const auto* intended = std::get_if<execution::Intended>(&record)) {
            if (intended->terms.purpose == model::Purpose::protective_stop) {
                last_stop_ = intended->terms.stop;
                tell("stop at " + padded(model::text(last_stop_, tick_)));
            }
        } else if (const auto* changed = std::get_if<execution::Commanded>(&record)) {
            if (changed->command == broker::OrderCommand::replace && changed->price != last_stop_)
                tell("stop to " + padded(model::text(changed->price, tick_)));
            if (changed->command == broker::OrderCommand::replace)
                last_stop_ = changed->price;
        } else if (const auto* exit = std::get_if<execution::ExitBegun>(&record)) {
            if (exit->key.leg == model::Purpose::partial_exit)
                tell("decides to take a part of " + std::to_string(exit->quantity));
            else
                tell("decides to exit, " + exit->why.str());
        }
        return {};
    }
    void tell(const std::string& what) { told_ += (told_.empty() ? "" : "; ") + what; }
    std::string take() { return std::exchange(told_, {}); }

  private:
    model::TickSize tick_;
    model::Price last_stop_;
    std::string told_;
};

// One table: settings, the market's facts, candles, and what is expected.
class Table {
  public:
    Table(const std::string& name, const std::string& text) : name_(name) {
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);)
            read(line);
        if (account_)
            finish();
    }

    // The table with what happened in the place of what was expected.
    [[nodiscard]] std::string written() const {
        auto text = written_;
        for (auto i = next_trade_; i < trades_.size(); ++i)
            text += "  " + told(trades_[i]) + "\n";
        return text;
    }
    [[nodiscard]] int candles() const { return candles_; }
    [[nodiscard]] bool ended() const {
        return account_ != nullptr && next_trade_ == trades_.size();
    }

  private:
    struct Account {
        model::TickSize tick;
        Teller teller;
        broker::ExchangePort port;
        matching::MarketRef market;
        std::unique_ptr<trading::Trader> trader;
        time::FuturesSession session = time::FuturesSession::load().value();
        std::unique_ptr<indicators::MarketIndicators> indicators;
        explicit Account(const model::Instrument& instrument, model::Money cash)
            : tick(instrument.tick), teller(instrument.tick), port(port_settings(cash)) {}
        static broker::ExchangePortSettings port_settings(model::Money cash) {
            broker::ExchangePortSettings settings;
            settings.account = "CANDLES";
            settings.cash = cash;
            return settings;
        }
    };

    [[nodiscard]] std::string where() const { return name_ + ": " + line_; }

    void read(const std::string& line) {
        line_ = line;
        const auto words = split(line);
        if (words.empty() || words[0].starts_with('#') || title_) {
            title_ = title_ && !words.empty();
            written_ += line + "\n";
        } else if (words[0] == "trades") {
            finish();
            written_ += line + "\n";
            in_trades_ = true;
        } else if (in_trades_) {
            check_trade(line);
        } else if (std::isdigit(static_cast<unsigned char>(words[0][0])) != 0) {
            candle(line);
        } else {
            written_ += line + "\n";
            direct(words);
        }
    }

    void direct(const std::vector<std::string>& words) {
        const auto number = [&](std::size_t i) { return std::stod(words.at(i)); };
        if (words[0] == "set") {
            REQUIRE_MESSAGE(account_ == nullptr, where());
            settings_ += line_.substr(line_.find("set") + 3) + "\n";
        } else if (words[0] == "day") {
            day_ = parse_utc(words.at(1) + "T00:00:00Z").value();
        } else if (words[0] == "vwap") {
            values_.vwap = indicators::VwapValues{number(1), number(2), 1000};
        } else if (words[0] == "rsi") {
            values_.rsi_15m.reset();
            if (words.at(1) != "none")
                values_.rsi_15m = number(1);
        } else if (words[0] == "macd") {
            values_.macd_15m = indicators::MacdValues{0, 0, number(1)};
        } else if (words[0] == "atr") {
            values_.atr_sma_15m = number(1);
        } else if (words[0] == "volume") {
            volume_ = std::stoll(words.at(1));
        } else if (words[0] == "quarter") {  // CLOSE EMA VOLUME
            model::Bar quarter;
            quarter.close = price(words.at(1));
            quarter.volume = std::stoll(words.at(3));
            quarter.minutes = 15;
            quarters_.push_back(quarter);
            values_.ema_fast_15m = number(2);
        } else if (words[0] == "indicators") {
            real_ = words.at(1) == "real";
        } else if (words[0] == "show") {
            shows_ = {words.begin() + 1, words.end()};
        } else {
            FAIL("no such word: ", where());
        }
    }

    [[nodiscard]] static model::Price price(const std::string& text) {
        const auto& es = *model::find_instrument("ES").value();
        return model::price_from_text(text, es.tick, model::Rounding::exact).value();
    }

    void open_account() {
        const auto& es = *model::find_instrument("ES").value();
        const auto settings = config::settings_from_text(
            AccountId::parse("candles").value(),
            "strategy.name = \"vwap_bounce\"\nrisk.cost_percent = 0\n" + settings_, name_);
        REQUIRE_MESSAGE(settings, settings.error().context());
        const model::Money cash{settings->risk->start_balance * 1'000'000, model::k_usd};
        account_ = std::make_unique<Account>(es, cash);
        // Fills at the prices of the candles, so that they can be read off.
        account_->market = account_->port.add_market(es, {});
        trading::TraderSettings made;
        made.instrument = &es;
        made.strategy = settings->strategy;
        made.risk = settings->risk;
        made.session = settings->session;
        made.pack = *model::RulePacks::built_in().find(settings->risk->rule_pack).value();
        made.orders.tag = "TEST";
        made.orders.account = execution::BrokerAccount::cut("CANDLES");
        made.orders.reconcile_every = Nanos{0};
        made.orders.verify_after_exit = false;
        account_->trader =
            trading::Trader::create(std::move(made), account_->port, account_->teller).value();
        account_->indicators = std::make_unique<indicators::MarketIndicators>(
            es, account_->session, account_->trader->indicator_settings());
        if (!values_.rsi_15m)
            values_.rsi_15m = 50;
        values_.bars_15m = 50;
    }

    // "12  10:02  4992.00 4994.50 4991.75 4994.25 [volume]  | what happens"
    void candle(const std::string& line) {
        const auto bar_at = line.find('|');
        const auto left = line.substr(0, bar_at);
        const auto words = split(left);
        const auto expected = bar_at == std::string::npos ? "" : trimmed(line.substr(bar_at + 1));
        REQUIRE_MESSAGE(words.size() >= 6, where());
        CHECK_MESSAGE(std::stoi(words[0]) == ++candles_, where());
        if (!account_)
            open_account();
        model::Bar bar;
        const auto hour = std::stoi(words[1].substr(0, 2));
        const auto minute = std::stoi(words[1].substr(3, 2));
        const auto wall = day_ + std::chrono::hours(hour) + std::chrono::minutes(minute);
        bar.start =
            account_->session.zone().read(time::LocalTime(wall.time_since_epoch())).earliest;
        bar.open = price(words[2]);
        bar.high = price(words[3]);
        bar.low = price(words[4]);
        bar.close = price(words[5]);
        bar.volume = words.size() > 6 ? std::stoll(words[6]) : volume_;
        REQUIRE_MESSAGE(model::well_formed(bar), where());
        const auto happened = run(bar);
        CHECK_MESSAGE(happened == expected, where() << "\n happened: " << happened);
        auto shown = left;
        shown.erase(shown.find_last_not_of(' ') + 1);
        written_ += happened.empty() ? shown + "\n" : shown + "  | " + happened + "\n";
    }

    std::string run(const model::Bar& bar) {
        auto& trader = *account_->trader;
        const auto at = [](UtcTime utc) { return Instant{utc, MonoTime(utc.time_since_epoch())}; };
        if (candles_ == 1) {
            REQUIRE(trader.start(Fence{1}, at(bar.start)));
            trader.set_mode(model::TradingMode::active);
        }
        trader.begin_bar(bar.start, at(bar.start));
        account_->port.open_bar(account_->market, bar);
        do {
            trader.serve(at(bar.start));
        } while (account_->port.advance(account_->market));
        trader.serve(at(bar.end()));
        const auto entries = trader.counters().signals;
        account_->indicators->add(bar);
        if (real_) {
            trader.on_bar(bar, account_->indicators->values(),
                          account_->indicators->closed_quarters(), at(bar.end()));
        } else {
            trader.on_bar(bar, values_, quarters_, at(bar.end()));
            quarters_.clear();
        }
        if (trader.counters().signals > entries)
            tell_signal();
        for (const auto& show : shows_)
            tell_value(show);
        for (const auto& trade : trader.orders().trades())
            trades_.push_back(trade);
        trader.orders().take();
        return account_->teller.take();
    }

    void tell_signal() {
        const auto& unmade = account_->trader->last_unmade();
        if (account_->trader->counters().entries == entries_) {
            account_->teller.tell(unmade && unmade->denial
                                      ? "denied, " +
                                            std::string(risk::facts(unmade->denial->code).name)
                                      : std::string("no order"));
            return;
        }
        entries_ = account_->trader->counters().entries;
        account_->teller.tell("decides to enter");
    }

    void tell_value(const std::string& what) {
        auto& teller = account_->teller;
        const auto two = [](std::optional<double> value) {
            std::array<char, 64> text;
            std::snprintf(text.data(), text.size(), "%.2f", value.value_or(0));
            return value ? std::string(text.data()) : std::string("none");
        };
        const auto& values = account_->indicators->values();
        const auto& vwap = values.vwap;
        if (what == "gate") {
            const auto& refusal = account_->trader->strategy().gates().current();
            if (refusal)
                teller.tell("no, " + std::string(strategy::code(refusal->gate)));
        } else if (what == "vwap") {
            teller.tell("vwap " + two(vwap ? std::optional(vwap->vwap) : std::nullopt));
        } else if (what == "deviation") {
            teller.tell("deviation " + two(vwap ? std::optional(vwap->deviation) : std::nullopt));
        } else if (what == "entry_bands") {
            teller.tell("bands " + two(vwap->band(-2.1)) + " and " + two(vwap->band(2.1)));
        } else if (what == "rsi") {
            teller.tell("rsi " + two(values.rsi_15m));
        } else if (what == "atr") {
            teller.tell("atr " + two(values.atr_sma_15m));
        } else {
            FAIL("nothing to show is called so: ", where());
        }
    }

    void finish() {
        if (finished_ || !account_)
            return;
        finished_ = true;
        CHECK_MESSAGE(account_->trader->risk().position().flat(),
                      name_ << ": a position is left at the end");
    }

    // "1  long 1  in 10:02 at 4992.50  out 10:04 at 4989.75  protective_stop  -11 ticks"
    void check_trade(const std::string& line) {
        const auto expected = split(line);
        if (next_trade_ == trades_.size()) {
            CHECK_MESSAGE(expected.empty(), where() << "\n there is no such trade");
            return;
        }
        const auto happened = told(trades_[next_trade_++]);
        CHECK_MESSAGE(split(happened) == expected, where() << "\n happened: " << happened);
        written_ += "  " + happened + "\n";
    }

    [[nodiscard]] std::string told(const execution::Trade& trade) const {
        const auto& zone = account_->session.zone();
        const auto clock = [&](UtcTime time) {
            return format_utc(UtcTime(zone.local(time).time_since_epoch())).substr(11, 5);
        };
        const auto mean = [&](std::int64_t ticks) {
            return padded(report::mean_price(model::Instruments::built_in(), trade.symbol, ticks,
                                             trade.quantity));
        };
        return std::to_string(trade.number) + "  " + std::string(report::direction(trade)) + " " +
               std::to_string(trade.quantity) + "  in " + clock(trade.opened) + " at " +
               mean(trade.entry_ticks) + "  out " + clock(trade.closed) + " at " +
               mean(trade.exit_ticks) + "  " + report::exit_reason(trade) + "  " +
               std::to_string(model::sign(trade.side) * (trade.exit_ticks - trade.entry_ticks)) +
               " ticks";
    }

    std::string name_;
    std::string line_;
    bool title_ = true;
    bool in_trades_ = false;
    bool finished_ = false;
    std::string settings_;
    UtcTime day_ = parse_utc("2025-04-08T00:00:00Z").value();
    indicators::IndicatorValues values_;
    std::vector<model::Bar> quarters_;
    std::int64_t volume_ = 100;
    bool real_ = false;
    std::vector<std::string> shows_;
    std::unique_ptr<Account> account_;
    int candles_ = 0;
    std::uint64_t entries_ = 0;
    std::vector<execution::Trade> trades_;
    std::size_t next_trade_ = 0;
    std::string written_;
};

TEST_CASE("every table of candles trades as it says") {
    const std::string folder = test::source_directory() + "/tests/golden/candles";
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".txt")
            names.push_back(entry.path().filename());
    }
    std::ranges::sort(names);
    CHECK(names.size() >= 20);
    const char* out = std::getenv("BULLPEN_CANDLES_OUT");
    for (const auto& name : names) {
        const Table table(name, test::read_text(folder + "/" + name));
        CHECK_MESSAGE(table.candles() > 0, name);
        CHECK_MESSAGE(table.ended(), name << ": trades happened that are not in the table");
        if (out != nullptr)
            test::write_text(std::string(out) + "/" + name, table.written());
    }
}

}  // namespace
}  // namespace bullpen::backtest
