// The seeded market. Every number is an integer and no mathematical function is called, so that a
// seed gives the same bars on every machine.
//
// Time: trading day after trading day of the futures week, 1380 minutes each, a bar in every one.
// Price: a day starts at a level that wanders from day to day and is drawn back to the base price;
// within the day a random walk, tilted so that it ends at the next day's level. So a day needs
// nothing from the days before it but its level, and a seek costs one draw for each day skipped and
// at most one day of drawing.
#include <algorithm>
#include <array>

#include "common/base/errc.hpp"
#include "common/base/random.hpp"
#include "common/feed/feed.hpp"
#include "common/time/futures_session.hpp"

namespace bullpen::feed {

namespace {

// Raised when a seed's bars change, so that a worker does not resume on other bars.
constexpr int k_generator_version = 1;
// Prices are kept in 1024ths of a tick.
constexpr std::int64_t k_fine = 1024;
constexpr std::int64_t k_minutes = time::FuturesSession::k_minutes_a_day;
// Over 75 years; the end of the market, and the bound on what a seek may cost.
constexpr std::uint64_t k_days_max = 20'000;
// The level is drawn back to the base by this part of its distance a day.
constexpr std::int64_t k_pull = 32;

struct Character {
    std::string_view symbol;
    std::int64_t base_ticks;
    std::int64_t volume;  // contracts of an average minute
};
constexpr std::array k_characters{
    Character{"ES", 24'000, 1000}, Character{"MES", 24'000, 700}, Character{"NQ", 84'000, 400},
    Character{"MNQ", 84'000, 900}, Character{"YM", 44'000, 90},   Character{"RTY", 22'000, 150},
    Character{"CL", 7'000, 200},   Character{"GC", 27'000, 150},  Character{"NG", 3'500, 120},
    Character{"6E", 21'600, 140},  Character{"ZN", 7'040, 1200},
};

// How busy the market is, in 16ths of the average, from this minute of the trading day on (minute
// 0 is 18:00 in New York); straight lines between.
struct Activity {
    std::int64_t minute;
    std::int64_t level;
};
constexpr std::array k_day{
    Activity{0, 14},    Activity{30, 6},    Activity{480, 5},   Activity{540, 11},
    Activity{840, 10},  Activity{870, 20},  Activity{929, 18},  Activity{930, 60},
    Activity{990, 34},  Activity{1080, 20}, Activity{1200, 22}, Activity{1290, 32},
    Activity{1319, 52}, Activity{1320, 10}, Activity{1380, 4},
};

std::int64_t activity(std::int64_t minute) {
    const auto* after = std::find_if(k_day.begin(), k_day.end(), [minute](const Activity& point) {
        return point.minute > minute;
    });
    const Activity& from = *(after - 1);
    return from.level +
           (after->level - from.level) * (minute - from.minute) / (after->minute - from.minute);
}

// How far prices move in a minute of that activity: by its square root, in 16ths.
std::int64_t swing(std::int64_t level) {
    std::int64_t root = 1;
    while ((root + 1) * (root + 1) <= level * 16)
        ++root;
    return root;
}

// A bell-shaped number with a standard deviation of 1024: four uniform ones out of one draw, added.
std::int64_t bell(SeededRandom* random) {
    constexpr std::int64_t k_deviation = 37'837;  // of the sum of four numbers of 16 bits
    std::uint64_t bits = random->next();
    std::int64_t sum = -2 * 65'535;
    for (int i = 0; i < 4; ++i, bits >>= 16)
        sum += static_cast<std::int64_t>(bits & 0xFFFF);
    return sum * 1024 / k_deviation;
}

// One stream of chance for each purpose and day, so that neither depends on how much the others
// drew.
SeededRandom stream(std::uint64_t seed, std::string_view symbol, std::uint64_t day,
                    std::uint64_t purpose) {
    std::uint64_t mixed = seed;
    const auto mix = [&mixed](std::uint64_t word) {
        mixed = (mixed ^ word) * 0x9e3779b97f4a7c15;
        mixed ^= mixed >> 29;
    };
    for (const char c : symbol)
        mix(static_cast<unsigned char>(c));
    mix(day);
    mix(purpose);
    return SeededRandom(mixed);
}

// Where a minute's walk goes, from the price before it: five steps, of which the first gives the
// open and the last the close.
using Steps = std::array<std::int64_t, 5>;

class SyntheticFeed final : public Feed {
  public:
    SyntheticFeed(const model::Instrument& instrument, const Character& character,
                  const SyntheticOptions& options, time::FuturesSession session)
        : Feed(instrument, options.pace),
          character_(character),
          seed_(options.seed),
          first_day_(options.first_day),
          session_(std::move(session)) {
        begin_level();
        begin_day();
    }

    [[nodiscard]] std::string source() const override {
        return "synthetic " + std::string(character_.symbol) + " seed " + std::to_string(seed_) +
               " from day " + std::to_string(first_day_.time_since_epoch().count()) + " version " +
               std::to_string(k_generator_version);
    }

  protected:
    Result<std::optional<model::Bar>> produce() override {
        if (minute_ == k_minutes) {
            level_ = next_level_;
            ++day_;
            begin_day();
        }
        if (day_ == k_days_max)
            return std::nullopt;
        quality_.rows_read();
        quality_.bars_used();
        return draw();
    }

    Result<void> rewind(std::uint64_t index) override {
        const std::uint64_t day = index / k_minutes;
        if (day >= k_days_max)
            return fail(Errc::not_found,
                        "the synthetic market has no bar " + std::to_string(index));
        begin_level();
        for (day_ = 0; day_ < day; ++day_)
            level_ = level_after(level_, day_);
        begin_day();
        for (std::uint64_t skip = index % k_minutes; skip > 0; --skip)
            draw();
        quality_ = Quality();
        quality_.rows_read(index);
        quality_.bars_used(index);
        return {};
    }

  private:
    void begin_level() {
        day_ = 0;
        level_ = character_.base_ticks * k_fine;
    }

    // The level of the day after `day`, which has `level`.
    [[nodiscard]] std::int64_t level_after(std::int64_t level, std::uint64_t day) const {
        SeededRandom random = stream(seed_, character_.symbol, day, 1);
        const std::int64_t base = character_.base_ticks * k_fine;
        // A day moves the level by 0.6 % of the base.
        const std::int64_t move = base * 6 / 1000 * bell(&random) / 1024;
        return std::max(base / 4, level + move - (level - base) / k_pull);
    }

    void begin_day() {
        minute_ = 0;
        next_level_ = level_after(level_, day_);
        // Monday is 0; weekends are skipped in closed form.
        const std::chrono::weekday weekday(first_day_);
        const auto offset = static_cast<std::int64_t>(weekday.iso_encoding()) - 1;
        const std::int64_t count = static_cast<std::int64_t>(day_) + offset;
        opens_ = session_.opens(first_day_ + std::chrono::days(count / 5 * 7 + count % 5 - offset));
        SeededRandom rehearsal = stream(seed_, character_.symbol, day_, 2);
        std::int64_t end = 0;
        for (std::int64_t minute = 0; minute < k_minutes; ++minute) {
            for (const std::int64_t step : steps(&rehearsal, minute))
                end += step;
        }
        tilt_ = next_level_ - level_ - end;
        walk_random_ = stream(seed_, character_.symbol, day_, 2);
        volume_random_ = stream(seed_, character_.symbol, day_, 3);
        walked_ = 0;
    }

    // The steps of a minute, without the tilt.
    [[nodiscard]] Steps steps(SeededRandom* random, std::int64_t minute) const {
        // An average minute moves by 0.012 % of the base; a step is a half of that, since four of
        // them make the minute's move.
        const std::int64_t size =
            std::max<std::int64_t>(character_.base_ticks * 12 * k_fine / 100'000 / 2, k_fine / 4) *
            swing(activity(minute)) / 16;
        Steps steps;
        for (std::int64_t& step : steps)
            step = bell(random) * size / 1024;
        steps[0] /= 4;
        return steps;
    }

    model::Bar draw() {
        model::Bar bar;
        bar.start = opens_ + std::chrono::minutes(minute_);
        const std::int64_t tilted =
            tilt_ / k_minutes * minute_ + tilt_ % k_minutes * minute_ / k_minutes;
        const auto price = [&] {
            return model::Price{std::max<std::int64_t>(1, (level_ + tilted + walked_) / k_fine)};
        };
        bool first = true;
        for (const std::int64_t step : steps(&walk_random_, minute_)) {
            walked_ += step;
            const model::Price at = price();
            if (first)
                bar.open = bar.high = bar.low = at;
            first = false;
            bar.high = std::max(bar.high, at);
            bar.low = std::min(bar.low, at);
            bar.close = at;
        }
        const std::int64_t average = character_.volume * activity(minute_) / 16;
        bar.volume = 1 + average * volume_random_.between(40, 160) / 100;
        // Now and then a burst.
        if (volume_random_.below(64) == 0)
            bar.volume *= 3;
        ++minute_;
        return bar;
    }

    const Character& character_;
    std::uint64_t seed_;
    time::TradingDay first_day_;
    time::FuturesSession session_;

    std::uint64_t day_ = 0;
    std::int64_t minute_ = 0;
    std::int64_t level_ = 0;
    std::int64_t next_level_ = 0;
    std::int64_t tilt_ = 0;
    std::int64_t walked_ = 0;
    UtcTime opens_{};
    SeededRandom walk_random_{0};
    SeededRandom volume_random_{0};
};

}  // namespace

Result<std::unique_ptr<Feed>> open_synthetic(const SyntheticOptions& options) {
    BULLPEN_CHECK(check_speed(options.pace));
    BULLPEN_TRY(
        const model::Instrument* instrument,
        (options.instruments != nullptr ? *options.instruments : model::Instruments::built_in())
            .find(options.instrument));
    const auto* character =
        std::find_if(k_characters.begin(), k_characters.end(),
                     [&](const Character& c) { return c.symbol == instrument->symbol; });
    if (character == k_characters.end())
        return fail(Errc::not_found,
                    "the synthetic market does not trade " + std::string(instrument->symbol));
    const bool in_range = options.first_day.ok() &&
                          options.first_day.year() >= std::chrono::year(1990) &&
                          options.first_day.year() <= std::chrono::year(2100);
    if (!in_range)
        return fail(Errc::invalid, "the synthetic market starts between 1990 and 2100");
    BULLPEN_TRY(time::FuturesSession session, time::FuturesSession::load());
    SyntheticOptions settled = options;
    std::chrono::sys_days day(options.first_day);
    while (!time::is_trading_day(day))
        day += std::chrono::days(1);
    settled.first_day = day;
    return std::make_unique<SyntheticFeed>(*instrument, *character, settled, std::move(session));
}

}  // namespace bullpen::feed
