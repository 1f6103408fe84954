#include "worker/engine.hpp"

#include <nlohmann/json.hpp>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "worker/payout.hpp"
#include "worker/recorded_settings.hpp"
#include "worker/signals/names.hpp"
#include "worker/version.hpp"

namespace bullpen::worker {

namespace {

using model::TradingMode;
using nlohmann::json;

// A bar that arrives at a full disk is tried again this much later.
constexpr Nanos k_disk_retry = std::chrono::seconds(1);

struct SavedData {
    std::string engine;
    std::optional<Mode> latch;
    std::map<std::string, std::string> desks;  // by kind
    std::string kind;                          // of the records after the checkpoint
    std::string jobs;                          // empty: none had run
    std::string settings;                      // that the journal has; empty: none
};

std::string latch_text(const Mode& latch) {
    json object = {{"mode", model::code(latch.mode)},
                   {"reason", model::code(latch.reason)},
                   {"since", format_utc_nanos(latch.since)}};
    if (latch.until)
        object["until"] = format_utc_nanos(*latch.until);
    return documents::json_text(object);
}

Result<Mode> parse_latch(const json& object) {
    const auto bad = [] { return fail(Errc::corrupt, "the operator's order cannot be read"); };
    const auto member = [&](const char* name) -> std::string {
        const auto found = object.find(name);
        return found != object.end() && found->is_string() ? found->get<std::string>() : "";
    };
    if (!object.is_object())
        return bad();
    const auto mode = model::trading_mode_from(member("mode"));
    const auto reason = model::reason_from(member("reason"));
    const auto since = parse_utc(member("since"));
    if (!mode || *mode == model::TradingMode::active || !reason || *reason == model::Reason::none ||
        !since) {
        return bad();
    }
    Mode latch{*mode, *reason, *since, std::nullopt, {}};
    if (object.contains("until")) {
        const auto until = parse_utc(member("until"));
        if (!until)
            return bad();
        latch.until = *until;
    }
    return latch;
}

Result<SavedData> parse_data(const std::string& text) {
    try {
        const json object = documents::parse_json(text);
        if (!object.is_object() || !object.contains("engine"))
            return fail(Errc::corrupt, "the state lacks the engine");
        SavedData data;
        data.engine = documents::json_text(object["engine"]);
        if (object.contains("latch")) {
            BULLPEN_TRY(data.latch, parse_latch(object["latch"]));
        }
        if (object.contains("desks") && object["desks"].is_object()) {
            for (const auto& [kind, desk] : object["desks"].items())
                data.desks[kind] = documents::json_text(desk);
        }
        data.kind = object.value("desk", "");
        if (object.contains("jobs"))
            data.jobs = documents::json_text(object["jobs"]);
        if (object.contains("settings"))
            data.settings = documents::json_text(object["settings"]);
        return data;
    } catch (const json::exception& problem) {
        return fail(Errc::corrupt, std::string("the state cannot be read: ") + problem.what());
    }
}

}  // namespace

Engine::Engine(AccountContext& context, Observer observer, std::unique_ptr<TradingDesk> desk)
    : context_(&context), observer_(std::move(observer)), desk_(std::move(desk)) {
    if (desk_ != nullptr)
        desk_kind_ = config::code(context.settings().trading);
}

Result<Engine> Engine::create(AccountContext& context, config::RecoveryPolicy recover,
                              execution::KillPoints* kill_points) {
    BULLPEN_TRY(const auto* instrument,
                context.instruments().find(context.settings().feed.instrument));
    BULLPEN_TRY(auto desk, TradingDesk::create(context, *instrument, recover, kill_points));
    if (context.settings().signals == config::SignalsKind::shared)
        return Engine(context, Observer::create_shared(*instrument), std::move(desk));
    const auto indicators = signals::indicator_settings(context.settings(), *instrument);
    BULLPEN_TRY(auto observer, Observer::create(*instrument, indicators));
    return Engine(context, std::move(observer), std::move(desk));
}

std::uint64_t Engine::recorded() const {
    return context_->journal().next_sequence() - 1;
}

Result<EngineRecovery> Engine::recover() {
    EngineRecovery recovery;
    BULLPEN_TRY(auto loaded, context_->state().load());
    recovery.origin = loaded.origin;
    recovery.trouble = loaded.trouble;
    std::uint64_t sequence = 0;
    if (loaded.record) {
        sequence = loaded.record->journal_sequence;
        recovery.clean_exit =
            loaded.record->clean_exit && loaded.origin == storage::StateOrigin::current;
        recovery.saved = loaded.record->saved;
        note_fence(loaded.record->fence);
        BULLPEN_TRY(auto data, parse_data(loaded.record->data));
        recovery.latch = data.latch;
        if (!data.jobs.empty())
            BULLPEN_CHECK(jobs_.restore(data.jobs));
        desks_ = std::move(data.desks);
        replayed_kind_ = data.kind;
        recorded_settings_ = std::move(data.settings);
        if (auto own = desks_.extract(desk_kind_); !own.empty() && desk_ != nullptr)
            BULLPEN_CHECK(desk_->restore(own.mapped()));
        if (desk_ != nullptr && !desk_->trader().has_strategy())
            kept_observer_ = data.engine;
        if (auto restored = observer_.restore(data.engine); !restored) {
            if (restored.error().code() != make_error_code(Errc::invalid))
                return fail(restored.error());
            BULLPEN_CHECK(observer_.restore_without_indicators(data.engine));
            kept_observer_ = data.engine;
            other_indicators_ = true;
        }
    }
    BULLPEN_CHECK(context_->open_journal(sequence + 1));
    recovery.torn = context_->journal().recovery();
    BULLPEN_CHECK(replay(sequence + 1, recovery));
    recovery.bars = observer_.position();
    checkpoint_at_ = sequence;
    return recovery;
}

Result<void> Engine::replay(std::uint64_t from, EngineRecovery& recovery) {
    auto& journal = context_->journal();
    if (recovery.origin == storage::StateOrigin::none && journal.first_sequence() > 1) {
        return fail(Errc::corrupt,
                    "there is no state file, but a journal that starts with record " +
                        std::to_string(journal.first_sequence()) +
                        ": restore the state file, or move the journal away to start anew");
    }
    return journal.read(from, [&](const storage::JournalRecord& record) -> Result<void> {
        BULLPEN_CHECK(apply(record));
        ++recovery.replayed;
        return {};
    });
}

Result<void> Engine::apply(const storage::JournalRecord& record) {
    switch (static_cast<JournalKind>(record.kind)) {
        case JournalKind::feed:
            observer_.begin(std::string(record.body));
            kept_observer_.clear();
            other_indicators_ = false;
            if (desk_ != nullptr)
                desk_->begin_market();
            break;
        case JournalKind::bar: {
            BULLPEN_TRY(const auto bar, decode_bar(record.body));
            observer_.add(bar);
            if (desk_ != nullptr)
                desk_->replay_bar(observer_);
            ++since_checkpoint_;
            break;
        }
        case JournalKind::observation: {
            BULLPEN_TRY(const auto observation, signals::decode(record.body));
            if (observer_.takes_over())
                observer_.take(observation);
            else
                observer_.add(observation.bar);
            if (desk_ != nullptr)
                desk_->replay_bar(observer_);
            ++since_checkpoint_;
            break;
        }
        case JournalKind::mode: {
            const auto mode = model::trading_mode_from(record.body);
            if (!mode)
                return fail(Errc::corrupt, "a saved mode is none");
            if (desk_ != nullptr)
                desk_->replay_mode(*mode);
            break;
        }
        case JournalKind::lateness: break;
        case JournalKind::desk: replayed_kind_ = record.body; break;
        case JournalKind::tick: {
            BULLPEN_TRY(const auto tick, decode_tick(record.body));
            if (desk_ != nullptr)
                desk_->replay_tick(tick);
            break;
        }
        case JournalKind::job: return jobs_.replay(record.body);
        case JournalKind::settings: {
            BULLPEN_TRY(const auto recorded, decode_settings(record.body));
            recorded_settings_ = documents::json_text(json(recorded.texts));
            break;
        }
        case JournalKind::floor:
            if (desk_ != nullptr && replayed_kind_ == desk_kind_)
                desk_->restart_floor();
            break;
        case JournalKind::payout: {
            BULLPEN_TRY(const auto paid, decode_payout(record.body));
            if (desk_ != nullptr && replayed_kind_ == desk_kind_)
                desk_->on_payout(paid.amount);
            break;
        }
        default:
            if (execution::is_record_kind(record.kind))
                return replay_order(record);
            return fail(Errc::newer_version, "journal record " + std::to_string(record.sequence) +
                                                 " has the unknown kind " +
                                                 std::to_string(record.kind));
    }
    return {};
}

// What was traded in the shadow is nothing to an account that trades, and the other way round.
Result<void> Engine::replay_order(const storage::JournalRecord& record) {
    if (desk_ != nullptr && replayed_kind_ == desk_kind_)
        return desk_->replay(record);
    if (replayed_kind_ != "on")
        return {};
    return fail(Errc::invalid,
                "the account's records end with orders of which nobody knows what became: set "
                "trading = \"on\" again, stop the account in order, then change it");
}

Result<bool> Engine::record(JournalKind kind, std::string_view body,
                            storage::Durability durability) {
    auto appended = context_->journal().append(static_cast<std::uint16_t>(kind), body, durability);
    if (appended)
        return true;
    if (storage::is_out_of_space(appended.error()))
        return false;
    return fail(appended.error());
}

Result<void> Engine::note_settings() {
    settings_ = documents::json_text(json(recordable(context_->settings())));
    return record_settings();
}

Result<void> Engine::record_settings() {
    if (settings_.empty() || settings_ == recorded_settings_)
        return {};
    const RecordedSettings body{std::string(k_version), checkpoint_at_,
                                recordable(context_->settings())};
    BULLPEN_TRY(const bool recorded, record(JournalKind::settings, encode(body)));
    if (recorded)
        recorded_settings_ = settings_;
    return {};
}

Result<EngineAttachment> Engine::attach(MarketData& data, Instant now) {
    auto& feed = data.feed();
    if (desk_ != nullptr && desk_->paces())
        feed.follow(desk_->bars_over().value_or(0), now);
    if (desk_ != nullptr && desk_->ticks() != nullptr)
        feed.follow_ticks();
    EngineAttachment done;
    const bool at_work = desk_ != nullptr && desk_->at_work();
    if (feed.identity() != observer_.feed_identity() ||
        feed.instrument().symbol != observer_.instrument().symbol ||
        (other_indicators_ && !at_work)) {
        // Its bars would be taken for those of the market in which the position is.
        if (at_work) {
            return fail(Errc::invalid,
                        "it has a position or an order in the market '" +
                            observer_.feed_identity() + "', and [feed] names '" + feed.identity() +
                            "' by now: put [feed] back, flatten the account, then change it");
        }
        BULLPEN_CHECK(begin_market(feed));
        done.market_anew = true;
    } else if (other_indicators_) {
        const auto position = observer_.position();
        observer_.begin_indicators();
        BULLPEN_CHECK(feed.look_over(position - std::min(position, k_bars_to_warm), position,
                                     [&](const model::Bar& bar) { observer_.warm_up(bar); }));
        done.indicators_anew = true;
    }
    if (other_indicators_)
        kept_observer_.clear();
    other_indicators_ = false;
    waiting_.reset();
    BULLPEN_CHECK(feed.seek(observer_.position()));
    feed.start(now);
    data_ = &data;
    return done;
}

Result<void> Engine::begin_market(const feed::Feed& feed) {
    BULLPEN_TRY(const bool recorded, record(JournalKind::feed, feed.identity()));
    if (!recorded) {
        return fail(std::make_error_code(std::errc::no_space_on_device),
                    "beginning with a new source");
    }
    observer_.begin(feed.identity());
    if (desk_ != nullptr)
        desk_->begin_market();
    return {};
}

Result<void> Engine::start_desk(Fence fence, Instant now) {
    BULLPEN_TRY(const bool recorded, record(JournalKind::desk, desk_kind_));
    if (!recorded)
        return fail(std::make_error_code(std::errc::no_space_on_device), "beginning to trade");
    desk_->forget_noted_mode();
    return desk_->start(fence, now);
}

Result<bool> Engine::restart_floor() {
    BULLPEN_TRY(const bool recorded, record(JournalKind::floor, {}));
    if (recorded)
        desk_->restart_floor();
    return recorded;
}

Result<bool> Engine::pay_out(model::Money amount, Instant now) {
    BULLPEN_TRY(const bool recorded, record(JournalKind::payout, encode(PaidOut{amount, now.utc}),
                                            storage::Durability::disk));
    if (recorded)
        desk_->on_payout(amount);
    return recorded;
}

Result<bool> Engine::record_job(config::JobKind kind, const jobs::JobEvent& event) {
    BULLPEN_TRY(const bool recorded, record(JournalKind::job, jobs::encode(code(kind), event),
                                            storage::Durability::disk));
    if (recorded)
        jobs_.apply(kind, event);
    return recorded;
}

// No later bar is over: what is decided on it can be done.
bool Engine::waiting_is_newest() const {
    if (desk_ == nullptr)
        return true;
    if (data_->shared() != nullptr && !data_->shared()->at_newest())
        return false;
    if (desk_->paces())
        return data_->feed().behind() == 0;
    return observer_.position() >= static_cast<std::uint64_t>(context_->settings().feed.history);
}

Result<EngineTurn> Engine::turn(Instant now, std::uint64_t bars_max) {
    BULLPEN_TRY(auto turn, take_bars(now, bars_max));
    if (desk_ == nullptr || !desk_->started() || turn.more || turn.disk_full || turn.fault)
        return turn;
    desk_->resume_decision(turn.bars == 0, now);
    // Ticks that waited for it are told before the market may go on.
    if (data_ != nullptr &&
        desk_->next_tick(data_->feed().position(), data_->feed().behind()) != nullptr) {
        turn.more = true;
        return turn;
    }
    if (desk_->paces() && desk_->bars_over())
        desk_->acknowledge(now);
    return turn;
}

Result<EngineTurn> Engine::take_bars(Instant now, std::uint64_t bars_max) {
    EngineTurn turn;
    if (data_ == nullptr)
        return turn;
    if (desk_ != nullptr && desk_->bars_over())
        data_->feed().follow(*desk_->bars_over(), now);
    while (turn.bars < bars_max) {
        if (!waiting_) {
            BULLPEN_TRY(const bool told, take_ticks(now));
            if (!told) {
                turn.disk_full = true;
                turn.until = now.mono + k_disk_retry;
                return turn;
            }
            auto next = data_->feed().next(now);
            if (const auto* bar = std::get_if<model::Bar>(&next)) {
                waiting_ = *bar;
                if (desk_ != nullptr) {
                    const auto index = data_->feed().position() - 1;
                    BULLPEN_CHECK(desk_->check_bar(index, *bar));
                    BULLPEN_TRY(waiting_, desk_->formed(index, *bar));
                    desk_->before_bar(*bar, now);
                }
            } else if (const auto* later = std::get_if<feed::NotYet>(&next)) {
                turn.until = later->until;
                turn.ended =
                    desk_ != nullptr && desk_->market_ended() && data_->feed().behind() == 0;
                return turn;
            } else if (const auto* fault = std::get_if<feed::Fault>(&next)) {
                turn.fault = fault->error;
                return turn;
            } else {
                turn.ended = true;
                return turn;
            }
        }
        BULLPEN_TRY(const bool taken, take(now));
        if (!taken) {
            turn.disk_full = true;
            turn.until = now.mono + k_disk_retry;
            return turn;
        }
        ++turn.bars;
    }
    turn.more = true;
    return turn;
}

Result<bool> Engine::take_ticks(Instant now) {
    if (desk_ == nullptr)
        return true;
    const auto& feed = data_->feed();
    while (const auto* tick = desk_->next_tick(feed.position(), feed.behind())) {
        BULLPEN_TRY(const bool recorded, record(JournalKind::tick, encode_tick(*tick)));
        if (!recorded)
            return false;
        desk_->on_tick(now);
    }
    return true;
}

Result<bool> Engine::take(Instant now) {
    const bool goes_on = desk_ == nullptr || desk_->goes_on(*waiting_);
    const bool newest = goes_on && waiting_is_newest();
    if (desk_ != nullptr && newest && calendar_ != nullptr)
        desk_->allow_entries(calendar_->query(waiting_->end()).entries, now);
    // A bar that is taken too late to enter on is replayed as one.
    const auto mode = desk_ == nullptr || !newest ? TradingMode::idle : desk_->trader().mode();
    if (desk_ != nullptr && desk_->must_note(mode)) {
        BULLPEN_TRY(const bool noted, record(JournalKind::mode, model::code(mode)));
        if (!noted)
            return false;
        desk_->note_mode(mode);
    }
    BULLPEN_TRY(const bool lateness_noted, note_lateness(!newest));
    if (!lateness_noted)
        return false;
    const auto* shared = data_->shared();
    BULLPEN_TRY(const bool recorded,
                shared != nullptr
                    ? record(JournalKind::observation, signals::encode(shared->last()))
                    : record(JournalKind::bar, encode_bar(*waiting_)));
    if (!recorded)
        return false;
    if (shared != nullptr)
        observer_.take(shared->last());
    else
        observer_.add(*waiting_);
    waiting_.reset();
    last_arrival_ = now.mono;
    ++since_checkpoint_;
    if (desk_ != nullptr)
        desk_->on_bar(observer_, newest, now);
    return true;
}

// With the first bar of a process, too: nobody knows how the one before left it.
Result<bool> Engine::note_lateness(bool late) {
    if (desk_ == nullptr || noted_late_ == late)
        return true;
    BULLPEN_TRY(const bool noted, record(JournalKind::lateness, late ? k_late : k_newest));
    if (noted)
        noted_late_ = late;
    return noted;
}

std::string Engine::saved_desks() const {
    std::string text;
    const auto add = [&](const std::string& kind, const std::string& desk) {
        text += text.empty() ? ",\"desks\":{" : ",";
        text += "\"" + kind + "\":" + desk;
    };
    for (const auto& [kind, desk] : desks_)
        add(kind, desk);
    if (desk_ != nullptr)
        add(desk_kind_, desk_->save());
    if (!text.empty())
        text += "}";
    const auto& kind = desk_ != nullptr && desk_->started() ? desk_kind_ : replayed_kind_;
    return kind.empty() ? text : text + ",\"desk\":\"" + kind + "\"";
}

Result<void> Engine::checkpoint(UtcTime now, const std::optional<Mode>& latch, bool clean_exit,
                                const std::optional<storage::LastWords>& last_words) {
    auto& journal = context_->journal();
    if (desk_ != nullptr && !desk_->may_save()) {
        return fail(std::make_error_code(std::errc::no_space_on_device),
                    "the journal does not have all yet that happened to orders");
    }
    BULLPEN_CHECK(record_settings());
    BULLPEN_CHECK(journal.sync());
    storage::StateRecord record;
    record.journal_sequence = recorded();
    record.clean_exit = clean_exit;
    record.saved = now;
    record.program = std::string(k_version);
    if (context_->launch())
        record.launch = std::to_string(context_->launch()->number.value);
    record.fence = std::max(fence_, desk_ != nullptr ? desk_->fence() : Fence{});
    record.last_words = last_words;
    record.data = "{\"engine\":" + (kept_observer_.empty() ? observer_.save() : kept_observer_);
    if (latch)
        record.data += ",\"latch\":" + latch_text(*latch);
    record.data += saved_desks();
    if (const auto jobs = jobs_.save(); !jobs.empty())
        record.data += ",\"jobs\":" + jobs;
    if (!recorded_settings_.empty())
        record.data += ",\"settings\":" + recorded_settings_;
    record.data += "}";
    BULLPEN_CHECK(context_->state().save(std::move(record)));
    // The checkpoint before this one is the one to fall back to: what it needs is kept.
    if (context_->settings().journal_cut)
        BULLPEN_CHECK(journal.drop_before(checkpoint_at_ + 1));
    checkpoint_at_ = recorded();
    since_checkpoint_ = 0;
    ++checkpoints_;
    return {};
}

}  // namespace bullpen::worker
