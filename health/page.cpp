#include "health/page.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/health_view.hpp"
#include "ctl/targets.hpp"

namespace bullpen::health {

namespace {

constexpr std::string_view k_path = "/health";

Answer failure(int status, std::string_view code, std::string_view message) {
    Answer answer{status, {}};
    ctl::JsonWriter json(answer.body);
    json.begin_object().key("error").begin_object();
    json.key("code").string(code);
    json.key("message").string(message);
    json.end_object().end_object();
    return answer;
}

// A page of somebody's on the Web may let its own name mean this host and read what a browser here
// is told; then Host has that name. Monitors use an address or "localhost".
bool names_this_host(std::string_view host) {
    if (host.empty())
        return true;
    const auto has_port = host.find(':', host.find(']') == host.npos ? 0 : host.find(']'));
    host = host.substr(0, has_port);
    return host == "localhost" || host == "[::1]" ||
           std::all_of(host.begin(), host.end(),
                       [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

// The word that the path names, empty for the whole home; nothing when there is no such page.
std::optional<std::string_view> word_of(std::string_view target) {
    target = target.substr(0, target.find('?'));
    if (!target.starts_with(k_path))
        return std::nullopt;
    target.remove_prefix(k_path.size());
    if (target.empty() || target == "/")
        return "";
    if (target.front() != '/' || target.find('/', 1) != std::string_view::npos)
        return std::nullopt;
    return target.substr(1);
}

Answer page(const ctl::Health& health, const ctl::FleetView* view, Instant now) {
    const bool well = health.code == ctl::HealthCode::ok || health.code == ctl::HealthCode::warning;
    Answer answer{well ? 200 : 503, {}};
    ctl::JsonWriter json(answer.body);
    ctl::append_health_json(json, health, view, now);
    return answer;
}

}  // namespace

Answer answer(const Request& request, const Result<ctl::FleetView>& fleet, Instant now) {
    if (!names_this_host(request.host))
        return failure(403, "not_allowed", "ask by an address or as localhost");
    if (request.method != "GET" && request.method != "HEAD")
        return failure(405, "not_allowed", "GET and HEAD alone are answered");
    const auto word = word_of(request.target);
    if (!word)
        return failure(404, "not_found", "there are /health and /health/NAME");
    if (!fleet)
        return page({ctl::HealthCode::unknown, fleet.error().context()}, nullptr, now);
    std::vector<std::string_view> words;
    if (!word->empty())
        words.push_back(*word);
    if (!words.empty() && !ctl::choose(*fleet, words).unmatched.empty())
        return failure(404, "not_found", ctl::judge(*fleet, words).text);
    return page(ctl::judge(*fleet, words), &*fleet, now);
}

Answer bad_request() {
    return failure(400, "bad_request", "not a request of HTTP without a body");
}

}  // namespace bullpen::health
