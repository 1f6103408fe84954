// Files of bars as the tools are told of them: --data, --instrument, --zone, --labels, --from,
// --to.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/feed/feed.hpp"
#include "common/time/market_calendar.hpp"
#include "worker/tools/words.hpp"

namespace bullpen::tools {

struct BarFiles {
    std::vector<std::string> files;  // follow each other in time
    std::string instrument = "MES";
    std::string time_zone;
    bool labels_at_end = false;
    feed::DateOrder date_order = feed::DateOrder::unstated;
    std::string contract;  // empty: every row
    std::optional<UtcTime> from;
    std::optional<UtcTime> to;
    // The same as trading days, where dates were said and no times; see by_trading_days().
    std::optional<std::chrono::sys_days> from_day;
    std::optional<std::chrono::sys_days> to_day;
    // How long before `from` bars are read, too, to warm up indicators with.
    std::chrono::days learnt_before{0};
};

// The options that bar_files() looks at; each tool adds its own.
inline constexpr Known k_bar_file_options[] = {{"--data"},   {"--instrument"}, {"--zone"},
                                               {"--labels"}, {"--date-order"}, {"--contract"},
                                               {"--from"},   {"--to"}};
// Errc::invalid, naming the option.
Result<BarFiles> bar_files(const Words& words);
// A date is the trading day of that date, which begins on the evening before: `from` and `to`
// become the times at which the market's days begin.
void by_trading_days(BarFiles* files, const time::MarketCalendar& calendar);

Result<std::unique_ptr<feed::Feed>> open_bars(const BarFiles& files, const std::string& path,
                                              const model::Instruments& instruments);

// Whether so many rows of a time differ that the file may hold several contracts, and what to do.
bool holds_contracts(const feed::Quality& quality);
inline constexpr std::string_view k_contracts_hint =
    "it may hold several contracts: --contract takes the rows of one";

struct FileQuality {
    std::string file;
    feed::Quality found;
};
struct Bars {
    std::vector<model::Bar> bars;
    std::size_t learnt = 0;  // of them, the first so many are before `from`
    std::vector<FileQuality> quality;
    std::uint64_t refused = 0;  // rows that are no bar
};
// How much of all files has been read, 0 to 1, and how many bars that were.
using Reading = std::function<void(double share, std::uint64_t bars)>;

// All bars between `from` and `to`, in memory, and those learnt from before them. Errc::not_found
// when there is none between them.
Result<Bars> read_bars(const BarFiles& files, const model::Instruments& instruments,
                       const Reading& reading = {});
// Each bar of all files in turn, whatever `from` and `to` say; `visit` may end it with an error.
Result<void> each_bar(
    const BarFiles& files, const model::Instruments& instruments, Bars& found,
    const Reading& reading,
    const std::function<Result<void>(const model::Bar&, const feed::Feed&)>& visit);

}  // namespace bullpen::tools
