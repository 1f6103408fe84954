// A scenario of the paper exchange as a trader would write it down: orders and candles, and beside
// them what is to fill. One account, one market (MES), a line each:
//
//   costs slippage 1 commission 0.37 through 1     in ticks, dollars, ticks
//   hold -2 @ 100                                  the position at the start
//   order A sell 1 stop 95 [ioc|day|reduce|held|first 1]
//   cancel A            replace A 2 96             (quantity in all, new price)
//   on A cancel B       on A order C sell 1 stop 92     done when A has filled, within the bar
//   bar 100 106 94 101                             open high low close
//   trade 100           bid 99.75      ask 100
//   => A sell 1 @ 95; B cancelled                  all that happened since the last such line
//   position -1         cash -12.50                cash without the start's
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "common/matching/exchange.hpp"

namespace bullpen::test {

class Scenario {
  public:
    Scenario() {
        instrument_ = *model::find_instrument("MES");
        account_ = exchange_.add_account("anna", {});
        market_ = exchange_.add_market(*instrument_, costs_);
    }

    void run(std::string_view text) {
        std::istringstream lines{std::string(text)};
        std::string line;
        while (std::getline(lines, line)) {
            CAPTURE(line);
            do_line(line);
        }
        CHECK_MESSAGE(happened_.empty(), "nobody expected: " << happened_);
    }

    [[nodiscard]] matching::Exchange& exchange() { return exchange_; }

  private:
    model::Price price(const std::string& text) const {
        return model::price_from_text(text, instrument_->tick, model::Rounding::exact).value();
    }
    static model::Money money(const std::string& text) {
        return model::money_from_text(text, model::k_usd).value();
    }

    void do_line(const std::string& line) {
        std::istringstream words(line);
        std::string verb;
        if (!(words >> verb))
            return;
        if (verb == "on") {
            std::string name;
            words >> name;
            std::string rest;
            std::getline(words, rest);
            reactions_[name].push_back(rest);
        } else if (verb == "=>") {
            std::string rest;
            std::getline(words >> std::ws, rest);
            CHECK(happened_ == rest);
            happened_.clear();
        } else {
            act(verb, words);
            collect();
        }
    }

    void act(const std::string& verb, std::istringstream& words) {
        std::string a;
        std::string b;
        if (verb == "order") {
            order(words);
        } else if (verb == "cancel") {
            words >> a;
            refused(a, exchange_.cancel(account_, numbers_.at(a)));
        } else if (verb == "replace") {
            std::int64_t quantity = 0;
            words >> a >> quantity >> b;
            refused(a, exchange_.replace(account_, numbers_.at(a), quantity, price(b)));
        } else if (verb == "release") {
            words >> a;
            refused(a, exchange_.release(numbers_.at(a)));
        } else if (verb == "bar") {
            bar(words);
        } else if (verb == "trade" || verb == "bid" || verb == "ask") {
            words >> a;
            const auto kind = verb == "trade" ? model::TickKind::trade
                              : verb == "bid" ? model::TickKind::bid
                                              : model::TickKind::ask;
            exchange_.on_tick(market_, {time_ += std::chrono::seconds(1), 0, price(a), 1, kind});
        } else if (verb == "expire_day") {
            exchange_.expire_day_orders(market_);
        } else if (verb == "hold") {
            std::int64_t quantity = 0;
            words >> quantity >> a >> b;
            exchange_.restore_position(account_, market_, {quantity, quantity * price(b).ticks});
        } else if (verb == "costs") {
            while (words >> a >> b) {
                if (a == "slippage")
                    costs_.slippage = {std::stoll(b)};
                else if (a == "through")
                    costs_.limit_through = {std::stoll(b)};
                else if (a == "commission")
                    costs_.commission = money(b);
                else
                    costs_.refuse_passed_stops = b == "refused";
            }
            exchange_.set_costs(market_, costs_);
        } else if (verb == "position") {
            words >> a;
            CHECK(exchange_.position(account_, market_).quantity == std::stoll(a));
        } else if (verb == "cash") {
            words >> a;
            CHECK(text(exchange_.cash(account_)) == a);
        } else {
            FAIL("no such line: " << verb);
        }
    }

    void order(std::istringstream& words) {
        std::string name;
        std::string word;
        matching::OrderRequest request;
        words >> name >> word >> request.quantity;
        request.client = model::ClientOrderId::parse(name).value();
        request.side = model::side_from(word).value();
        words >> word;
        request.type = model::order_type_from(word).value();
        if (request.type != model::OrderType::market) {
            words >> word;
            (request.type == model::OrderType::limit ? request.limit : request.stop) = price(word);
        }
        while (words >> word) {
            if (word == "reduce")
                request.reduce_only = true;
            else if (word == "held")
                request.held = true;
            else if (word == "first")
                words >> request.first_part;
            else
                request.time_in_force = model::time_in_force_from(word).value();
        }
        numbers_[name] = exchange_.submit(account_, market_, request);
        names_[numbers_[name]] = name;
    }

    void bar(std::istringstream& words) {
        std::string o;
        std::string h;
        std::string l;
        std::string c;
        words >> o >> h >> l >> c;
        const model::Bar made{time_, model::k_minute, price(o), price(h), price(l), price(c), 1, 1};
        REQUIRE(well_formed(made));
        time_ += model::k_minute;
        exchange_.open_bar(market_, made);
        do {
            collect();
        } while (exchange_.advance(market_));
    }

    void refused(const std::string& name, matching::Refusal refusal) {
        if (refusal != matching::Refusal::none)
            say(name + " " + std::string(code(refusal)));
    }
    void say(const std::string& what) { happened_ += (happened_.empty() ? "" : "; ") + what; }

    // Events as words, and the reactions to them.
    void collect() {
        while (!exchange_.events().empty()) {
            const auto events = exchange_.events();
            exchange_.clear_events();
            for (const auto& event : events)
                told(event);
        }
    }
    void told(const matching::Event& event) {
        using matching::EventKind;
        const auto name = names_.contains(event.order.number) ? names_[event.order.number]
                                                              : event.order.request.client.str();
        if (event.kind == EventKind::filled) {
            const auto& fill = event.execution;
            say(name + " " + std::string(code(fill.side)) + " " + std::to_string(fill.quantity) +
                " @ " + text(fill.price, instrument_->tick));
            const auto todo = std::exchange(reactions_[name], {});
            for (const auto& line : todo) {
                std::istringstream words(line);
                std::string verb;
                words >> verb;
                act(verb, words);
            }
        } else if (event.kind == EventKind::rejected) {
            say(name + " rejected " + std::string(code(event.order.refusal)));
        } else if (event.kind == EventKind::cancelled || event.kind == EventKind::expired) {
            say(name + " " + std::string(code(event.kind)));
        }
    }

    const model::Instrument* instrument_ = nullptr;
    matching::Exchange exchange_;
    matching::AccountRef account_;
    matching::MarketRef market_;
    matching::Costs costs_;
    UtcTime time_{std::chrono::sys_days{std::chrono::year(2025) / 4 / 7}};
    std::map<std::string, std::uint64_t> numbers_;
    std::map<std::uint64_t, std::string> names_;
    std::map<std::string, std::vector<std::string>> reactions_;
    std::string happened_;
};

inline void scenario(std::string_view text) {
    Scenario().run(text);
}

}  // namespace bullpen::test
