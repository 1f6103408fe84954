// Weeks of an account of shares on both sides of 2026-08-03, when the NSE's hours changed: with
// holidays that were moved after they were published, sessions on a Saturday and on a Sunday
// evening, and the night in which clocks change in New York. Judged from the exchange's own log.
#include <doctest/doctest.h>

#include "market_days.hpp"
#include "tests/support/seed.hpp"

using namespace bullpen;
using namespace bullpen::test;

namespace {

time::TradingDay day(int year, unsigned month, unsigned of) {
    return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) /
                                 std::chrono::day(of));
}

void put(time::MarketHolidays& table, time::Holiday one) {
    std::erase_if(table.days, [&](const auto& known) { return known.day == one.day; });
    table.days.push_back(std::move(one));
    std::sort(table.days.begin(), table.days.end(),
              [](const auto& a, const auto& b) { return a.day < b.day; });
}

time::Holiday closed(time::TradingDay day) {
    time::Holiday holiday;
    holiday.day = day;
    holiday.name = "moved";
    return holiday;
}

time::Holiday special(time::TradingDay day, std::vector<time::Block> blocks) {
    time::Holiday holiday;
    holiday.day = day;
    holiday.kind = time::HolidayKind::special;
    holiday.count = static_cast<std::uint8_t>(blocks.size());
    std::copy(blocks.begin(), blocks.end(), holiday.blocks.begin());
    holiday.name = "special";
    return holiday;
}

constexpr int k_hour = 60;

// A holiday that everybody had in the list is a day later; a Saturday with two short sessions; a
// Muhurat on a Sunday evening.
MarketDaysSettings weeks(std::uint64_t seed, time::TradingDay from, time::TradingDay to,
                         bool before) {
    MarketDaysSettings settings;
    settings.seed = seed;
    settings.rule = static_cast<config::WatchRule>(seed % 3);
    // No limit, one in rupees, one in percent, or both.
    constexpr LossRules k_losses[] = {{}, {10'000, 0}, {0, 1}, {20'000, 2}};
    settings.loss = k_losses[seed % 4];
    settings.from = UtcTime(from);
    settings.to = UtcTime(to);
    settings.published = time::HolidayTable::built_in().of(time::Market::nse_cash);
    auto& truth = settings.truth = settings.published;
    if (before) {
        std::erase_if(truth.days, [](const auto& one) { return one.day == day(2026, 6, 26); });
        put(truth, closed(day(2026, 6, 29)));
        settings.corrected = UtcTime(day(2026, 6, 28));
    } else {
        const auto saturday = special(day(2026, 10, 31), {{9 * k_hour + 15, 10 * k_hour},
                                                          {11 * k_hour + 30, 12 * k_hour + 30}});
        put(settings.published, saturday);
        put(truth, saturday);
        put(truth, special(day(2026, 11, 8), {{18 * k_hour, 19 * k_hour}}));
        std::erase_if(truth.days, [](const auto& one) { return one.day == day(2026, 11, 10); });
        put(truth, closed(day(2026, 11, 11)));
        settings.corrected = UtcTime(day(2026, 11, 6));
    }
    return settings;
}
MarketDaysSettings before_change(std::uint64_t seed) {
    return weeks(seed, day(2026, 6, 15), day(2026, 7, 11), true);
}
MarketDaysSettings after_change(std::uint64_t seed) {
    auto settings = weeks(seed, day(2026, 10, 19), day(2026, 11, 14), false);
    // 09:30 in India while New York has summer time, and 10:30 from 1 November on.
    settings.placing = "00:00 America/New_York daily";
    return settings;
}

std::string first_of(const std::vector<std::string>& faults) {
    return faults.empty() ? "" : faults.front();
}

struct Sum {
    Nanos longest_bare{};
    Nanos longest_after_fill{};
    MarketDays::Counts world;
    ExchangeJudge::Counts exchange;
};

void add(Sum& sum, const MarketDays& days) {
    sum.longest_bare = std::max(sum.longest_bare, days.judge().longest_bare());
    sum.longest_after_fill = std::max(sum.longest_after_fill, days.judge().longest_after_fill());
    sum.world.covers += days.counts().covers;
    sum.world.days += days.counts().days;
    sum.world.special_days += days.counts().special_days;
    sum.world.runs += days.counts().runs;
    sum.world.losses += days.counts().losses;
    sum.world.deaths += days.counts().deaths;
    sum.world.late += days.counts().late;
    sum.world.freaks += days.counts().freaks;
    sum.world.partial_entries += days.counts().partial_entries;
    sum.world.partial_sales += days.counts().partial_sales;
    sum.world.partial_stops += days.counts().partial_stops;
    sum.exchange.orders += days.judge().counts().orders;
    sum.exchange.partial += days.judge().counts().partial;
    sum.exchange.rejected += days.judge().counts().rejected;
    sum.exchange.fired += days.judge().counts().fired;
}

void check(MarketDaysSettings settings, Sum& sum) {
    CAPTURE(settings.seed);
    MarketDays days(std::move(settings));
    days.run();
    CHECK_MESSAGE(days.judge().faults().empty(), first_of(days.judge().faults()));
    CHECK_MESSAGE(days.faults().empty(), first_of(days.faults()));
    constexpr auto k_winter = std::chrono::hours(5);
    const auto changes = UtcTime(day(2026, 11, 1)) + k_winter;
    for (const auto slot : days.placed_at()) {
        const auto time = slot - std::chrono::floor<std::chrono::days>(slot);
        if (slot >= UtcTime(day(2026, 10, 1)))
            CHECK(time == (slot < changes ? std::chrono::hours(4) : k_winter));
        else
            CHECK(time == std::chrono::hours(4));
    }
    add(sum, days);
}

void years(std::uint64_t seed, int worlds) {
    Sum sum;
    for (int i = 0; i < worlds; ++i) {
        check(before_change(seed + static_cast<std::uint64_t>(i)), sum);
        check(after_change(seed + static_cast<std::uint64_t>(i)), sum);
    }
    MESSAGE(
        sum.world.days << " days, " << sum.world.special_days << " of them special, "
                       << sum.world.runs << " runs, " << sum.world.deaths << " deaths, "
                       << sum.exchange.orders << " orders, " << sum.exchange.partial
                       << " partial fills (" << sum.world.partial_entries << " entries, "
                       << sum.world.partial_sales << " sales, " << sum.world.partial_stops
                       << " stops), " << sum.exchange.fired << " stops fired, " << sum.world.late
                       << " executed late, " << sum.world.freaks << " freak prices, "
                       << sum.exchange.rejected << " refused, " << sum.world.losses
                       << " times the loss of a day, " << sum.world.covers
                       << " covered by the minder, "
                       << std::chrono::duration_cast<std::chrono::minutes>(sum.longest_bare).count()
                       << " min without a stop at most, "
                       << std::chrono::duration<double>(sum.longest_after_fill).count()
                       << " s after a purchase of which no word was lost");
    // What was to be tried was.
    CHECK(sum.world.special_days >= 2 * worlds);
    CHECK(sum.world.deaths > worlds);
    CHECK(sum.world.partial_entries > 0);
    CHECK(sum.world.partial_sales > 0);
    // Of the stops that fire, one in five at least, and most often more, sells in parts.
    CHECK(sum.world.partial_stops * 5 >= sum.exchange.fired);
    CHECK(sum.world.late > 0);
    CHECK(sum.world.freaks > 0);
    CHECK(sum.exchange.fired > 0);
    CHECK(sum.world.covers > 0);
    CHECK(sum.world.losses > 0);
}

bool found(Defect defect, std::uint64_t seed) {
    for (std::uint64_t i = 0; i < 12; ++i) {
        for (auto settings : {before_change(seed + i), after_change(seed + i)}) {
            settings.defect = defect;
            MarketDays days(std::move(settings));
            days.run();
            if (!days.judge().faults().empty() || !days.faults().empty())
                return true;
        }
    }
    return false;
}

}  // namespace

TEST_CASE("calm weeks: everything runs, nothing fails, and everything is protected") {
    auto settings = after_change(1);
    settings.calm = true;
    MarketDays days(settings);
    days.run();
    CHECK_MESSAGE(days.judge().faults().empty(), first_of(days.judge().faults()));
    CHECK_MESSAGE(days.faults().empty(), first_of(days.faults()));
    CHECK(days.counts().failed == 0);
    CHECK(days.counts().deaths == 0);
    CHECK(days.judge().counts().orders > 3);
    // Bought and protected within the same minute, and before the next prices could be asked for.
    CHECK(days.judge().longest_bare() == Nanos{});
    CHECK(days.judge().longest_after_fill() < std::chrono::milliseconds(100));
}

TEST_CASE("weeks of mishaps: protected or flat, nothing twice, nothing of a person's, exact cash") {
    years(test::seed("market days"), 4);
}

TEST_CASE("orders that have another id when they are sent anew are found") {
    CHECK(found(Defect::ids_change, 100));
}

TEST_CASE("a broker that does not answer and is taken to have nothing is found") {
    CHECK(found(Defect::failure_is_flat, 200));
}

TEST_CASE("triggers that are deleted before the new one stands are found") {
    CHECK(found(Defect::deletes_first, 300));
}

TEST_CASE("records that are lost with their process are found") {
    CHECK(found(Defect::forgets, 400));
}

TEST_CASE("stops for a part of what is held are found") {
    CHECK(found(Defect::stop_too_small, 500));
}

TEST_CASE("prices that were never true and are gone by are found") {
    CHECK(found(Defect::believes, 550));
}

TEST_CASE("purchases after the loss of a day are found") {
    CHECK(found(Defect::no_loss, 621));
}

TEST_CASE("stops that come later than is allowed are found, though all stand at the end") {
    auto settings = after_change(600);
    settings.calm = true;
    settings.defect = Defect::stop_late;
    MarketDays days(settings);
    days.run();
    REQUIRE(!days.judge().faults().empty());
    CHECK(first_of(days.judge().faults()).starts_with("bought and without a stop for too long"));
}

TEST_SUITE("slow") {
    TEST_CASE("years of mishaps") {
        years(test::seed("market years"), 200);
    }
}
