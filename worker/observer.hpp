// Observer: what a worker makes of its bars: indicators, counters and a running hash over every
// bar, every indicator value and every counter. Pure and deterministic: the same bars give the same
// bits, across a save and restore at any bar, so that the hash of a run that was killed fifty times
// equals that of one that was not.
//
// One thread. Journal and state file are the engine's.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/model/bar.hpp"
#include "common/model/instrument.hpp"
#include "common/time/futures_session.hpp"
#include "worker/indicators/market_indicators.hpp"
#include "worker/indicators/saved.hpp"
#include "worker/signals/observation.hpp"

namespace bullpen::worker {

struct ObserverCounters {
    std::int64_t bars = 0;
    std::int64_t quarters = 0;  // quarters of an hour closed
    std::int64_t volume = 0;    // modulo 2^64
    std::int64_t rises = 0;     // bars that closed above the bar before
    std::int64_t falls = 0;
    std::int64_t gaps = 0;  // bars that did not start where the one before ended

    friend bool operator==(const ObserverCounters&, const ObserverCounters&) = default;
};

class Observer {
  public:
    // `instrument` outlives it.
    static Result<Observer> create(const model::Instrument& instrument,
                                   const indicators::IndicatorSettings& settings = {});

    // One that reckons nothing: it takes over what another one observed.
    static Observer create_shared(const model::Instrument& instrument);

    // Starts anew for the bars of another source.
    void begin(std::string feed_identity);
    void add(const model::Bar& bar);
    // What is known after the last bar, and taking over what another one knows after its last.
    [[nodiscard]] signals::Observation observation() const;
    void take(const signals::Observation& observation);
    [[nodiscard]] bool takes_over() const { return taken_ != nullptr; }

    // The number of the bar that add() is to be given next.
    [[nodiscard]] std::uint64_t position() const {
        return static_cast<std::uint64_t>(counters_.bars);
    }
    [[nodiscard]] const std::string& feed_identity() const { return feed_identity_; }
    [[nodiscard]] const ObserverCounters& counters() const { return counters_; }
    [[nodiscard]] std::uint64_t hash() const { return hash_.value(); }
    [[nodiscard]] std::string hash_text() const { return hash_.hex(); }
    [[nodiscard]] const std::optional<model::Bar>& last_bar() const { return last_; }
    [[nodiscard]] indicators::IndicatorValues values() const {
        return taken_ ? taken_->values : indicators_->values();
    }
    // The quarters of an hour that the last bar closed.
    [[nodiscard]] std::span<const model::Bar> closed_quarters() const {
        return taken_ ? taken_->closed_quarters() : std::span(indicators_->closed_quarters());
    }
    // Enough bars for every indicator.
    [[nodiscard]] bool warm() const;
    [[nodiscard]] const model::Instrument& instrument() const { return *instrument_; }

    // One JSON object for the state file, and back. On an error nothing is changed: Errc::corrupt
    // when it is not what save() writes, Errc::invalid when it is of other indicator settings.
    [[nodiscard]] std::string save() const;
    Result<void> restore(std::string_view saved);
    // As restore(), but the indicators are new: what was saved is of other ones.
    Result<void> restore_without_indicators(std::string_view saved);
    // The indicators begin anew, with bars that were counted long ago; not of one that takes over.
    void begin_indicators();
    void warm_up(const model::Bar& bar) { indicators_->add(bar); }

  private:
    Observer(const model::Instrument& instrument, time::FuturesSession session,
             const indicators::IndicatorSettings& settings);
    explicit Observer(const model::Instrument& instrument);
    struct Saved;
    static Result<Saved> parse(std::string_view text);
    void set(const Saved& saved);
    void add_values();
    void add_counters();

    const model::Instrument* instrument_;
    indicators::IndicatorSettings settings_;
    // On the heap, because the indicators refer to it and an Observer can be moved.
    std::unique_ptr<const time::FuturesSession> session_;
    std::unique_ptr<indicators::MarketIndicators> indicators_;
    // Instead of the two above: what was taken over last.
    std::unique_ptr<signals::Observation> taken_;
    std::string feed_identity_;
    ObserverCounters counters_;
    indicators::RunHash hash_;
    std::optional<model::Bar> last_;
};

// A bar as it stands in the journal and the state file: fixed fields, little-endian.
inline constexpr std::size_t k_bar_size = 7 * 8;
std::string encode_bar(const model::Bar& bar);
// Errc::corrupt when it is no bar.
Result<model::Bar> decode_bar(std::string_view text);

}  // namespace bullpen::worker
