#include "worker/tools/account_run.hpp"

#include <filesystem>

#include "common/base/errc.hpp"
#include "common/config/roster.hpp"
#include "common/storage/journal.hpp"
#include "worker/engine.hpp"
#include "worker/execution/ledger.hpp"
#include "worker/observer.hpp"
#include "worker/payout.hpp"
#include "worker/recorded_settings.hpp"
#include "worker/risk/account_size.hpp"
#include "worker/risk/risk_gate.hpp"
#include "worker/signals/observation.hpp"

namespace bullpen::tools {

namespace {

// What one kind of desk did: one that trades, or one that only says what it would do.
struct Book {
    std::vector<execution::Trade> trades;
    std::vector<report::DayEquity> days;
    std::vector<report::Payout> payouts;
    bool begun = false;  // a bar on which it might have traded, or something done, was there
    std::optional<UtcTime> first;
    std::optional<UtcTime> last;
    model::Money start;
    execution::Ledger ledger;
    std::optional<time::MarketSpan> day;  // of the last bar
    model::Price close;
};

// Goes through the records and keeps what follows from them.
class RunReading {
  public:
    RunReading(AccountRun& made, BarsToo bars_too)
        : made_(made), bars_too_(bars_too == BarsToo::yes), traded_(book()), shadow_(book()) {}

    Result<void> take(const storage::JournalRecord& record) {
        using worker::JournalKind;
        // Nothing but the first records of all begins with nobody having said a mode.
        if (made_.records++ == 0)
            mode_ = record.sequence == 1 ? model::code(model::TradingMode::idle) : "";
        if (execution::is_record_kind(record.kind)) {
            BULLPEN_TRY(const auto decoded, execution::decode(record.kind, record.body));
            std::visit([this](const auto& body) { apply(body); }, decoded);
            return made_.entries.record(decoded);
        }
        switch (static_cast<JournalKind>(record.kind)) {
            case JournalKind::feed:
                made_.sources.push_back({std::string(record.body),
                                         {},
                                         current_->trades.size(),
                                         made_.modes.size(),
                                         current_->ledger.totals().net(),
                                         record.sequence,
                                         current_->payouts.size()});
                // Its first bar says the mode again.
                is_noted_ = false;
                break;
            case JournalKind::bar: {
                BULLPEN_TRY(const auto bar, worker::decode_bar(record.body));
                take(bar);
                break;
            }
            case JournalKind::observation: {
                BULLPEN_TRY(const auto observation, signals::decode(record.body));
                take(observation.bar);
                break;
            }
            case JournalKind::mode: mode_ = record.body; break;
            case JournalKind::lateness: is_late_ = record.body == worker::k_late; break;
            case JournalKind::settings: return take_settings(record);
            case JournalKind::payout: return take_payout(record);
            case JournalKind::desk: take_desk(record.body == "shadow" ? shadow_ : traded_); break;
            default: break;  // what a newer program records of itself
        }
        return {};
    }

    void finish() {
        end_day(traded_);
        end_day(shadow_);
        auto& run = made_.run;
        auto& book = *current_;
        run.shadow = current_ == &shadow_;
        run.start = book.start;
        run.trades = std::move(book.trades);
        run.days = std::move(book.days);
        run.payouts = std::move(book.payouts);
        run.first = book.first;
        run.last = book.last;
        const auto* line = book.ledger.find(model::Symbol::cut(made_.instrument->symbol));
        run.open_contracts = line != nullptr ? line->position.quantity : 0;
    }

  private:
    [[nodiscard]] Book book() const {
        return {{},
                {},
                {},
                false,
                {},
                {},
                made_.run.start,
                execution::Ledger(std::span(&made_.instrument, 1)),
                {},
                {}};
    }
    void take_desk(Book& book) {
        if (current_ == &book)
            return;
        current_ = &book;
        if (made_.sources.empty())
            return;
        made_.sources.back().first_trade = book.trades.size();
        made_.sources.back().net = book.ledger.totals().net();
        made_.sources.back().first_payout = book.payouts.size();
    }
    void take(const model::Bar& bar) {
        auto& book = *current_;
        if (!made_.bars_from)
            made_.bars_from = bar.start;
        made_.bars_to = made_.bars_to ? std::max(*made_.bars_to, bar.end()) : bar.end();
        note(bar);
        book.begun = book.begun || mode_ != model::code(model::TradingMode::idle);
        if (book.begun)
            count(book, bar);
    }
    void note(const model::Bar& bar) {
        const auto mode = is_late_ ? std::string(k_late_mode) : mode_;
        if (mode != noted_mode_ || !is_noted_) {
            is_noted_ = true;
            noted_mode_ = mode;
            made_.modes.push_back({bar.start, mode});
        }
        if (!bars_too_)
            return;
        if (made_.sources.empty())
            made_.sources.emplace_back().net = current_->ledger.totals().net();
        made_.sources.back().bars.push_back(bar);
    }
    // A source that is begun anew may go back in time; the account's days go on.
    void count(Book& book, const model::Bar& bar) {
        if (!book.first)
            book.first = bar.start;
        if (!book.day || !book.day->holds(bar.start)) {
            end_day(book);
            book.day = made_.calendar.span(bar.start);
        }
        book.last = book.last ? std::max(*book.last, bar.end()) : bar.end();
        book.close = bar.close;
    }
    Result<void> take_settings(const storage::JournalRecord& record) {
        BULLPEN_TRY(auto body, worker::decode_settings(record.body));
        if (settings_) {
            SettingsSince change{record.sequence, made_.bars_to,
                                 config::changes(*settings_, body.texts)};
            if (!change.keys.empty())
                made_.settings_changes.push_back(std::move(change));
        }
        settings_ = std::move(body.texts);
        return {};
    }
    // The day is the market's; of an account without a bar, that in which it was told.
    Result<void> take_payout(const storage::JournalRecord& record) {
        BULLPEN_TRY(const auto paid, worker::decode_payout(record.body));
        const auto& day = current_->day;
        current_->payouts.push_back(
            {day ? day->day : made_.calendar.trading_day(paid.at), paid.amount});
        return {};
    }
    void end_day(Book& book) const {
        if (!book.day)
            return;
        const auto day = book.day->day;
        if (!book.days.empty() && book.days.back().day == day)
            book.days.pop_back();
        if (book.days.empty() || book.days.back().day < day)
            book.days.push_back({day, equity(book)});
    }
    [[nodiscard]] model::Money equity(const Book& book) const {
        auto equity = book.start + book.ledger.totals().net();
        const auto* line = book.ledger.find(model::Symbol::cut(made_.instrument->symbol));
        if (line != nullptr && !line->position.flat()) {
            equity = equity + model::value_of_ticks(*made_.instrument,
                                                    model::open_ticks(line->position, book.close));
        }
        return equity;
    }

    template <class Body>
    void apply(const Body& /*body*/) {}
    void apply(const execution::Filled& filled) {
        current_->begun = true;
        current_->ledger.apply(filled.fill, {});
    }
    void apply(const execution::Adopted& adopted) {
        current_->begun = true;
        current_->ledger.adopt(adopted);
    }
    void apply(const execution::Traded& traded) { current_->trades.push_back(traded.trade); }
    // Until an execution the broker's number is what the account began with.
    void apply(const execution::Balance& balance) {
        if (current_->ledger.totals().executions == 0)
            current_->start = balance.cash;
    }

    AccountRun& made_;
    bool bars_too_;
    Book traded_;
    Book shadow_;
    Book* current_ = &traded_;
    std::string mode_;
    bool is_late_ = false;
    std::string noted_mode_;
    bool is_noted_ = false;
    std::optional<config::SettingTexts> settings_;
};

}  // namespace

Result<std::optional<report::Bound>> bound(const Words& words, std::string_view option) {
    BULLPEN_TRY(const auto at, words.time(option));
    if (const auto day = words.day(option))
        return report::Bound(time::TradingDay(*day));
    return at ? std::optional(report::Bound(*at)) : std::nullopt;
}

KnownSettings known_settings(const Home& home, const AccountId& account) {
    if (auto applied = config::applied_account(home, account))
        return {std::move(*applied), {}};
    auto read = config::read_account(home, account);
    if (read)
        return {std::move(*read), {}};
    return {config::AccountSettings(account),
            "defaults, since the account's own cannot be read: " + read.error().message()};
}

Result<void> must_be_known(const Home& home, const AccountId& account) {
    const auto paths = home.account(account);
    std::error_code code;
    if (std::filesystem::exists(paths.roster_file, code) ||
        std::filesystem::exists(paths.directory, code))
        return {};
    return fail(Errc::not_found, "there is no account '" + account.str() + "' in " + home.root() +
                                     "; bullpenctl list names those that there are");
}

Result<void> must_be_ours(const Home& home, const config::AccountSettings& settings) {
    // One that Bullpen's worker traded before has its records of then.
    std::error_code code;
    if (settings.command.empty() ||
        std::filesystem::exists(home.account(settings.id).journal, code))
        return {};
    return fail(Errc::refused, "account '" + settings.id.str() +
                                   "' is traded by a program of its own (`command`), which keeps "
                                   "its records itself: there is no journal of its trading here");
}

Result<std::unique_ptr<AccountRun>> read_account_run(const Home& home, const AccountId& account,
                                                     const MarketTables& tables, BarsToo bars_too) {
    BULLPEN_CHECK(must_be_known(home, account));
    auto known = known_settings(home, account);
    BULLPEN_CHECK(must_be_ours(home, known.settings));
    BULLPEN_TRY(const auto* instrument, tables.instruments.find(known.settings.feed.instrument));
    BULLPEN_TRY(auto calendar, calendar_of(*instrument, tables.holidays));
    std::unique_ptr<AccountRun> owned(new AccountRun{std::move(known.settings),
                                                     std::move(known.note),
                                                     instrument,
                                                     std::move(calendar),
                                                     {},
                                                     {},
                                                     {},
                                                     {},
                                                     {},
                                                     EntryStories(*instrument),
                                                     {},
                                                     0});
    auto& made = *owned;
    auto& run = made.run;
    run.calendar = &made.calendar;
    run.title = account.str();
    run.kind = "account";
    run.instruments = &tables.instruments;
    run.start = {made.settings.risk->start_balance * 1'000'000, instrument->tick_value.currency};
    RunReading reading(made, bars_too);
    storage::SystemFileSystem files;
    BULLPEN_CHECK(storage::Journal::look(
        files, home.account(account).journal, account,
        [&](const storage::JournalRecord& record) { return reading.take(record); }));
    reading.finish();
    if (!made.settings_note.empty())
        run.facts.emplace_back("settings", made.settings_note);
    run.facts.emplace_back("strategy", made.settings.strategy->name.empty()
                                           ? std::string("none")
                                           : made.settings.strategy->name);
    run.facts.emplace_back("instrument", std::string(instrument->symbol));
    if (const auto pack = tables.packs.find(made.settings.risk->rule_pack)) {
        const risk::RiskGate gate(*instrument, *made.settings.risk, **pack);
        run.nominal = {risk::missing_size(gate.floor()), run.start.currency};
    }
    return owned;
}

void tell_start(report::RunRecord& run) {
    run.facts.emplace_back("start equity",
                           model::text(run.start) + " " + std::string(run.start.currency.code()));
}

}  // namespace bullpen::tools
