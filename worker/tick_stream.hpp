// TickStream: the trades and quotes that an exchange tells within the minute, on their way into a
// worker: to the bars that are made of them, and one by one to the strategy. Pure: it is told what
// came, and asked for what is next.
//
// A bar is formed only of all of its ticks. The exchange says with a bar's close how many there
// were; where one is missing (it was dropped under load, or told while nobody listened) the bar is
// the source's, as it is for bars of the past, and is counted as such. What is told late is counted
// and changes nothing.
//
// Ticks wait here for their turn, at most k_waiting_max; the oldest are dropped. One account, one
// thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/feed/tick_bars.hpp"
#include "common/model/instrument.hpp"
#include "common/model/tick.hpp"
#include "ipc/venue_message.hpp"

namespace bullpen::worker {

struct TickStreamCounters {
    std::uint64_t lost = 0;     // never came, as the bar's close told
    std::uint64_t dropped = 0;  // came, and were not told to the strategy: too many, or too late
    std::uint64_t bars_formed = 0;
    std::uint64_t bars_of_source = 0;
    friend bool operator==(const TickStreamCounters&, const TickStreamCounters&) = default;
};

class TickStream {
  public:
    static constexpr std::size_t k_waiting_max = 1024;
    static constexpr std::size_t k_formed_max = 64;
    // Bars in a row of which no tick came: then the feed of ticks is mute.
    static constexpr int k_mute_bars = 3;

    // `instrument` outlives it.
    explicit TickStream(const model::Instrument& instrument) : instrument_(&instrument) {}

    // What the exchange tells, in its order. A step of another kind is nothing to it.
    void on_step(const ipc::VenueStep& step);

    // The next tick of bar `bar`, counted from 0 as everywhere; those of bars before it are
    // dropped. Null while there is none.
    const model::QuotedTrade* next(std::uint64_t bar);
    // The one that next() gave.
    model::QuotedTrade pop();
    // Likewise, and nobody is told of it.
    void pass_over() {
        (void)pop();
        ++counters_.dropped;
    }
    // All that waits is over for too long to be judged.
    void drop_waiting();
    // The bar with this number, if it was formed; what was formed of earlier ones is forgotten.
    std::optional<model::Bar> take_formed(std::uint64_t bar);

    [[nodiscard]] bool is_mute() const { return mute_bars_ >= k_mute_bars; }
    [[nodiscard]] const TickStreamCounters& counters() const { return counters_; }
    // Of the bars that are formed.
    [[nodiscard]] const feed::TickCounters& of_bars() const { return bars_.counters(); }

  private:
    struct Waiting {
        std::uint64_t bar = 0;
        model::QuotedTrade tick;
    };
    void begin(std::uint64_t bar);
    void take(const ipc::VenueStep& step);
    void close(const ipc::VenueStep& step);
    [[nodiscard]] std::optional<model::QuotedTrade> read(const ipc::VenueStep& step) const;

    const model::Instrument* instrument_;
    feed::TickBars bars_;
    std::deque<Waiting> waiting_;
    std::deque<std::pair<std::uint64_t, model::Bar>> formed_;
    std::vector<model::Bar> finished_;   // reused
    std::optional<std::uint64_t> open_;  // the bar whose ticks come
    std::int64_t next_ = 0;              // the number of the tick that comes next in it
    std::int64_t came_ = 0;              // of its ticks
    int mute_bars_ = 0;
    TickStreamCounters counters_;
};

// A tick as it stands in the journal: fixed fields, little-endian.
std::string encode_tick(const model::QuotedTrade& tick);
// Errc::corrupt when it is none.
Result<model::QuotedTrade> decode_tick(std::string_view text);

}  // namespace bullpen::worker
