#include "common/config/keys.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <deque>

#include "common/base/errc.hpp"
#include "common/config/layer.hpp"
#include "common/config/rules.hpp"
#include "common/config/schema.hpp"
#include "common/config/units.hpp"

namespace bullpen::config {

namespace {

// Shortest text that reads back to the same double, with a point so that TOML takes it for one.
std::string print_number(double number) {
    char buffer[64];
    const auto [end, code] = std::to_chars(buffer, buffer + sizeof buffer, number);
    std::string text(buffer, end);
    if (text.find_first_of(".en") == std::string::npos)
        text += ".0";
    return text;
}

std::string print_texts(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const std::string& text : texts) {
        if (out.size() > 1)
            out += ", ";
        out += quoted(text);
    }
    return out + "]";
}

// A bound of the row's type, without quotes.
std::string print_bound(const Row& row, std::int64_t bound) {
    switch (row.type) {
        case KeyType::duration: return format_duration(Nanos(bound));
        case KeyType::size: return format_size(static_cast<std::uint64_t>(bound));
        case KeyType::percent: return format_percent(static_cast<int>(bound));
        default: return std::to_string(bound);
    }
}

std::string zero_text(const Row& row) {
    const bool whole = row.type == KeyType::integer;
    return (whole ? "0" : quoted(print_bound(row, 0))) + " (" + std::string(row.zero) + ")";
}

std::string words_text(std::span<const std::string_view> words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0)
            out += i + 1 == words.size() ? " or " : ", ";
        out += words[i];
    }
    return out;
}

// "a duration, as in 5 s": what kind of value the row takes.
std::string_view kind_text(KeyType type) {
    switch (type) {
        case KeyType::flag: return "true or false";
        case KeyType::integer: return "a whole number";
        case KeyType::number: return "a number";
        case KeyType::duration: return "a duration in quotes with its unit, as in \"5 s\"";
        case KeyType::size: return "a size in quotes with its unit, as in \"64 MiB\"";
        case KeyType::percent: return "a percentage in quotes, as in \"10 %\"";
        case KeyType::text:
        case KeyType::path:
        case KeyType::word: return "text in quotes";
        case KeyType::texts: return "a list of texts, as in [\"program\", \"argument\"]";
        case KeyType::table: return "a table of names and texts";
    }
    return "";
}

Unexpected refuse(std::string sentence) {
    return fail(Errc::invalid, std::move(sentence));
}

Result<Value> within_bounds(const Row& row, std::int64_t value) {
    if ((value == 0 && !row.zero.empty()) || (value >= row.min && value <= row.max))
        return Value(value);
    return refuse("must be " + bounds_text(row) + ", not " + print_bound(row, value));
}

Result<void> check_text(const Row& row, const std::string& text) {
    if (text.size() > row.length_max) {
        return refuse("has " + std::to_string(text.size()) + " bytes, more than the " +
                      std::to_string(row.length_max) + " that are allowed");
    }
    if (text.empty() && row.may_be_empty)
        return {};
    if (text.empty())
        return refuse("must not be empty");
    if (row.fits != nullptr && !row.fits(text))
        return refuse("must be " + std::string(row.shape));
    return {};
}

Result<Value> accept_words(const Row& row, const std::string& text) {
    if (std::find(row.words.begin(), row.words.end(), text) != row.words.end())
        return Value(text);
    return refuse("must be " + words_text(row.words));
}

Result<Value> accept_texts(const Row& row, const std::vector<std::string>& texts) {
    if (texts.size() > k_texts_max) {
        return refuse("has " + std::to_string(texts.size()) + " texts, more than the " +
                      std::to_string(k_texts_max) + " that are allowed");
    }
    const bool any_empty = std::find(texts.begin(), texts.end(), "") != texts.end();
    if (any_empty && !row.secret_free)  // a program may be given an empty argument
        return refuse("must not have an empty text in its list");
    if (!texts.empty() && texts.front().empty())
        return refuse("must start with a program, not with an empty text");
    for (const std::string& text : texts) {
        BULLPEN_CHECK(check_text(row, text));
        if (row.secret_free && argument_looks_secret(text))
            return refuse("carries a secret in its arguments, where everybody on the host can " +
                          std::string("read it; ") + std::string(k_where_secrets_belong));
    }
    return Value(texts);
}

Result<Value> accept_text(const Row& row, const std::string& text) {
    switch (row.type) {
        case KeyType::duration: {
            BULLPEN_TRY(const Nanos duration, parse_duration(text));
            return within_bounds(row, duration.count());
        }
        case KeyType::size: {
            BULLPEN_TRY(const std::uint64_t size, parse_size(text));
            return within_bounds(row, static_cast<std::int64_t>(size));
        }
        case KeyType::percent: {
            BULLPEN_TRY(const int percent, parse_percent(text));
            return within_bounds(row, percent);
        }
        case KeyType::word: return accept_words(row, text);
        default: break;
    }
    BULLPEN_CHECK(check_text(row, text));
    return Value(text);
}

bool takes_text(KeyType type) {
    return type == KeyType::duration || type == KeyType::size || type == KeyType::percent ||
           type == KeyType::text || type == KeyType::path || type == KeyType::word;
}

bool has_unit(KeyType type) {
    return type == KeyType::duration || type == KeyType::size || type == KeyType::percent;
}

const AccountSettings& default_account() {
    static const AccountSettings settings(AccountId::parse("default").value());
    return settings;
}
const DaemonSettings& default_daemon() {
    static const DaemonSettings settings;
    return settings;
}

struct FactsTable {
    std::deque<std::string> texts;  // the facts look into it
    std::vector<KeyFacts> facts;
};

template <class Settings>
FactsTable make_facts(Scope scope, const Settings& defaults) {
    FactsTable table;
    auto& [texts, facts] = table;
    for (const Key<Settings>& key : keys<Settings>()) {
        const Row& row = key.row;
        const std::string_view standard = key.get == nullptr
                                              ? std::string_view()
                                              : texts.emplace_back(print(row, key.get(defaults)));
        facts.push_back({row.name, scope, row.type, standard, texts.emplace_back(bounds_text(row)),
                         row.description, row.inheritable, row.effect});
    }
    return table;
}

template <class Settings>
const Key<Settings>* find_key(std::string_view name) {
    for (const Key<Settings>& key : keys<Settings>()) {
        if (key.row.name == name)
            return &key;
    }
    return nullptr;
}

// The name behind "environment.", or nothing.
std::string_view environment_name(std::string_view key) {
    if (key.starts_with(k_environment) && key.substr(k_environment.size()).starts_with('.'))
        return key.substr(k_environment.size() + 1);
    return {};
}

Unexpected no_such_key(std::string_view key) {
    return fail(Errc::not_found, "there is no key " + std::string(key));
}

// One TOML value as a leaf. Anything that is more than one value is refused.
Result<Leaf> parse_value(std::string_view text) {
    Document document = parse_document("value = " + std::string(text));
    if (!document.errors.empty())
        return refuse(document.errors.front().message);
    if (document.leaves.size() != 1 || document.leaves[0].path != "value")
        return refuse("must be one value");
    return std::move(document.leaves.front());
}

template <class Settings>
Result<void> set_from_text(Settings& settings, std::string_view key, std::string_view text) {
    const Key<Settings>* found = find_key<Settings>(key);
    if (found == nullptr || found->set == nullptr)
        return no_such_key(key);
    BULLPEN_TRY(const Leaf leaf, parse_value(text));
    BULLPEN_TRY(const Value value, accept(found->row, leaf));
    found->set(settings, value);
    return {};
}

std::string table_of(std::string_view name) {
    const auto dot = name.find('.');
    return std::string(dot == std::string_view::npos ? std::string_view() : name.substr(0, dot));
}

template <class Settings>
void append_toml(std::string& out, const Settings& settings) {
    std::string table;
    const auto append = [&](const Key<Settings>& key) {
        const std::string own = table_of(key.row.name);
        if (own != table)
            out += "\n[" + own + "]\n";
        table = own;
        const auto name = key.row.name.substr(own.empty() ? 0 : own.size() + 1);
        out += std::string(name) + " = " + print(key.row, key.get(settings)) + "\n";
    };
    // Top-level keys first: behind a table's header they would be the table's.
    for (const bool in_table : {false, true}) {
        for (const Key<Settings>& key : keys<Settings>()) {
            if (key.get != nullptr && (key.row.name.find('.') != std::string::npos) == in_table)
                append(key);
        }
    }
}

}  // namespace

std::string_view code(Effect effect) {
    switch (effect) {
        case Effect::at_once: return "at_once";
        case Effect::next_launch: return "next_launch";
        case Effect::worker_restart: return "worker_restart";
        case Effect::daemon_restart: return "daemon_restart";
    }
    return "unknown";
}

std::string bounds_text(const Row& row) {
    std::string zero;
    if (!row.zero.empty())
        zero = zero_text(row) + (row.min > 0 ? ", or " : "");
    switch (row.type) {
        case KeyType::flag: return "true or false";
        case KeyType::number:
            return print_number(row.number_min) + " to " + print_number(row.number_max);
        case KeyType::word: return words_text(row.words);
        case KeyType::text:
        case KeyType::path:
        case KeyType::texts:
        case KeyType::table: {
            std::string text(row.shape);
            if (!row.empty.empty())
                text += "; empty: " + std::string(row.empty);
            return text;
        }
        default: break;
    }
    if (!zero.empty() && row.min == 0)
        return zero + " to " + print_bound(row, row.max);
    if (row.max == std::numeric_limits<std::int64_t>::max())
        return zero + "at least " + print_bound(row, row.min);
    return zero + print_bound(row, row.min) + " to " + print_bound(row, row.max);
}

std::string print(const Row& row, const Value& value) {
    if (const auto* flag = std::get_if<bool>(&value))
        return *flag ? "true" : "false";
    if (const auto* number = std::get_if<double>(&value))
        return print_number(*number);
    if (const auto* text = std::get_if<std::string>(&value))
        return quoted(*text);
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value))
        return print_texts(*texts);
    const auto integer = std::get<std::int64_t>(value);
    const std::string plain = print_bound(row, integer);
    return row.type == KeyType::integer ? plain : quoted(plain);
}

Result<Value> accept(const Row& row, const Leaf& leaf) {
    if (row.type == KeyType::flag && leaf.found == Found::boolean)
        return Value(std::get<bool>(leaf.content));
    if (leaf.found == Found::integer) {
        const auto integer = std::get<std::int64_t>(leaf.content);
        // Nothing is nothing in every unit.
        if (row.type == KeyType::integer || (integer == 0 && has_unit(row.type)))
            return within_bounds(row, integer);
    }
    if (row.type == KeyType::number &&
        (leaf.found == Found::number || leaf.found == Found::integer)) {
        const double number = leaf.found == Found::number
                                  ? std::get<double>(leaf.content)
                                  : static_cast<double>(std::get<std::int64_t>(leaf.content));
        // A comparison with what is not a number is false.
        if (!(number >= row.number_min && number <= row.number_max))
            return refuse("must be " + bounds_text(row) + ", not " + print_number(number));
        return Value(number);
    }
    if (leaf.found == Found::text && takes_text(row.type))
        return accept_text(row, std::get<std::string>(leaf.content));
    if (leaf.found == Found::texts && row.type == KeyType::texts)
        return accept_texts(row, std::get<std::vector<std::string>>(leaf.content));
    return refuse("must be " + std::string(kind_text(row.type)) + ", not " +
                  std::string(name(leaf.found)));
}

Result<void> accept_environment(std::string_view name, const Leaf& leaf) {
    if (!is_environment_name(name))
        return refuse("a variable's name has letters, digits and '_', and no digit first");
    if (is_reserved_environment_name(name))
        return refuse("this variable is set by Bullpen itself");
    if (looks_secret(name))
        return refuse("looks like a secret; " + std::string(k_where_secrets_belong));
    if (leaf.found != Found::text)
        return refuse("must be text in quotes, not " + std::string(config::name(leaf.found)));
    const auto& value = std::get<std::string>(leaf.content);
    if (value.size() > k_environment_value_max) {
        return refuse("has " + std::to_string(value.size()) + " bytes, more than the " +
                      std::to_string(k_environment_value_max) + " that are allowed");
    }
    if (!is_argument(value))
        return refuse("must not hold a zero byte");
    if (holds_credentials(value))
        return refuse("holds a password; " + std::string(k_where_secrets_belong));
    return {};
}

std::span<const KeyFacts> key_facts(Scope scope) {
    static const auto account = make_facts(Scope::account, default_account());
    static const auto daemon = make_facts(Scope::daemon, default_daemon());
    return scope == Scope::account ? account.facts : daemon.facts;
}

Result<std::string> value_text(const AccountSettings& settings, std::string_view key) {
    if (const auto name = environment_name(key); !name.empty()) {
        const auto found = settings.environment.find(std::string(name));
        return found == settings.environment.end() ? std::string() : quoted(found->second);
    }
    const auto* found = find_key<AccountSettings>(key);
    if (found == nullptr || found->get == nullptr)
        return no_such_key(key);
    return print(found->row, found->get(settings));
}

Result<std::string> value_text(const DaemonSettings& settings, std::string_view key) {
    const auto* found = find_key<DaemonSettings>(key);
    if (found == nullptr)
        return no_such_key(key);
    return print(found->row, found->get(settings));
}

Result<void> set_value(AccountSettings& settings, std::string_view key, std::string_view text) {
    if (const auto name = environment_name(key); !name.empty()) {
        if (text.empty()) {
            settings.environment.erase(std::string(name));
        } else {
            BULLPEN_TRY(const Leaf leaf, parse_value(text));
            BULLPEN_CHECK(accept_environment(name, leaf));
            settings.environment[std::string(name)] = std::get<std::string>(leaf.content);
        }
    } else {
        BULLPEN_CHECK(set_from_text(settings, key, text));
    }
    settings.fingerprint = fingerprint(settings);
    return {};
}

Result<void> set_value(DaemonSettings& settings, std::string_view key, std::string_view text) {
    return set_from_text(settings, key, text);
}

std::string to_toml(const AccountSettings& settings) {
    std::string out = std::string(k_account) + " = " + quoted(settings.id.str()) + "\n";
    append_toml(out, settings);
    if (!settings.environment.empty())
        out += "\n[" + std::string(k_environment) + "]\n";
    for (const auto& [name, value] : settings.environment)
        out += name + " = " + quoted(value) + "\n";
    return out;
}

std::string to_toml(const DaemonSettings& settings) {
    std::string out;
    append_toml(out, settings);
    return out;
}

std::uint64_t fingerprint(const AccountSettings& settings) {
    // FNV-1a. Only what differs from the default goes in, so that a key that a later release adds
    // restarts nobody.
    std::uint64_t hash = 0xCBF29CE484222325ULL;
    const auto add = [&hash](std::string_view text) {
        for (const char c : text) {
            hash ^= static_cast<unsigned char>(c);
            hash *= 0x100000001B3ULL;
        }
    };
    const auto add_line = [&add](std::string_view name, std::string_view value) {
        add(name);
        add("=");
        add(value);
        add("\n");
    };
    for (const auto& key : keys<AccountSettings>()) {
        if (key.get == nullptr || key.row.effect != Effect::worker_restart)
            continue;
        const Value value = key.get(settings);
        if (value != key.get(default_account()))
            add_line(key.row.name, print(key.row, value));
    }
    for (const auto& [name, value] : settings.environment)
        add_line("environment." + name, quoted(value));
    if (settings.opposite != Opposite::allow)
        add_line("owner.asks", "true");
    return hash;
}

}  // namespace bullpen::config
