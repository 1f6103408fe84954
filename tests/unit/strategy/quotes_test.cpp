// The rules about quotes as a table: tests/golden/candles/quotes.table, one quote a row, with what
// is said of the market after it.
#include <doctest/doctest.h>

#include <sstream>

#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "worker/strategy/spread.hpp"

namespace bullpen::strategy {
namespace {

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
        return said;
    }

  private:
    SpreadAnalyser spreads_{2.0, false, false};
};

TEST_CASE("quotes are judged as the table says") {
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
