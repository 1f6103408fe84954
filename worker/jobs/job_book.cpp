#include "worker/jobs/job_book.hpp"

#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"

namespace bullpen::jobs {

using nlohmann::json;

Result<void> JobBook::replay(std::string_view record) {
    BULLPEN_TRY(const auto named, decode_event(record));
    if (const auto kind = config::job_kind_from(named.job))
        apply(*kind, named.event);
    return {};
}

std::string JobBook::save() const {
    std::string text;
    for (std::size_t i = 0; i < states_.size(); ++i) {
        if (states_.at(i) == JobState{})
            continue;
        text += text.empty() ? "{" : ",";
        text += "\"" + std::string(code(static_cast<config::JobKind>(i))) +
                "\":" + encode(states_.at(i));
    }
    return text.empty() ? text : text + "}";
}

Result<void> JobBook::restore(std::string_view saved) {
    const auto object = documents::parse_json(saved);
    if (!object.is_object())
        return fail(Errc::corrupt, "the jobs of the state file cannot be read");
    for (const auto& [name, state] : object.items()) {
        const auto kind = config::job_kind_from(name);
        if (!kind)
            continue;
        BULLPEN_TRY(states_.at(static_cast<std::size_t>(*kind)),
                    decode_state(documents::json_text(state)));
    }
    return {};
}

}  // namespace bullpen::jobs
