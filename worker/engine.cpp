#include "worker/engine.hpp"

#include <nlohmann/json.hpp>

#include "common/base/assert.hpp"
#include "common/base/errc.hpp"
#include "worker/version.hpp"

namespace bullpen::worker {

namespace {

using nlohmann::json;

// A bar that arrives at a full disk is tried again this much later.
constexpr Nanos k_disk_retry = std::chrono::seconds(1);

struct SavedData {
    std::string engine;
    std::optional<Mode> latch;
};

std::string latch_text(const Mode& latch) {
    json object = {{"mode", model::code(latch.mode)},
                   {"reason", model::code(latch.reason)},
                   {"since", format_utc_nanos(latch.since)}};
    if (latch.until)
        object["until"] = format_utc_nanos(*latch.until);
    return object.dump();
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
        const json object = json::parse(text, nullptr, false);
        if (!object.is_object() || !object.contains("engine"))
            return fail(Errc::corrupt, "the state lacks the engine");
        SavedData data;
        data.engine = object["engine"].dump(-1, ' ', false, json::error_handler_t::replace);
        if (object.contains("latch")) {
            BULLPEN_TRY(data.latch, parse_latch(object["latch"]));
        }
        return data;
    } catch (const json::exception& problem) {
        return fail(Errc::corrupt, std::string("the state cannot be read: ") + problem.what());
    }
}

}  // namespace

Engine::Engine(AccountContext& context, Observer observer)
    : context_(&context), observer_(std::move(observer)) {}

Result<Engine> Engine::create(AccountContext& context) {
    BULLPEN_TRY(const auto* instrument,
                context.instruments().find(context.settings().feed.instrument));
    BULLPEN_TRY(auto observer, Observer::create(*instrument));
    return Engine(context, std::move(observer));
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
        BULLPEN_TRY(auto data, parse_data(loaded.record->data));
        recovery.latch = data.latch;
        auto restored = observer_.restore(data.engine);
        // Other indicators than those that were saved start anew with the source; see attach().
        if (!restored && restored.error().code() != make_error_code(Errc::invalid))
            return fail(restored.error());
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
    recorded_ = from - 1;
    return journal.read(from, [&](const storage::JournalRecord& record) -> Result<void> {
        BULLPEN_CHECK(apply(record));
        ++recovery.replayed;
        return {};
    });
}

Result<void> Engine::apply(const storage::JournalRecord& record) {
    switch (static_cast<JournalKind>(record.kind)) {
        case JournalKind::feed: observer_.begin(std::string(record.body)); break;
        case JournalKind::bar: {
            BULLPEN_TRY(const auto bar, decode_bar(record.body));
            observer_.add(bar);
            ++since_checkpoint_;
            break;
        }
        default:
            return fail(Errc::newer_version, "journal record " + std::to_string(record.sequence) +
                                                 " has the unknown kind " +
                                                 std::to_string(record.kind));
    }
    recorded_ = record.sequence;
    return {};
}

Result<bool> Engine::record(JournalKind kind, std::string_view body) {
    auto appended = context_->journal().append(static_cast<std::uint16_t>(kind), body);
    if (appended) {
        recorded_ = *appended;
        return true;
    }
    if (storage::is_out_of_space(appended.error()))
        return false;
    return fail(appended.error());
}

Result<bool> Engine::attach(MarketData& data, Instant now) {
    auto& feed = data.feed();
    bool anew = false;
    if (feed.identity() != observer_.feed_identity() ||
        feed.instrument().symbol != observer_.instrument().symbol) {
        BULLPEN_TRY(const bool recorded, record(JournalKind::feed, feed.identity()));
        if (!recorded) {
            return fail(std::make_error_code(std::errc::no_space_on_device),
                        "beginning with a new source");
        }
        observer_.begin(feed.identity());
        anew = true;
    }
    waiting_.reset();
    BULLPEN_CHECK(feed.seek(observer_.position()));
    feed.start(now);
    data_ = &data;
    return anew;
}

Result<EngineTurn> Engine::turn(Instant now, std::uint64_t bars_max) {
    EngineTurn turn;
    if (data_ == nullptr)
        return turn;
    while (turn.bars < bars_max) {
        if (!waiting_) {
            auto next = data_->feed().next(now);
            if (const auto* bar = std::get_if<model::Bar>(&next)) {
                waiting_ = *bar;
            } else if (const auto* later = std::get_if<feed::NotYet>(&next)) {
                turn.until = later->until;
                return turn;
            } else if (const auto* fault = std::get_if<feed::Fault>(&next)) {
                turn.fault = fault->error;
                return turn;
            } else {
                turn.ended = true;
                return turn;
            }
        }
        BULLPEN_TRY(const bool recorded, record(JournalKind::bar, encode_bar(*waiting_)));
        if (!recorded) {
            turn.disk_full = true;
            turn.until = now.mono + k_disk_retry;
            return turn;
        }
        observer_.add(*waiting_);
        waiting_.reset();
        last_arrival_ = now.mono;
        ++since_checkpoint_;
        ++turn.bars;
    }
    turn.more = true;
    return turn;
}

Result<void> Engine::checkpoint(UtcTime now, const std::optional<Mode>& latch, bool clean_exit,
                                const std::optional<storage::LastWords>& last_words) {
    auto& journal = context_->journal();
    BULLPEN_CHECK(journal.sync());
    storage::StateRecord record;
    record.journal_sequence = recorded_;
    record.clean_exit = clean_exit;
    record.saved = now;
    record.program = std::string(k_version);
    if (context_->launch())
        record.launch = std::to_string(context_->launch()->number.value);
    record.last_words = last_words;
    record.data = "{\"engine\":" + observer_.save();
    if (latch)
        record.data += ",\"latch\":" + latch_text(*latch);
    record.data += "}";
    BULLPEN_CHECK(context_->state().save(std::move(record)));
    // The checkpoint before this one is the one to fall back to: what it needs is kept.
    BULLPEN_CHECK(journal.drop_before(checkpoint_at_ + 1));
    checkpoint_at_ = recorded_;
    since_checkpoint_ = 0;
    ++checkpoints_;
    return {};
}

}  // namespace bullpen::worker
