#include "common/config/variables.hpp"

#include <unistd.h>

#include <algorithm>

#include "common/config/nearest.hpp"
#include "common/config/rules.hpp"

namespace bullpen::config {

namespace {

// "log.level" is BULLPEN_CONFIG_LOG_LEVEL.
std::string variable_of(std::string_view key) {
    std::string name(k_variable_prefix);
    for (const char c : key)
        name += c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return name;
}

// Another program reads the file, and would go by something else than the daemon does.
bool is_daemons_alone(std::string_view key) {
    return key != "host_lock_dir" &&
           (key.find('.') == std::string_view::npos || key.starts_with("log."));
}

// The variable's text as the key's own writing has it.
Leaf leaf_of(const Row& row, std::string_view text) {
    const bool bare = row.type == KeyType::flag || row.type == KeyType::integer ||
                      row.type == KeyType::number || row.type == KeyType::texts;
    const auto toml =
        std::string(row.name) + " = " + (bare ? std::string(text) : quoted(text)) + "\n";
    const auto document = parse_document(toml);
    if (document.errors.empty() && document.leaves.size() == 1)
        return document.leaves.front();
    Leaf leaf;
    leaf.found = Found::text;
    leaf.content = std::string(text);
    return leaf;
}

// Why the variable is refused; empty when it was taken.
std::string take(const std::string& name, std::string_view text, Layer& layer,
                 std::string& closest) {
    if (looks_secret(name))
        return "looks like a secret; " + std::string(k_where_secrets_belong);
    const auto all = keys<DaemonSettings>();
    std::vector<std::string> names;
    for (std::size_t i = 0; i < all.size(); ++i) {
        names.push_back(variable_of(all[i].row.name));
        if (names.back() != name)
            continue;
        if (!is_daemons_alone(all[i].row.name))
            return "cannot be set by a variable: other programs of the home go by " +
                   std::string(all[i].row.name) + " too, as bullpen.toml says it";
        auto value = accept(all[i].row, leaf_of(all[i].row, text));
        if (!value)
            return value.error().context();
        layer.settings.push_back({static_cast<std::uint16_t>(i), name, std::move(*value), 0});
        return {};
    }
    const std::vector<std::string_view> known(names.begin(), names.end());
    closest = nearest(name, known);
    return "names no key of bullpen.toml; accounts have theirs in their files alone";
}

}  // namespace

Variables take_variables(std::span<const std::string> environment) {
    Variables taken;
    for (const std::string& one : environment) {
        const auto equals = one.find('=');
        if (!one.starts_with(k_variable_prefix) || equals == std::string::npos)
            continue;
        const auto name = one.substr(0, equals);
        Issue issue;
        issue.message =
            take(name, std::string_view(one).substr(equals + 1), taken.daemon, issue.nearest);
        if (issue.message.empty())
            continue;
        issue.file = "environment";
        issue.key = name;
        taken.issues.push_back(std::move(issue));
    }
    return taken;
}

std::vector<std::string> own_environment() {
    std::vector<std::string> all;
    for (char** one = ::environ; one != nullptr && *one != nullptr; ++one)
        all.emplace_back(*one);
    return all;
}

Layer with_variables(const Layer& file, const Layer& variables) {
    Layer layer = file;
    for (const Setting& setting : variables.settings) {
        std::erase_if(layer.settings, [&](const Setting& one) { return one.key == setting.key; });
        layer.settings.push_back(setting);
    }
    return layer;
}

}  // namespace bullpen::config
