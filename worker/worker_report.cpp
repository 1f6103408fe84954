// What a worker writes of itself into its logs, besides what happens.
#include "worker/own_memory.hpp"
#include "worker/worker.hpp"

namespace bullpen::worker {

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
