#include "worker/tools/account_run.hpp"

#include "common/base/errc.hpp"
#include "common/config/roster.hpp"
#include "common/storage/journal.hpp"
#include "worker/engine.hpp"
#include "worker/execution/ledger.hpp"
#include "worker/observer.hpp"

namespace bullpen::tools {

namespace {

// Goes through the records and keeps what follows from them.
class Reading {
  public:
    Reading(AccountRun& made, BarsToo bars_too)
        : made_(made),
          bars_too_(bars_too == BarsToo::yes),
          ledger_(std::span(&made.instrument, 1)) {}

    Result<void> take(const storage::JournalRecord& record) {
        ++made_.records;
        if (execution::is_record_kind(record.kind)) {
            BULLPEN_TRY(const auto decoded, execution::decode(record.kind, record.body));
            std::visit([this](const auto& body) { apply(body); }, decoded);
        } else if (record.kind == static_cast<std::uint16_t>(worker::JournalKind::feed)) {
            made_.sources.push_back({std::string(record.body), {}, made_.run.trades.size()});
        } else if (record.kind == static_cast<std::uint16_t>(worker::JournalKind::bar)) {
            BULLPEN_TRY(const auto bar, worker::decode_bar(record.body));
            take(bar);
        }
        return {};
    }

    void finish() {
        end_day();
        const auto* line = ledger_.find(model::Symbol::cut(made_.instrument->symbol));
        made_.run.open_contracts = line != nullptr ? line->position.quantity : 0;
    }

  private:
    void take(const model::Bar& bar) {
        auto& run = made_.run;
        // A source that is begun anew may go back in time; the account's days go on.
        if (!run.first)
            run.first = bar.start;
        if (!day_until_ || bar.start >= *day_until_ || bar.start < day_from_) {
            end_day();
            const auto span = made_.calendar.span(bar.start);
            day_ = span.day;
            day_from_ = span.begin;
            day_until_ = span.end;
        }
        run.last = run.last ? std::max(*run.last, bar.end()) : bar.end();
        close_ = bar.close;
        if (!bars_too_)
            return;
        if (made_.sources.empty())
            made_.sources.emplace_back();
        made_.sources.back().bars.push_back(bar);
    }
    void end_day() {
        if (!day_)
            return;
        auto& days = made_.run.days;
        if (!days.empty() && days.back().day == *day_)
            days.pop_back();
        if (days.empty() || days.back().day < *day_)
            days.push_back({*day_, equity()});
    }
    [[nodiscard]] model::Money equity() const {
        auto equity = made_.run.start + ledger_.totals().net();
        const auto* line = ledger_.find(model::Symbol::cut(made_.instrument->symbol));
        if (line != nullptr && !line->position.flat()) {
            equity = equity + model::value_of_ticks(*made_.instrument,
                                                    model::open_ticks(line->position, close_));
        }
        return equity;
    }

    template <class Body>
    void apply(const Body& /*body*/) {}
    void apply(const execution::Filled& filled) { ledger_.apply(filled.fill, {}); }
    void apply(const execution::Adopted& adopted) { ledger_.adopt(adopted); }
    void apply(const execution::Traded& traded) { made_.run.trades.push_back(traded.trade); }

    AccountRun& made_;
    bool bars_too_;
    execution::Ledger ledger_;
    std::optional<time::TradingDay> day_;
    UtcTime day_from_{};
    std::optional<UtcTime> day_until_;
    model::Price close_;
};

struct Known {
    config::AccountSettings settings;
    std::string note;
};

Known settings_of(const Home& home, const AccountId& account) {
    if (auto applied = config::applied_account(home, account))
        return {std::move(*applied), {}};
    auto read = config::read_account(home, account);
    if (read)
        return {std::move(*read), {}};
    return {config::AccountSettings(account),
            "defaults, since the account's own cannot be read: " + read.error().message()};
}

}  // namespace

Result<std::unique_ptr<AccountRun>> read_account_run(const Home& home, const AccountId& account,
                                                     const MarketTables& tables, BarsToo bars_too) {
    auto known = settings_of(home, account);
    BULLPEN_TRY(const auto* instrument, tables.instruments.find(known.settings.feed.instrument));
    BULLPEN_TRY(auto calendar, calendar_of(*instrument, tables.holidays));
    auto owned = std::make_unique<AccountRun>(AccountRun{std::move(known.settings),
                                                         std::move(known.note),
                                                         instrument,
                                                         std::move(calendar),
                                                         {},
                                                         {},
                                                         0});
    auto& made = *owned;
    auto& run = made.run;
    run.calendar = &made.calendar;
    run.title = account.str();
    run.kind = "account";
    run.shadow = made.settings.trading == config::TradingKind::shadow;
    run.instruments = &tables.instruments;
    run.start = {made.settings.risk.start_balance * 1'000'000, instrument->tick_value.currency};
    Reading reading(made, bars_too);
    storage::SystemFileSystem files;
    BULLPEN_CHECK(storage::Journal::look(
        files, home.account(account).journal, account,
        [&](const storage::JournalRecord& record) { return reading.take(record); }));
    reading.finish();
    if (!made.settings_note.empty())
        run.facts.emplace_back("settings", made.settings_note);
    run.facts.emplace_back("strategy", made.settings.strategy.name.empty()
                                           ? std::string("none")
                                           : made.settings.strategy.name);
    run.facts.emplace_back("instrument", std::string(instrument->symbol));
    run.facts.emplace_back("start equity",
                           model::text(run.start) + " " + std::string(run.start.currency.code()));
    return owned;
}

}  // namespace bullpen::tools
