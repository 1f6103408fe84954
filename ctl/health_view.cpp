#include "ctl/health_view.hpp"

#include "ctl/status_table.hpp"
#include "ctl/targets.hpp"

namespace bullpen::ctl {

Health judge(const FleetView& view, std::span<const std::string_view> words) {
    auto targets = choose(view, words);
    if (words.empty())
        add_services(view, targets);
    auto judged = health(targets.rows, view.daemon());
    if (!targets.unmatched.empty()) {
        judged.code = HealthCode::unknown;
        judged.text = sentence(targets.unmatched.front());
    }
    return judged;
}

void append_health_json(JsonWriter& json, const Health& health, const FleetView* view,
                        Instant now) {
    json.begin_object();
    json.key("health").string(word(health.code));
    json.key("text").string(health.text);
    json.key("daemon");
    if (view != nullptr)
        append_daemon_json(json, view->daemon(), now);
    else
        json.null();
    json.end_object();
}

}  // namespace bullpen::ctl
