// What a worker writes of itself into its logs, besides what happens.
#include "worker/own_memory.hpp"
#include "worker/worker.hpp"

namespace bullpen::worker {

namespace {

constexpr Nanos k_refused_rows_interval = std::chrono::minutes(15);

std::string_view code_of(storage::StateOrigin origin) {
    switch (origin) {
        case storage::StateOrigin::none: return "none";
        case storage::StateOrigin::current: return "current";
        case storage::StateOrigin::previous: return "previous";
        case storage::StateOrigin::older_copy: return "older_copy";
    }
    return "none";
}

}  // namespace

void Worker::log_recovery(const EngineRecovery& recovery) {
    auto& log = context_.log();
    if (!recovery.trouble.empty()) {
        last_error_ = "its state file cannot be used: " + recovery.trouble;
        log.error("state_file_not_used",
                  {{"used", code_of(recovery.origin)}, {"trouble", recovery.trouble}});
    }
    if (!recovery.clean_exit)
        log.warn("unclean_end_found", {{"state_saved", recovery.saved.value_or(UtcTime{})}});
    if (recovery.torn.torn_bytes > 0) {
        log.warn("journal_tail_cut", {{"bytes", recovery.torn.torn_bytes},
                                      {"records_after", recovery.torn.records_after},
                                      {"kept_in", recovery.torn.torn_file}});
    }
    log.info("recovered", {{"state", code_of(recovery.origin)},
                           {"bars", recovery.bars},
                           {"replayed", recovery.replayed},
                           {"hash", engine_->observer().hash_text()}});
}

void Worker::tell_stall(const Stall& stall, MonoTime now) {
    last_error_ = sentence(stall);
    if (!stall_.is_news(stall, now))
        return;
    const auto millis = [](Nanos time) { return std::chrono::floor<Millis>(time).count(); };
    context_.log().warn("stall", {{"stage", code(stall.stage)},
                                  {"cause", code(stall.cause)},
                                  {"took_ms", static_cast<std::int64_t>(millis(stall.took))},
                                  {"stage_ms", static_cast<std::int64_t>(millis(stall.in_stage))},
                                  {"cause_ms", static_cast<std::int64_t>(millis(stall.caused))},
                                  {"disk", stall.disk},
                                  {"stalls", stall_.count()},
                                  {"sentence", last_error_}});
}

// A row that is no bar is a hole in what is traded on: told at once, then now and then.
void Worker::tell_refused_rows(MonoTime now) {
    if (!data_.is_open())
        return;  // an account of shares follows no bars
    const auto& quality = data_.feed().quality();
    if (quality.refused() == refused_rows_told_ || now < next_refused_rows_)
        return;
    refused_rows_told_ = quality.refused();
    next_refused_rows_ = now + k_refused_rows_interval;
    std::string first;
    if (const auto& finding = quality.first_refused())
        first = "line " + std::to_string(finding->line) + ": " + std::string(code(finding->defect));
    context_.log().warn(
        "rows_refused",
        {{"rows", refused_rows_told_}, {"first", first}, {"quality", quality.summary()}});
    if (quality.bars() == 0 && last_turn_.ended)
        last_error_ = "no row of the source is a bar that can be used; first " + first;
}

void Worker::log_status(Instant now) {
    const auto interval = context_.settings().log.status_interval;
    if (interval == Nanos{0} || now.mono < next_status_)
        return;
    next_status_ = now.mono + interval;
    log_performance();
    if (!engine_)
        return;
    const auto& observer = engine_->observer();
    const auto values = observer.values();
    const auto& last = observer.last_bar();
    const auto tick = observer.instrument().tick;
    context_.log().info("status", {{"session", model::code(session_)},
                                   {"mode", model::code(mode().mode)},
                                   {"reason", model::code(mode().reason)},
                                   {"bars", observer.position()},
                                   {"last_bar", last ? format_utc(last->start) : "none"},
                                   {"close", last ? model::text(last->close, tick) : "none"},
                                   {"vwap", values.vwap ? values.vwap->vwap : 0.0},
                                   {"deviation", values.vwap ? values.vwap->deviation : 0.0},
                                   {"position", position_text()},
                                   {"hash", observer.hash_text()}});
}

void Worker::log_performance() {
    const auto micros = [](Nanos nanos) {
        return std::chrono::duration_cast<std::chrono::microseconds>(nanos).count();
    };
    context_.performance().info(
        "turns", {{"turns", turn_times_.count()},
                  {"mean_us", static_cast<std::int64_t>(micros(turn_times_.mean()))},
                  {"worst_us", static_cast<std::int64_t>(micros(turn_times_.worst()))},
                  {"stalls", stall_.count()},
                  {"bars", engine_ ? engine_->observer().position() : 0},
                  {"rss_bytes", resident_bytes()}});
    turn_times_ = {};
}

}  // namespace bullpen::worker
