#include "common/config/layer.hpp"

#include <algorithm>
#include <array>

#include "common/config/event_names.hpp"
#include "common/config/job_keys.hpp"
#include "common/config/nearest.hpp"
#include "common/config/rules.hpp"
#include "common/config/together.hpp"
#include "common/config/units.hpp"
#include "common/model/rule_pack.hpp"

namespace bullpen::config {

namespace {

constexpr std::string_view k_defaults = "defaults";
constexpr std::string_view k_owners = "owners";
constexpr std::string_view k_owners_prefix = "owners.";
constexpr std::string_view k_opposite = "opposite";

enum class Part : std::uint8_t { account, defaults, daemon };

template <class Settings>
std::optional<std::size_t> index_of(std::string_view name) {
    const auto all = keys<Settings>();
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].row.name == name)
            return i;
    }
    return std::nullopt;
}

// Whether some key is in a table of this name.
template <class Settings>
bool is_table(std::string_view path) {
    const auto all = keys<Settings>();
    return std::any_of(all.begin(), all.end(), [path](const Key<Settings>& key) {
        return key.row.type == KeyType::table
                   ? key.row.name == path
                   : key.row.name.size() > path.size() && key.row.name.starts_with(path) &&
                         key.row.name[path.size()] == '.';
    });
}

// What a key in this part of a file may be called.
std::vector<std::string_view> known_names(Part part) {
    static const std::vector<std::string> inherited = [] {
        std::vector<std::string> names;
        for (const auto& key : keys<AccountSettings>()) {
            if (key.row.inheritable)
                names.push_back(std::string(k_defaults) + "." + std::string(key.row.name));
        }
        return names;
    }();
    std::vector<std::string_view> names;
    if (part == Part::daemon) {
        for (const auto& key : keys<DaemonSettings>())
            names.push_back(key.row.name);
        names.push_back(k_defaults);
        names.insert(names.end(), inherited.begin(), inherited.end());
        return names;
    }
    for (const auto& key : keys<AccountSettings>()) {
        if (part == Part::account || key.row.inheritable)
            names.push_back(key.row.name);
    }
    if (part == Part::account)
        names.push_back(k_account);
    return names;
}

// One file being read: where issues go and what they say of their place.
class Reading {
  public:
    Reading(const LayerSource& source, std::vector<Issue>& issues)
        : source_(source), issues_(issues) {}

    void refuse(const Leaf& leaf, std::string message, std::string_view nearest = {}) {
        add(leaf.place, leaf.path, std::move(message), nearest);
    }
    void refuse(const Leaf& leaf, const Error& error, std::string_view nearest = {}) {
        add(leaf.place, leaf.path, error.context(), nearest);
    }
    void add(Place place, std::string_view key, std::string message, std::string_view nearest) {
        Issue issue;
        issue.file = source_.file;
        issue.line = place.line;
        issue.column = place.column;
        issue.key = key;
        issue.message = std::move(message);
        issue.nearest = nearest;
        issue.account = source_.account;
        issues_.push_back(std::move(issue));
    }
    void add_syntax_errors(const Document& document) {
        for (const SyntaxError& error : document.errors)
            add(error.place, "", "cannot be read: " + error.message, {});
    }
    [[nodiscard]] const LayerSource& source() const { return source_; }

  private:
    const LayerSource& source_;
    std::vector<Issue>& issues_;
};

void refuse_unknown(Reading& reading, const Leaf& leaf, std::string_view name, Part part) {
    if (reading.source().ignore_unknown)
        return;
    if (looks_secret(leaf.name)) {
        reading.refuse(leaf, "looks like a secret; " + std::string(k_where_secrets_belong));
        return;
    }
    const auto account_key = index_of<AccountSettings>(name);
    if (part == Part::defaults && (account_key || name == k_account)) {
        reading.refuse(leaf, "cannot be inherited: it belongs in each account's own file");
        return;
    }
    if (part == Part::account && index_of<DaemonSettings>(name)) {
        reading.refuse(leaf, "is a key of bullpen.toml, not of an account's file");
        return;
    }
    const auto known = known_names(part);
    std::string hint(nearest(name, known));
    if (part == Part::defaults && !hint.empty())
        hint = std::string(k_defaults) + "." + hint;
    reading.refuse(leaf, "is not a key that Bullpen knows here", hint);
}

// Takes one leaf into the layer; `name` is its path within this part of the file.
template <class Settings>
void read_leaf(Reading& reading, const Leaf& leaf, std::string_view name, Part part, Layer& layer) {
    if (leaf.found == Found::empty_table && (name == k_restart || is_table<Settings>(name)))
        return;
    if (name == k_restart && part != Part::daemon)
        name = k_restart_rule;
    const auto index = index_of<Settings>(name);
    const Row* row = index ? &keys<Settings>()[*index].row : nullptr;
    if (row != nullptr && part == Part::defaults && !row->inheritable)
        row = nullptr;
    if (is_table<Settings>(name) && (row == nullptr || row->type == KeyType::table)) {
        reading.refuse(leaf, "is a table of keys, not " + std::string(config::name(leaf.found)));
        return;
    }
    if (row == nullptr) {
        refuse_unknown(reading, leaf, name, part);
        return;
    }
    auto value = accept(*row, leaf);
    if (!value) {
        std::string_view hint;
        if (row->type == KeyType::word && leaf.found == Found::text)
            hint = nearest(std::get<std::string>(leaf.content), row->words);
        reading.refuse(leaf, value.error(), hint);
        return;
    }
    layer.settings.push_back(
        {static_cast<std::uint16_t>(*index), "", std::move(*value), leaf.place.line});
}

void read_variable(Reading& reading, const Leaf& leaf, Layer& layer) {
    static const std::size_t index = *index_of<AccountSettings>(k_environment);
    if (const auto accepted = accept_environment(leaf.name, leaf); !accepted) {
        reading.refuse(leaf, accepted.error());
        return;
    }
    layer.settings.push_back({static_cast<std::uint16_t>(index), leaf.name,
                              std::get<std::string>(leaf.content), leaf.place.line});
}

void read_account_leaf(Reading& reading, const Leaf& leaf, std::string_view name,
                       std::string_view table, Part part, Layer& layer) {
    if (table == k_environment) {
        read_variable(reading, leaf, layer);
    } else if (name == k_account && part == Part::account) {
        const auto& account = reading.source().account;
        const auto* text = std::get_if<std::string>(&leaf.content);
        if (text == nullptr || !account || *text != account->str()) {
            reading.refuse(
                leaf, "must be \"" + (account ? account->str() : "") + "\", as the file is named");
        }
    } else {
        read_leaf<AccountSettings>(reading, leaf, name, part, layer);
    }
}

// [owners.NAME] opposite = "refuse".
void read_owner(Reading& reading, const Leaf& leaf, Layer& layer) {
    const bool of_owner = leaf.table.size() > k_owners_prefix.size() &&
                          leaf.table.starts_with(k_owners_prefix) && leaf.name == k_opposite;
    if (!of_owner) {
        const bool empty_owner =
            leaf.found == Found::empty_table && (leaf.path == k_owners || leaf.table == k_owners);
        if (!empty_owner && !reading.source().ignore_unknown)
            reading.refuse(leaf, "is not a key that Bullpen knows here",
                           "owners.NAME." + std::string(k_opposite));
        return;
    }
    const auto* text = std::get_if<std::string>(&leaf.content);
    const auto policy = text != nullptr ? from_word<Opposite>(*text) : std::nullopt;
    if (!policy) {
        return reading.refuse(leaf, "must be allow, flag or refuse",
                              text != nullptr ? nearest(*text, Words<Opposite>::k_all) : "");
    }
    layer.owners[leaf.table.substr(k_owners_prefix.size())] = *policy;
}

void apply(const Layer& layer, AccountSettings& settings) {
    const auto all = keys<AccountSettings>();
    for (const Setting& setting : layer.settings) {
        const auto& key = all[setting.key];
        if (key.set != nullptr)
            key.set(settings, setting.value);
        else
            settings.environment[setting.name] = std::get<std::string>(setting.value);
    }
}

void check(const AccountSettings& settings, const Layer& own, const LayerSource& source,
           bool defaults_alone, std::vector<Issue>& issues) {
    for (const Together& rule : rules_between_keys()) {
        if (rule.holds(settings) || (defaults_alone && !rule.for_defaults))
            continue;
        int line = 0;
        for (const auto name : {rule.first, rule.second}) {
            if (const Setting* setting = own.find(*index_of<AccountSettings>(name)))
                line = std::max(line, setting->line);
        }
        const std::string prefix = defaults_alone ? std::string(k_defaults) + "." : "";
        Reading(source, issues)
            .add({line, 0}, prefix + std::string(rule.first), rule.message(settings, rule.second),
                 {});
    }
}

// Stands for any account where [defaults] are looked at by themselves.
const AccountId& any_account() {
    static const AccountId id = AccountId::parse("default").value();
    return id;
}

std::string place_text(const SourceName& name, int line) {
    return name.file + ":" + std::to_string(line) + name.suffix;
}

}  // namespace

const Setting* Layer::find(std::size_t key, std::string_view name) const {
    for (const Setting& setting : settings) {
        if (setting.key == key && setting.name == name)
            return &setting;
    }
    return nullptr;
}

Layer read_account_layer(const Document& document, const LayerSource& source,
                         std::vector<Issue>& issues) {
    Layer layer;
    Reading reading(source, issues);
    reading.add_syntax_errors(document);
    if (!document.readable)
        return layer;
    for (const Leaf& leaf : document.leaves)
        read_account_leaf(reading, leaf, leaf.path, leaf.table, Part::account, layer);
    return layer;
}

DaemonLayers read_daemon_layers(const Document& document, const LayerSource& source,
                                std::vector<Issue>& issues) {
    static const std::string k_prefix = std::string(k_defaults) + ".";
    DaemonLayers layers;
    Reading reading(source, issues);
    reading.add_syntax_errors(document);
    if (!document.readable)
        return layers;
    for (const Leaf& leaf : document.leaves) {
        if (leaf.path.starts_with(k_prefix)) {
            const std::string_view name = std::string_view(leaf.path).substr(k_prefix.size());
            const std::string_view table =
                leaf.table.size() < k_prefix.size()
                    ? std::string_view()
                    : std::string_view(leaf.table).substr(k_prefix.size());
            read_account_leaf(reading, leaf, name, table, Part::defaults, layers.defaults);
        } else if (leaf.path == k_owners || leaf.path.starts_with(k_owners_prefix)) {
            read_owner(reading, leaf, layers.defaults);
        } else if (leaf.path != k_defaults) {
            read_leaf<DaemonSettings>(reading, leaf, leaf.path, Part::daemon, layers.daemon);
        } else if (leaf.found != Found::empty_table) {
            reading.refuse(leaf, "is a table of keys, not " + std::string(name(leaf.found)));
        }
    }
    return layers;
}

namespace {

// What [owners] says; where it says nothing, what the rules of the account's firm ask for. Of packs
// that only the home has nothing is known here: check says what they ask for.
Opposite policy_of_owner(const AccountSettings& settings, const Layer& defaults) {
    if (settings.owner.empty())
        return Opposite::allow;
    if (const auto policy = defaults.owners.find(path_part(settings.owner));
        policy != defaults.owners.end())
        return policy->second;
    const auto pack = model::RulePacks::built_in().find(settings.risk->rule_pack);
    return pack && !(*pack)->opposite_positions_allowed ? Opposite::refuse : Opposite::allow;
}

}  // namespace

AccountSettings resolve(const AccountId& account, const Layer& defaults, const Layer& own) {
    static const std::size_t heartbeat = *index_of<AccountSettings>("heartbeat");
    AccountSettings settings(account);
    apply(defaults, settings);
    apply(own, settings);
    // A foreign program is not expected to speak the protocol unless somebody says that it does;
    // the built-in worker always does, whatever the defaults say for programs.
    if (own.find(heartbeat) == nullptr) {
        if (settings.command.empty())
            settings.heartbeat = HeartbeatKind::zmq;
        else if (defaults.find(heartbeat) == nullptr)
            settings.heartbeat = HeartbeatKind::none;
    }
    // Its amounts are rupees, and the default is none.
    static const std::size_t loss = *index_of<AccountSettings>("risk.daily_loss_max");
    if (settings.trading == TradingKind::shares && own.find(loss) == nullptr &&
        defaults.find(loss) == nullptr)
        settings.risk.edit().daily_loss_max = 0;
    settings.opposite = policy_of_owner(settings, defaults);
    settings.fingerprint = fingerprint(settings);
    return settings;
}

DaemonSettings resolve(const Layer& daemon) {
    DaemonSettings settings;
    for (const Setting& setting : daemon.settings)
        keys<DaemonSettings>()[setting.key].set(settings, setting.value);
    return settings;
}

void check_together(const AccountSettings& settings, const Layer& own, const LayerSource& source,
                    std::vector<Issue>& issues) {
    check(settings, own, source, false, issues);
}

void check_defaults(const Layer& defaults, const LayerSource& source, std::vector<Issue>& issues) {
    check(resolve(any_account(), defaults, {}), defaults, source, true, issues);
}

std::vector<Origin> origins(const AccountSettings& settings, const Layer& defaults,
                            const SourceName& defaults_file, const Layer& own,
                            const SourceName& own_file) {
    std::vector<Origin> all;
    const auto source_of = [&](std::size_t key, std::string_view name) -> std::string {
        if (const Setting* setting = own.find(key, name))
            return place_text(own_file, setting->line);
        if (const Setting* setting = defaults.find(key, name))
            return place_text(defaults_file, setting->line);
        return "default";
    };
    const auto table = keys<AccountSettings>();
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (table[i].get != nullptr) {
            all.push_back({std::string(table[i].row.name),
                           print(table[i].row, table[i].get(settings)), source_of(i, "")});
            continue;
        }
        for (const auto& [name, value] : settings.environment) {
            all.push_back(
                {std::string(table[i].row.name) + "." + name, quoted(value), source_of(i, name)});
        }
    }
    return all;
}

std::vector<Origin> origins(const DaemonSettings& settings, const Layer& daemon,
                            const SourceName& file) {
    std::vector<Origin> all;
    const auto table = keys<DaemonSettings>();
    for (std::size_t i = 0; i < table.size(); ++i) {
        std::string source = "default";
        for (const Setting& setting : daemon.settings) {
            if (setting.key == i)
                source = setting.name.empty() ? place_text(file, setting.line)
                                              : "environment " + setting.name;
        }
        all.push_back({std::string(table[i].row.name), print(table[i].row, table[i].get(settings)),
                       std::move(source)});
    }
    return all;
}

}  // namespace bullpen::config
