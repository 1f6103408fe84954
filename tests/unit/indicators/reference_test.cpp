// Against a year of real bars with independently computed values; skipped where they are not kept.
#include <sys/stat.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "common/feed/feed.hpp"
#include "tests/support/programs.hpp"
#include "tests/unit/indicators/columns.hpp"
#include "worker/indicators/market_indicators.hpp"

namespace bullpen::indicators {
namespace {

constexpr double k_tolerance = 1e-7;

std::string market_folder() {
    return test::source_directory() + "/../shared/data/market";
}

bool present() {
    struct stat facts {};
    if (::stat((market_folder() + "/reference").c_str(), &facts) == 0)
        return true;
    test::skip("skipped: the real data of ../shared/data is not here");
    return false;
}

// Compares values column by column and remembers the greatest difference.
class Comparison {
  public:
    explicit Comparison(const std::string& file)
        : columns_(market_folder() + "/reference/" + file) {}

    // The row for the given time, in order; nullopt when the file has none.
    std::optional<std::size_t> row_at(const std::string& column, std::int64_t value) {
        while (next_ < columns_.rows() && columns_.integer(next_, column) < value)
            ++next_;
        if (next_ == columns_.rows() || columns_.integer(next_, column) != value)
            return std::nullopt;
        return next_;
    }
    void check(std::size_t row, const char* column, std::optional<double> ours) {
        double& most = worst_[column];
        most = std::max(most, difference(ours, columns_.number(row, column)));
    }
    void compared() { ++compared_; }
    void finish(std::size_t rows) {
        CHECK(compared_ == rows);
        for (const auto& [column, most] : worst_) {
            CAPTURE(column);
            CHECK(most <= k_tolerance);
        }
    }
    [[nodiscard]] const Columns& columns() const { return columns_; }

  private:
    Columns columns_;
    std::size_t next_ = 0;
    std::size_t compared_ = 0;
    std::map<std::string, double> worst_;
};

void check_minute(Comparison* day, std::size_t row, const IndicatorValues& values) {
    REQUIRE(values.vwap.has_value());
    const VwapValues& vwap = *values.vwap;
    day->check(row, "vwap", vwap.vwap);
    day->check(row, "sd", vwap.deviation);
    for (const auto& [upper, lower, factor] :
         {std::tuple{"u1", "l1", 1.0}, std::tuple{"u2", "l2", 2.0}, std::tuple{"u3", "l3", 3.0},
          std::tuple{"u2p1", "l2p1", 2.1}, std::tuple{"u2p5", "l2p5", 2.5},
          std::tuple{"u3p7", "l3p7", 3.7}}) {
        day->check(row, upper, vwap.band(factor));
        day->check(row, lower, vwap.band(-factor));
    }
    CHECK(vwap.volume == day->columns().integer(row, "cum_vol"));
    day->check(row, "rsi10_1m", values.rsi_1m);
    day->check(row, "atr14_1m", values.atr_1m);
    day->check(row, "rsi10_15m", values.rsi_15m);
    day->check(row, "atr14_15m", values.atr_15m);
    day->check(row, "atr14sma_15m", values.atr_sma_15m);
    day->check(row, "ema50_15m", values.ema_slow_15m);
    day->check(row, "ema21_15m", values.ema_fast_15m);
    day->compared();
}

void check_quarter(Comparison* quarters, const model::Bar& bar, const IndicatorValues& values) {
    const std::int64_t start = unix_nanos(bar.start) / 1'000'000'000;
    const auto row = quarters->row_at("ts", start);
    REQUIRE(row.has_value());
    const model::Bar expected = quarters->columns().bar(*row, instrument("ES"));
    CHECK((bar.open == expected.open && bar.high == expected.high && bar.low == expected.low &&
           bar.close == expected.close && bar.volume == expected.volume));
    CHECK(bar.minutes == quarters->columns().integer(*row, "n_minutes"));
    quarters->check(*row, "rsi10", values.rsi_15m);
    quarters->check(*row, "atr14", values.atr_15m);
    quarters->check(*row, "atr14sma", values.atr_sma_15m);
    quarters->check(*row, "ema50", values.ema_slow_15m);
    quarters->check(*row, "ema21", values.ema_fast_15m);
    quarters->compared();
}

// The last bar of each session, by the time of its start as the file writes it.
class SessionCloses {
  public:
    void check(const model::Bar& bar, const IndicatorValues& values) {
        const Columns& columns = closes_.columns();
        if (row_ == columns.rows() ||
            columns.text(row_, "last_utc") != format_utc(bar.start).substr(0, 19) + "Z")
            return;
        CHECK(values.vwap->volume == columns.integer(row_, "session_volume"));
        closes_.check(row_, "vwap", values.vwap->vwap);
        closes_.check(row_, "sd", values.vwap->deviation);
        closes_.check(row_, "rsi10_1m", values.rsi_1m);
        closes_.check(row_, "atr14_1m", values.atr_1m);
        closes_.check(row_, "rsi10_15m", values.rsi_15m);
        closes_.check(row_, "atr14_15m", values.atr_15m);
        closes_.check(row_, "atr14sma_15m", values.atr_sma_15m);
        closes_.check(row_, "ema50_15m", values.ema_slow_15m);
        closes_.check(row_, "ema21_15m", values.ema_fast_15m);
        CHECK(static_cast<std::int64_t>(values.bars_15m) == columns.integer(row_, "n_15m_closed"));
        closes_.compared();
        ++row_;
    }
    void finish() { closes_.finish(259); }

  private:
    Comparison closes_{"ES_session_close.csv"};
    std::size_t row_ = 0;
};

TEST_CASE("a year of real bars gives the reference values to 1e-7") {
    if (!present())
        return;
    feed::ReplayOptions options;
    options.instrument = "ES";
    options.path = market_folder() + "/ES_1m_front_20240829_20250828.csv.gz";
    auto opened = feed::open_replay(options);
    REQUIRE(opened.has_value());
    feed::Feed& feed = **opened;
    const auto session = time::FuturesSession::load();
    REQUIRE(session.has_value());
    MarketIndicators indicators(instrument("ES"), *session);

    std::map<std::string, Comparison> days;
    const std::map<std::string, std::size_t> sizes{{"2024-08-29", 1260},
                                                   {"2024-11-04", 1380},
                                                   {"2024-11-29", 1155},
                                                   {"2025-03-10", 1380},
                                                   {"2025-04-07", 1380}};
    for (const auto& [day, rows] : sizes)
        days.emplace(day, Comparison("ES_" + day + "_1m.csv.gz"));
    Comparison quarters("ES_15m_indicators.csv.gz");
    SessionCloses closes;

    while (true) {
        const feed::Next next = feed.next({});
        const auto* bar = std::get_if<model::Bar>(&next);
        if (bar == nullptr)
            break;
        indicators.add(*bar);
        const IndicatorValues values = indicators.values();
        for (const model::Bar& quarter : indicators.closed_quarters()) {
            // Where one bar closes two quarters the values are those after the later one.
            if (&quarter == &indicators.closed_quarters().back())
                check_quarter(&quarters, quarter, values);
        }
        closes.check(*bar, values);
        const std::int64_t start = unix_nanos(bar->start) / 1'000'000'000;
        for (auto& [day, comparison] : days) {
            if (const auto row = comparison.row_at("ts", start))
                check_minute(&comparison, *row, values);
        }
    }
    CHECK(feed.position() == 353'172);
    indicators.finish();
    for (const model::Bar& quarter : indicators.closed_quarters())
        check_quarter(&quarters, quarter, indicators.values());
    quarters.finish(quarters.columns().rows());
    closes.finish();
    for (auto& [day, comparison] : days)
        comparison.finish(sizes.at(day));
}

}  // namespace
}  // namespace bullpen::indicators
