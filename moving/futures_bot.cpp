// The plan for the old futures bot: config.json, .env, bot_state.json, locks, calendar.
#include <algorithm>

#include "common/base/errc.hpp"
#include "common/base/no_links.hpp"
#include "common/config/rules.hpp"
#include "moving/digest.hpp"
#include "moving/drafting.hpp"
#include "moving/futures_settings.hpp"
#include "moving/json_impl.hpp"
#include "moving/text_files.hpp"

namespace bullpen::moving {

namespace {

constexpr std::size_t k_accounts_max = 200;
constexpr std::string_view k_config = "config.json";
constexpr std::string_view k_env = ".env";
constexpr std::string_view k_no_session =
    "Bullpen's own worker has no session with this broker yet, and the market that it could "
    "observe is a made-up one. Give --command to run the old bot as this account's program, or "
    "set broker = \"paper\" to trade on paper.";

struct Found {
    std::string id;
    std::string name;
    // As they are written.
    std::string raw_id;
    std::string raw_name;
};

class FuturesPlan {
  public:
    FuturesPlan(Plan& plan, std::span<const OldFile> files, const Wishes& wishes,
                std::span<const TakenAccount> taken)
        : plan_(plan), files_(files), draft_(plan, wishes, taken, files) {}

    Result<void> run() {
        BULLPEN_CHECK(read());
        const auto found = accounts();
        // Without a choice between accounts there is no question whose the variables are.
        if (selected_.empty() && found.size() == 1)
            selected_ = found.front().id;
        for (const auto& one : found) {
            if (draft_.wishes().only.empty() || one.id == draft_.wishes().only)
                BULLPEN_CHECK(add(one));
        }
        if (plan_.accounts.empty() && plan_.refused.empty())
            return fail(Errc::not_found,
                        "no account is named: neither in " + std::string(k_config) +
                            " (accounts, selected_account_id) nor in .env (SELECTED_ACCOUNT_ID)" +
                            (draft_.wishes().only.empty() ? "" : ", or none as --only has it"));
        whole_bot();
        draft_.close();
        return {};
    }

  private:
    Result<void> read() {
        const auto* config = file_of(files_, k_config);
        const auto* env = file_of(files_, k_env);
        if (config == nullptr && env == nullptr)
            return fail(Errc::not_found, draft_.wishes().directory +
                                             " has neither a config.json nor an .env: it is no "
                                             "folder of the futures bot");
        for (const auto* file : {config, env}) {
            if (file != nullptr && !file->read)
                return fail(Errc::invalid, file->path + " cannot be read: " + file->trouble);
        }
        if (config != nullptr) {
            auto parsed = parse_json(config->text);
            if (!parsed || !parsed->is_object())
                return fail(Errc::invalid,
                            std::string(k_config) + ": " +
                                (parsed ? "it is no JSON object" : parsed.error().context()));
            config_ = std::move(*parsed);
            config_text_ = config->text;
        }
        if (env != nullptr) {
            auto parsed = parse_env(env->text);
            if (!parsed)
                return fail(parsed.error().wrap(k_env));
            env_ = std::move(*parsed);
        }
        const auto* selected = find(env_.values, "SELECTED_ACCOUNT_ID");
        env_account_ = selected != nullptr ? *selected : std::string();
        selected_ = printable_text(!env_account_.empty() ? env_account_
                                                         : text_of(config_, "selected_account_id"));
        return {};
    }

    std::vector<Found> accounts() {
        std::vector<Found> found;
        const auto add = [&](const std::string& id, const std::string& name) {
            Found one{printable_text(id), printable_text(name), id, name};
            const bool known = std::any_of(found.begin(), found.end(),
                                           [&](const Found& other) { return other.id == one.id; });
            if (one.id.empty() || known)
                return;
            if (found.size() == k_accounts_max)
                draft_.note(Fate::wrong, k_config, "accounts[" + one.id + "]", "",
                            "it is one more than 200 accounts, which is more than are looked at");
            else
                found.push_back(std::move(one));
        };
        for (const auto& one : member(config_, "accounts"))
            add(text_of(one, "id"), text_of(one, "name"));
        add(text_of(config_, "selected_account_id"), text_of(config_, "selected_account"));
        add(env_account_, {});
        return found;
    }

    [[nodiscard]] std::string broker() const {
        const auto name = lower(text_of(config_, "broker"));
        if (name.empty() || name.find("topstep") != std::string::npos ||
            name.find("projectx") != std::string::npos)
            return "projectx";
        std::string word;
        for (const char c : name) {
            const bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            word += fine ? c : '-';
        }
        word.erase(0, std::min(word.find_first_not_of('-'), word.size()));
        return word.empty() ? "other" : word.substr(0, 32);
    }

    // Which of the two names of the user counts.
    [[nodiscard]] std::string_view login_key() const {
        return printable_text(text_of(config_, "broker_username")).empty() ? "username"
                                                                           : "broker_username";
    }

    Result<void> add(const Found& found) {
        const auto raw_login = text_of(config_, login_key());
        const auto login = printable_text(raw_login);
        PlannedAccount account(draft_.name(found.id));
        account.label = found.name.empty() ? found.id : found.name;
        account.user = login;
        account.old_user_id = old_user_id(login);
        account.broker = broker();
        account.login = login;
        account.broker_account = found.id;
        if (const auto* there = draft_.at_broker(account)) {
            account.id = there->id;
            account.there_already = true;
            account.remarks.push_back("The home has it already; nothing is made or changed.");
            plan_.accounts.push_back(std::move(account));
            return {};
        }
        const bool is_selected = found.id == selected_;
        Drafting::tell_changed(account, "login", raw_login, login);
        Drafting::tell_changed(account, "broker_account", found.raw_id, found.id);
        if (!found.name.empty())
            Drafting::tell_changed(account, "label", found.raw_name, found.name);
        identity(account);
        const auto stronger = is_selected ? stronger_variables(config_text_, env_.values)
                                          : std::vector<StrongerVariable>();
        take_futures_settings(draft_, account, {config_text_, k_config, k_env, stronger});
        BULLPEN_CHECK(draft_.run_or_disable(account, k_no_session));
        // What was written for the account that the window selected is that account's alone, and
        // was stronger than the file.
        if (is_selected) {
            environment(account, stronger);
            env_taken_ = file_of(files_, k_env) != nullptr;
        }
        credentials(account);
        draft_.hand_over_as_variables(account);
        state(account, found.id, is_selected);
        if (draft_.runs_old_bot())
            account.files.push_back({{}, "config.json", config_without_secrets(found.id)});
        draft_.place(std::move(account));
        return {};
    }

    // Who the account is, of the members that say so.
    void identity(const PlannedAccount& account) {
        const auto taken = [&](std::string_view name, const std::string& becomes) {
            if (const auto& value = member(config_, name); !value.is_null())
                draft_.taken(account, k_config, name, shown(value), becomes);
        };
        taken("broker", "broker = " + account.broker);
        if (!account.login.empty())
            taken(login_key(), "login = " + account.login);
        if (account.broker_account == printable_text(text_of(config_, "selected_account_id"))) {
            taken("selected_account_id", "broker_account = " + account.broker_account);
            if (account.label == printable_text(text_of(config_, "selected_account")))
                taken("selected_account", "label = " + account.label);
        }
    }

    // Of them what no account was made by.
    void identity_left() {
        for (const auto* name :
             {"broker", "broker_username", "username", "selected_account_id", "selected_account"}) {
            const auto& value = member(config_, name);
            const bool used = std::any_of(
                plan_.items.begin(), plan_.items.end(),
                [&](const Item& item) { return item.file == k_config && item.name == name; });
            if (used || !config_.contains(name))
                continue;
            const bool user = std::string_view(name) == "username" && login_key() != name;
            draft_.note(Fate::left, k_config, name, shown(value),
                        text_of(config_, name).empty() ? "it is empty"
                        : user                         ? "broker_username counts"
                        : std::string_view(name) == "selected_account"
                            ? "the account has a name"
                            : "no account is made by it");
        }
    }

    void seal(PlannedAccount& account, std::string field, std::string_view name,
              const std::string& value, std::string_view file) {
        for (const auto& known : account.credentials) {
            if (known.field != field)
                continue;
            draft_.note(
                Fate::left, file, name, "",
                "another value of the same credential counts: " + known.name + " in " + known.file);
            return;
        }
        account.credentials.push_back(
            {std::move(field), Secret(std::string(value)), std::string(file), std::string(name)});
        plan_.items.push_back({Fate::taken,
                               account.id.str(),
                               std::string(file),
                               std::string(name),
                               {},
                               "credential " + account.credentials.back().field,
                               {}});
    }

    // One login fetched all accounts of the file, so each gets what proves it.
    void credentials(PlannedAccount& account) {
        const bool known_broker = account.broker == "projectx";
        for (const auto& [name, value] : config_.items()) {
            if (is_identity(name) || !is_secret_json(name, value))
                continue;
            if (!value.is_string() || value.get<std::string>().empty()) {
                const bool empty = value.is_null() || value.is_string();
                draft_.note(empty ? Fate::left : Fate::wrong, k_config, name, "",
                            empty ? "it is empty" : "a secret that is no text; it is not taken");
                continue;
            }
            if (name == "broker_token" && known_broker)
                seal(account, "api_key", name, value.get<std::string>(), k_config);
            else if (draft_.runs_old_bot() && account.credentials.size() < 14)
                seal(account, field_name(name), name, value.get<std::string>(), k_config);
            else
                left_secret(k_config, name);
        }
        if (known_broker && !account.login.empty())
            seal(account, "user_name", login_key(), account.login, k_config);
    }

    void left_secret(std::string_view file, const std::string& name) {
        draft_.note(Fate::left, file, name, "",
                    "a secret that Bullpen's own worker has no use for; it stays where it is");
    }

    void environment(PlannedAccount& account, const std::vector<StrongerVariable>& stronger) {
        for (const auto& [name, value] : env_.values) {
            if (name == "SELECTED_ACCOUNT_ID")
                continue;
            if (value.empty()) {
                draft_.note(Fate::left, k_env, name, "", "it is empty");
            } else if (is_secret_member(name, value)) {
                secret_variable(account, name, value);
            } else if (!draft_.runs_old_bot()) {
                // What is stronger than a setting was taken with the settings.
                if (std::none_of(stronger.begin(), stronger.end(),
                                 [&, &variable = name](const StrongerVariable& one) {
                                     return one.variable == variable;
                                 }))
                    variable_left(name, value);
            } else if (!config::is_environment_name(name) ||
                       config::is_reserved_environment_name(name)) {
                draft_.note(Fate::wrong, k_env, name, value,
                            "a variable of this name cannot be set");
            } else {
                draft_.set(account, "environment." + name, value, k_env, name, value);
            }
        }
    }

    void odd_lines() {
        for (const int line : env_.odd)
            draft_.note(Fate::wrong, k_env, "line " + std::to_string(line), "",
                        "it is no NAME=value");
    }

    // Variables of an account that is not imported, or of nobody knows which, go to none.
    void environment_of_nobody() {
        const std::string why =
            selected_.empty() ? "no account is selected in " + std::string(k_config) + " or " +
                                    std::string(k_env) +
                                    ", so whose it is cannot be told: say it with "
                                    "SELECTED_ACCOUNT_ID in " +
                                    std::string(k_env)
                              : "it is account " + selected_ + "'s, which is not imported here";
        for (const auto& [name, value] : env_.values) {
            if (name != "SELECTED_ACCOUNT_ID")
                draft_.note(Fate::left, k_env, name, is_secret_name(name) ? "" : value, why);
        }
    }

    void secret_variable(PlannedAccount& account, const std::string& name,
                         const std::string& value) {
        const bool token = lower(name).find("token") != std::string::npos ||
                           lower(name).find("api_key") != std::string::npos;
        const bool licence = lower(name).find("licen") != std::string::npos ||
                             lower(name).find("quotrading") != std::string::npos;
        if (draft_.runs_old_bot() && account.credentials.size() < 16)
            seal(account, field_name(name), name, value, k_env);
        else if (token && !licence && account.broker == "projectx")
            seal(account, "api_key", name, value, k_env);
        else
            left_secret(k_env, name);
    }

    void variable_left(const std::string& name, const std::string& value) {
        const auto key = setting_of_variable(name);
        if (is_identity(key) && config_.contains(key))
            draft_.note(Fate::wrong, k_env, name, value,
                        std::string(k_config) + " says " + key +
                            " too, and the accounts are made by that; look which is right");
        else
            draft_.note(Fate::kept, k_env, name, value, "a variable of the old bot's");
    }

    // The account's own file is the first that is there; what lies beside it is told.
    void state(PlannedAccount& account, const std::string& id, bool is_selected) {
        std::string counts;
        for (const std::string folder : {"data/", ""}) {
            const auto own = folder + "bot_state_" + id + ".json";
            const auto shared = folder + "bot_state.json";
            for (const auto& path : {own, is_selected ? shared : std::string()}) {
                if (path.empty())
                    continue;
                if (!counts.empty())
                    beside(account, path, counts);
                else if (state_file(account, path))
                    counts = path;
            }
        }
    }

    void beside(PlannedAccount& account, const std::string& path, const std::string& counts) {
        for (const auto& name : {path, path + ".backup"}) {
            const auto* file = file_of(files_, name);
            if (file == nullptr)
                continue;
            used_.push_back(name);
            const auto held = open_in(*file);
            draft_.note(held.empty() ? Fate::left : Fate::wrong, name, "", held,
                        "it lies beside " + counts + ", which counts; it stays where it is");
            if (!held.empty())
                account.remarks.push_back(name + ", which was not taken, says that " + held +
                                          " was open: see which the broker says.");
        }
    }

    // What a state file says is open; empty: nothing, or it is none.
    static std::string open_in(const OldFile& file) {
        const auto parsed = file.read ? parse_bot_state(file.text) : fail(Errc::invalid, "");
        std::string text;
        for (const auto& one : parsed ? parsed->open : std::vector<OldPosition>())
            text += (text.empty() ? "" : ", ") + std::to_string(one.quantity) + " " +
                    (one.symbol.empty() ? "contracts" : printable_text(one.symbol));
        return text;
    }

    // Whether there is such a state; its backup counts only without a good one.
    bool state_file(PlannedAccount& account, const std::string& path) {
        bool there = false;
        bool good = false;
        for (const auto& name : {path, path + ".backup"}) {
            const auto* file = file_of(files_, name);
            if (file == nullptr)
                continue;
            there = true;
            used_.push_back(name);
            if (good) {
                draft_.note(Fate::left, name, "", "", path + " is whole, and counts");
                continue;
            }
            const auto parsed =
                file->read ? parse_bot_state(file->text) : fail(Errc::invalid, file->trouble);
            if (parsed) {
                account.open = parsed->open;
                draft_.note(Fate::taken, name, std::string(word(parsed->shape)), "",
                            "read; the account gets a copy");
                account.files.push_back({name, "data/" + name_in(name), file->text});
                held(account);
                good = true;
                continue;
            }
            const bool copied = draft_.copy_as_it_is(account, *file, "data/" + name_in(name));
            draft_.note(Fate::wrong, name, "", "",
                        parsed.error().context() + (copied ? std::string(k_copied) : ""));
        }
        if (there && !good)
            account.remarks.push_back(
                "Its state file could not be read: look at the broker for "
                "what is open before you start it.");
        return there;
    }

    static void held(PlannedAccount& account) {
        for (const auto& one : account.open) {
            account.remarks.push_back("The old bot held " + std::to_string(one.quantity) + " " +
                                      (one.symbol.empty() ? "contracts" : one.symbol) +
                                      (one.stop_price.empty() ? "" : ", stop " + one.stop_price) +
                                      ": see that the broker says the same.");
        }
    }

    [[nodiscard]] std::string config_without_secrets(const std::string& id) const {
        Json config = without_secrets(config_);
        config["selected_account_id"] = id;
        return print_json(config);
    }

    void odd_entries() {
        const auto& entries = member(config_, "accounts");
        if (!entries.is_null() && !entries.is_array())
            draft_.note(Fate::wrong, k_config, "accounts", shown(without_secrets(entries)),
                        "it is no list of accounts");
        if (entries.is_array() && entries.empty())
            draft_.note(Fate::left, k_config, "accounts", "[]", "it is empty");
        for (const auto& one : entries.is_array() ? entries : Json::array()) {
            const auto id = printable_text(text_of(one, "id"));
            if (id.empty())
                draft_.note(Fate::wrong, k_config, "accounts", shown(without_secrets(one)),
                            "an account without an id that can be used: none is made of it");
            else if (!draft_.wishes().only.empty() && id != draft_.wishes().only)
                draft_.note(Fate::left, k_config, "accounts[" + id + "]",
                            shown(without_secrets(one)), "it is not imported here");
        }
    }

    void whole_bot() {
        odd_lines();
        if (!env_account_.empty())
            draft_.note(Fate::taken, k_env, "SELECTED_ACCOUNT_ID", env_account_,
                        "it says whose the other variables are");
        odd_entries();
        identity_left();
        if (!env_taken_)
            environment_of_nobody();  // nothing, where there is no such file
        for (const auto& file : files_) {
            const auto name = file.path.substr(file.path.rfind('/') + 1);
            // A copy that somebody kept holds what the file did.
            if (name.starts_with(k_config) || name.starts_with(k_env))
                plan_.secret_files.push_back(file.path);
            if (file.path == k_config || file.path == k_env) {
                continue;
            } else if (file.path.starts_with("locks/")) {
                lock(file);
            } else if (lower(name).find("calendar") != std::string::npos && file.read &&
                       name.ends_with(".json")) {
                calendar(file);
            } else if (std::find(used_.begin(), used_.end(), file.path) == used_.end()) {
                other(file, name);
            }
        }
        if (env_taken_ && plan_.accounts.size() > 1)
            plan_.advice.push_back(
                ".env was written for one account only, " + selected_ +
                ": what it says was taken for that one. Other accounts may need credentials of "
                "their own: bullpenctl credentials verify all");
    }

    void lock(const OldFile& file) {
        const auto parsed = file.read ? parse_json(file.text) : fail(Errc::corrupt, file.trouble);
        // A record, or the number alone.
        const auto pid = parsed ? whole_of(parsed->is_object() ? member(*parsed, "pid") : *parsed)
                                : std::nullopt;
        plan_.locks.push_back({file.path, std::max<std::int64_t>(pid.value_or(0), 0),
                               parsed ? printable_text(text_of(*parsed, "broker_username")) : ""});
    }

    void calendar(const OldFile& file) {
        const auto parsed = parse_json(file.text);
        if (!parsed || !member(*parsed, "events").is_array())
            return draft_.note(Fate::wrong, file.path, "", "", "it is no calendar of the old bot");
        plan_.shared.push_back({file.path, "bot-calendar.json", file.text});
        draft_.note(Fate::taken, file.path, "events",
                    std::to_string(member(*parsed, "events").size()),
                    "an old calendar, believed least of all: docs/calendar-sources.md");
    }

    void other(const OldFile& file, const std::string& name) {
        const bool before =
            std::any_of(plan_.accounts.begin(), plan_.accounts.end(),
                        [](const PlannedAccount& account) { return account.there_already; });
        if (name.starts_with("bot_state"))
            draft_.note(before ? Fate::left : Fate::wrong, file.path, "", open_in(file),
                        before
                            ? "the account that has it may be there already; it stays where it is"
                            : "no account of these is known to own it; it stays where it is");
        else
            draft_.note(Fate::left, file.path, "", "",
                        "a record of the past; it stays where it is");
    }

    Plan& plan_;
    std::span<const OldFile> files_;
    Drafting draft_;
    Json config_ = Json::object();
    std::string_view config_text_;
    EnvFile env_;
    std::string env_account_;
    std::string selected_;
    bool env_taken_ = false;
    std::vector<std::string> used_;
};

}  // namespace

Result<Plan> plan_futures_bot(std::span<const OldFile> files, const Wishes& wishes,
                              std::span<const TakenAccount> taken) {
    Plan plan;
    plan.kind = "futures-bot";
    BULLPEN_CHECK(FuturesPlan(plan, files, wishes, taken).run());
    return plan;
}

}  // namespace bullpen::moving
