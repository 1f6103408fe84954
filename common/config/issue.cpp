#include "common/config/issue.hpp"

#include <algorithm>

#include "common/config/rules.hpp"

namespace bullpen::config {

std::string text(const Issue& issue) {
    std::string out = issue.file;
    if (issue.line > 0) {
        out += ":" + std::to_string(issue.line);
        if (issue.column > 0)
            out += ":" + std::to_string(issue.column);
    }
    out += ": ";
    if (issue.severity == Severity::note)
        out += "note: ";
    if (!issue.key.empty())
        out += issue.key + ": ";
    out += issue.message;
    if (!issue.nearest.empty())
        out += "; did you mean " + issue.nearest + "?";
    return made_printable(out);
}

std::string text(const std::vector<Issue>& issues) {
    std::string out;
    for (const auto& issue : issues)
        out += (out.empty() ? "" : "\n") + text(issue);
    return out;
}

bool has_errors(const std::vector<Issue>& issues) {
    return std::any_of(issues.begin(), issues.end(),
                       [](const Issue& issue) { return issue.severity == Severity::error; });
}

}  // namespace bullpen::config
