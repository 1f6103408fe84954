#include "worker/tools/account_replay.hpp"

#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "common/storage/journal.hpp"
#include "worker/engine.hpp"
#include "worker/recorded_settings.hpp"
#include "worker/signals/names.hpp"
#include "worker/tools/account_run.hpp"
#include "worker/trader_setup.hpp"

namespace bullpen::tools {

namespace {

using execution::Record;
using nlohmann::json;

// What a replay has in the place of a broker: nothing is sent and nothing comes.
class NoBroker final : public broker::Port {
  public:
    [[nodiscard]] int fd() const override { return -1; }
    std::optional<MonoTime> poll(Instant /*now*/, std::vector<broker::Event>& /*events*/) override {
        return std::nullopt;
    }
    void connect(Instant /*now*/) override {}
    [[nodiscard]] bool connected() const override { return false; }
    [[nodiscard]] std::string_view session_account() const override { return {}; }
    void submit(const risk::Approved<model::OrderTerms>& /*terms*/, Instant /*now*/) override {}
    void cancel(const model::ClientOrderId& /*order*/, Instant /*now*/) override {}
    void replace(const model::ClientOrderId& /*order*/, std::int64_t /*quantity*/,
                 model::Price /*price*/, Instant /*now*/) override {}
    [[nodiscard]] bool can_replace() const override { return false; }
    std::uint64_t query_orders(UtcTime /*since*/, Instant /*now*/) override { return 0; }
    std::uint64_t query_fills(UtcTime /*since*/, Instant /*now*/) override { return 0; }
    std::uint64_t query_positions(Instant /*now*/) override { return 0; }
    std::uint64_t query_balance(Instant /*now*/) override { return 0; }
    std::uint64_t query_instrument(const model::Symbol& /*symbol*/, Instant /*now*/) override {
        return 0;
    }
};

class NoRecorder final : public execution::Recorder {
  public:
    Result<void> durable(const Record& /*record*/) override { return {}; }
    Result<void> record(const Record& /*record*/) override { return {}; }
};

// Whose decision a record is about; none for one that says only what became of an order.
const model::IntentKey* key_of(const Record& record) {
    if (const auto* intended = std::get_if<execution::Intended>(&record))
        return &intended->terms.key;
    if (const auto* denied = std::get_if<execution::Denied>(&record))
        return &denied->key;
    if (const auto* begun = std::get_if<execution::ExitBegun>(&record))
        return &begun->key;
    return nullptr;
}

bool is_decision(const Record& record) {
    return key_of(record) != nullptr || std::holds_alternative<execution::Planned>(record);
}

bool is_entry(const Record& record) {
    const auto* key = key_of(record);
    return key != nullptr && key->leg == model::Purpose::entry;
}

// Records of what the strategy asked for, not of what the order manager does by itself.
bool is_strategys(const Record& record) {
    const auto* begun = std::get_if<execution::ExitBegun>(&record);
    return is_entry(record) ||
           (begun != nullptr && (begun->key.leg == model::Purpose::exit ||
                                 begun->key.leg == model::Purpose::partial_exit));
}

json parsed(const std::string& text) {
    return documents::parse_json(text);
}

}  // namespace

bool ReplayedDecision::explained() const {
    for (const auto& record : followed) {
        if (!is_strategys(record))
            continue;
        if (is_entry(record)) {
            const auto* enter = std::get_if<strategy::Enter>(&action);
            const auto* intended = std::get_if<execution::Intended>(&record);
            if (enter == nullptr || (intended != nullptr && intended->terms.side != enter->side))
                return false;
        } else if (!std::holds_alternative<strategy::Exit>(action) &&
                   !std::holds_alternative<strategy::Partial>(action)) {
            return false;
        }
    }
    return true;
}

struct AccountReplay::Desk {
    NoBroker port;
    NoRecorder recorder;
    std::unique_ptr<trading::Trader> trader;
};

AccountReplay::AccountReplay(const Home& home, config::AccountSettings settings, std::string note,
                             const MarketTables& tables)
    : home_(home), settings_(std::move(settings)), tables_(tables), own_(settings_) {
    facts_.settings_note = std::move(note);
}

AccountReplay::~AccountReplay() = default;

Result<std::unique_ptr<AccountReplay>> AccountReplay::open(const Home& home,
                                                           const AccountId& account,
                                                           const MarketTables& tables) {
    BULLPEN_CHECK(must_be_known(home, account));
    auto known = known_settings(home, account);
    BULLPEN_CHECK(must_be_ours(home, known.settings));
    std::unique_ptr<AccountReplay> made(
        new AccountReplay(home, std::move(known.settings), std::move(known.note), tables));
    BULLPEN_CHECK(made->begin_settings());
    BULLPEN_CHECK(made->make_observer());
    if (made->settings_.trading == config::TradingKind::shadow ||
        made->settings_.trading == config::TradingKind::on) {
        BULLPEN_TRY(made->desk_, made->desk_of(std::string(config::code(made->settings_.trading))));
    }
    return made;
}

Result<void> AccountReplay::make_observer() {
    BULLPEN_TRY(instrument_, tables_.instruments.find(settings_.feed.instrument));
    if (settings_.signals == config::SignalsKind::shared) {
        observer_ = worker::Observer::create_shared(*instrument_);
        return {};
    }
    BULLPEN_TRY(observer_, worker::Observer::create(
                               *instrument_, signals::indicator_settings(settings_, *instrument_)));
    return {};
}

Result<void> AccountReplay::go_on_with(config::AccountSettings settings) {
    const auto kind = std::string(config::code(settings.trading));
    settings_ = std::move(settings);
    const auto engine = observer_->save();
    BULLPEN_CHECK(make_observer());
    if (const auto restored = observer_->restore(engine); !restored) {
        if (restored.error().code() != make_error_code(Errc::invalid) || observer_->takes_over())
            return fail(restored.error());
        BULLPEN_CHECK(observer_->restore_without_indicators(engine));
        kept_observer_ = engine;
        indicators_wait_ = true;
    }
    for (auto& [name, desk] : desks_) {
        const auto saved = desk->trader->save();
        BULLPEN_CHECK(make_trader(name, *desk));
        const auto restored = desk->trader->restore(saved);
        // What the account does not do now is nothing to the worker either.
        if (!restored && name == kind)
            return fail(restored.error());
    }
    return {};
}

Result<AccountReplay::Desk*> AccountReplay::desk_of(const std::string& kind) {
    const auto found = desks_.find(kind);
    if (found != desks_.end())
        return found->second.get();
    auto desk = std::make_unique<Desk>();
    BULLPEN_CHECK(make_trader(kind, *desk));
    return desks_.emplace(kind, std::move(desk)).first->second.get();
}

Result<void> AccountReplay::make_trader(const std::string& kind, Desk& desk) {
    auto settings = settings_;
    settings.trading = kind == "shadow" ? config::TradingKind::shadow : config::TradingKind::on;
    BULLPEN_TRY(const auto* pack, tables_.packs.find(settings.risk->rule_pack));
    auto made = worker::trader_settings(settings, *instrument_, *pack);
    made.holidays = &tables_.holidays;
    BULLPEN_TRY(desk.trader, trading::Trader::create(std::move(made), desk.port, desk.recorder));
    return {};
}

const trading::Trader* AccountReplay::trader() const {
    return desk_ != nullptr ? desk_->trader.get() : nullptr;
}

Result<void> AccountReplay::read_state() {
    storage::SystemFileSystem files;
    auto read = storage::peek_state(files, home_.account(settings_.id).state_file);
    if (!read) {
        facts_.state_note = "it cannot be compared: " + read.error().message();
        return {};
    }
    if (read->account != settings_.id.str()) {
        return fail(Errc::wrong_account, "the state file is of account '" + read->account + "'");
    }
    state_ = std::move(read->record);
    facts_.state_record = state_->journal_sequence;
    return {};
}

// The checkpoint stands for the records that were removed.
Result<void> AccountReplay::begin_from_state(std::uint64_t first_record) {
    if (!state_ || state_->journal_sequence + 1 < first_record) {
        return fail(Errc::invalid, "the journal begins with record " +
                                       std::to_string(first_record) +
                                       ", and no state file stands for those before it");
    }
    const auto data = parsed(state_->data);
    if (!data.is_object() || !data.contains("engine"))
        return fail(Errc::corrupt, "the state file lacks the engine");
    if (const auto saved = data.find("settings"); saved != data.end() && saved->is_object()) {
        BULLPEN_TRY(const auto body,
                    worker::decode_settings(documents::json_text(json{{"settings", *saved}})));
        facts_.settings_note.clear();
        settings_ = recorded(body.texts);
        BULLPEN_CHECK(make_observer());
    }
    BULLPEN_CHECK(observer_->restore(documents::json_text(data["engine"])));
    const auto kind = data.value("desk", "");
    if (const auto desks = data.find("desks"); desks != data.end() && desks->is_object()) {
        for (const auto& [name, saved] : desks->items()) {
            BULLPEN_TRY(auto* desk, desk_of(name));
            BULLPEN_CHECK(desk->trader->restore(documents::json_text(saved)));
        }
    }
    if (!kind.empty()) {
        BULLPEN_TRY(desk_, desk_of(kind));
    }
    facts_.begun_at = state_->journal_sequence;
    facts_.last_record = facts_.begun_at;
    facts_.state_note = "it is what the replay began with, since the journal was cut";
    if (until_ && observer_->last_bar() && observer_->last_bar()->end() > *until_) {
        return fail(Errc::invalid,
                    "the journal was cut, and nothing can be rebuilt of the time before " +
                        format_utc(observer_->last_bar()->end()));
    }
    return {};
}

Result<void> AccountReplay::run(std::optional<UtcTime> until) {
    until_ = until;
    BULLPEN_CHECK(read_state());
    storage::SystemFileSystem files;
    bool first = true;
    BULLPEN_CHECK(storage::Journal::look(files, home_.account(settings_.id).journal, settings_.id,
                                         [&](const storage::JournalRecord& record) -> Result<void> {
                                             if (std::exchange(first, false) && record.sequence > 1)
                                                 BULLPEN_CHECK(begin_from_state(record.sequence));
                                             if (past_ || record.sequence > record_last ||
                                                 record.sequence <= facts_.begun_at)
                                                 return {};
                                             return take(record);
                                         }));
    facts_.complete = !past_;
    facts_.shadow =
        desk_ != nullptr && desks_.contains("shadow") && desks_.at("shadow").get() == desk_;
    if (facts_.state.empty() && facts_.state_note.empty())
        facts_.state_note = until_ ? "it is newer than the time that was asked for"
                                   : "it is of a later record than the last that could be read";
    return {};
}

void AccountReplay::begin_market(std::string_view feed) {
    observer_->begin(std::string(feed));
    kept_observer_.clear();
    indicators_wait_ = false;
    recent_.clear();
    if (desk_ != nullptr)
        desk_->trader->begin_market();
}

Result<void> AccountReplay::take_payout(const storage::JournalRecord& record) {
    BULLPEN_TRY(const auto paid, worker::decode_payout(record.body));
    facts_.payouts.push_back(paid);
    if (desk_ != nullptr)
        desk_->trader->on_payout(paid.amount);
    return {};
}

Result<void> AccountReplay::take(const storage::JournalRecord& record) {
    using worker::JournalKind;
    switch (static_cast<JournalKind>(record.kind)) {
        case JournalKind::feed: begin_market(record.body); break;
        case JournalKind::settings: BULLPEN_CHECK(take_settings(record)); break;
        case JournalKind::bar: {
            BULLPEN_TRY(const auto bar, worker::decode_bar(record.body));
            BULLPEN_CHECK(look_at_time(bar));
            if (past_)
                return {};
            take_into_observer(bar);
            BULLPEN_CHECK(take_bar());
            break;
        }
        case JournalKind::observation: {
            BULLPEN_TRY(const auto observation, signals::decode(record.body));
            BULLPEN_CHECK(look_at_time(observation.bar));
            if (past_)
                return {};
            if (observer_->takes_over())
                observer_->take(observation);
            else
                take_into_observer(observation.bar);
            BULLPEN_CHECK(take_bar());
            break;
        }
        case JournalKind::mode: {
            const auto mode = model::trading_mode_from(record.body);
            if (!mode)
                return fail(Errc::corrupt, "a saved mode is none");
            facts_.mode = record.body;
            if (desk_ != nullptr)
                desk_->trader->set_mode(*mode);
            break;
        }
        case JournalKind::floor:
            if (desk_ != nullptr)
                desk_->trader->restart_floor();
            break;
        case JournalKind::payout: BULLPEN_CHECK(take_payout(record)); break;
        case JournalKind::tick: {
            BULLPEN_TRY(const auto tick, worker::decode_tick(record.body));
            past_ = until_ && tick.time > *until_;
            if (past_)
                return {};
            take_tick(tick);
            break;
        }
        case JournalKind::job: break;  // nothing of what the strategy knew
        case JournalKind::lateness: is_late_ = record.body == worker::k_late; break;
        case JournalKind::desk: {
            BULLPEN_TRY(desk_, desk_of(std::string(record.body)));
            break;
        }
        default:
            if (!execution::is_record_kind(record.kind)) {
                return fail(Errc::newer_version,
                            "journal record " + std::to_string(record.sequence) +
                                " has the unknown kind " + std::to_string(record.kind));
            }
            BULLPEN_TRY(const auto decoded, execution::decode(record.kind, record.body));
            take_order(decoded);
    }
    ++facts_.records;
    facts_.last_record = record.sequence;
    if (state_ && record.sequence == state_->journal_sequence)
        compare();
    return {};
}

Result<void> AccountReplay::look_at_time(const model::Bar& bar) {
    past_ = until_ && bar.end() > *until_;
    if (past_ && facts_.bars == 0 && facts_.begun_at == 0) {
        return fail(Errc::invalid, "the journal's first bar ends at " + format_utc(bar.end()) +
                                       ", and nothing can be rebuilt of the time before");
    }
    return {};
}

// Where the worker went on with its position, other indicators began with the bars before.
void AccountReplay::take_into_observer(const model::Bar& bar) {
    if (indicators_wait_) {
        observer_->begin_indicators();
        for (const auto& before : recent_)
            observer_->warm_up(before);
        indicators_wait_ = false;
        kept_observer_.clear();
    }
    observer_->add(bar);
    recent_.push_back(bar);
    if (recent_.size() > worker::k_bars_to_warm)
        recent_.pop_front();
}

Result<void> AccountReplay::take_bar() {
    const auto& bar = *observer_->last_bar();
    newest_ = bar;
    ++facts_.bars;
    if (!facts_.first)
        facts_.first = bar.start;
    facts_.last = bar.end();
    if (desk_ == nullptr) {
        if (on_bar)
            on_bar();
        return {};
    }
    auto& trader = *desk_->trader;
    trader.replay_bar(bar, observer_->values(), observer_->closed_quarters());
    const auto& action = trader.strategy().last().action();
    if (!std::holds_alternative<std::monostate>(action))
        decisions_.push_back({bar, action, {}, trader.mode(), is_late_});
    if (on_bar)
        on_bar();
    return {};
}

void AccountReplay::take_tick(const model::QuotedTrade& tick) {
    newest_ = trading::bar_of(tick);
    if (desk_ == nullptr)
        return;
    auto& trader = *desk_->trader;
    const auto decided = trader.counters().exits_on_ticks;
    trader.replay_tick(tick);
    // That the stop belongs elsewhere is said again with every trade until it stands there.
    if (trader.counters().exits_on_ticks != decided)
        decisions_.push_back({*newest_, trader.strategy().last().action(), {}, trader.mode()});
}

void AccountReplay::take_order(const Record& record) {
    ++facts_.order_records;
    if (on_record)
        on_record(record);
    if (desk_ != nullptr)
        desk_->trader->replay(record);
    if (!is_decision(record))
        return;
    const auto& last = newest_;
    const bool of_last = !decisions_.empty() && last && decisions_.back().bar.start == last->start;
    // What the order manager does by itself (stops, closings) needs no decision.
    if (!of_last && !is_strategys(record))
        return;
    if (!of_last) {
        decisions_.push_back({last.value_or(model::Bar{}),
                              {},
                              {},
                              desk_ != nullptr ? desk_->trader->mode() : model::TradingMode::idle});
    }
    decisions_.back().followed.push_back(record);
}

// The first places in which two JSON values differ.
PartVerdict compared(const char* part, const json& saved, const json& rebuilt) {
    constexpr std::size_t k_differences = 10;
    PartVerdict verdict{part, saved == rebuilt, {}};
    for (const auto& step : json::diff(saved, rebuilt)) {
        if (verdict.differences.size() == k_differences)
            break;
        const json::json_pointer place(step["path"].get<std::string>());
        const auto at = [&](const json& value) {
            return value.contains(place) ? documents::json_text(value.at(place))
                                         : std::string("nothing");
        };
        verdict.differences.push_back(place.to_string() + ": " + at(saved) + " -> " + at(rebuilt));
    }
    return verdict;
}

// A part of a saved trader; some are JSON themselves.
json opened(const json& saved, const char* part) {
    json value = saved.value(part, json());
    if (!value.is_string())
        return value;
    json inner = parsed(value.get<std::string>());
    return inner.is_object() ? inner : value;
}

void AccountReplay::compare() {
    const auto data = parsed(state_->data);
    if (!data.is_object() || !data.contains("engine")) {
        facts_.state_note = "it cannot be compared: it lacks the engine";
        return;
    }
    const auto engine = kept_observer_.empty() ? observer_->save() : kept_observer_;
    facts_.state.push_back(compared("engine", data["engine"], parsed(engine)));
    for (const auto& [kind, desk] : desks_) {
        if (desk.get() != desk_ || !data.contains("desks") || !data["desks"].contains(kind))
            continue;
        const auto& saved = data["desks"][kind];
        const auto rebuilt = parsed(desk->trader->save());
        for (const char* part : {"orders", "risk", "strategy"})
            facts_.state.push_back(compared(part, opened(saved, part), opened(rebuilt, part)));
    }
}

std::string text(const strategy::Action& action, const model::Instrument& instrument) {
    const auto price = [&](model::Price value) { return model::text(value, instrument.tick); };
    if (const auto* enter = std::get_if<strategy::Enter>(&action)) {
        return std::string("enter ") + (enter->side == model::Side::buy ? "long" : "short") +
               " at " + price(enter->signal) + ", stop " + price(enter->stop) + ", target " +
               price(enter->target);
    }
    if (const auto* exit = std::get_if<strategy::Exit>(&action))
        return "exit: " + std::string(strategy::code(exit->reason));
    if (const auto* partial = std::get_if<strategy::Partial>(&action)) {
        return "partial exit " + std::to_string(partial->stage) + " of " +
               std::to_string(partial->quantity);
    }
    if (const auto* move = std::get_if<strategy::MoveStop>(&action)) {
        return "move the stop to " + price(move->price) + ": " +
               std::string(strategy::code(move->reason));
    }
    return "nothing";
}

}  // namespace bullpen::tools
