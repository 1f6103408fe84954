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
    {"confidence_threshold", Kind::share, k_pool},
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
    Taking(Drafting& draft, PlannedAccount& account, const Json& config, std::string_view file)
        : draft_(draft), account_(account), config_(config), file_(file) {}

    void run() {
        for (const auto& [name, value] : config_.items()) {
            if (is_identity(name) || is_secret_name(name))
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
    void note(Fate fate, std::string_view name, const std::string& value, std::string_view why) {
        draft_.note(fate, file_, name, value, why);
    }
    void set(std::string_view key, const std::string& to, std::string_view name) {
        draft_.set(account_, key, to, file_, name, shown(member(config_, name)));
    }
    void not_a(const Rule& rule, const Json& value, std::string_view what) {
        note(Fate::wrong, rule.name, shown(value),
             "it is not " + std::string(what) + ", so " + std::string(rule.key) +
                 " stays at its default");
    }

    void take(const Rule& rule, const Json& value) {
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

    void share(const Rule& rule, const Json& value) {
        const auto number = number_of(value);
        if (!number || *number < 0 || *number > 100)
            return not_a(rule, value, "a share, from 0 to 1 or from 0 to 100");
        const auto as_share = plain(*number > 1 ? *number / 100 : *number);
        note(Fate::kept, rule.name, as_share, rule.key);
        if (rule.name == "rl_confidence_threshold") {
            const auto other = number_of(member(config_, "confidence_threshold"));
            if (other && plain(*other > 1 ? *other / 100 : *other) != as_share)
                note(Fate::wrong, "confidence_threshold", shown(member(config_, rule.name)),
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
            if (!one.is_string())
                continue;
            std::string_view rest = one.get_ref<const std::string&>();
            while (!rest.empty()) {
                const auto end = rest.find_first_of(",; ");
                add_recipient(rest.substr(0, end));
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
    void add_recipient(std::string_view address) {
        const bool quotable = address.find_first_of("\"\\") == std::string_view::npos;
        if (!address.empty() && quotable &&
            std::find(recipients_.begin(), recipients_.end(), address) == recipients_.end())
            recipients_.emplace_back(address);
    }

    void symbols(const Json& value) {
        const auto& list = value.is_array() ? value : Json::array({value});
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
        if (days == false && fomc != true)
            return set("events.enabled", "false", "avoid_news_days");
        std::string windows;
        if (days == true)
            windows = "\"high: 30 min before, 60 min after, block_entries\"";
        if (fomc == true)
            windows += (windows.empty() ? "\"fomc: " : ", \"fomc: ") + window + "\"";
        if (windows.empty())
            return;
        set("events.windows", "[" + windows + "]",
            days == true ? "avoid_news_days" : "fomc_block_enabled");
        if (days == true && fomc == true)
            set("events.windows", "[" + windows + "]", "fomc_block_enabled");
        if (close)
            note(close == true && fomc == true ? Fate::taken : Fate::left, "fomc_force_close",
                 *close ? "true" : "false", "it is part of events.windows");
    }

    // What the entry of this account in `accounts` says beside its name and balance.
    void entries() {
        for (const auto& one : member(config_, "accounts")) {
            const auto id = printable_text(text_of(one, "id"));
            if (id != account_.broker_account)
                continue;
            for (const auto& [name, value] : one.items()) {
                const auto whose = "accounts[" + id + "]." + name;
                if (name == "id" || name == "name" || name == "balance" ||
                    name == "starting_balance")
                    continue;
                if (name == "max_contracts")
                    stricter("risk.contracts_max", value, whose);
                else if (name == "daily_loss_limit")
                    stricter("risk.daily_loss_max", value, whose);
                else if (is_secret_name(name))
                    note(Fate::wrong, whose, "", "a secret of one account; it is not taken");
                else
                    note(Fate::kept, whose, shown(without_secrets(value)),
                         "it is not known: nothing was made of it");
            }
        }
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
        draft_.set(account_, key, std::to_string(limit), file_, name, shown(value));
    }

    // The most particular of what the file says of the account's starting balance.
    void balance() {
        const auto take = [&](const Json& value, std::string_view name) {
            const auto amount = number_of(value);
            if (!amount || *amount < 1 || *amount > 1e9) {
                if (!value.is_null())
                    note(Fate::wrong, name, shown(value), "it is no balance from 1 to 1000000000");
                return false;
            }
            const auto whole = std::to_string(static_cast<std::int64_t>(std::floor(*amount)));
            return draft_.set(account_, "risk.start_balance", whole, file_, name, shown(value));
        };
        const auto& by_id =
            member(member(config_, "topstep_starting_balances"), account_.broker_account);
        if (take(by_id, "topstep_starting_balances"))
            return;
        for (const auto& one : member(config_, "accounts")) {
            if (text_of(one, "id") != account_.broker_account)
                continue;
            if (take(member(one, "starting_balance"), "accounts.starting_balance") ||
                take(member(one, "balance"), "accounts.balance"))
                return;
        }
        const bool one_account =
            !member(config_, "accounts").is_array() || member(config_, "accounts").size() < 2;
        for (const auto* name :
             {"topstep_starting_balance", "fetched_account_balance", "account_size"}) {
            if (one_account && take(member(config_, name), name))
                return;
        }
    }

    Drafting& draft_;
    PlannedAccount& account_;
    const Json& config_;
    std::string_view file_;
    std::vector<std::string> recipients_;
};

}  // namespace

bool is_identity(std::string_view name) {
    return std::find(k_identity.begin(), k_identity.end(), name) != k_identity.end();
}

void take_futures_settings(Drafting& draft, PlannedAccount& account, std::string_view text,
                           std::string_view file) {
    const auto config = parse_json(text);
    if (config && config->is_object())
        Taking(draft, account, *config, file).run();
}

}  // namespace bullpen::moving
