// `bullpen-worker indicators`: files of bars to files of indicator values. Streams: its memory does
// not depend on the length of the files.
#include <chrono>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "worker/tools/bar_files.hpp"
#include "worker/tools/indicator_rows.hpp"
#include "worker/tools/market_tables.hpp"
#include "worker/tools/out_file.hpp"
#include "worker/tools/progress.hpp"
#include "worker/tools/tool.hpp"

namespace bullpen::tools {

namespace {

constexpr std::string_view k_indicators_usage =
    "usage: bullpenctl indicators --data FILE [--data FILE ...] --csv OUT [--instrument SYMBOL]\n"
    "                [--quarters OUT] [--sessions OUT] [--from TIME] [--to TIME]\n"
    "                [--zone ZONE] [--labels start|end] [--date-order WORD]\n"
    "                [--contract TEXT] [--json]\n"
    "\n"
    "Writes the indicator values of every bar, as the engine reckons them.\n"
    "\n"
    "  --data FILE        bars as CSV, plain or gzip; several files follow each other in time\n"
    "  --csv OUT          a row for each minute; - is standard output\n"
    "  --quarters OUT     a row for each quarter of an hour\n"
    "  --sessions OUT     a row for the last minute of each trading day\n"
    "  --instrument SYM   what the bars are of: ES, MES, NQ, ...; default MES\n"
    "  --from, --to TIME  only rows from, and before; bars before them count all the same\n"
    "  --zone ZONE        time zone of a file whose times say none: America/New_York\n"
    "  --labels WHEN      whether a time is a bar's start (default) or its end\n"
    "  --date-order WORD  of dates like 04/07/2025: month_first or day_first\n"
    "  --contract TEXT    only rows with this text in the column of the contract or symbol\n"
    "  --home DIR         take the instruments of this home\n"
    "  --json             say what was written as one JSON object\n"
    "\n"
    "Example:\n"
    "  bullpenctl indicators --data es_1m.csv.gz --instrument ES --csv es_indicators.csv\n";

constexpr std::array<Known, 13> k_indicators_options = {{{"--data"},
                                                         {"--instrument"},
                                                         {"--zone"},
                                                         {"--labels"},
                                                         {"--date-order"},
                                                         {"--contract"},
                                                         {"--from"},
                                                         {"--to"},
                                                         {"--csv"},
                                                         {"--quarters"},
                                                         {"--sessions"},
                                                         {"--home"},
                                                         {"--json", false}}};

struct Counts {
    std::uint64_t bars = 0;
    std::uint64_t quarters = 0;
    std::uint64_t sessions = 0;
};

// Where rows of one kind go; nowhere when nobody asked for them.
class Sheet {
  public:
    Result<void> open(const std::string& path, std::string_view header) {
        if (path.empty())
            return {};
        BULLPEN_TRY(auto file, OutFile::open(path));
        file_.emplace(std::move(file));
        file_->write(header);
        return {};
    }
    [[nodiscard]] bool wanted() const { return file_.has_value(); }
    void write(std::string_view row, std::uint64_t* count) {
        file_->write(row);
        ++*count;
    }
    Result<void> finish() { return file_ ? file_->finish() : Result<void>(); }

  private:
    std::optional<OutFile> file_;
};

class Writing {
  public:
    Writing(const BarFiles& files, const model::Instrument& instrument,
            const time::FuturesSession& session)
        : files_(files), indicators_(instrument, session), rows_(instrument, session) {}

    Result<void> open(const Words& words) {
        BULLPEN_CHECK(minutes_.open(words.value("--csv"), IndicatorRows::k_minute_header));
        BULLPEN_CHECK(quarters_.open(words.value("--quarters"), IndicatorRows::k_quarter_header));
        return days_.open(words.value("--sessions"), IndicatorRows::k_session_header);
    }

    void bar(const model::Bar& bar, std::string_view contract) {
        indicators_.add(bar);
        write_quarters();
        const auto& values = indicators_.values();
        if (!in_range(bar.start))
            return;
        if (minutes_.wanted())
            minutes_.write(rows_.minute(bar, contract, values), &counts.bars);
        if (days_.wanted()) {
            if (const auto row = rows_.day(bar, contract, values))
                days_.write(*row, &counts.sessions);
        }
    }

    Result<void> finish() {
        indicators_.finish();
        write_quarters();
        if (days_.wanted()) {
            if (const auto row = rows_.last_day())
                days_.write(*row, &counts.sessions);
        }
        BULLPEN_CHECK(minutes_.finish());
        BULLPEN_CHECK(quarters_.finish());
        return days_.finish();
    }

    Counts counts;

  private:
    [[nodiscard]] bool in_range(UtcTime start) const {
        return (!files_.from || start >= *files_.from) && (!files_.to || start < *files_.to);
    }
    void write_quarters() {
        if (!quarters_.wanted())
            return;
        for (const auto& quarter : indicators_.closed_quarters()) {
            const auto row = rows_.quarter(quarter);
            if (in_range(quarter.start))
                quarters_.write(row, &counts.quarters);
        }
    }

    const BarFiles& files_;
    indicators::MarketIndicators indicators_;
    IndicatorRows rows_;
    Sheet minutes_;
    Sheet quarters_;
    Sheet days_;
};

Result<Counts> write_all(const Words& words, const BarFiles& files, UtcTime now, Bars& found) {
    BULLPEN_TRY(const auto tables, load_tables(words.value("--home"), now));
    BULLPEN_TRY(const auto* instrument, tables.instruments.find(files.instrument));
    BULLPEN_TRY(const auto session, time::FuturesSession::load());
    Writing writing(files, *instrument, session);
    BULLPEN_CHECK(writing.open(words));
    Progress progress(!words.has("--json"));
    const auto reading = [&](double share, std::uint64_t bars) {
        progress.show(share, std::to_string(bars) + " bars");
    };
    BULLPEN_CHECK(each_bar(files, tables.instruments, found, reading,
                           [&](const model::Bar& bar, const feed::Feed& feed) -> Result<void> {
                               writing.bar(bar, feed.contract(bar.start));
                               return {};
                           }));
    BULLPEN_CHECK(writing.finish());
    return writing.counts;
}

ExitCode run_indicators(std::span<const std::string_view> words, const Clock& clock) {
    const auto begin = clock.mono();
    const auto taken = take_words(words, k_indicators_options);
    if (!taken)
        return complain("indicators", ExitCode::usage, taken.error());
    const auto files = bar_files(*taken);
    if (!files)
        return complain("indicators", ExitCode::usage, files.error());
    if (files->files.empty() ||
        !(taken->has("--csv") || taken->has("--quarters") || taken->has("--sessions"))) {
        return complain("indicators", ExitCode::usage,
                        Error(Errc::invalid, "--data FILE and --csv OUT are needed"));
    }
    Bars found;
    const auto counts = write_all(*taken, *files, clock.utc(), found);
    if (!counts)
        return complain("indicators", ExitCode::usage, counts.error());
    const std::chrono::duration<double> took = clock.mono() - begin;
    if (taken->has("--json")) {
        nlohmann::ordered_json out{
            {"instrument", files->instrument}, {"bars", counts->bars},
            {"quarters", counts->quarters},    {"sessions", counts->sessions},
            {"rows_refused", found.refused},   {"seconds", took.count()}};
        std::fprintf(taken->value("--csv") == "-" ? stderr : stdout, "%s\n",
                     documents::json_text(out).c_str());
        return ExitCode::done;
    }
    for (const auto& [file, quality] : found.quality)
        std::fprintf(stderr, "%s: %s\n", file.c_str(), quality.summary().c_str());
    return ExitCode::done;
}

}  // namespace

const Tool k_indicators{"indicators", k_indicators_usage, run_indicators};

}  // namespace bullpen::tools
