#include "worker/tools/bar_files.hpp"

#include "common/base/errc.hpp"

namespace bullpen::tools {

namespace {

// How many bars pass between two words about progress.
constexpr std::uint64_t k_reading_bars = 4096;

}  // namespace

bool holds_contracts(const feed::Quality& quality) {
    return quality.count(feed::Defect::conflicting_duplicate) * 10 > quality.rows();
}

Result<BarFiles> bar_files(const Words& words) {
    BarFiles files;
    files.files = words.values("--data");
    if (words.has("--instrument"))
        files.instrument = words.value("--instrument");
    files.time_zone = words.value("--zone");
    if (words.has("--labels")) {
        const auto labels = words.value("--labels");
        if (labels != "start" && labels != "end")
            return fail(Errc::invalid, "--labels is start or end, not '" + labels + "'");
        files.labels_at_end = labels == "end";
    }
    if (words.has("--date-order")) {
        const auto word = words.value("--date-order");
        const auto order = feed::date_order_from(word);
        if (!order)
            return fail(Errc::invalid,
                        "--date-order is month_first or day_first, not '" + word + "'");
        files.date_order = *order;
    }
    files.contract = words.value("--contract");
    BULLPEN_TRY(files.from, words.time("--from"));
    BULLPEN_TRY(files.to, words.time("--to"));
    files.from_day = words.day("--from");
    files.to_day = words.day("--to");
    return files;
}

void by_trading_days(BarFiles* files, const time::MarketCalendar& calendar) {
    if (files->from_day)
        files->from = calendar.hours(time::TradingDay(*files->from_day)).begins;
    if (files->to_day)
        files->to = calendar.hours(time::TradingDay(*files->to_day)).begins;
}

Result<std::unique_ptr<feed::Feed>> open_bars(const BarFiles& files, const std::string& path,
                                              const model::Instruments& instruments) {
    feed::ReplayOptions replay;
    replay.instrument = files.instrument;
    replay.instruments = &instruments;
    replay.path = path;
    replay.time_zone = files.time_zone;
    replay.date_order = files.date_order;
    replay.only_symbol = files.contract;
    replay.labels = files.labels_at_end ? feed::BarLabels::end : feed::BarLabels::start;
    BULLPEN_TRY(auto feed, feed::open_replay(replay));
    feed->start({});
    return feed;
}

Result<void> each_bar(
    const BarFiles& files, const model::Instruments& instruments, Bars& found,
    const Reading& reading,
    const std::function<Result<void>(const model::Bar&, const feed::Feed&)>& visit) {
    std::optional<UtcTime> end;
    std::uint64_t bars = 0;
    for (std::size_t i = 0; i < files.files.size(); ++i) {
        const auto& path = files.files[i];
        BULLPEN_TRY(auto feed, open_bars(files, path, instruments));
        for (;;) {
            const auto next = feed->next({});
            if (const auto* fault = std::get_if<feed::Fault>(&next))
                return fail(fault->error);
            const auto* bar = std::get_if<model::Bar>(&next);
            if (bar == nullptr)
                break;
            if (end && bar->start < *end) {
                return fail(Errc::invalid, path + " has bars at " + format_utc(bar->start) +
                                               ", before the end of those already read; give "
                                               "files in the order of their times");
            }
            end = bar->end();
            BULLPEN_CHECK(visit(*bar, *feed));
            if (++bars % k_reading_bars == 0 && reading) {
                const auto count = static_cast<double>(files.files.size());
                reading((static_cast<double>(i) + feed->share_read()) / count, bars);
            }
        }
        found.quality.push_back({path, feed->quality()});
        found.refused += feed->quality().refused();
    }
    if (reading)
        reading(1, bars);
    return {};
}

Result<Bars> read_bars(const BarFiles& files, const model::Instruments& instruments,
                       const Reading& reading) {
    Bars found;
    const auto keep = [&](const model::Bar& bar, const feed::Feed&) -> Result<void> {
        const bool asked = !files.from || bar.start >= *files.from;
        const bool learnt = !asked && bar.start >= *files.from - files.learnt_before;
        if ((asked || learnt) && (!files.to || bar.start < *files.to)) {
            found.bars.push_back(bar);
            found.learnt += learnt ? 1 : 0;
        }
        return {};
    };
    BULLPEN_CHECK(each_bar(files, instruments, found, reading, keep));
    if (found.bars.size() > found.learnt)
        return found;
    std::string text;
    for (const auto& [file, quality] : found.quality)
        text += (text.empty() ? "" : "; ") + file + " has " + quality.summary() +
                (holds_contracts(quality) ? " (" + std::string(k_contracts_hint) + ")" : "");
    return fail(Errc::not_found,
                "no bar is left to run over: " + text +
                    (files.from || files.to ? "; is it of the time that was asked for?" : ""));
}

}  // namespace bullpen::tools
