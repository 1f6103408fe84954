// A home with an account that traded on paper: the records of a run, written through the real codec
// into a real journal, with the bars between them as a worker writes them.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "common/base/home.hpp"
#include "common/config/roster.hpp"
#include "common/storage/journal.hpp"
#include "tests/support/temporary.hpp"
#include "tests/unit/backtest/market.hpp"
#include "worker/engine.hpp"
#include "worker/observer.hpp"
#include "worker/payout.hpp"
#include "worker/recorded_settings.hpp"

namespace bullpen::test {

// What a worker's journal does: bars as they end, and records where they come.
class JournalRecorder final : public execution::Recorder {
  public:
    JournalRecorder(storage::Journal journal, std::span<const model::Bar> bars,
                    std::string_view desk, UtcTime active_from,
                    const config::AccountSettings* settings)
        : journal_(std::move(journal)), bars_(bars), active_from_(active_from) {
        if (settings != nullptr) {
            append(static_cast<std::uint16_t>(worker::JournalKind::settings),
                   worker::encode({"0.1.0", 0, worker::recordable(*settings)}));
        }
        append(static_cast<std::uint16_t>(worker::JournalKind::feed), "synthetic");
        append(static_cast<std::uint16_t>(worker::JournalKind::desk), desk);
        append(static_cast<std::uint16_t>(worker::JournalKind::mode),
               active_from_ == UtcTime{} ? "active" : "idle");
    }
    Result<void> durable(const execution::Record& record) override { return this->record(record); }
    Result<void> record(const execution::Record& record) override {
        const auto* traded = std::get_if<execution::Traded>(&record);
        std::visit(
            [&](const auto& body) {
                if constexpr (requires { body.at; })
                    bars_until(body.at);
            },
            record);
        if (traded != nullptr && skip_trade != 0 && traded->trade.number == skip_trade)
            return {};
        append(static_cast<std::uint16_t>(execution::kind(record)), execution::encode(record));
        return {};
    }
    void finish() { bars_until(UtcTime::max()); }

    std::uint64_t skip_trade = 0;  // this trade is not recorded
    bool shared = false;           // bars come with what others observed of them
    // Bars that were taken late: from that of the first time to that before the second.
    std::pair<UtcTime, UtcTime> late{UtcTime::max(), UtcTime::max()};

  private:
    void append_bar(const model::Bar& bar) {
        if (!shared) {
            append(static_cast<std::uint16_t>(worker::JournalKind::bar), worker::encode_bar(bar));
            return;
        }
        signals::Observation observation;
        observation.bar = bar;
        observation.counters[0] = static_cast<std::int64_t>(next_) + 1;
        append(static_cast<std::uint16_t>(worker::JournalKind::observation),
               signals::encode(observation));
    }
    void append(std::uint16_t kind, std::string_view body) {
        (void)journal_.append(kind, body).value();
    }
    void bars_until(UtcTime at) {
        for (; next_ < bars_.size() && bars_[next_].end() <= at; ++next_) {
            if (active_from_ != UtcTime{} && bars_[next_].start == active_from_)
                append(static_cast<std::uint16_t>(worker::JournalKind::mode), "active");
            if (bars_[next_].start == late.first)
                append(static_cast<std::uint16_t>(worker::JournalKind::lateness), worker::k_late);
            if (bars_[next_].start == late.second)
                append(static_cast<std::uint16_t>(worker::JournalKind::lateness), worker::k_newest);
            append_bar(bars_[next_]);
        }
    }

    storage::Journal journal_;
    std::span<const model::Bar> bars_;
    UtcTime active_from_;
    std::size_t next_ = 0;
};

// A home with accounts.d/alpha.toml of that text, and what it traded over the bars.
class PaperHome {
  public:
    explicit PaperHome(const std::string& settings = "") { write(settings); }
    [[nodiscard]] static AccountId id() { return account_id("alpha"); }
    [[nodiscard]] const Home& home() const { return directory_.home(); }
    backtest::BacktestResult trade(std::span<const model::Bar> bars,
                                   backtest::BacktestSettings settings = run_settings(),
                                   std::uint64_t skip_trade = 0, std::string_view desk = "on",
                                   std::size_t bars_noted = SIZE_MAX) {
        const auto own = config::read_account(home(), id()).value();
        JournalRecorder recorder(
            storage::Journal::open(files_, home().account(id()).journal, id()).value(),
            bars.first(std::min(bars.size(), bars_noted)), desk,
            settings.trade_from.value_or(UtcTime{}), recorded ? &own : nullptr);
        recorder.skip_trade = skip_trade;
        recorder.shared = shared;
        recorder.late = late;
        settings.recorder = &recorder;
        auto result = backtest::run(settings, bars, SystemClock()).value();
        recorder.finish();
        return result;
    }

    // From here on the account's file says this too.
    void change(const std::string& settings) { write(settings); }

    bool recorded = true;  // its journal begins with its settings, as that of any worker does
    bool shared = false;   // its bars are those of shared signals
    std::pair<UtcTime, UtcTime> late{UtcTime::max(), UtcTime::max()};  // bars taken late

  private:
    void write(const std::string& settings) const {
        // What trades here knows no calendar.
        directory_.account(id(),
                           "trading = \"on\"\nstrategy.name = \"vwap_bounce\"\n"
                           "events.on_unknown = \"trade\"\n" +
                               settings);
    }

    TemporaryHome directory_;
    storage::SystemFileSystem files_;
};

// A further record at the journal's end.
inline void append_record(const PaperHome& paper, worker::JournalKind kind, std::string_view body) {
    storage::SystemFileSystem files;
    auto journal = storage::Journal::open(files, paper.home().account(PaperHome::id()).journal,
                                          PaperHome::id())
                       .value();
    (void)journal.append(static_cast<std::uint16_t>(kind), body).value();
}

}  // namespace bullpen::test
