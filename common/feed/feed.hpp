// Feed: where a worker's bars come from, as a port. The worker's loop asks it; nothing calls back
// and no thread runs. Bars are numbered from 0, and the i-th bar is the same in every run over the
// same source, so a worker that knows how many it has processed resumes exactly with seek().
//
// One thread drives a feed. Reading is buffered and may touch the disk, never a network.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/base/clock.hpp"
#include "common/base/result.hpp"
#include "common/feed/quality.hpp"
#include "common/model/bar.hpp"
#include "common/model/instrument.hpp"

namespace bullpen::feed {

// No bar yet; the next one is due at `until`.
struct NotYet {
    MonoTime until{};
};
// The source is used up; there will be no more bars.
struct Ended {};
// The source cannot be read further. A worker goes idle and says why; it does not guess.
struct Fault {
    Error error;
};
using Next = std::variant<model::Bar, NotYet, Ended, Fault>;

// How bars are spread over wall time. Time without bars is skipped: bar i is due a span after bar
// i - 1, so that neither a weekend nor a quiet night stands still, and the due time of a bar needs
// no knowledge of the bars before it.
struct Pace {
    // Market seconds in a second of wall time; 0 hands out bars as fast as they are asked for.
    double speed = 0;
    // The bars below this number are due at once: they are over when the market begins.
    std::uint64_t history = 0;
    static constexpr double k_speed_max = 1e6;
};
// Errc::invalid for a negative speed, NaN, or one beyond the limit.
Result<void> check_speed(Pace pace);

class Feed {
  public:
    Feed() = default;
    Feed(const Feed&) = delete;
    Feed& operator=(const Feed&) = delete;
    virtual ~Feed() = default;

    // Starts the pace: the bar at position() is due one span of market time after `now`. Called
    // once before the first next(), and after a seek() or a pause.
    void start(Instant now);
    // The bar at position(), if it is due.
    Next next(Instant now);
    // The number of the bar that next() will give.
    [[nodiscard]] std::uint64_t position() const { return position_; }
    // Goes to bar `index`; Errc::not_found when the source has fewer.
    Result<void> seek(std::uint64_t index);
    // Shows the bars from `from` up to `to`, due or not, and stands at `to` then; an error, and
    // where it stands is not said, when the source does not have them.
    Result<void> look_over(std::uint64_t from, std::uint64_t to,
                           const std::function<void(const model::Bar&)>& take);
    // When the next bar must have been handed out at the latest, for the worker's obligation; none
    // when no bar is expected (ended, faulty, not paced, a followed market has not told of it, or
    // who writes the source has not written it). Of several that a followed market has told of, one
    // is due after the other.
    [[nodiscard]] std::optional<MonoTime> expects_bar_by(Instant now) const;

    // The market is run by somebody else, an exchange that has the same source: its bars below
    // `bars` have closed and are due, no other one is until it says so again. What it says never
    // goes back. Called before start() too (with what is known, or 0), because it changes
    // identity(): a market that is followed is at another place than one that is watched.
    void follow(std::uint64_t bars, Instant now);
    // The market that is followed is told by ticks: it is another one than that of the same bars,
    // and so is its identity().
    void follow_ticks() { in_ticks_ = true; }
    // How many bars have closed in the market that is followed; none when none is.
    [[nodiscard]] const std::optional<std::uint64_t>& followed() const { return followed_; }
    // Bars that the market has and next() has not given yet: while there are more than one, what
    // comes is history.
    [[nodiscard]] std::uint64_t behind() const;
    // By when a followed market must have told of its next bar, or it is mute; none when it is not
    // known how fast it goes.
    [[nodiscard]] std::optional<MonoTime> market_mute_from() const;

    [[nodiscard]] const Quality& quality() const { return quality_; }
    [[nodiscard]] const model::Instrument& instrument() const { return *instrument_; }
    // The length of its bars.
    [[nodiscard]] std::chrono::seconds span() const { return span_; }
    // Differs when the bars may differ: source, seed, options. A worker that finds another one than
    // its state file names starts its indicators anew and does not seek.
    [[nodiscard]] std::string identity() const;
    // The same, whoever moves the market.
    [[nodiscard]] virtual std::string source() const = 0;
    // Which contract the file says that the bar of this start is of, for bars that next() gave;
    // empty where the file has no such column, and for the synthetic market.
    [[nodiscard]] virtual std::string_view contract(UtcTime /*start*/) const { return {}; }
    // How much of the source has been read, 0 to 1; 0 where there is no end.
    [[nodiscard]] virtual double share_read() const { return 0; }

  protected:
    explicit Feed(const model::Instrument& instrument, Pace pace);
    // How many bars the source has so far, when another process writes it and tells of each; its
    // pace is that process's then. None: produce() is to be asked, by this feed's own pace.
    [[nodiscard]] virtual std::optional<std::uint64_t> available() const { return std::nullopt; }
    // The source no longer has the bars before `index`: what produce() gives is that one.
    void skip_to(std::uint64_t index) { position_ = index; }
    // The next bar of the source, whatever the time; nullopt at the end.
    virtual Result<std::optional<model::Bar>> produce() = 0;
    // Puts the source before bar `index`, and the quality report with it.
    virtual Result<void> rewind(std::uint64_t index) = 0;

    Quality quality_;
    std::chrono::seconds span_ = model::k_minute;

  private:
    [[nodiscard]] MonoTime due(std::uint64_t index) const;
    // Of wall time, at the feed's pace.
    [[nodiscard]] double bar_seconds() const;

    const model::Instrument* instrument_;
    Pace pace_;
    MonoTime paced_from_{};
    std::uint64_t paced_index_ = 0;
    std::uint64_t position_ = 0;
    std::optional<std::uint64_t> followed_;
    MonoTime followed_at_{};
    MonoTime owed_since_{};  // of a followed market: the next bar
    bool in_ticks_ = false;
    std::optional<model::Bar> waiting_;  // produced, not due
    bool ended_ = false;
    std::optional<Error> fault_;
};

// How late a due bar may be before the obligation counts as missed.
inline constexpr Nanos k_bar_grace = std::chrono::seconds(5);

// The seeded market: session-aware one-minute bars without end. Each bar depends on instrument,
// seed and number alone.
struct SyntheticOptions {
    std::string instrument = "MES";
    // Where it is looked up; the built-in table when it is null. Outlives the feed.
    const model::Instruments* instruments = nullptr;
    std::uint64_t seed = 1;
    Pace pace;
    // The first trading day; a weekend moves to its Monday.
    std::chrono::year_month_day first_day{std::chrono::year(2025), std::chrono::month(1),
                                          std::chrono::day(6)};
};
Result<std::unique_ptr<Feed>> open_synthetic(const SyntheticOptions& options);

enum class BarLabels : std::uint8_t { start, end };
// Which of two numbers in 04/07/2025 is the month. `unstated` uses what the file proves and refuses
// to guess otherwise.
enum class DateOrder : std::uint8_t { unstated, us, day_first };
// By its word in settings: "unstated", "month_first", "day_first".
std::optional<DateOrder> date_order_from(std::string_view word);

// Bars from a CSV file, plain or gzip; docs/feeds.md has the formats and the rule for each defect.
struct ReplayOptions {
    std::string instrument = "MES";
    // Where it is looked up; the built-in table when it is null. Outlives the feed.
    const model::Instruments* instruments = nullptr;
    std::string path;
    Pace pace;
    // Zone of stamps that carry none ("UTC", "America/New_York"); empty is unstated, and a file
    // that needs it is refused.
    std::string time_zone;
    BarLabels labels = BarLabels::start;
    DateOrder date_order = DateOrder::unstated;
    // Takes only the rows with this text in the contract or symbol column.
    std::string only_symbol;
    // Rows that start after this are defects; the worker gives the time of its start.
    UtcTime not_after = UtcTime::max();
    // The length of a bar; zero takes the most frequent distance of the file's first rows.
    std::chrono::seconds span{0};
    // An index has bars without volume; of a contract they are defects.
    bool zero_volume_is_used = false;
    std::size_t findings_kept = Quality::k_findings_kept;
};
Result<std::unique_ptr<Feed>> open_replay(const ReplayOptions& options);

}  // namespace bullpen::feed
