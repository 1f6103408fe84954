#include "supervisor/daemon/saved_account.hpp"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"

namespace bullpen::daemon {

using nlohmann::json;

namespace {

using Kind = fleet::ExitStatus::Kind;

constexpr std::string_view k_code = "code";
constexpr std::string_view k_signal = "signal";

json to_json(const fleet::Death& death) {
    json out = {{"utc", unix_nanos(death.utc)},
                {"reason", std::string(model::code(death.reason))},
                {"launch", death.launch.value},
                {"ran_for", death.ran_for.count()}};
    if (death.status.kind != Kind::unknown)
        out[death.status.kind == Kind::code ? k_code : k_signal] = death.status.value;
    return out;
}

fleet::Death death_from(const json& in) {
    fleet::Death death;
    death.utc = utc_from_nanos(in.at("utc").get<std::int64_t>());
    death.reason =
        model::reason_from(in.value("reason", std::string())).value_or(model::Reason::none);
    death.launch.value = in.value("launch", death.launch.value);
    death.ran_for = Nanos(in.value("ran_for", std::int64_t{0}));
    if (in.contains(k_code))
        death.status = fleet::ExitStatus::exited(in[k_code].get<int>());
    else if (in.contains(k_signal))
        death.status = fleet::ExitStatus::signaled(in[k_signal].get<int>());
    return death;
}

}  // namespace

std::string to_text(const fleet::SavedAccount& saved) {
    json out = {{"wanted", saved.wanted},
                {"exited", saved.exited},
                {"fatal", saved.fatal},
                {"recovery_done", saved.recovery_done},
                {"settled", saved.settled.value},
                {"reason", std::string(model::code(saved.reason))},
                {"restarts", saved.restarts},
                {"failures", saved.failures},
                {"restart_due", saved.restart_due}};
    // A reader of JSON may take numbers of 64 bits for doubles.
    out["fingerprint"] = std::to_string(saved.fingerprint);
    auto& recent = out["recent"] = json::array();
    for (const auto& death : saved.recent)
        recent.push_back(to_json(death));
    auto& deaths = out["deaths"] = json::array();
    for (const auto& death : saved.deaths)
        deaths.push_back(unix_nanos(death));
    if (saved.retry_at)
        out["retry_at"] = unix_nanos(*saved.retry_at);
    if (saved.flat)
        out["flat"] = *saved.flat;
    return out.dump();
}

Result<fleet::SavedAccount> saved_account_from(std::string_view text) {
    try {
        const auto in = json::parse(text);
        fleet::SavedAccount saved;
        saved.wanted = in.value("wanted", saved.wanted);
        saved.exited = in.value("exited", saved.exited);
        saved.fatal = in.value("fatal", saved.fatal);
        saved.recovery_done = in.value("recovery_done", saved.recovery_done);
        saved.settled.value = in.value("settled", saved.settled.value);
        const auto reason = model::reason_from(in.value("reason", std::string("none")));
        saved.reason = reason.value_or(model::Reason::none);
        saved.restarts = in.value("restarts", saved.restarts);
        saved.failures = in.value("failures", saved.failures);
        saved.restart_due = in.value("restart_due", saved.restart_due);
        const auto fingerprint = in.value("fingerprint", std::string());
        saved.fingerprint = std::strtoull(fingerprint.c_str(), nullptr, 10);
        for (const auto& death : in.value("recent", json::array()))
            saved.recent.push_back(death_from(death));
        for (const auto& death : in.value("deaths", json::array())) {
            saved.deaths.push_back(utc_from_nanos(death.get<std::int64_t>()));
        }
        if (in.contains("retry_at")) {
            saved.retry_at = utc_from_nanos(in["retry_at"].get<std::int64_t>());
        }
        if (in.contains("flat"))
            saved.flat = in["flat"].get<bool>();
        return saved;
    } catch (const json::exception& error) {
        return fail(Errc::corrupt, error.what());
    }
}

}  // namespace bullpen::daemon
