// The events and states of jobs as JSON, for the journal and the state file.
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "worker/jobs/job_state.hpp"

namespace bullpen::jobs {

namespace {

using nlohmann::json;

std::string dumped(const json& object) {
    return documents::json_text(object);
}

json time_json(UtcTime time) {
    return format_utc_nanos(time);
}

// Throws json::exception, which the callers take for a damaged record.
UtcTime time_at(const json& object, const char* name) {
    const auto time = parse_utc(object.at(name).get_ref<const std::string&>());
    if (!time)
        throw json::other_error::create(501, "no time: " + std::string(name), nullptr);
    return *time;
}

json run_json(const Run& run) {
    json object = {{"number", run.number},
                   {"slot", time_json(run.slot)},
                   {"attempt", run.attempt},
                   {"begun", time_json(run.begun)}};
    if (run.by_hand)
        object["by_hand"] = true;
    if (run.dry_run)
        object["dry_run"] = true;
    if (!run.request.empty())
        object["request"] = run.request;
    return object;
}

Run run_from(const json& object) {
    Run run;
    run.number = object.at("number").get<std::uint64_t>();
    run.slot = time_at(object, "slot");
    run.attempt = object.at("attempt").get<int>();
    run.begun = time_at(object, "begun");
    run.by_hand = object.value("by_hand", false);
    run.dry_run = object.value("dry_run", false);
    run.request = object.value("request", "");
    return run;
}

json ended_json(const EndedRun& ended) {
    json object = {{"run", run_json(ended.run)},
                   {"at", time_json(ended.at)},
                   {"outcome", code(ended.outcome)},
                   {"text", ended.text}};
    if (ended.reason != RunReason::untold)
        object["reason"] = code(ended.reason);
    return object;
}

EndedRun ended_from(const json& object) {
    EndedRun ended;
    ended.run = run_from(object.at("run"));
    ended.at = time_at(object, "at");
    const auto outcome = outcome_from(object.at("outcome").get_ref<const std::string&>());
    if (!outcome)
        throw json::other_error::create(501, "no outcome of a run", nullptr);
    ended.outcome = *outcome;
    ended.reason = run_reason_from(object.value("reason", ""));
    ended.text = object.value("text", "");
    return ended;
}

json event_json(const JobEvent& event) {
    if (const auto* armed = std::get_if<Armed>(&event)) {
        return {{"event", "armed"},
                {"clock", armed->clock},
                {"plan", armed->plan},
                {"at", time_json(armed->at)}};
    }
    if (const auto* begun = std::get_if<Begun>(&event))
        return {{"event", "begun"}, {"run", run_json(begun->run)}, {"missed", begun->missed}};
    if (const auto* missed = std::get_if<Missed>(&event)) {
        return {{"event", "missed"}, {"slot", time_json(missed->slot)}, {"count", missed->count}};
    }
    return {{"event", "ended"}, {"ended", ended_json(std::get<Ended>(event).ended)}};
}

JobEvent event_from(const json& object) {
    const auto& kind = object.at("event").get_ref<const std::string&>();
    if (kind == "armed") {
        return Armed{object.at("clock").get<std::string>(), object.at("plan").get<std::string>(),
                     time_at(object, "at")};
    }
    if (kind == "begun")
        return Begun{run_from(object.at("run")), object.value("missed", std::uint64_t{0})};
    if (kind == "missed")
        return Missed{time_at(object, "slot"), object.at("count").get<std::uint64_t>()};
    if (kind == "ended")
        return Ended{ended_from(object.at("ended"))};
    throw json::other_error::create(501, "no event of a job: " + kind, nullptr);
}

JobState state_from(const json& object) {
    JobState state;
    state.clock = object.at("clock").get<std::string>();
    state.plan = object.at("plan").get<std::string>();
    state.settled = time_at(object, "settled");
    state.runs = object.at("runs").get<std::uint64_t>();
    state.missed = object.at("missed").get<std::uint64_t>();
    state.last_missed = time_at(object, "last_missed");
    // An older program knew of none.
    if (object.contains("given_up"))
        state.given_up = time_at(object, "given_up");
    if (object.contains("running"))
        state.running = run_from(object["running"]);
    if (object.contains("last"))
        state.last = ended_from(object["last"]);
    if (object.contains("last_success"))
        state.last_success = ended_from(object["last_success"]);
    for (const auto& one : object.at("history")) {
        if (state.history.size() < JobState::k_history_max)
            state.history.push_back(ended_from(one));
    }
    return state;
}

}  // namespace

std::string encode(std::string_view job, const JobEvent& event) {
    auto object = event_json(event);
    object["job"] = job;
    return dumped(object);
}

Result<NamedEvent> decode_event(std::string_view text) {
    try {
        BULLPEN_TRY(const auto object, documents::read_json(text, "a job's record"));
        return NamedEvent{object.at("job").get<std::string>(), event_from(object)};
    } catch (const json::exception& problem) {
        return fail(Errc::corrupt, std::string("a job's record: ") + problem.what());
    }
}

std::string encode(const JobState& state) {
    json object = {{"clock", state.clock},
                   {"plan", state.plan},
                   {"settled", time_json(state.settled)},
                   {"runs", state.runs},
                   {"missed", state.missed},
                   {"last_missed", time_json(state.last_missed)},
                   {"given_up", time_json(state.given_up)}};
    if (state.running)
        object["running"] = run_json(*state.running);
    if (state.last)
        object["last"] = ended_json(*state.last);
    if (state.last_success)
        object["last_success"] = ended_json(*state.last_success);
    object["history"] = json::array();
    for (const auto& one : state.history)
        object["history"].push_back(ended_json(one));
    return dumped(object);
}

Result<JobState> decode_state(std::string_view text) {
    try {
        BULLPEN_TRY(const auto object, documents::read_json(text, "a job's state"));
        return state_from(object);
    } catch (const json::exception& problem) {
        return fail(Errc::corrupt, std::string("a job's state: ") + problem.what());
    }
}

}  // namespace bullpen::jobs
