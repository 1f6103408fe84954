// What hourly_candle_watchdog does next for one share: pure. Its records, the account's records of
// stops and the broker's word go in; one step comes out, and what must be recorded before it is
// done is in the records then. Nothing else is remembered, so that a death between any two steps
// leaves a sale that the next look goes on with.
//
// The stop at the broker stands for all that may be sold, also when this worker does not. Before a
// part is sold there is one for the rest; after an order filled in part, one for what is left.
// A sale is never for more than the broker says may be sold, and waits until the one before it has
// ended by the broker's word. What a person's stops are for is left to them (see beside_person()).
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "common/config/job_settings.hpp"
#include "worker/jobs/share_records.hpp"
#include "worker/jobs/share_world.hpp"
#include "worker/jobs/watch_records.hpp"

namespace bullpen::jobs {

struct WatchDone {
    friend bool operator==(const WatchDone&, const WatchDone&) = default;
};
struct WatchWait {  // for the broker, or for its time
    friend bool operator==(const WatchWait&, const WatchWait&) = default;
};
struct WatchSell {
    std::string client;  // in the records already
    std::int64_t quantity = 0;
    model::Price limit;
    friend bool operator==(const WatchSell&, const WatchSell&) = default;
};
struct WatchCancel {
    std::uint64_t order = 0;
    friend bool operator==(const WatchCancel&, const WatchCancel&) = default;
};
using WatchStep = std::variant<WatchDone, WatchWait, WatchSell, WatchCancel, PlaceStop, DeleteStop>;

// What a step follows from beside the share's own records.
struct WatchView {
    const ShareWorld& world;
    const config::WatchSettings& settings;
    const std::string& symbol;
    const std::string& day;  // "2026-11-20"
    std::string_view tag;    // of order ids
    const StopRecords& stops;
    std::optional<equity::DailyRange> range;
    bool stop_refused = false;  // a moment ago: it is not asked for again yet
    // That rules go by; none: the last one that was told. While that one is doubted nothing is
    // sold for it.
    std::optional<model::Price> price = {};
};

// Whether the rules say to sell, at the price that was seen last.
std::optional<equity::DueLeg> due_exit(const WatchedShare& share,
                                       const config::WatchSettings& settings,
                                       const std::optional<equity::DailyRange>& range,
                                       model::Price last, model::Ticks tick);

// The sale that is due or under way. WatchDone: there is none.
WatchStep next_exit(WatchedShare& share, const WatchView& view);

// The stop at the broker, where no sale is under way.
WatchStep next_upkeep(const WatchedShare& share, const WatchView& view);

// By how much the stop at the broker must be too low before it is moved: to this and above.
model::Price worth_moving_to(model::Price standing, const config::WatchSettings& settings);

// Where the stop at the broker is to be, by the rule; none: it stays where it is.
std::optional<StopLevels> standing_wanted(const WatchedShare& share, const WatchView& view);

// A sale whose budget of the day is spent: "INFY 10: not_filled".
bool given_up(const WatchedShare& share, const config::WatchSettings& settings,
              const std::string& day);

}  // namespace bullpen::jobs
