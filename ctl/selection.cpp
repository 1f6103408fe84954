#include "ctl/selection.hpp"

#include <algorithm>

#include "ctl/text.hpp"

namespace bullpen::ctl {

namespace {

bool is_glob(std::string_view text) {
    return text.find_first_of("*?[") != std::string_view::npos;
}

struct SetMatch {
    bool matched = false;
    std::size_t length = 0;  // of the bracket expression; 0: it is not one
};

// `glob` begins with '['.
SetMatch match_set(std::string_view glob, char c) {
    std::size_t i = 1;
    const bool negated = i < glob.size() && (glob[i] == '!' || glob[i] == '^');
    if (negated)
        ++i;
    bool matched = false;
    for (bool first = true; i < glob.size(); first = false) {
        if (glob[i] == ']' && !first)
            return {matched != negated, i + 1};
        const char low = glob[i];
        char high = low;
        if (i + 2 < glob.size() && glob[i + 1] == '-' && glob[i + 2] != ']') {
            high = glob[i + 2];
            i += 2;
        }
        matched = matched || (c >= low && c <= high);
        ++i;
    }
    return {};
}

// One glob element against one character: how many characters of the glob it takes, 0: no match.
std::size_t match_one(std::string_view glob, char c) {
    switch (glob.front()) {
        case '?': return 1;
        case '[': {
            const auto set = match_set(glob, c);
            if (set.length != 0)
                return set.matched ? set.length : 0;
            return c == '[' ? 1 : 0;
        }
        case '\\':
            if (glob.size() > 1)
                return glob[1] == c ? 2 : 0;
            [[fallthrough]];
        default: return glob.front() == c ? 1 : 0;
    }
}

bool matches_pattern(const Candidate& candidate, std::string_view pattern) {
    const auto colon = pattern.find(':');
    if (colon == std::string_view::npos)
        return glob_matches(pattern, candidate.account);
    const auto name = pattern.substr(colon + 1);
    return glob_matches(pattern.substr(0, colon), candidate.group) &&
           (name.empty() || glob_matches(name, candidate.account));
}

std::string nearest(std::span<const Candidate> candidates, std::string_view word) {
    std::size_t best = edits_allowed(word) + 1;
    std::string_view found;
    for (const auto& candidate : candidates) {
        for (const auto name : {candidate.account, candidate.group}) {
            if (name.empty())
                continue;
            const auto distance = edit_distance(word, name);
            if (distance < best) {
                best = distance;
                found = name;
            }
        }
    }
    return std::string(found);
}

}  // namespace

bool glob_matches(std::string_view glob, std::string_view text) {
    std::size_t g = 0;
    std::size_t t = 0;
    // Where to go on when a match fails: after the last star, one character further.
    std::size_t star = std::string_view::npos;
    std::size_t star_text = 0;
    while (t < text.size()) {
        if (g < glob.size() && glob[g] == '*') {
            star = g++;
            star_text = t;
            continue;
        }
        const auto taken = g < glob.size() ? match_one(glob.substr(g), text[t]) : 0;
        if (taken != 0) {
            g += taken;
            ++t;
        } else if (star != std::string_view::npos) {
            g = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    while (g < glob.size() && glob[g] == '*')
        ++g;
    return g == glob.size();
}

Selection select(std::span<const Candidate> candidates,
                 std::span<const std::string_view> patterns) {
    std::vector<char> chosen(candidates.size(), patterns.empty() ? 1 : 0);
    std::vector<char> named(candidates.size(), 0);
    Selection selection;
    for (const auto pattern : patterns) {
        bool found = pattern == "all";
        bool exact = false;
        if (found)
            std::fill(chosen.begin(), chosen.end(), 1);
        const bool glob = is_glob(pattern) || pattern.find(':') != std::string_view::npos;
        for (std::size_t i = 0; i < candidates.size() && !found && !glob; ++i) {
            if (candidates[i].account == pattern) {
                chosen[i] = named[i] = 1;
                exact = true;
            }
        }
        for (std::size_t i = 0; i < candidates.size() && !found && !exact; ++i) {
            const bool of_group = !pattern.empty() && candidates[i].group == pattern;
            if (glob ? matches_pattern(candidates[i], pattern) : of_group)
                chosen[i] = 2;
        }
        found = found || exact || std::find(chosen.begin(), chosen.end(), 2) != chosen.end();
        std::replace(chosen.begin(), chosen.end(), char{2}, char{1});
        if (!found)
            selection.unmatched.push_back({std::string(pattern), nearest(candidates, pattern)});
    }
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (chosen[i] != 0) {
            selection.chosen.push_back(i);
            selection.named.push_back(named[i] != 0);
        }
    }
    return selection;
}

std::string sentence(const Unmatched& unmatched) {
    std::string text = "no account or group matches '" + printable(unmatched.pattern) + "'";
    if (!unmatched.nearest.empty())
        text += "; did you mean '" + printable(unmatched.nearest) + "'?";
    return text;
}

}  // namespace bullpen::ctl
