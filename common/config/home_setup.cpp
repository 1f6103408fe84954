#include "common/config/home_setup.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/config/roster_files.hpp"

namespace bullpen::config {

namespace {

constexpr const char* k_home_variable = "BULLPEN_HOME";
constexpr const char* k_home_default = "/var/lib/bullpen";

constexpr mode_t k_open_to_group = 0750;
constexpr mode_t k_closed = 0700;
constexpr mode_t k_file_mode = 0640;

// Makes the directory if it is missing; says whether it did.
Result<bool> make_directory(const std::string& path, mode_t mode) {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) {
        if (!S_ISDIR(status.st_mode))
            return fail(Error::from_errno(ENOTDIR, path));
        return false;
    }
    BULLPEN_CHECK(make_directories(path, mode));
    // Whatever the umask took away.
    if (::chmod(path.c_str(), mode) != 0)
        return fail_errno("cannot set the mode of " + path);
    return true;
}

Result<bool> make_file(const std::string& path, std::string_view text) {
    auto file = open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, k_file_mode);
    if (!file) {
        if (file.error().code() == std::error_code(EEXIST, std::generic_category()))
            return false;
        return fail(file.error());
    }
    if (auto written = write_all(file->get(), text); !written)
        return fail(written.error().wrap(path));
    return true;
}

bool is_one_value(const std::string& text) {
    const Document document = parse_document("value = " + text);
    return document.errors.empty() && document.leaves.size() == 1 &&
           document.leaves[0].path == "value";
}

bool is_plain_key(std::string_view key) {
    return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.';
    });
}

// What a command line gave for the key, as TOML writes it.
std::string as_toml(std::string_view key, const std::string& value) {
    for (const KeyFacts& facts : key_facts(Scope::account)) {
        if (facts.name != key)
            continue;
        const bool bare = facts.type == KeyType::flag || facts.type == KeyType::integer ||
                          facts.type == KeyType::number || facts.type == KeyType::texts;
        if (bare && is_one_value(value))
            return value;
        if (facts.type == KeyType::texts)
            return "[" + quoted(value) + "]";
    }
    return quoted(value);
}

}  // namespace

Result<Home> find_home(const std::optional<std::string>& flag) {
    if (flag)
        return Home::at(*flag);
    const char* const variable = std::getenv(k_home_variable);
    const bool said = variable != nullptr && *variable != '\0';
    return Home::at(said ? variable : k_home_default);
}

Result<Home> home_of(const std::string& option) {
    return find_home(option.empty() ? std::nullopt : std::optional(option));
}

std::string unfit_to_run(const Home& home) {
    struct stat facts {};
    const auto user = ::geteuid();
    if (::stat(home.root().c_str(), &facts) == 0 && facts.st_uid != user) {
        const auto owner = std::to_string(facts.st_uid);
        return home.root() + " belongs to uid " + owner + ", and this is uid " +
               std::to_string(user) + ": a home is run by its owner, 'sudo -u \\#" + owner +
               " bullpend --home " + home.root() + "'";
    }
    if (::access(home.daemon_settings().c_str(), F_OK) == 0)
        return {};
    if (errno != ENOENT && errno != ENOTDIR)
        return home.daemon_settings() +
               " cannot be looked at: " + std::generic_category().message(errno);
    return home.root() + " is no home: it has no bullpen.toml; make one with 'bullpenctl --home " +
           home.root() + " init'";
}

Result<std::vector<std::string>> make_home(const Home& home) {
    struct Directory {
        std::string path;
        mode_t mode;
    };
    const Directory directories[] = {
        {home.root(), k_open_to_group},     {home.roster(), k_open_to_group},
        {home.accounts(), k_open_to_group}, {home.shared(), k_open_to_group},
        {home.logs(), k_open_to_group},     {home.secrets(), k_closed},
        {home.locks(), k_closed},           {home.run(), k_closed}};
    std::vector<std::string> made;
    for (const auto& [path, mode] : directories) {
        BULLPEN_TRY(const bool is_new, make_directory(path, mode));
        if (is_new)
            made.push_back(path);
    }
    const std::pair<std::string, std::string> files[] = {
        {home.daemon_settings(), annotated_daemon_settings()},
        {home.roster() + "/example.toml.off", annotated_account_settings()}};
    for (const auto& [path, text] : files) {
        BULLPEN_TRY(const bool is_new, make_file(path, text));
        if (is_new)
            made.push_back(path);
    }
    return made;
}

Result<std::string> new_account_text(const AccountId& account,
                                     const std::vector<std::pair<std::string, std::string>>& keys) {
    std::string top;
    std::string tables;
    std::string problems;
    for (const auto& [key, value] : keys) {
        if (!is_plain_key(key)) {
            return fail(Errc::invalid, "'" + key + "' is not a key");
        }
        // Dotted keys need no table's header, so that their order does not matter.
        std::string& part = key.find('.') == std::string::npos ? top : tables;
        part += key + " = " + as_toml(key, value) + "\n";
    }
    std::string out = "# The account " + account.str() +
                      ". docs/configuration.md explains every key; what is not said here comes "
                      "from\n# [defaults] in bullpen.toml. Secrets do not belong in this file.\n";
    out += "account = " + quoted(account.str()) + "\n" + top + tables;
    for (const Issue& issue : parse_account_file(account, out).issues) {
        if (issue.severity != Severity::error)
            continue;
        // The line would be one of a file that is not there yet.
        Issue shown = issue;
        shown.line = 0;
        problems += (problems.empty() ? "" : "\n") + text(shown);
    }
    if (!problems.empty())
        return fail(Errc::invalid, std::move(problems));
    return out;
}

}  // namespace bullpen::config
