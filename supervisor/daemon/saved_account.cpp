#include "supervisor/daemon/saved_account.hpp"

#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"

namespace bullpen::daemon {

using nlohmann::json;

std::string to_text(const fleet::SavedAccount& saved) {
    json out = {
        {"wanted", saved.wanted},         {"exited", saved.exited},
        {"fatal", saved.fatal},           {"recovery_done", saved.recovery_done},
        {"settled", saved.settled.value}, {"reason", std::string(model::code(saved.reason))},
        {"restarts", saved.restarts},     {"failures", saved.failures}};
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
