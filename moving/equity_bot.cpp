// The plan for the old equity bot: config.ini with a section a user, states, order files.
#include <algorithm>
#include <array>
#include <utility>

#include "common/base/errc.hpp"
#include "moving/digest.hpp"
#include "moving/drafting.hpp"
#include "moving/equity_state.hpp"
#include "moving/json_impl.hpp"
#include "moving/orders_file.hpp"
#include "moving/text_files.hpp"

namespace bullpen::moving {

namespace {

constexpr std::size_t k_users_max = 200;
constexpr std::string_view k_prefix = "API_CREDENTIALS_";
constexpr std::array<std::string_view, 3> k_fields{"api_key", "api_secret", "access_token"};
// What the old bot reads in their place. All three, also those that the file leaves empty: the
// day's access_token comes later.
constexpr std::array<Variable, 3> k_variables{{{"ZERODHA_API_KEY", "api_key"},
                                               {"ZERODHA_API_SECRET", "api_secret"},
                                               {"ZERODHA_ACCESS_TOKEN", "access_token"}}};
constexpr std::string_view k_daily_ini = "Daily/config.ini";
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> k_daily_keys{
    {{"max_cnc_positions", "jobs.place_orders_daily.positions_max"},
     {"capital_deployment_percent", "jobs.place_orders_daily.deployment_percent"}}};
constexpr std::string_view k_no_session =
    "Bullpen's own worker has no session with this broker yet. Give --command to run a program of "
    "the old bot as this account's, or set broker = \"paper\" to trade on paper.";

struct Ini {
    std::string path;
    std::vector<IniSection> sections;
    std::optional<UtcTime> changed;
};

// The old bot keeps a user's files by the name: data/trading_state_<user>.json,
// Current_Orders/<user>/.
bool is_folder_name(std::string_view user) {
    return user != "." && user != ".." && user.find('/') == std::string_view::npos;
}

class EquityPlan {
  public:
    EquityPlan(Plan& plan, std::span<const OldFile> files, const Wishes& wishes,
               std::span<const TakenAccount> taken)
        : plan_(plan), files_(files), draft_(plan, wishes, taken, files) {}

    Result<void> run() {
        BULLPEN_CHECK(read());
        std::size_t users = 0;
        for (const auto& ini : inis_) {
            for (const auto& section : ini.sections) {
                if (!section.name.starts_with(k_prefix))
                    continue;
                const auto user = section.name.substr(k_prefix.size());
                if (!draft_.wishes().only.empty() && user != draft_.wishes().only)
                    continue;
                if (++users > k_users_max)
                    return fail(Errc::invalid, "there are more than 200 users");
                BULLPEN_CHECK(add(ini, section, user));
            }
        }
        if (plan_.accounts.empty() && plan_.refused.empty())
            return fail(Errc::not_found, draft_.wishes().directory +
                                             " has no config.ini with a section [" +
                                             std::string(k_prefix) + "<user>]" +
                                             (draft_.wishes().only.empty() ? "" : " of this user") +
                                             ": nothing to import");
        settings();
        for (const auto& file : files_)
            leftover(file);
        advise();
        draft_.close();
        return {};
    }

  private:
    Result<void> read() {
        for (const auto* path : {"Daily/config.ini", "config.ini"}) {
            const auto* file = file_of(files_, path);
            if (file == nullptr)
                continue;
            if (!file->read) {
                // What it says may be what counts.
                return fail(Errc::invalid, std::string(path) + " cannot be read: " + file->trouble);
            }
            auto sections = parse_ini(file->text);
            if (!sections)
                return fail(sections.error().wrap(path));
            inis_.push_back({path, std::move(*sections), file->changed});
            used_.push_back(path);
        }
        return {};
    }

    Result<void> add(const Ini& ini, const IniSection& section, const std::string& user) {
        const auto login = printable_text(user);
        if (login.empty()) {
            draft_.note(Fate::wrong, ini.path, section.name, "", "the user has no name");
            return {};
        }
        if (!is_folder_name(user)) {
            draft_.note(Fate::wrong, ini.path, section.name, "",
                        "the user's name is none that a folder can have, as the old bot needs one; "
                        "what is in another's folder is not taken for this user's");
            return {};
        }
        BULLPEN_TRY(const bool known, is_known(ini, section, user, login));
        if (known)
            return {};
        sections_.push_back({user, login, ini.path, &section});
        PlannedAccount account(draft_.name(login));
        Drafting::tell_changed(account, "login", user, login);
        account.label = login;
        account.user = user;
        account.old_user_id = old_user_id(user);
        account.broker = "kite";
        account.login = login;
        account.broker_account = login;
        if (const auto* there = draft_.at_broker(account)) {
            account.id = there->id;
            account.there_already = true;
            account.remarks.push_back("The home has it already; nothing is made or changed.");
            plan_.accounts.push_back(std::move(account));
            return {};
        }
        const auto twin = shares_key(section);
        credentials(account, ini, section);
        BULLPEN_CHECK(draft_.run_or_disable(account, k_no_session));
        draft_.hand_over_as_variables(account, k_variables);
        if (!twin.empty()) {
            if (draft_.runs_old_bot())
                account.settings.emplace_back("enabled", "false");
            account.remarks.push_back(
                "It is disabled: it has the same api_key as " + twin +
                ", so one of the two would trade the other's account. Give it its own with "
                "bullpenctl credentials set " +
                account.id.str() + ", which asks for all three, then bullpenctl enable " +
                account.id.str() + ".");
        }
        for (const auto& one : inis_) {
            if (draft_.runs_old_bot())
                account.files.push_back({{}, one.path, own_ini(one, section)});
        }
        if (!draft_.runs_old_bot())
            daily_settings(account);
        state(account, user);
        orders(account, user);
        persistent(account);
        keys_.emplace_back(user, value_of(section, "api_key"));
        draft_.place(std::move(account));
        return {};
    }

    // Whether a section before it is the same user's. Its values may not say otherwise, but for the
    // token of another day; nor may another user be the same to the broker.
    Result<bool> is_known(const Ini& ini, const IniSection& section, const std::string& user,
                          const std::string& login) {
        const auto before = std::find_if(sections_.begin(), sections_.end(),
                                         [&](const Seen& one) { return one.login == login; });
        if (before == sections_.end())
            return false;
        if (before->user != user) {
            draft_.note(Fate::wrong, ini.path, section.name, "",
                        "written out it is the same user as [" + before->section->name + "] of " +
                            before->path + ", and both would be one account: rename one");
            return true;
        }
        for (const auto& [key, raw] : section.values) {
            const auto value = ini_value(raw);
            const auto other = value_of(*before->section, key);
            if (value.empty() || value == other)
                continue;
            if (key != "access_token" && !other.empty())
                return fail(Errc::invalid, "[" + section.name + "] of " + before->path +
                                               " and of " + ini.path + " differ in " + key +
                                               ", and which of the two counts cannot be told: "
                                               "take one away");
            draft_.note(Fate::wrong, ini.path, section.name + "." + key,
                        is_secret_name(key) ? "" : value,
                        "what " + before->path + " says of this user counts; look which is right");
        }
        draft_.note(Fate::left, ini.path, section.name, "",
                    before->path + " has the same user: one account is made");
        return true;
    }

    // What Bullpen's own jobs go by: of the file of the daily scripts, not of the intraday bot's.
    void daily_settings(PlannedAccount& account) {
        for (const auto& ini : inis_) {
            const auto section =
                std::find_if(ini.sections.begin(), ini.sections.end(),
                             [](const auto& one) { return one.name == "DEFAULT"; });
            if (ini.path != k_daily_ini || section == ini.sections.end())
                continue;
            for (const auto& [name, key] : k_daily_keys) {
                if (const auto value = value_of(*section, name); !value.empty())
                    draft_.set(account, key, value, ini.path, "DEFAULT." + std::string(name),
                               value);
            }
        }
    }

    static std::string value_of(const IniSection& section, std::string_view key) {
        const auto* value = find(section.values, key);
        return value == nullptr ? std::string() : ini_value(*value);
    }

    [[nodiscard]] std::string shares_key(const IniSection& section) const {
        const auto key = value_of(section, "api_key");
        for (const auto& [user, known] : keys_) {
            if (!key.empty() && known == key)
                return user;
        }
        return {};
    }

    void credentials(PlannedAccount& account, const Ini& ini, const IniSection& section) {
        for (const auto& [key, raw] : section.values) {
            const auto name = section.name + "." + key;
            const auto value = ini_value(raw);
            if (std::find(k_fields.begin(), k_fields.end(), key) == k_fields.end()) {
                draft_.note(Fate::kept, ini.path, name, is_secret_name(key) ? "" : value,
                            "it is not known: nothing was made of it");
                continue;
            }
            if (value.empty())
                continue;
            if (raw.find("%(") != std::string::npos) {
                draft_.note(Fate::wrong, ini.path, name, "",
                            "it is put together of other values; set it by bullpenctl credentials "
                            "set " +
                                account.id.str());
                continue;
            }
            account.credentials.push_back(
                {key, Secret(std::string(value)), ini.path, "ZERODHA_" + key, ini.changed});
            plan_.items.push_back(
                {Fate::taken, account.id.str(), ini.path, name, {}, "credential " + key, {}});
        }
        std::string missing;
        for (const auto field : k_fields) {
            if (value_of(section, field).empty())
                missing += (missing.empty() ? "" : ", ") + std::string(field);
        }
        if (!missing.empty())
            account.remarks.push_back("It has no " + missing + ": bullpenctl credentials set " +
                                      account.id.str() + " asks for what is missing.");
        else
            account.remarks.push_back(
                "Its access_token is good for one trading day: bullpenctl "
                "credentials set " +
                account.id.str() + " access_token takes the next one.");
    }

    // The user's section alone, with values that say where the real ones are.
    static std::string own_ini(const Ini& ini, const IniSection& section) {
        std::string text;
        for (const auto& one : ini.sections) {
            if (one.name.starts_with(k_prefix) && one.name != section.name)
                continue;
            text += (text.empty() ? "[" : "\n[") + one.name + "]\n";
            for (const auto& [key, value] : one.values) {
                auto lines = is_secret_member(key, ini_value(value)) && !value.empty()
                                 ? std::string(k_elsewhere)
                                 : value;
                for (auto at = lines.find('\n'); at != std::string::npos;
                     at = lines.find('\n', at + 2))
                    lines.replace(at, 1, "\n\t");
                text += key + " = " + lines + "\n";
            }
        }
        return text;
    }

    // The user's own state, if it is that user's: files were swapped before.
    void state(PlannedAccount& account, const std::string& user) {
        for (const std::string folder : {"data/", "Daily/data/"}) {
            const auto path = folder + "trading_state_" + user + ".json";
            const auto* file = file_of(files_, path);
            if (file == nullptr)
                continue;
            used_.push_back(path);
            auto parsed =
                file->read ? parse_equity_state(file->text) : fail(Errc::invalid, file->trouble);
            if (parsed && !parsed->user.empty() && parsed->user != user)
                parsed = fail(Errc::wrong_account, "it says that it belongs to " + parsed->user);
            if (!parsed) {
                const bool own = parsed.error().code() != Errc::wrong_account;
                const bool copied =
                    own &&
                    draft_.copy_as_it_is(account, *file, "data/trading_state_" + user + ".json");
                draft_.note(Fate::wrong, path, "", "",
                            parsed.error().context() + (copied ? std::string(k_copied) : ""));
                account.remarks.push_back(
                    "Its state file could not be taken: look at the broker "
                    "for what is held before you start it.");
                if (copied)
                    return;
                continue;
            }
            for (const auto& [ticker, position] : parsed->positions) {
                if (!position.closed)
                    account.open.push_back(
                        {ticker,
                         position.is_short ? -position.quantity : position.quantity,
                         {},
                         {},
                         {}});
            }
            draft_.note(Fate::taken, path, "positions", std::to_string(parsed->positions.size()),
                        "read; the account gets a copy");
            account.files.push_back({path, "data/trading_state_" + user + ".json", file->text});
            return;
        }
    }

    void orders(PlannedAccount& account, const std::string& user) {
        for (const auto& file : files_) {
            const auto at = file.path.find("Current_Orders/" + user + "/");
            if (at == std::string::npos || !file.path.ends_with(".json"))
                continue;
            used_.push_back(file.path);
            const auto parsed =
                file.read ? parse_orders(file.text) : fail(Errc::invalid, file.trouble);
            if (!parsed) {
                draft_.note(Fate::wrong, file.path, "", "", parsed.error().context());
                continue;
            }
            if (parsed->odd != 0)
                draft_.note(Fate::wrong, file.path, "orders", std::to_string(parsed->odd),
                            "so many of its records have neither ticker nor tradingsymbol; they "
                            "are in the copy and count for nothing");
            auto to = free_name(account, file.path.substr(at), file.path.substr(0, at));
            draft_.note(Fate::taken, file.path, "orders",
                        std::to_string(parsed->placed + parsed->synced),
                        to == file.path.substr(at)
                            ? "read; the account gets a copy"
                            : "read; another file has this name, so the account gets it as " + to);
            account.files.push_back({file.path, std::move(to), file.text});
        }
    }

    // Where another file goes there already, the folder it comes from is put before its name.
    static std::string free_name(const PlannedAccount& account, std::string to,
                                 std::string folder) {
        const bool taken = std::any_of(account.files.begin(), account.files.end(),
                                       [&](const auto& one) { return one.to == to; });
        if (!taken)
            return to;
        std::replace(folder.begin(), folder.end(), '/', '_');
        return to.insert(to.rfind('/') + 1, folder);
    }

    // Highest and lowest stops by ticker: each account goes on with its own copy.
    void persistent(PlannedAccount& account) {
        for (const std::string path :
             {"data/persistent_state.json", "Daily/data/persistent_state.json"}) {
            const auto* file = file_of(files_, path);
            if (file == nullptr)
                continue;
            used_.push_back(path);
            const auto parsed =
                file->read ? parse_json(file->text) : fail(Errc::invalid, file->trouble);
            if (!parsed || !parsed->is_object()) {
                draft_.note(Fate::wrong, path, "", "",
                            parsed ? "it is no JSON object" : parsed.error().context());
                continue;
            }
            draft_.note(Fate::taken, path, "", std::to_string(parsed->size()),
                        "all users shared it; each account gets a copy");
            account.files.push_back({path, "data/persistent_state.json", file->text});
            return;
        }
    }

    // What no account has a key for, in one unit: a percentage as a share.
    void settings() {
        for (const auto& ini : inis_) {
            for (const auto& section : ini.sections) {
                if (section.name.starts_with(k_prefix))
                    continue;
                for (const auto& [key, value] : section.values)
                    setting(ini, section, key, ini_value(value));
            }
        }
    }

    void setting(const Ini& ini, const IniSection& section, const std::string& key,
                 const std::string& value) {
        const auto name = section.name + "." + key;
        if (is_secret_member(key, value)) {
            draft_.note(value.empty() ? Fate::left : Fate::wrong, ini.path, name, "",
                        "a credential that is no user's; it is not taken");
            return;
        }
        const auto daily = std::find_if(k_daily_keys.begin(), k_daily_keys.end(),
                                        [&](const auto& one) { return one.first == key; });
        if (!draft_.runs_old_bot() && ini.path == k_daily_ini && section.name == "DEFAULT" &&
            daily != k_daily_keys.end() && !value.empty())
            return;  // by daily_settings()
        const auto number = key.ends_with("_percent") ? number_of(Json(value)) : std::nullopt;
        if (number && *number >= 0 && *number <= 100)
            draft_.note(Fate::kept, ini.path, name, plain(*number / 100),
                        "as a share; the old program goes on reading its own file");
        else
            draft_.note(Fate::kept, ini.path, name, value,
                        "no setting of Bullpen's is like it: docs/jobs.md has what its jobs go by");
    }

    void leftover(const OldFile& file) {
        if (std::find(used_.begin(), used_.end(), file.path) != used_.end()) {
            if (file.path.ends_with("config.ini"))
                plan_.secret_files.push_back(file.path);
            return;
        }
        const auto name = file.path.substr(file.path.rfind('/') + 1);
        if (name == ".env")
            return env(file);
        if (name.ends_with(".pid"))
            return lock(file);
        if (name == "trading_state.json") {
            shared_ = file.path;
            draft_.note(Fate::left, file.path, "", "",
                        "all users share it: bullpenctl migrate split divides it");
        } else if (name.starts_with("trading_state_") && name.ends_with(".json")) {
            const bool other = !draft_.wishes().only.empty();
            draft_.note(other ? Fate::left : Fate::wrong, file.path, "", "",
                        "no user of these has it; it stays where it is");
        } else {
            draft_.note(
                Fate::left, file.path, "", "",
                file.trouble.empty() ? "a record of the past; it stays where it is" : file.trouble);
        }
    }

    // One set of credentials that would count for every user: how accounts were mixed.
    void env(const OldFile& file) {
        const auto parsed = file.read ? parse_env(file.text) : fail(Errc::invalid, file.trouble);
        if (!parsed)
            return draft_.note(Fate::wrong, file.path, "", "", parsed.error().context());
        for (const auto& [name, value] : parsed->values) {
            const bool secret = is_secret_member(name, value);
            draft_.note(secret ? Fate::left : Fate::kept, file.path, name, secret ? "" : value,
                        secret ? "it would count for every user alike; each has its own"
                               : "a variable of the old bot's");
            if (secret && (plan_.secret_files.empty() || plan_.secret_files.back() != file.path))
                plan_.secret_files.push_back(file.path);
        }
    }

    void lock(const OldFile& file) { plan_.locks.push_back(pid_file(file)); }

    void advise() {
        if (!shared_.empty())
            plan_.advice.push_back("The users' shared state comes next: bullpenctl migrate split " +
                                   draft_.wishes().directory + "/" + shared_ + " --dry-run");
    }

    // A user's section that was looked at.
    struct Seen {
        std::string user;
        std::string login;
        std::string path;
        const IniSection* section;  // in inis_
    };

    Plan& plan_;
    std::span<const OldFile> files_;
    Drafting draft_;
    std::vector<Ini> inis_;
    std::vector<Seen> sections_;
    std::vector<std::pair<std::string, std::string>> keys_;  // user and api_key, for twins
    std::vector<std::string> used_;
    std::string shared_;
};

}  // namespace

OldLock pid_file(const OldFile& file) {
    const auto pid = file.read ? whole_of(Json(file.text)) : std::nullopt;
    return {file.path, std::max<std::int64_t>(pid.value_or(0), 0), {}};
}

Result<Plan> plan_equity_bot(std::span<const OldFile> files, const Wishes& wishes,
                             std::span<const TakenAccount> taken) {
    Plan plan;
    plan.kind = "equity-bot";
    BULLPEN_CHECK(EquityPlan(plan, files, wishes, taken).run());
    return plan;
}

}  // namespace bullpen::moving
