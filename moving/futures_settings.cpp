#include "moving/futures_settings.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "moving/json_impl.hpp"
#include "moving/text_files.hpp"

namespace bullpen::moving {

namespace {

enum class Kind : std::uint8_t {
    whole,       // a whole number: the key's own
    money,       // an amount, rounded down
    number,      // a factor
    trades,      // a whole number; 9999 and more meant none
    percent,     // a share below 0.1, percent from there on
    share,       // 0 to 1, or 0 to 100: kept as a share
    recipients,  // mail addresses
    special,     // judged with others, below
    kept,
    left
};

struct Rule {
    std::string_view name;
    Kind kind;
    std::string_view key;  // or why it is kept or left
};

constexpr std::string_view k_confidence = "confidence_threshold";
constexpr std::string_view k_pool = "Bullpen has no pool of experiences yet";
constexpr std::string_view k_mail = "[alerts.smtp] of bullpen.toml says how the home sends mail";
constexpr std::string_view k_phone =
    "a text message goes by mail: \"sms:\" before the gateway's address in alerts.recipients";
constexpr std::string_view k_window = "it belongs to the old bot's window";
constexpr std::string_view k_licence = "Bullpen needs no licence of the old bot";
constexpr std::string_view k_checked = "the old bot noted what it had checked";

constexpr std::array<Rule, 59> k_rules{{
    {"max_contracts", Kind::whole, "risk.contracts_max"},
    {"max_trades", Kind::trades, "risk.trades_max"},
    {"max_trades_per_day", Kind::trades, "risk.trades_max"},
    {"daily_loss_limit", Kind::money, "risk.daily_loss_max"},
    {"risk_per_trade", Kind::percent, "risk.per_trade_percent"},
    {"volume_spike_multiplier", Kind::number, "strategy.volume_factor"},
    {"volume_surge_threshold", Kind::number, "strategy.surge_factor"},
    {k_confidence, Kind::share, k_pool},
    {"rl_confidence_threshold", Kind::share, k_pool},
    {"rl_exploration_rate", Kind::share, k_pool},
    {"rl_min_exploration_rate", Kind::share, k_pool},
    {"rl_exploration_decay", Kind::kept, k_pool},
    {"auto_calculate_limits", Kind::special, ""},
    {"shadow_mode", Kind::special, ""},
    {"confidence_trading", Kind::special, ""},
    {"recovery_mode", Kind::special, ""},
    {"time_exit_enabled", Kind::special, ""},
    {"avoid_news_days", Kind::special, ""},
    {"fomc_block_enabled", Kind::special, ""},
    {"fomc_force_close", Kind::special, ""},
    {"symbols", Kind::special, ""},
    {"min_risk_reward", Kind::kept, "the strategy's stop and target have keys of their own"},
    {"max_loss_per_trade", Kind::kept, "Bullpen sizes by risk.per_trade_percent"},
    {"dynamic_confidence", Kind::kept, k_pool},
    {"dynamic_contracts", Kind::kept, k_pool},
    {"passive_order_timeout", Kind::kept, "Bullpen enters by market orders"},
    {"market_correlation_enabled", Kind::kept, "the strategy looks at one market"},
    {"broker_type", Kind::kept, "choose risk.rule_pack yourself: docs/risk.md lists them"},
    {"account_type", Kind::kept, "choose risk.rule_pack yourself: docs/risk.md lists them"},
    {"fetched_account_type", Kind::kept, "choose risk.rule_pack yourself: docs/risk.md lists them"},
    {"market_type", Kind::kept, "a broker's name says it"},
    {"quotrading_email", Kind::kept, "Bullpen knows no user of the old bot's service"},
    {"quotrading_username", Kind::kept, "Bullpen knows no user of the old bot's service"},
    {"account_id", Kind::kept, "accounts and selected_account_id say which accounts there are"},
    {"user_data", Kind::kept, "Bullpen knows no user of the old bot's service"},
    {"alerts_enabled", Kind::special, ""},
    {"smtp_provider", Kind::kept, k_mail},
    {"smtp_server", Kind::kept, k_mail},
    {"smtp_port", Kind::kept, k_mail},
    {"smtp_tls", Kind::kept, k_mail},
    {"alert_email", Kind::recipients, ""},
    {"additional_alert_emails", Kind::recipients, ""},
    {"alert_phone", Kind::kept, k_phone},
    {"alert_carrier", Kind::kept, k_phone},
    {"theme", Kind::left, k_window},
    {"remember_credentials", Kind::left, k_window},
    {"broker_validated", Kind::left, k_checked},
    {"validated", Kind::left, k_checked},
    {"license_validated", Kind::left, k_checked},
    {"quotrading_validated", Kind::left, k_checked},
    {"cloud_api_url", Kind::left, k_licence},
    {"license_type", Kind::left, k_licence},
    {"license_expiration", Kind::left, k_licence},
    {"days_until_expiration", Kind::left, k_licence},
    {"hours_until_expiration", Kind::left, k_licence},
    {"account_size", Kind::special, ""},
    {"fetched_account_balance", Kind::special, ""},
    {"topstep_starting_balance", Kind::special, ""},
    {"topstep_starting_balances", Kind::special, ""},
}};

constexpr std::array<std::string_view, 6> k_identity{
    "username", "broker_username", "broker", "accounts", "selected_account", "selected_account_id"};

// One run over a config.json, for one account.
class Taking {
  public:
    Taking(Drafting& draft, PlannedAccount& account, Json config, const FuturesSettings& settings)
        : draft_(draft), account_(account), config_(std::move(config)), settings_(settings) {}

    void run() {
        put_stronger();
        for (const auto& [name, value] : config_.items()) {
            if (is_identity(name) || is_secret_json(name, value))
                continue;
            const auto* rule =
                std::find_if(k_rules.begin(), k_rules.end(),
                             [&, &key = name](const Rule& one) { return one.name == key; });
            if (rule == k_rules.end())
                note(Fate::kept, name, shown(without_secrets(value)),
                     "it is not known: nothing was made of it");
            else
                take(*rule, value);
        }
        approach();
        news();
        balance();
        entries();
    }

  private:
    // Where a value is from, that counts: a member of the file, or a variable in its place.
    struct Source {
        std::string_view file;
        std::string_view name;
    };
    [[nodiscard]] Source source(std::string_view name) const {
        for (const auto& one : settings_.stronger) {
            if (one.key == name)
                return {settings_.env_file, one.variable};
        }
        return {settings_.file, name};
    }
    void note(Fate fate, std::string_view name, const std::string& value, std::string_view why) {
        const auto from = source(name);
        draft_.note(fate, from.file, from.name, value, why);
    }
    void set(std::string_view key, const std::string& to, std::string_view name) {
        const auto from = source(name);
        draft_.set(account_, key, to, from.file, from.name, shown(member(config_, name)));
    }

    void put_stronger() {
        for (const auto& one : settings_.stronger) {
            if (config_.contains(one.key))
                draft_.note(Fate::left, settings_.file, one.key,
                            shown(without_secrets(config_[one.key])),
                            "of " + account_.id.str() + " " + one.variable + " in " +
                                std::string(settings_.env_file) +
                                " counts, which was stronger for the old bot");
            Json value = one.value;
            if (one.key == "symbols") {
                value = Json::array();
                for (std::string_view rest = one.value; !rest.empty();) {
                    const auto end = std::min(rest.find_first_of(", ;"), rest.size());
                    if (end != 0)
                        value.push_back(rest.substr(0, end));
                    rest.remove_prefix(std::min(end + 1, rest.size()));
                }
            }
            config_[one.key] = std::move(value);
        }
    }
    void not_a(const Rule& rule, const Json& value, std::string_view what) {
        note(Fate::wrong, rule.name, shown(value),
             "it is not " + std::string(what) + ", so " + std::string(rule.key) +
                 " stays at its default");
    }

    void take(const Rule& rule, const Json& value) {
        if (value.is_null() && rule.kind != Kind::kept && rule.kind != Kind::left)
            return note(Fate::left, rule.name, "", "it is empty");
        switch (rule.kind) {
            case Kind::kept:
                return note(Fate::kept, rule.name, shown(without_secrets(value)), rule.key);
            case Kind::left: return note(Fate::left, rule.name, shown(value), rule.key);
            case Kind::recipients: return recipients(rule, value);
            case Kind::special: return special(rule, value);
            case Kind::share: return share(rule, value);
            default: break;
        }
        const auto number = number_of(value);
        if (!number || *number < 0)
            return not_a(rule, value, "a number from 0 on");
        if (rule.kind == Kind::number)
            return set(rule.key, plain(*number), rule.name);
        if (rule.kind == Kind::percent)
            return set(rule.key, plain(*number < 0.1 ? *number * 100 : *number), rule.name);
        if (rule.kind == Kind::whole && !whole_of(value))
            return not_a(rule, value, "a whole number");
        if (*number > 1e12)
            return not_a(rule, value, "a sensible number");
        const auto whole = static_cast<std::int64_t>(std::floor(*number));
        if (rule.kind == Kind::trades)
            return trades(rule, whole);
        if (rule.kind == Kind::money && whole == 0)
            return note(Fate::wrong, rule.name, shown(value),
                        "0 would be no limit at all; risk.daily_loss_max stays at its default");
        set(rule.key, std::to_string(whole), rule.name);
    }

    // Of two limits of trades the stricter one counts.
    void trades(const Rule& rule, std::int64_t whole) {
        const auto limit = whole >= 9999 ? 0 : whole;
        if (whole == 0)
            return note(Fate::wrong, rule.name, "0",
                        "0 would be no limit at all; risk.trades_max stays at its default");
        for (const auto& [key, value] : account_.settings) {
            const auto before = key == rule.key ? whole_of(Json(value)).value_or(0) : 0;
            if (key == rule.key && (limit == 0 || (before != 0 && before <= limit)))
                return note(Fate::left, rule.name, std::to_string(whole),
                            "the other limit of trades is as strict or stricter");
        }
        set(rule.key, std::to_string(limit), rule.name);
    }

    // The old bot had the one from 0 to 100 and the other from 0 to 1: 1 is 1 percent of the one,
    // and all of the other. What is below 1 of the one was meant as a share.
    static double as_share(std::string_view name, double number) {
        const bool percent = name == k_confidence ? number >= 1 : number > 1;
        return percent ? number / 100 : number;
    }

    void share(const Rule& rule, const Json& value) {
        const auto number = number_of(value);
        if (!number || *number < 0 || *number > 100)
            return not_a(rule, value, "a share, from 0 to 1 or from 0 to 100");
        const auto shares = plain(as_share(rule.name, *number));
        note(Fate::kept, rule.name, shares, rule.key);
        if (rule.name == "rl_confidence_threshold") {
            const auto other = number_of(member(config_, k_confidence));
            if (other && plain(as_share(k_confidence, *other)) != shares)
                note(Fate::wrong, k_confidence, shown(member(config_, rule.name)),
                     "the old bot had two values for it that differ; both are kept as they are");
        }
    }

    void special(const Rule& rule, const Json& value) {
        if (rule.name == "symbols")
            return symbols(value);
        if (rule.name == "account_size" || rule.name.find("balance") != std::string_view::npos)
            return;  // by balance()
        const auto flag = flag_of(value);
        if (!flag)
            return not_a(rule, value, "true or false");
        if (rule.name == "alerts_enabled")
            return note(Fate::left, rule.name, shown(value),
                        "who is told is in alerts.recipients, of the home in [alerts]");
        if (rule.name == "auto_calculate_limits") {
            if (*flag)
                return set("risk.daily_loss_percent", "2 %", rule.name);
            note(Fate::left, rule.name, "false", "risk.daily_loss_max alone is the limit");
        } else if (rule.name == "shadow_mode") {
            if (*flag)
                return set("trading", "shadow", rule.name);
            note(Fate::left, rule.name, "false",
                 "trading stays off until you set trading = \"on\" yourself");
        } else if (rule.name == "time_exit_enabled") {
            if (!*flag)
                return set("strategy.holding_max", "0 s", rule.name);
            note(Fate::left, rule.name, "true", "as strategy.holding_max has it");
        }
    }

    // One, several with commas in between, or a list; of both keys together.
    void recipients(const Rule& rule, const Json& value) {
        if (flag_of(member(config_, "alerts_enabled")) == false)
            return note(Fate::left, rule.name, shown(value), "the old bot's alerts were off");
        const auto before = recipients_.size();
        for (const auto& one : value.is_array() ? value : Json::array({value})) {
            if (!one.is_string()) {
                note(Fate::wrong, rule.name, shown(without_secrets(one)), "it is no address");
                continue;
            }
            std::string_view rest = one.get_ref<const std::string&>();
            while (!rest.empty()) {
                const auto end = rest.find_first_of(",; ");
                add_recipient(rule, rest.substr(0, end));
                rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
            }
        }
        if (recipients_.size() == before)
            return note(Fate::left, rule.name, shown(value), "it names nobody else");
        std::string list;
        for (const auto& address : recipients_)
            list += (list.empty() ? "[\"" : ", \"") + address + "\"";
        set("alerts.recipients", list + "]", rule.name);
    }
    void add_recipient(const Rule& rule, std::string_view address) {
        const bool quotable = address.find_first_of("\"\\") == std::string_view::npos;
        if (!quotable)
            note(Fate::wrong, rule.name, std::string(address), "it is no address");
        if (!address.empty() && quotable &&
            std::find(recipients_.begin(), recipients_.end(), address) == recipients_.end())
            recipients_.emplace_back(address);
    }

    void symbols(const Json& value) {
        const auto& list = value.is_array() ? value : Json::array({value});
        if (list.empty())
            note(Fate::left, "symbols", "[]", "it is empty");
        bool first = true;
        for (const auto& one : list) {
            const auto symbol = one.is_string() ? one.get<std::string>() : std::string();
            if (!symbol.empty() && std::exchange(first, false))
                set("feed.instrument", symbol, "symbols");
            else
                note(Fate::left, "symbols", shown(one),
                     "an account of Bullpen trades one instrument: add another account for it");
        }
    }

    void approach() {
        const auto recovery = flag_of(member(config_, "recovery_mode"));
        const auto confidence = flag_of(member(config_, "confidence_trading"));
        if (recovery == true)
            note(Fate::left, "recovery_mode", "true",
                 "it trades on through the daily loss limit, which Bullpen never does");
        else if (recovery)
            note(Fate::left, "recovery_mode", "false", "Bullpen has no such mode");
        if (confidence)
            set("risk.approach", *confidence ? "scale" : "none", "confidence_trading");
    }

    void news() {
        const auto days = flag_of(member(config_, "avoid_news_days"));
        const auto fomc = flag_of(member(config_, "fomc_block_enabled"));
        const auto close = flag_of(member(config_, "fomc_force_close"));
        const std::string window = std::string("30 min before, 60 min after, block_entries") +
                                   (close == true ? ", flatten" : "");
        const auto rest = [&](std::string_view name, std::optional<bool> flag,
                              std::string_view why) {
            if (flag)
                note(Fate::left, name, *flag ? "true" : "false", why);
        };
        std::string windows;
        if (days == true)
            windows = "\"high: 30 min before, 60 min after, block_entries\"";
        if (fomc == true)
            windows += (windows.empty() ? "\"fomc: " : ", \"fomc: ") + window + "\"";
        if (windows.empty()) {
            if (days)
                set("events.enabled", "false", "avoid_news_days");
            rest("fomc_block_enabled", fomc,
                 days ? "events.enabled = false keeps it out"
                      : "events.windows stays at its default");
            return rest("fomc_force_close", close, "without fomc_block_enabled it says nothing");
        }
        for (const auto& [name, flag] :
             {std::pair("avoid_news_days", days), std::pair("fomc_block_enabled", fomc)}) {
            if (flag == true)
                set("events.windows", "[" + windows + "]", name);
            else
                rest(name, flag, "events.windows has no window for it");
        }
        if (close == true && fomc == true)
            note(Fate::taken, "fomc_force_close", "true", "it is part of events.windows");
        else
            rest("fomc_force_close", close,
                 fomc == true ? "the window closes nothing"
                              : "without fomc_block_enabled it says nothing");
    }

    // What the entry of this account in `accounts` says beside its balance. Of two entries the
    // first has its name.
    void entries() {
        bool first = true;
        for (const auto& one : member(config_, "accounts")) {
            const auto id = printable_text(text_of(one, "id"));
            if (id != account_.broker_account)
                continue;
            for (const auto& [name, value] : one.items())
                entry("accounts[" + id + "]." + name, name, value, first);
            first = false;
        }
    }

    void entry(const std::string& whose, const std::string& name, const Json& value, bool first) {
        if (name == "balance" || name == "starting_balance")
            return;  // by balance()
        const auto from = settings_.file;
        if (name == "id")
            draft_.taken(account_, from, whose, shown(value),
                         "broker_account = " + account_.broker_account);
        else if (name == "name" && first &&
                 !printable_text(text_of(Json{{"n", value}}, "n")).empty())
            draft_.taken(account_, from, whose, shown(value), "label = " + account_.label);
        else if (name == "name")
            note(Fate::left, whose, shown(value), first ? "it is empty" : "the first entry has it");
        else if (name == "max_contracts")
            stricter("risk.contracts_max", value, whose);
        else if (name == "daily_loss_limit")
            stricter("risk.daily_loss_max", value, whose);
        else if (is_secret_json(name, value))
            note(Fate::wrong, whose, "", "a secret of one account; it is not taken");
        else
            note(Fate::kept, whose, shown(without_secrets(value)),
                 "it is not known: nothing was made of it");
    }

    // The file's own limit counts where it is as strict.
    void stricter(std::string_view key, const Json& value, const std::string& name) {
        const auto number = number_of(value);
        if (!number || *number < 1 || *number > 1e12)
            return note(Fate::wrong, name, shown(value), "it is no limit from 1 on");
        const auto limit = static_cast<std::int64_t>(std::floor(*number));
        for (const auto& [known, before] : account_.settings) {
            if (known == key && whole_of(Json(before)).value_or(limit + 1) <= limit)
                return note(Fate::left, name, shown(value),
                            "the limit of the whole file is as strict or stricter");
        }
        draft_.set(account_, key, std::to_string(limit), settings_.file, name, shown(value));
    }

    // The most particular of what the file says of the account's starting balance.
    void balance() {
        by_id();
        for (const auto& one : member(config_, "accounts")) {
            const auto id = printable_text(text_of(one, "id"));
            if (id != account_.broker_account || !one.is_object())
                continue;
            for (const auto* name : {"starting_balance", "balance"}) {
                if (one.contains(name))
                    start_balance(one[name], "accounts[" + id + "]." + name);
            }
        }
        const auto& accounts = member(config_, "accounts");
        const bool one_account = !accounts.is_array() || accounts.size() < 2;
        for (const auto* name :
             {"topstep_starting_balance", "fetched_account_balance", "account_size"}) {
            const auto& value = member(config_, name);
            if (one_account && !value.is_null())
                start_balance(value, name);
            else if (!value.is_null())
                note(Fate::left, name, shown(value),
                     "which of several accounts it is of cannot be told");
        }
    }

    void by_id() {
        constexpr std::string_view k_name = "topstep_starting_balances";
        const auto& balances = member(config_, k_name);
        if (balances.is_null())
            return;
        if (!balances.is_object())
            return note(Fate::wrong, k_name, shown(without_secrets(balances)),
                        "it is no table of accounts and their balances");
        if (balances.empty())
            return note(Fate::left, k_name, "{}", "it is empty");
        for (const auto& [id, value] : balances.items()) {
            const auto name = std::string(k_name) + "[" + id + "]";
            if (printable_text(id) == account_.broker_account)
                start_balance(value, name);
            else if (!is_imported(printable_text(id)))
                note(Fate::left, name, is_secret_name(id) ? "" : shown(value),
                     "no account of this id is imported");
        }
    }

    [[nodiscard]] bool is_imported(const std::string& id) const {
        if (const auto& only = draft_.wishes().only; !only.empty())
            return id == only;
        const auto& all = member(config_, "accounts");
        return id == printable_text(text_of(config_, "selected_account_id")) ||
               std::any_of(all.begin(), all.end(), [&](const Json& one) {
                   return printable_text(text_of(one, "id")) == id;
               });
    }

    void start_balance(const Json& value, const std::string& name) {
        if (!balance_from_.empty())
            return note(Fate::left, name, shown(without_secrets(value)),
                        balance_from_ + " says the starting balance");
        if (value.is_null())
            return note(Fate::left, name, "", "it is empty");
        const auto amount = number_of(value);
        if (!amount || *amount < 1 || *amount > 1e9)
            return note(Fate::wrong, name, shown(without_secrets(value)),
                        "it is no balance from 1 to 1000000000");
        const auto whole = std::to_string(static_cast<std::int64_t>(std::floor(*amount)));
        const auto from = source(name);
        if (draft_.set(account_, "risk.start_balance", whole, from.file, from.name, shown(value)))
            balance_from_ = from.name;
    }

    Drafting& draft_;
    PlannedAccount& account_;
    Json config_;
    const FuturesSettings& settings_;
    std::vector<std::string> recipients_;
    std::string balance_from_;
};

}  // namespace

bool is_identity(std::string_view name) {
    return std::find(k_identity.begin(), k_identity.end(), name) != k_identity.end();
}

std::string setting_of_variable(std::string_view variable) {
    constexpr std::string_view k_prefix = "BOT_";
    if (variable == "BOT_INSTRUMENTS")
        return "symbols";
    return variable.starts_with(k_prefix) ? lower(variable.substr(k_prefix.size())) : "";
}

std::vector<StrongerVariable> stronger_variables(std::string_view config_text,
                                                 const Pairs& values) {
    std::vector<StrongerVariable> found;
    const auto config = parse_json(config_text);
    for (const auto& [variable, value] : values) {
        const auto key = setting_of_variable(variable);
        const bool known = std::any_of(k_rules.begin(), k_rules.end(),
                                       [&](const Rule& rule) { return rule.name == key; });
        const bool twice = std::any_of(found.begin(), found.end(),
                                       [&](const auto& one) { return one.key == key; });
        if (key.empty() || value.empty() || is_identity(key) || is_secret_member(variable, value) ||
            twice)
            continue;
        if (known || (config && config->is_object() && config->contains(key)))
            found.push_back({key, variable, value});
    }
    return found;
}

void take_futures_settings(Drafting& draft, PlannedAccount& account,
                           const FuturesSettings& settings) {
    auto config = settings.text.empty() ? Result<Json>(Json::object()) : parse_json(settings.text);
    if (config && config->is_object())
        Taking(draft, account, std::move(*config), settings).run();
}

}  // namespace bullpen::moving
