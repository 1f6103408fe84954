#include "ctl/alert_view.hpp"

#include <nlohmann/json.hpp>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "common/storage/atomic_file.hpp"
#include "ctl/log_line.hpp"

namespace bullpen::ctl {

namespace {

using nlohmann::json;

constexpr mode_t k_directory_mode = 0700;

std::string text_of(const json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

WaitingAlert waiting_from(const json& object) {
    WaitingAlert one;
    const auto alert = object.value("alert", json::object());
    one.alert = text_of(alert, "alert");
    if (const auto kind = alerts::kind_from(one.alert))
        one.severity = alerts::code(alerts::facts(*kind).severity);
    one.account = text_of(alert, "account");
    one.text = text_of(alert, "text");
    one.target = text_of(object, "target");
    const auto to = object.value("recipients", json::array());
    if (to.is_array() && !to.empty() && to.front().is_string())
        one.to = to.front().get<std::string>();
    one.added = text_of(object, "added");
    one.next = text_of(object, "next");
    if (const auto attempts = object.find("attempts");
        attempts != object.end() && attempts->is_number_unsigned())
        one.attempts = attempts->get<std::uint64_t>();
    one.trouble = text_of(object, "trouble");
    return one;
}

std::string mutes_file(const Home& home) {
    return alerts_directory(home) + "/mutes.json";
}

}  // namespace

std::string alerts_directory(const Home& home) {
    return home.root() + "/alerts";
}

Result<std::vector<WaitingAlert>> parse_waiting(std::string_view state) {
    // The first line has the checksum.
    const auto begin = std::min(state.find('\n'), state.size());
    const auto all = documents::parse_json(state.substr(begin));
    const auto outbox = all.is_object() ? all.value("outbox", json()) : json();
    if (!outbox.is_object() || !outbox.contains("waiting") || !outbox["waiting"].is_array())
        return fail(Errc::corrupt, "it is no state of alerts");
    std::vector<WaitingAlert> waiting;
    for (const auto& one : outbox["waiting"]) {
        if (one.is_object())
            waiting.push_back(waiting_from(one));
    }
    return waiting;
}

std::optional<AlertLine> parse_alert_line(std::string_view line) {
    AlertLine parsed;
    const bool whole = visit_fields(line, [&](auto key, auto value, bool) {
        std::string* to = key == "ts"       ? &parsed.ts
                          : key == "event"  ? &parsed.event
                          : key == "alert"  ? &parsed.alert
                          : key == "worker" ? &parsed.account
                          : key == "target" ? &parsed.target
                          : key == "to"     ? &parsed.to
                          : key == "text"   ? &parsed.text
                          : key == "said"   ? &parsed.said
                                            : nullptr;
        if (to != nullptr)
            *to = value;
    });
    if (!whole || parsed.event.empty())
        return std::nullopt;
    return parsed;
}

Result<std::vector<alerts::Mute>> read_mutes(const Home& home) {
    const auto text = read_file(mutes_file(home), alerts::k_mutes_size_max);
    if (!text && storage::is_missing(text.error()))
        return std::vector<alerts::Mute>();
    if (!text)
        return fail(text.error());
    auto mutes = alerts::parse_mutes(*text);
    if (!mutes)
        return fail(mutes.error().wrap("reading " + mutes_file(home)));
    return mutes;
}

Result<void> write_mutes(const Home& home, const std::vector<alerts::Mute>& mutes) {
    BULLPEN_CHECK(make_directories(alerts_directory(home), k_directory_mode));
    storage::SystemFileSystem files;
    return storage::replace_file(files, mutes_file(home), alerts::to_text(mutes));
}

}  // namespace bullpen::ctl
