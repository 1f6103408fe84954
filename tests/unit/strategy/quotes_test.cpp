// The rules about quotes as a table: tests/golden/candles/quotes.table, one quote a row, with what
// is said of the market after it, and how an order to buy or sell four contracts would be placed.
#include <doctest/doctest.h>

#include <array>
#include <cstdio>
#include <sstream>

#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "worker/strategy/order_policy.hpp"
#include "worker/strategy/spread.hpp"

namespace bullpen::strategy {
namespace {

std::string price_text(model::Price price) {
    const auto tick = model::find_instrument("ES").value()->tick;
    std::array<char, 32> text;
    std::snprintf(text.data(), text.size(), "%.2f", model::to_double(price, tick));
    return text.data();
}

class QuoteTable {
  public:
    std::string row(const std::vector<std::string>& words) {
        const auto tick = model::find_instrument("ES").value()->tick;
        const auto price = [&](const std::string& text) {
            return model::price_from_text(text, tick, model::Rounding::exact).value();
        };
        Quote quote;
        quote.bid = price(words.at(1));
        quote.ask = price(words.at(2));
        quote.bid_size = std::stoll(words.at(3));
        quote.ask_size = std::stoll(words.at(4));
        if (!is_valid(quote, false))
            return "not valid";
        const int times = words.size() > 5 ? std::stoi(words[5].substr(1)) : 1;
        for (int i = 0; i < times; ++i)
            spreads_.add(quote, 10);
        std::string said(code(spreads_.market()));
        if (spreads_.abnormal())
            said += "; abnormal";
        if (spreads_.widening())
            said += "; widening";
        if (imbalance(quote) != Imbalance::none)
            said += imbalance(quote) == Imbalance::bid_heavy ? "; bid heavy" : "; ask heavy";
        said += "; buy 4: " + placed(model::Side::buy, quote);
        return said + "; sell 4: " + placed(model::Side::sell, quote);
    }

  private:
    [[nodiscard]] std::string placed(model::Side side, const Quote& quote) const {
        const auto at = policy_.place(side, 4, Urgency::entry, quote, spreads_.ratio());
        if (at.passive == 0)
            return "at the market";
        return std::to_string(at.passive) + " wait at " + price_text(at.limit) + " for " +
               std::to_string(std::chrono::duration_cast<std::chrono::seconds>(at.wait).count()) +
               " s";
    }
    static config::StrategySettings passive() {
        config::StrategySettings settings;
        settings.order_style = config::OrderStyle::passive;
        return settings;
    }
    SpreadAnalyser spreads_{2.0, false, false};
    OrderPolicy policy_{passive()};
};

TEST_CASE("quotes are judged, and orders placed by them, as the table says") {
    const auto text =
        test::read_text(test::source_directory() + "/tests/golden/candles/quotes.table");
    std::istringstream lines(text);
    QuoteTable table;
    int rows = 0;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream in(line.substr(0, line.find('|')));
        std::vector<std::string> words;
        for (std::string word; in >> word;)
            words.push_back(word);
        if (words.empty() || std::isdigit(static_cast<unsigned char>(words[0][0])) == 0)
            continue;
        CHECK_MESSAGE(std::stoi(words[0]) == ++rows, line);
        const auto happened = table.row(words);
        const auto bar = line.find("| ");
        const auto expected = bar == std::string::npos ? std::string() : line.substr(bar + 2);
        CHECK_MESSAGE(happened == expected, line << "\n happened: " << happened);
    }
    CHECK(rows > 8);
}

}  // namespace
}  // namespace bullpen::strategy
