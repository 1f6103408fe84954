// The keys of [jobs] in an account's file. Each job has the same ones for when it runs, and may
// have some of its own.
#include "common/config/job_keys.hpp"

#include <array>

#include "common/config/rules.hpp"
#include "common/time/schedule.hpp"

namespace bullpen::config {

namespace {

using A = AccountSettings;

constexpr std::int64_t k_second = 1'000'000'000;
constexpr std::int64_t k_hour = 3600 * k_second;
constexpr std::int64_t k_day = 24 * k_hour;
constexpr std::int64_t k_attempts_max = 10;
constexpr std::int64_t k_days_max = 3650;

constexpr std::array<std::string_view, k_jobs> k_names = {
    "daily_summary",       "retention", "pattern_daily",         "place_orders_daily",
    "update_cnc_stoploss", "sync",      "hourly_candle_watchdog"};

template <JobKind kind, auto member>
Value get(const A& settings) {
    const auto& value = settings.jobs->of(kind).*member;
    using Field = std::remove_cvref_t<decltype(value)>;
    if constexpr (std::is_same_v<Field, Nanos>)
        return value.count();
    else if constexpr (std::is_same_v<Field, int>)
        return static_cast<std::int64_t>(value);
    else
        return value;
}

template <JobKind kind, auto member>
void set(A& settings, const Value& value) {
    if (get<kind, member>(settings) == value)
        return;
    auto& target = settings.jobs.edit().all[static_cast<std::size_t>(kind)].*member;
    using Field = std::remove_cvref_t<decltype(target)>;
    if constexpr (std::is_same_v<Field, Nanos>)
        target = Nanos(std::get<std::int64_t>(value));
    else if constexpr (std::is_same_v<Field, int>)
        target = static_cast<int>(std::get<std::int64_t>(value));
    else
        target = std::get<Field>(value);
}

struct Names {
    std::string_view schedule;
    std::string_view late_max;
    std::string_view deadline;
    std::string_view jitter;
    std::string_view attempts;
    std::string_view retry_delay;
};

template <JobKind kind>
class Adder {
  public:
    explicit Adder(std::vector<Key<A>>& all) : all_(all) {}

    template <auto member>
    void add(Row row) {
        row.effect = Effect::worker_restart;
        all_.push_back({row, &get<kind, member>, &set<kind, member>});
    }
    template <auto member>
    void duration(std::string_view name, std::int64_t min, std::int64_t max, std::string_view zero,
                  std::string_view description) {
        add<member>({.name = name,
                     .type = KeyType::duration,
                     .min = min,
                     .max = max,
                     .zero = zero,
                     .description = description});
    }

  private:
    std::vector<Key<A>>& all_;
};

template <JobKind kind>
void add_job(std::vector<Key<A>>& all, const Names& names, std::string_view what) {
    using J = JobSettings;
    Adder<kind> to(all);
    to.template add<&J::schedule>({.name = names.schedule,
                                   .length_max = 200,
                                   .fits = time::is_schedule,
                                   .shape = "as `14:00 market days`, `09:30,15:00 mon-fri "
                                            "Asia/Kolkata`, `open + 5 min`, `close - 10 min`, "
                                            "`every 15 min in session`, `after daily_summary`",
                                   .empty = "it runs only when it is asked to",
                                   .description = what});
    to.template duration<&J::late_max>(
        names.late_max, k_second, k_day, "",
        "How much later than its time a run may begin: while the worker was away, while the run "
        "before it went on, or again after a failure. A run that is later is missed; of several, "
        "the newest counts.");
    to.template duration<&J::deadline>(names.deadline, k_second, k_day, "",
                                       "How long a run may take.");
    to.template duration<&J::jitter>(names.jitter, k_second, k_hour, "at its very time",
                                     "Its time is moved by up to this, for each account by "
                                     "another part of it, always the same.");
    to.template add<&J::attempts>({.name = names.attempts,
                                   .type = KeyType::integer,
                                   .min = 1,
                                   .max = k_attempts_max,
                                   .description = "How often a run is begun at most, when it "
                                                  "fails or its process dies."});
    to.template duration<&J::retry_delay>(
        names.retry_delay, k_second, k_hour, "",
        "How long after a failure it is begun anew; twice as long after each further one.");
}

template <auto member>
void add_placing(std::vector<Key<A>>& all, Row row) {
    row.effect = Effect::worker_restart;
    all.push_back(key<A, &A::jobs, &JobsSettings::place_orders, member>(row));
}

void add_placing_times(std::vector<Key<A>>& all) {
    using P = PlaceOrdersSettings;
    add_placing<&P::fill_wait>(
        all, {.name = "jobs.place_orders_daily.fill_wait",
              .type = KeyType::duration,
              .min = k_second,
              .max = k_day,
              .description = "How long an order may wait, by the market's time; what has not "
                             "filled by then is cancelled."});
    add_placing<&P::open_wait>(
        all, {.name = "jobs.place_orders_daily.open_wait",
              .type = KeyType::duration,
              .min = k_second,
              .max = 6 * k_hour,
              .zero = "at the opening itself",
              .description = "How long after the opening of the day, by the market's time, the "
                             "first order is sent. A run that has begun before waits for it."});
    add_placing<&P::cooldown>(
        all, {.name = "jobs.place_orders_daily.cooldown",
              .type = KeyType::duration,
              .min = k_second,
              .max = 30 * k_day,
              .zero = "a share may be bought again at once, on another day",
              .description = "How long after the account sold a share, by the market's time, it is "
                             "not bought again. On the day of a trade it is not, either way."});
    add_placing<&P::cancel_before_close>(
        all, {.name = "jobs.place_orders_daily.cancel_before_close",
              .type = KeyType::duration,
              .min = k_second,
              .max = 6 * k_hour,
              .zero = "the exchange ends at the close what is left",
              .description = "How long before the day's close, by the market's time, what has not "
                             "filled is cancelled. From then on nothing is bought."});
}

void add_placing_keys(std::vector<Key<A>>& all) {
    using P = PlaceOrdersSettings;
    constexpr std::int64_t k_percent_max = 100;
    constexpr std::int64_t k_above_max = 1000;
    constexpr std::int64_t k_positions_max = 500;
    add_placing<&P::signals>(
        all,
        {.name = "jobs.place_orders_daily.signals",
         .length_max = 100,
         .shape = "printable text",
         .empty = "every file counts",
         .description = "What the names of its signal files in `inbox/` begin with. The newest "
                        "file counts."});
    add_placing<&P::signal_age_max>(all,
                                    {.name = "jobs.place_orders_daily.signal_age_max",
                                     .type = KeyType::duration,
                                     .min = k_second,
                                     .max = 30 * k_day,
                                     .description = "How old a signal file may be. One that was "
                                                    "written after the trading day before had "
                                                    "closed may be older."});
    add_placing<&P::positions_max>(
        all, {.name = "jobs.place_orders_daily.positions_max",
              .type = KeyType::integer,
              .min = 1,
              .max = k_positions_max,
              .description = "How many shares the account holds at most, with all that it has and "
                             "all that is ordered."});
    add_placing<&P::deployment_percent>(
        all, {.name = "jobs.place_orders_daily.deployment_percent",
              .type = KeyType::integer,
              .min = 1,
              .max = k_percent_max,
              .description = "How much of the cash that is there a run spends, in percent; each "
                             "share gets the same part."});
    add_placing<&P::order>(
        all, {.name = "jobs.place_orders_daily.order",
              .type = KeyType::word,
              .description = "Whether it buys with a limit a little above the last price, or at "
                             "the market, protected."});
    add_placing<&P::limit_above>(all,
                                 {.name = "jobs.place_orders_daily.limit_above",
                                  .type = KeyType::integer,
                                  .min = 0,
                                  .max = k_above_max,
                                  .description = "How far above the last price the limit is, in "
                                                 "hundredths of a percent; never above the "
                                                 "circuit. Sizes are reckoned with it."});
    add_placing<&P::protection_percent>(
        all, {.name = "jobs.place_orders_daily.protection_percent",
              .type = KeyType::integer,
              .min = 1,
              .max = k_percent_max,
              .description = "How far beyond the last price an order at the market may fill."});
    add_placing_times(all);
    add_placing<&P::unprotected>(
        all, {.name = "jobs.place_orders_daily.unprotected",
              .type = KeyType::word,
              .description = "What becomes of bought shares that get no stop: they are sold at "
                             "once, or the run fails and says so."});
}

template <auto member>
void add_watching(std::vector<Key<A>>& all, Row row) {
    row.effect = Effect::worker_restart;
    all.push_back(key<A, &A::jobs, &JobsSettings::watch, member>(row));
}

void add_watching_keys(std::vector<Key<A>>& all) {
    using W = WatchSettings;
    constexpr std::int64_t k_below_max = 500;
    constexpr std::int64_t k_reprices_max = 1000;
    constexpr std::int64_t k_step_max = 1000;
    add_watching<&W::rule>(
        all, {.name = "jobs.hourly_candle_watchdog.rule",
              .type = KeyType::word,
              .description = "What it sells by: a price below the low of the hourly candle before, "
                             "below the lows of both candles before, or a stop that trails the "
                             "highest price by the average true range."});
    add_watching<&W::poll>(all, {.name = "jobs.hourly_candle_watchdog.poll",
                                 .type = KeyType::duration,
                                 .min = k_second,
                                 .max = 60 * k_second,
                                 .description = "How often it asks for prices."});
    add_watching<&W::limit_below>(
        all, {.name = "jobs.hourly_candle_watchdog.limit_below",
              .type = KeyType::integer,
              .min = 0,
              .max = k_below_max,
              .description = "How far below its level it sells at worst, in hundredths of a "
                             "percent; after a gap, and with each further attempt, as far below "
                             "the last price, once more."});
    add_watching<&W::reprices_max>(
        all, {.name = "jobs.hourly_candle_watchdog.reprices_max",
              .type = KeyType::integer,
              .min = 1,
              .max = k_reprices_max,
              .description = "How often a sale that did not fill is tried again at a lower price, "
                             "in a day. Then it says so, and the stop at the broker stands."});
    add_watching<&W::reprice_after>(
        all, {.name = "jobs.hourly_candle_watchdog.reprice_after",
              .type = KeyType::duration,
              .min = k_second,
              .max = k_hour,
              .description = "How long it waits before that, by the market's time; and how long "
                             "the order of a stop may rest unfilled."});
    add_watching<&W::tranches>(
        all, {.name = "jobs.hourly_candle_watchdog.tranches",
              .type = KeyType::flag,
              .description = "Of rule `atr`: whether it sells in parts, at the stop and at two "
                             "targets; otherwise everything at the stop."});
    add_watching<&W::stop_step>(
        all,
        {.name = "jobs.hourly_candle_watchdog.stop_step",
         .type = KeyType::integer,
         .min = 1,
         .max = k_step_max,
         .description = "Of rule `atr`: by how much, in hundredths of a percent, the stop must "
                        "have risen before the one at the broker follows. Each move takes "
                        "two orders of the day's."});
}

// Jobs that act at a broker of shares.
void add_share_jobs(std::vector<Key<A>>& all) {
    add_job<JobKind::place_orders_daily>(
        all,
        {"jobs.place_orders_daily.schedule", "jobs.place_orders_daily.late_max",
         "jobs.place_orders_daily.deadline", "jobs.place_orders_daily.jitter",
         "jobs.place_orders_daily.attempts", "jobs.place_orders_daily.retry_delay"},
        "When shares are bought after the newest signal file, and protected.");
    add_placing_keys(all);
    add_job<JobKind::update_cnc_stoploss>(
        all,
        {"jobs.update_cnc_stoploss.schedule", "jobs.update_cnc_stoploss.late_max",
         "jobs.update_cnc_stoploss.deadline", "jobs.update_cnc_stoploss.jitter",
         "jobs.update_cnc_stoploss.attempts", "jobs.update_cnc_stoploss.retry_delay"},
        "When the stop of each holding is moved to the low of the day before.");
    add_job<JobKind::sync>(all,
                           {"jobs.sync.schedule", "jobs.sync.late_max", "jobs.sync.deadline",
                            "jobs.sync.jitter", "jobs.sync.attempts", "jobs.sync.retry_delay"},
                           "When the account's records are compared with what its broker has.");
    Row ghosts{.name = "jobs.sync.ghost_after",
               .type = KeyType::duration,
               .effect = Effect::worker_restart,
               .min = k_second,
               .max = k_day,
               .description =
                   "How long, by the market's time, the broker must have denied a "
                   "position before it is removed from the records."};
    all.push_back(key<A, &A::jobs, &JobsSettings::ghost_after>(ghosts));
    add_job<JobKind::hourly_candle_watchdog>(
        all,
        {"jobs.hourly_candle_watchdog.schedule", "jobs.hourly_candle_watchdog.late_max",
         "jobs.hourly_candle_watchdog.deadline", "jobs.hourly_candle_watchdog.jitter",
         "jobs.hourly_candle_watchdog.attempts", "jobs.hourly_candle_watchdog.retry_delay"},
        "When it begins to watch what is held, until the market shuts.");
    add_watching_keys(all);
}

constexpr std::size_t k_tickers_size_max = 8000;
constexpr std::string_view k_share_list =
    "symbols of capital letters with commas in between, as `INFY, TCS`";

void add_pattern_keys(std::vector<Key<A>>& all) {
    add_job<JobKind::pattern_daily>(
        all,
        {"jobs.pattern_daily.schedule", "jobs.pattern_daily.late_max",
         "jobs.pattern_daily.deadline", "jobs.pattern_daily.jitter", "jobs.pattern_daily.attempts",
         "jobs.pattern_daily.retry_delay"},
        "When daily candles are analysed into a page in the account's `reports/`.");
    Row tickers{.name = "jobs.pattern_daily.tickers",
                .effect = Effect::worker_restart,
                .length_max = k_tickers_size_max,
                .fits = is_share_list,
                .shape = k_share_list,
                .empty = "every share of which there are candles",
                .description = "Which shares it looks at."};
    all.push_back(key<A, &A::jobs, &JobsSettings::pattern_tickers>(tickers));
}

}  // namespace

std::string_view code(JobKind kind) {
    return k_names.at(static_cast<std::size_t>(kind));
}

std::optional<JobKind> job_kind_from(std::string_view text) {
    for (std::size_t i = 0; i < k_jobs; ++i) {
        if (k_names.at(i) == text)
            return static_cast<JobKind>(i);
    }
    return std::nullopt;
}

void add_job_keys(std::vector<Key<A>>& all) {
    add_job<JobKind::daily_summary>(
        all,
        {"jobs.daily_summary.schedule", "jobs.daily_summary.late_max",
         "jobs.daily_summary.deadline", "jobs.daily_summary.jitter", "jobs.daily_summary.attempts",
         "jobs.daily_summary.retry_delay"},
        "When the account's day is summed up into a file in its `reports/`.");
    add_job<JobKind::retention>(
        all,
        {"jobs.retention.schedule", "jobs.retention.late_max", "jobs.retention.deadline",
         "jobs.retention.jitter", "jobs.retention.attempts", "jobs.retention.retry_delay"},
        "When files that are too old are removed from the account's `orders/` and `reports/`.");
    Row days{.name = "jobs.retention.days",
             .type = KeyType::integer,
             .effect = Effect::worker_restart,
             .min = 1,
             .max = k_days_max,
             .description =
                 "How many days a file in `orders/` and `reports/` is kept. The newest "
                 "file of each directory stays."};
    all.push_back(key<A, &A::jobs, &JobsSettings::retention_days>(days));
    Row manual{.name = "jobs.manual_shares",
               .effect = Effect::worker_restart,
               .length_max = k_tickers_size_max,
               .fits = is_share_list,
               .shape = k_share_list,
               .empty = "jobs look after all that is held",
               .description =
                   "Shares that a person holds and looks after: the watchdog and "
                   "update_cnc_stoploss leave them alone, and they are not bought."};
    all.push_back(key<A, &A::jobs, &JobsSettings::manual_shares>(manual));
    constexpr std::int64_t k_whole = 10'000;
    Row slippage{.name = "jobs.slippage_alarm",
                 .type = KeyType::integer,
                 .effect = Effect::worker_restart,
                 .min = 1,
                 .max = k_whole,
                 .zero = "no alarm",
                 .description =
                     "A stop that sold more than this below its level, in hundredths of a percent, "
                     "is an alarm."};
    all.push_back(key<A, &A::jobs, &JobsSettings::slippage_alarm>(slippage));
    Row jump{.name = "jobs.price_jump",
             .type = KeyType::integer,
             .effect = Effect::worker_restart,
             .min = 1,
             .max = k_whole,
             .zero = "every price is believed",
             .description =
                 "A price of a share this much off the one before, in hundredths of a percent, "
                 "counts only when the next one agrees: until then it moves no stop and "
                 "sells nothing."};
    all.push_back(key<A, &A::jobs, &JobsSettings::price_jump>(jump));
    add_pattern_keys(all);
    add_share_jobs(all);
}

std::string chain_trouble(const A& settings, JobKind kind) {
    auto at = kind;
    for (std::size_t steps = 0; steps <= k_jobs; ++steps) {
        const auto schedule = time::Schedule::parse(settings.jobs->of(at).schedule);
        if (!schedule || schedule->after().empty())
            return {};
        const auto other = job_kind_from(schedule->after());
        if (!other)
            return "names the job '" + std::string(schedule->after()) + "', which there is not";
        at = *other;
    }
    return "comes after itself, by way of the jobs that it comes after";
}

std::string chain_end_trouble(const A& settings, JobKind kind) {
    const auto schedule = time::Schedule::parse(settings.jobs->of(kind).schedule);
    const auto other = schedule ? job_kind_from(schedule->after()) : std::nullopt;
    if (!other)
        return {};
    const std::string name(code(*other));
    if (settings.jobs->of(*other).schedule.empty())
        return "comes after " + name + ", which has no schedule: set jobs." + name + ".schedule";
    return {};
}

}  // namespace bullpen::config
