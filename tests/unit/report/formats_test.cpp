#include "worker/report/formats.hpp"

#include <doctest/doctest.h>

#include <set>

#include "tests/support/programs.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/report/small_run.hpp"
#include "worker/report/compare.hpp"
#include "worker/report/exit_texts.hpp"
#include "worker/report/svg.hpp"
#include "worker/report/tear_sheet.hpp"

using namespace bullpen;
using namespace bullpen::report;

namespace {

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

const UtcTime k_made = parse_utc("2026-01-02T03:04:05Z").value();

}  // namespace

TEST_CASE("money and times are written for people") {
    CHECK(money_text({1'234'567'500'000, model::k_usd}) == "1,234,567.50 USD");
    CHECK(money_text({-999'990'000, model::k_usd}) == "-999.99 USD");
    CHECK(money_text({-1'000'000'000, model::k_inr}) == "-1,000.00 INR");
    CHECK(time_text(k_made) == "2026-01-02 03:04:05");
    CHECK(ratio_text(std::nullopt) == "-");
}

TEST_CASE("a CSV file has a line for each trade, with the figures that a pencil gives") {
    const test::SmallRun small;
    const auto csv = trades_csv(small.run);
    CHECK(count(csv, "\n") == 4);
    CHECK(has(csv,
              "\n1,MES,long,,2025-03-10T23:00:00.000Z,2025-03-10T23:10:00.000Z,2,5000.25,"
              "5010.75,4997.5,3.8182,0,102.00,2.00,100.00,USD,target,exit,false,false\n"));
    const auto days = days_csv(small.run);
    CHECK(has(days, "\n2025-03-11,2,1,60.00,4.00,60.00,10060.00,0.00,USD,false\n"));
    CHECK(has(days, "\n2025-03-12,1,0,-42.00,2.00,-42.00,10018.00,42.00,USD,false\n"));
}

TEST_CASE("a text with commas and quotes is one cell of a CSV file") {
    test::SmallRun small;
    small.run.trades[0].why = execution::Label::cut("a, \"b\"\nc");
    CHECK(has(trades_csv(small.run), ",\"a, \"\"b\"\"\nc\",exit,"));
}

TEST_CASE("wherever it is told why a trade was closed, the code comes with the table's sentence") {
    test::SmallRun small;
    const std::string sentence(exit_sentence("target"));
    CHECK(sentence == "the target was reached");
    CHECK(has(trades_text(small.run, 100), "\ntarget: " + sentence + "\n"));
    CHECK_FALSE(has(trades_text(small.run, 1), sentence));
    CHECK(has(summary_text(small.run), "\ntarget: " + sentence + "\n"));
    for (const auto& text :
         {trades_json(small.run, 100), summary_json(small.run), tear_sheet(small.run, k_made)})
        CHECK(has(text, sentence));
    auto other = small.run;
    other.trades[0].why = execution::Label::cut("daily_loss");
    const auto compared =
        comparison_text(compare(small.run, other), small.run, other, "paper", "backtest");
    CHECK(has(compared, "reason: target (" + sentence + ") in the paper, daily_loss (" +
                            std::string(exit_sentence("daily_loss")) + ") in the backtest"));
    // What an older journal calls otherwise has its code alone.
    small.run.trades[0].why = execution::Label::cut("because");
    CHECK(has(trades_json(small.run, 100), "\"exit_text\":\"\""));
}

TEST_CASE("tables show the last trades and the sums of all") {
    const test::SmallRun small;
    const auto all = trades_text(small.run, 100);
    CHECK(has(all, "3 trades, 1 won, net 18.00 USD"));
    CHECK(count(all, "MES") == 3);
    const auto last = trades_text(small.run, 1);
    CHECK(count(last, "MES") == 1);
    CHECK(has(last, "the first 2 trades are not shown"));
    CHECK(has(last, "18.00"));
    CHECK(count(trades_csv(small.run, 1), "\n") == 2);
    CHECK(has(trades_csv(small.run, 1), "\n3,MES,"));
    CHECK(count(trades_json(small.run, 2), "\"number\":") == 2);
    test::SmallRun single;
    single.run.trades.resize(1);
    CHECK(has(trades_text(single.run, 100), "\n1 trade, "));
    CHECK(has(days_text(small.run), "3 days, 3 trades, net of trades 18.00 USD"));
    test::SmallRun empty;
    empty.run.trades.clear();
    empty.run.days.clear();
    CHECK(has(trades_text(empty.run, 5), "no trades"));
    CHECK(has(days_text(empty.run), "no trading days"));
}

TEST_CASE("a report says whose hours it means, and on which side something is open") {
    test::SmallRun small;
    CHECK_FALSE(has(summary_text(small.run), "still open"));
    small.run.open_contracts = -3;
    CHECK(has(summary_text(small.run), "hour of entry (America/New_York)"));
    CHECK(has(summary_text(small.run), "still open: short 3 contracts\n"));
    CHECK(has(tear_sheet(small.run, k_made), "still open at the end: short 3 contracts<"));
    small.run.open_contracts = 1;
    CHECK(has(summary_text(small.run), "still open: long 1 contract\n"));
}

TEST_CASE("what was only in the shadow says so everywhere") {
    test::SmallRun small;
    small.run.shadow = true;
    for (const auto& text :
         {trades_text(small.run, 9), days_text(small.run), summary_text(small.run)})
        CHECK(has(text, "SHADOW"));
    for (const auto& text : {trades_json(small.run), days_json(small.run), summary_json(small.run)})
        CHECK(has(text, "\"shadow\":true"));
    CHECK(count(trades_csv(small.run), ",true\n") == small.run.trades.size());
    CHECK(count(days_csv(small.run), ",true\n") == small.run.days.size());
    CHECK(has(tear_sheet(small.run, k_made), "class=\"shadow\""));
}

TEST_CASE("every key of the JSON objects is in the document") {
    const test::SmallRun small;
    const auto document = test::read_text(test::source_directory() + "/docs/json.md");
    for (const auto& text :
         {trades_json(small.run), days_json(small.run), summary_json(small.run)}) {
        for (auto at = text.find("\":"); at != std::string::npos; at = text.find("\":", at + 1)) {
            const auto begin = text.rfind('"', at - 1);
            const auto key = text.substr(begin + 1, at - begin - 1);
            CHECK_MESSAGE(has(document, "`" + key + "`"), key);
        }
    }
}

TEST_CASE("a tear sheet has every statistic with its definition, and loads nothing") {
    const test::SmallRun small;
    const auto page = tear_sheet(small.run, k_made);
    for (const auto& line : statistic_lines(small.run.statistics())) {
        CHECK_MESSAGE(has(page, escaped(line.name)), line.name);
        CHECK_MESSAGE(has(page, escaped(line.value)), line.name);
        CHECK_MESSAGE(has(page, escaped(line.definition)), line.name);
    }
    for (const auto* title : {"Equity", "Drawdown", "Trades", "By hour", "By exit", "Every trade"})
        CHECK_MESSAGE(has(page, std::string("<h2>") + title + "</h2>"), title);
    CHECK(count(page, "<svg ") == 5);
    CHECK(count(page, "<svg ") == count(page, "</svg>"));
    for (const auto* foreign :
         {"<script", "http://", "https://", "src=\"", "href=", "url(", "@import"})
        CHECK_MESSAGE(!has(page, foreign), foreign);
    CHECK(has(page, "@media print"));
    CHECK(tear_sheet(small.run, k_made) == page);
}

TEST_CASE("texts from outside stay texts in a tear sheet") {
    test::SmallRun small;
    constexpr std::string_view k_evil = "<script>alert('&\"')</script>";
    small.run.title = k_evil;
    small.run.facts.emplace_back(std::string(k_evil), std::string(k_evil) + "\x01");
    small.run.trades[0].why = execution::Label::cut("<b>&'\"");
    const auto page = tear_sheet(small.run, k_made);
    CHECK(!has(page, "<script"));
    CHECK(!has(page, "<b>"));
    CHECK(!has(page, "\x01"));
    CHECK(has(page, "&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;"));
    CHECK(has(page, "&lt;b&gt;&amp;&#39;&quot;"));
}

TEST_CASE("a sheet without a trade, and one with a great many, are both whole") {
    test::SmallRun none;
    none.run.trades.clear();
    none.run.days.clear();
    const auto empty = tear_sheet(none.run, k_made);
    CHECK(has(empty, "not enough to draw"));
    for (const auto* no_number : {"\"nan", "\"-nan", ">nan", ">-nan", "inf"})
        CHECK_MESSAGE(!has(empty, no_number), no_number);
    test::SmallRun many;
    const auto one = many.run.trades[0];
    for (int i = 0; i < 20'000; ++i) {
        many.run.trades.push_back(one);
        many.run.trades.back().closed += std::chrono::seconds(i);
    }
    const auto page = tear_sheet(many.run, k_made);
    CHECK(page.size() < 1'500'000);
    CHECK(has(page, "The last 500 of 20003."));
}

TEST_CASE("an axis has few lines at round numbers around what it shows") {
    CHECK(axis(0, 10, 6) == std::vector<double>{0, 2, 4, 6, 8, 10});
    CHECK(axis(-30, 110, 6) == std::vector<double>{-50, 0, 50, 100, 150});
    for (const auto& [low, high] : {std::pair{0.0, 0.0},
                                    {5.0, 5.0},
                                    {-3.0, -3.0},
                                    {-1e9, 1e9},
                                    {1e-6, 2e-6},
                                    {49'999.0, 50'001.0}}) {
        const auto lines = axis(low, high, 6);
        CAPTURE(low);
        CAPTURE(high);
        REQUIRE(lines.size() >= 2);
        CHECK(lines.size() <= 8);
        CHECK(lines.front() <= low);
        CHECK(lines.back() >= high);
    }
}
